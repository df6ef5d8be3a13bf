//! From B-T upwards, and renewing: what the daemon's steps share. The rules are the
//! `pades` room's; here is who is asked.

use std::sync::Arc;

use jiff::Timestamp;
use sceau_pades::{ExtendError, Extended, Missing, ReadError, Stamp, Stamping, TokenRoom, Wanted};
use sceau_pdf::ByteSource;
use sceau_pki::TrustAnchors;
use sceau_workflow::machine::Failure;

use crate::fetch::{Gathered, RevocationSource, gather};
use crate::timestamps::{Granted, TimeStamps, Wish};

/// Who is asked about certificates, in order.
#[derive(Clone)]
pub struct Sources {
    sources: Vec<Arc<dyn RevocationSource>>,
    runtime: tokio::runtime::Handle,
}

impl Sources {
    /// Sources in the order in which they are asked; `runtime` does the network's work.
    pub fn new(sources: Vec<Arc<dyn RevocationSource>>, runtime: tokio::runtime::Handle) -> Self {
        Self { sources, runtime }
    }

    /// Asks for everything that a document lacks; blocks.
    ///
    /// # Errors
    /// [`ReadError`] where the document cannot be read.
    pub fn gather(
        &self,
        document: &(dyn ByteSource + Sync),
        anchors: &TrustAnchors,
        now: impl Fn() -> Timestamp,
    ) -> Result<Gathered, ReadError> {
        let sources: Vec<&dyn RevocationSource> = self.sources.iter().map(AsRef::as_ref).collect();
        self.runtime.block_on(gather(document, anchors, &sources, now))
    }

    /// Whether somebody may ever answer to that.
    pub fn may_know(&self, missing: &Missing) -> bool {
        self.sources.iter().any(|source| source.may_know(missing))
    }
}

/// What a document lacks, and what went wrong when it was asked for: one English sentence each.
pub fn lacking(gathered: &Gathered) -> Vec<String> {
    if gathered.missing.is_empty() {
        return Vec::new();
    }
    let missing = gathered.missing.iter().map(sentence);
    missing.chain(gathered.troubles.iter().cloned()).collect()
}

fn sentence(missing: &Missing) -> String {
    let subject = missing.certificate.subject();
    match &missing.wanted {
        Wanted::Issuer => format!("the issuer of « {subject} » is not known"),
        Wanted::Status { newer_than: Some(moment), .. } => {
            format!("the status of « {subject} » is not known to be newer than {moment}")
        }
        Wanted::Status { .. } if missing.why.is_empty() => {
            format!("the status of « {subject} » is not known")
        }
        Wanted::Status { .. } => {
            format!("the status of « {subject} » is not known: {}", missing.why.join("; "))
        }
    }
}

/// Why no document time stamp was put.
#[derive(Debug, thiserror::Error)]
pub enum StampError {
    /// No authority gives a token now.
    #[error("{}", .0.en)]
    NoToken(Failure),
    /// The document takes none, or the token does not do.
    #[error(transparent)]
    Extend(#[from] ExtendError),
}

/// A document time stamp over all of `document`, by an authority whose token is as wished where there is
/// one; with what was said on the way to it.
///
/// # Errors
/// [`StampError`].
pub fn stamp(
    document: &dyn ByteSource,
    time: &dyn TimeStamps,
    wish: Wish<'_>,
) -> Result<(Extended, Vec<String>), StampError> {
    let room = TokenRoom::of(time.token_len().map_err(StampError::NoToken)?);
    let mut stamping = Stamping::begin(document, room)?;
    loop {
        let given = time.token(stamping.imprint(), stamping.imprint_algorithm(), wish);
        let Granted { token, passed_over } = given.map_err(StampError::NoToken)?;
        match stamping.finish(&token)? {
            Stamp::Done(extended) => return Ok((extended, passed_over)),
            Stamp::Again(again) => stamping = again,
        }
    }
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sources").field("count", &self.sources.len()).finish_non_exhaustive()
    }
}
