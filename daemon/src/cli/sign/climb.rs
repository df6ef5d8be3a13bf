//! From B-T upwards: what is lacking is fetched, stored, and timestamped over.

use std::io::Write;

use jiff::{SignedDuration, Timestamp};
use sceau_engine::fetch::{FetchPolicy, Gathered, Network, RevocationSource as _, gather};
use sceau_engine::ladder::lacking;
use sceau_pades::report::{Report, SignatureKind, SignatureReport};
use sceau_pades::{
    ExtendError, Level, Look, Next, Patience, TOKEN_VARIATION, ValidationOptions,
    begin_document_timestamp, next, store_material, validate,
};
use sceau_pki::TrustAnchors;

use super::failure::Failure;
use super::output::Draft;
use super::timestamp::Authorities;

/// How often a timestamp is begun again because a token was larger than the one before.
const MAX_ATTEMPTS: usize = 3;

/// How long is waited in all: authorities publish once a day at least.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(26);

/// What a climb needs.
#[derive(Debug)]
pub(crate) struct Climb<'c> {
    pub(crate) authorities: Authorities<'c>,
    pub(crate) anchors: &'c TrustAnchors,
    pub(crate) policy: FetchPolicy,
    /// Wait until there is revocation data newer than the signature timestamp.
    pub(crate) wait: bool,
    /// The field of the one signature that is to climb; none where all of them are. What the
    /// signatures of others lack, whose authorities nobody here may know, then keeps nobody waiting.
    pub(crate) of: Option<String>,
}

impl Climb<'_> {
    /// Extends the draft towards `level`, as far as it goes; tells what was lacking. A document
    /// timestamp is put over a document only when that holds all that it needs.
    pub(crate) async fn to(&self, draft: &Draft, level: Level) -> Result<Vec<String>, Failure> {
        let (gathered, next) = self.gathered(draft, level).await?;
        let now = Timestamp::now();
        let stored = store_material(&draft.source()?, self.anchors, &gathered.material, now)?;
        if let Some(stored) = stored {
            draft.append(&stored.revision.tail)?;
        }
        if next == Next::StoreAndStamp {
            self.timestamp(draft).await?;
        }
        Ok(lacking(&gathered))
    }

    /// What was had when everything was there, or nothing more was waited for, and what is done then.
    async fn gathered(&self, draft: &Draft, level: Level) -> Result<(Gathered, Next), Failure> {
        let source = draft.source_again()?;
        let network = Network { policy: self.policy };
        let mut waited = Waited::default();
        loop {
            let mut gathered = gather(&source, self.anchors, &[&network], Timestamp::now).await?;
            gathered.missing.retain(|one| self.of.as_ref().is_none_or(|own| one.field == *own));
            let next = self.decide(&gathered, &network, waited.looks, level);
            let pause = match next {
                Next::Wait(pause) if waited.once_more(pause) => pause,
                _ => return Ok((gathered, next)),
            };
            let told = lacking(&gathered).join("; ");
            let _ = writeln!(std::io::stderr(), "sceau: waiting {} s: {told}", pause.as_secs());
            tokio::time::sleep(pause.unsigned_abs()).await;
        }
    }

    fn decide(&self, gathered: &Gathered, network: &Network, looks: usize, wanted: Level) -> Next {
        next(&Look {
            missing: &gathered.missing,
            of: None,
            may_know: &|missing| network.may_know(missing),
            patience: if self.wait { Patience::ForNewer } else { Patience::None },
            looks,
            wanted,
        })
    }

    async fn timestamp(&self, draft: &Draft) -> Result<(), Failure> {
        let source = draft.source()?;
        let mut room = self.authorities.dry_run().await? + TOKEN_VARIATION;
        for _ in 0..MAX_ATTEMPTS {
            let waiting = begin_document_timestamp(&source, room)?;
            let mut imprint = [0; 32];
            imprint.copy_from_slice(waiting.imprint());
            let token = self.authorities.token(imprint).await?;
            match waiting.finish(&token) {
                Err(ExtendError::HoleTooSmall { needed }) => room = needed + TOKEN_VARIATION,
                outcome => return draft.append(&outcome?.revision.tail),
            }
        }
        Err(Failure::Unavailable("the authority's tokens grow with every request".to_owned()))
    }
}

/// How long it was waited so far, and how often.
#[derive(Default)]
struct Waited {
    time: SignedDuration,
    looks: usize,
}

impl Waited {
    /// Counts a pause; false where it would be longer than [`LONGEST_WAIT`] with it.
    fn once_more(&mut self, pause: SignedDuration) -> bool {
        let time = self.time + pause;
        let enough = time > LONGEST_WAIT;
        if !enough {
            (self.time, self.looks) = (time, self.looks + 1);
        }
        !enough
    }
}

/// The draft as it will be judged by these anchors.
pub(crate) fn judged(draft: &Draft, anchors: &TrustAnchors) -> Result<Report, Failure> {
    let options = ValidationOptions::new(anchors.clone(), Timestamp::now());
    Ok(validate(&draft.source()?, &options)?)
}

/// The newest signature that is no document timestamp.
pub(crate) fn newest(report: &Report) -> Option<&SignatureReport> {
    report.signatures.iter().rfind(|one| one.kind == SignatureKind::Signature)
}

/// The level that every signature of a document reaches.
pub(crate) fn common_level(report: &Report) -> Option<Level> {
    let signatures = report.signatures.iter().filter(|one| one.kind == SignatureKind::Signature);
    signatures.map(|one| one.level).min().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_has_an_end() {
        let hour = SignedDuration::from_hours(1);
        let mut waited = Waited::default();
        while waited.once_more(hour) {
            assert!(waited.looks <= 26);
        }
        assert_eq!((waited.time, waited.looks), (LONGEST_WAIT, 26));
    }
}
