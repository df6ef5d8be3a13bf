//! `seal.stamp`: a document time stamp over the document and all that it holds (EN 319 142-1
//! §5.4.3): level B-LTA, and its renewal. Doing it again costs a time stamp and never a key.

use jiff::{SignedDuration, Timestamp};
use sceau_pades::report::Report;
use sceau_pades::{
    ExtendError, Level, ageing, missing, outlasts, proven_until, token_proven_until,
};
use sceau_pki::revocation::Material;
use sceau_pki::{DigestAlgorithm, sha256};
use sceau_workflow::machine::Failure;
use serde_json::json;

use super::Workshop;
use super::seal_extend::{Asked, climbed, holds, seal_of, too_low, unreadable};
use crate::documents::{Joined, OpenDocument};
use crate::ladder::{self, StampError};
use crate::runner::{Job, RunResult, Runner};
use crate::sentences;
use crate::timestamps::any;

/// Answers about revocation that are younger are not asked for again.
const YOUNG: SignedDuration = SignedDuration::from_hours(1);

pub(super) struct SealStamp(pub(super) Workshop);

impl Runner for SealStamp {
    fn run(&self, job: &Job) -> RunResult {
        self.stamp(job).unwrap_or_else(|stop| stop)
    }
}

impl SealStamp {
    fn stamp(&self, job: &Job) -> Result<RunResult, RunResult> {
        let asked = Asked::of(job)?;
        let base = OpenDocument::open(&self.0.blobs, &asked.document)
            .map_err(|error| sentences::disk(&error))?;
        if self.is_stale(&asked, &base, job.now)? {
            let dry = self.0.time.token(&sha256(b"dry run"), DigestAlgorithm::Sha256, &any);
            dry.map_err(RunResult::Retry)?;
            return Ok(RunResult::Done(json!({ "stale": true })));
        }
        let wish = |token: &[u8]| self.outlasts(&asked, token, job.now);
        let (extended, passed_over) =
            ladder::stamp(&base, self.0.time.as_ref(), &wish).map_err(no_stamp)?;
        sceau_disk::boundary!("engine.stamp.stamped");
        let report = self.0.judge_extended(&base, Some(&extended), job.now)?;
        let (seal, stamped) = (seal_of(&report)?, stamped(&report)?);
        holds(job, seal)?;
        if seal.level < Some(Level::Lta) {
            return Err(too_low(seal));
        }
        let joined = Joined { base: &base, tail: &extended.revision.tail };
        let end = proven_until(&joined, &self.0.anchors, job.now).map_err(sentences::again)?;
        if !outlasts(end, asked.outlast) {
            return Err(RunResult::Failed(sentences::no_newer_unit(end, &passed_over)));
        }
        let made = self.0.write_extended(&base, &asked.document, Some(extended))?;
        sceau_disk::boundary!("engine.stamp.blob-written");
        Ok(climbed(
            &made,
            seal,
            json!({
                "after": made,
                "stamped_at": stamped,
                "renew_before": end,
                "internal_document_time": self.0.time.is_internal(),
                "validation": report,
            }),
        ))
    }
}

impl SealStamp {
    /// A renewal wants a token that proves for longer than the time stamp before: one under the same
    /// certificate does not.
    fn outlasts(&self, asked: &Asked, token: &[u8], now: Timestamp) -> Result<(), String> {
        let end = token_proven_until(token, &self.0.anchors, now);
        if outlasts(end, asked.outlast) { Ok(()) } else { Err(sentences::no_longer(end)) }
    }

    /// Whether answers about revocation have ended while no authority gave a time stamp: they are asked
    /// for again before one is put over them, once an authority gives some. That is the business of another lane.
    fn is_stale(
        &self,
        asked: &Asked,
        base: &OpenDocument,
        now: Timestamp,
    ) -> Result<bool, RunResult> {
        let young = |at: Timestamp| now.duration_since(at) < YOUNG;
        if asked.extended.is_none_or(young) {
            return Ok(false);
        }
        let (anchors, none) = (&self.0.anchors, Material::default());
        let ended = ageing(base, anchors, &none, now).map_err(unreadable)?;
        if !ended.is_empty() || asked.outlast.is_none() {
            return Ok(!ended.is_empty());
        }
        Ok(!missing(base, anchors, &none, now).map_err(unreadable)?.is_empty())
    }
}

/// The time of the new time stamp, which must hold.
fn stamped(report: &Report) -> Result<Timestamp, RunResult> {
    let newest = report.newest().filter(|newest| newest.verdict.passed());
    let time = newest.and_then(|newest| newest.timestamps.first()?.time);
    let verdict = report.newest().map(|newest| &newest.verdict);
    let detail = || serde_json::to_string(&verdict).unwrap_or_default();
    time.ok_or_else(|| RunResult::Failed(sentences::not_valid(detail())))
}

fn no_stamp(error: StampError) -> RunResult {
    let retry = |failure: Failure| RunResult::Retry(failure);
    match error {
        StampError::NoToken(failure) => retry(failure),
        StampError::Extend(error @ (ExtendError::Token(_) | ExtendError::Growing(_))) => {
            retry(sentences::no_timestamp(error))
        }
        StampError::Extend(error) => sentences::cannot_extend(&error),
    }
}
