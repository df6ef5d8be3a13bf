//! What a document needs next on its way up: one decision, for whoever extends one.

use jiff::SignedDuration;

use super::missing::{Missing, Wanted};
use crate::Level;

/// The pauses between two looks, in seconds; the last one again and again.
const PAUSES: [i64; 8] = [2, 5, 15, 30, 60, 300, 900, 3600];

/// For which lack whoever extends a document waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// For none.
    None,
    /// For that of answers newer than those at hand: authorities make new ones all the time.
    ForNewer,
    /// For that of any answer that somebody may give.
    ForAny,
}

/// What was found when everybody had been asked about a document.
pub struct Look<'l> {
    /// What it lacks all the same, by [`missing`](super::missing).
    pub missing: &'l [Missing],
    /// The fields of the signatures that are to climb; all, where none are named. What others lack, whose
    /// authorities nobody here may know, keeps nobody waiting.
    pub of: Option<&'l [&'l str]>,
    /// Whether somebody may ever answer to that.
    pub may_know: &'l dyn Fn(&Missing) -> bool,
    /// For what is waited.
    pub patience: Patience,
    /// How often it was looked before.
    pub looks: usize,
    /// The level that is wanted, above B-T.
    pub wanted: Level,
}

/// What is done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Everything is at hand: it is stored, and the level B-LT is there.
    Store,
    /// The same, and a document timestamp is put over it.
    StoreAndStamp,
    /// Something is not known yet: everybody is asked again after this pause.
    Wait(SignedDuration),
    /// Something will not be known, or is not waited for: the document stays below B-LT.
    Stay,
}

/// Decides. What nobody can ever tell is not waited for.
#[must_use]
pub fn next(look: &Look<'_>) -> Next {
    let counts = |one: &&Missing| look.of.is_none_or(|fields| fields.contains(&one.field.as_str()));
    let lacking: Vec<&Missing> = look.missing.iter().filter(counts).collect();
    if lacking.is_empty() {
        let stamp = look.wanted == Level::Lta;
        return if stamp { Next::StoreAndStamp } else { Next::Store };
    }
    let newer = |one: &&Missing| matches!(one.wanted, Wanted::Status { newer_than: Some(_), .. });
    let patient = match look.patience {
        Patience::None => false,
        Patience::ForNewer => lacking.iter().any(newer),
        Patience::ForAny => true,
    };
    match patient && lacking.iter().all(|one| (look.may_know)(one)) {
        true => Next::Wait(SignedDuration::from_secs(PAUSES[look.looks.min(PAUSES.len() - 1)])),
        false => Next::Stay,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use sceau_pki::SignatureAlgorithm;
    use sceau_pki::testing::TestPki;

    use super::*;

    fn missing(field: &str, newer_than: Option<Timestamp>) -> Missing {
        let pki = TestPki::generate(SignatureAlgorithm::EcdsaP256Sha256);
        let issuer = pki.issuing.certificate.clone();
        Missing {
            field: field.to_owned(),
            certificate: pki.seal.certificate,
            wanted: Wanted::Status { issuer, newer_than },
            why: Vec::new(),
        }
    }

    fn look<'l>(missing: &'l [Missing], patience: Patience) -> Look<'l> {
        Look { missing, of: None, may_know: &|_| true, patience, looks: 0, wanted: Level::Lta }
    }

    #[test]
    fn what_lacks_nothing_goes_to_the_level_that_is_wanted() {
        for patience in [Patience::None, Patience::ForNewer, Patience::ForAny] {
            assert_eq!(next(&look(&[], patience)), Next::StoreAndStamp);
            assert_eq!(next(&Look { wanted: Level::Lt, ..look(&[], patience) }), Next::Store);
        }
    }

    #[test]
    fn only_what_patience_there_is_for_is_waited_for() {
        let old = [missing("a", Some(TestPki::now())), missing("a", None)];
        let unknown = [missing("a", None)];
        let wait = Next::Wait(SignedDuration::from_secs(2));
        for (patience, of_old, of_unknown) in [
            (Patience::None, &Next::Stay, &Next::Stay),
            (Patience::ForNewer, &wait, &Next::Stay),
            (Patience::ForAny, &wait, &wait),
        ] {
            assert_eq!(next(&look(&old, patience)), *of_old, "{patience:?}");
            assert_eq!(next(&look(&unknown, patience)), *of_unknown, "{patience:?}");
        }
        let again = Look { looks: 99, ..look(&old, Patience::ForAny) };
        assert_eq!(next(&again), Next::Wait(SignedDuration::from_hours(1)));
    }

    #[test]
    fn what_nobody_can_tell_is_not_waited_for() {
        let old = [missing("a", Some(TestPki::now()))];
        let beyond = Look { may_know: &|_| false, ..look(&old, Patience::ForAny) };
        assert_eq!(next(&beyond), Next::Stay);
    }

    #[test]
    fn what_others_lack_keeps_nobody_waiting() {
        let of_other = [missing("b", None)];
        let own = Look { of: Some(&["a"]), ..look(&of_other, Patience::ForAny) };
        assert_eq!(next(&own), Next::StoreAndStamp);
        let both = Look { of: Some(&["a", "b"]), may_know: &|_| false, ..own };
        assert_eq!(next(&both), Next::Stay);
    }
}
