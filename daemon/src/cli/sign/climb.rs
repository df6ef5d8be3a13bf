//! From B-T upwards: what is lacking is fetched, stored, and timestamped over.

use std::io::Write;
use std::time::Duration;

use jiff::Timestamp;
use sceau_engine::fetch::{FetchPolicy, Gathered, Network, gather};
use sceau_engine::ladder::lacking;
use sceau_pades::report::{Report, SignatureKind, SignatureReport};
use sceau_pades::{
    ExtendError, Level, Missing, TOKEN_VARIATION, ValidationOptions, Wanted,
    begin_document_timestamp, store_material, validate,
};
use sceau_pki::TrustAnchors;

use super::failure::Failure;
use super::output::Draft;
use super::timestamp::Authorities;

/// How often a timestamp is begun again because a token was larger than the one before.
const MAX_ATTEMPTS: usize = 3;

/// The pauses between two looks for newer revocation data, in seconds; the last one again and again.
const PAUSES: [u64; 5] = [2, 5, 10, 30, 60];

/// How long is waited in all, in seconds: authorities publish once a day at least.
const LONGEST_WAIT: u64 = 26 * 3600;

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
        let gathered = self.gathered(draft).await?;
        let now = Timestamp::now();
        let stored = store_material(&draft.source()?, self.anchors, &gathered.material, now)?;
        if let Some(stored) = stored {
            draft.append(&stored.revision.tail)?;
        }
        if level == Level::Lta && gathered.missing.is_empty() {
            self.timestamp(draft).await?;
        }
        Ok(lacking(&gathered))
    }

    async fn gathered(&self, draft: &Draft) -> Result<Gathered, Failure> {
        let source = draft.source_again()?;
        let network = Network { policy: self.policy };
        let mut pauses = pauses();
        loop {
            let mut gathered = gather(&source, self.anchors, &[&network], Timestamp::now).await?;
            gathered.missing.retain(|one| self.of.as_ref().is_none_or(|own| one.field == *own));
            let stale =
                |one: &Missing| matches!(one.wanted, Wanted::Status { newer_than: Some(_), .. });
            if !self.wait || !gathered.missing.iter().any(stale) {
                return Ok(gathered);
            }
            let Some(pause) = pauses.next() else { return Ok(gathered) };
            let told = lacking(&gathered).join("; ");
            let _ = writeln!(std::io::stderr(), "sceau: waiting {pause} s: {told}");
            tokio::time::sleep(Duration::from_secs(pause)).await;
        }
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

/// The pauses, until [`LONGEST_WAIT`] is over.
fn pauses() -> impl Iterator<Item = u64> {
    let last = PAUSES[PAUSES.len() - 1];
    let mut waited = 0;
    PAUSES.into_iter().chain(std::iter::repeat(last)).take_while(move |pause| {
        waited += pause;
        waited <= LONGEST_WAIT
    })
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
        let all: Vec<u64> = pauses().collect();
        assert!(all.starts_with(&PAUSES));
        let waited: u64 = all.iter().sum();
        assert!((LONGEST_WAIT - 60..=LONGEST_WAIT).contains(&waited), "{waited}");
    }
}
