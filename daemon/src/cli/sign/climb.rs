//! From B-T upwards: what is lacking is fetched, stored, and timestamped over.

use std::io::Write;

use jiff::{SignedDuration, Timestamp};
use sceau_engine::documents::Joined;
use sceau_engine::fetch::{FetchPolicy, Gathered, Network, RevocationSource as _, gather};
use sceau_engine::ladder::lacking;
use sceau_engine::sentences::{no_longer, pointless};
use sceau_engine::timestamps::InOrder;
use sceau_pades::report::{Report, SignatureKind, SignatureReport};
use sceau_pades::{
    Extended, Level, Look, Next, Patience, Stamp, Stamping, ValidationOptions, next, outlasts,
    proven_until, store_material, token_proven_until, validate,
};
use sceau_pki::TrustAnchors;

use super::failure::Failure;
use super::output::Draft;
use super::timestamp::Authorities;
use crate::file_source::FileSource;

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

/// How far a climb came.
pub(crate) struct Climbed {
    /// Whether a document timestamp was put over the draft.
    pub(crate) stamped: bool,
    /// What was lacking for more.
    pub(crate) lacking: Vec<String>,
}

impl Climb<'_> {
    /// Extends the draft towards `level`, as far as it goes. A document timestamp is put over a document
    /// only when that holds all that it needs, and only where it proves longer than `outlast`, until when
    /// the one proves that it is to renew.
    pub(crate) async fn to(
        &self,
        draft: &Draft,
        level: Level,
        outlast: Option<Timestamp>,
    ) -> Result<Climbed, Failure> {
        let (gathered, next) = self.gathered(draft, level).await?;
        let now = Timestamp::now();
        let stored = store_material(&draft.source()?, self.anchors, &gathered.material, now)?;
        if let Some(stored) = stored {
            draft.append(&stored.revision.tail)?;
        }
        let mut climbed = Climbed { stamped: false, lacking: lacking(&gathered) };
        if next == Next::StoreAndStamp {
            let why = self.timestamp(draft, outlast).await?;
            climbed.stamped = why.is_empty();
            climbed.lacking.extend(why);
        }
        Ok(climbed)
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

    /// Puts a document timestamp over the draft, or tells why it would not outlast the one before.
    async fn timestamp(
        &self,
        draft: &Draft,
        outlast: Option<Timestamp>,
    ) -> Result<Vec<String>, Failure> {
        let (source, now) = (draft.source()?, Timestamp::now());
        let (extended, given) = self.stamp(&source, outlast).await?;
        let tail = &extended.revision.tail;
        if outlast.is_some() {
            let end = proven_until(&Joined { base: &source, tail }, self.anchors, now)?;
            if !outlasts(end, outlast) {
                let told: Vec<String> = given.troubles.iter().map(ToString::to_string).collect();
                return Ok(pointless(end, &told));
            }
        }
        draft.append(tail)?;
        Ok(Vec::new())
    }

    async fn stamp(
        &self,
        source: &FileSource,
        outlast: Option<Timestamp>,
    ) -> Result<(Extended, InOrder), Failure> {
        let wish = |token: &[u8]| {
            let end = token_proven_until(token, self.anchors, Timestamp::now());
            if outlasts(end, outlast) { Ok(()) } else { Err(no_longer(end)) }
        };
        let mut stamping = Stamping::begin(source, self.authorities.dry_run().await?)?;
        loop {
            let mut imprint = [0; 32];
            imprint.copy_from_slice(stamping.imprint());
            let given = self.authorities.token(imprint, &wish).await?;
            match stamping.finish(&given.token)? {
                Stamp::Done(extended) => return Ok((extended, given)),
                Stamp::Again(again) => stamping = again,
            }
        }
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
