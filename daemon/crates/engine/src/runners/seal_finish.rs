//! `seal.finish`: a time stamp over the committed signature value, the finished document as a new
//! blob, and its validation. Doing it again costs a time stamp and never a key.

use sceau_pades::Level;
use sceau_pades::report::{Report, Verdict};
use sceau_pades::{Sealed, Signed, TimestampError, ToBeSigned, ValidationOptions};
use sceau_pdf::{Danger, Document, Limits};
use sceau_pki::chain::TrustAnchors;
use sceau_workflow::definition::{Guard, SealSettings};
use sceau_workflow::machine::{DocumentRef, Failure};
use serde::Deserialize as _;
use serde_json::{Value, json};

use super::Workshop;
use super::guard::guard;
use crate::documents::{OpenDocument, append};
use crate::runner::{Job, RunResult, Runner};
use crate::sentences;
use crate::timestamps::any;
use crate::verification::validate;

pub(super) struct SealFinish(pub(super) Workshop);

impl Runner for SealFinish {
    fn run(&self, job: &Job) -> RunResult {
        self.finish(job).unwrap_or_else(|stop| stop)
    }
}

impl SealFinish {
    fn finish(&self, job: &Job) -> Result<RunResult, RunResult> {
        let signed = signed(&job.dossier.state)?;
        let level = signed.level();
        let sealed = match self.seal(signed)? {
            Ok(sealed) => sealed,
            Err(needed) => {
                let timestamp_len = needed + sceau_pades::TOKEN_VARIATION;
                let value = json!({ "hole_too_small": { "timestamp_len": timestamp_len } });
                return Ok(RunResult::Done(value));
            }
        };
        sceau_disk::boundary!("engine.finish.timestamped");
        let base = OpenDocument::open(&self.0.blobs, &job.dossier.document)
            .map_err(|error| sentences::disk(&error))?;
        let made = append(&self.0.blobs, &base, &sealed.revision)
            .map_err(|error| sentences::disk(&error))?;
        sceau_disk::boundary!("engine.finish.blob-written");
        let report = self.check(job, &made)?;
        let mut result = self.result(job, level, &made, &report)?;
        let dangers = dangers(job, &base)?;
        if !dangers.is_empty() {
            result["dangers"] = json!(dangers);
        }
        Ok(RunResult::Done(json!({ "sealed": { "document": made, "result": result } })))
    }

    /// The sealed revision, or how many bytes its time stamp needs.
    fn seal(&self, signed: Signed) -> Result<Result<Sealed, usize>, RunResult> {
        let internal = |error: String| RunResult::Failed(sentences::internal(error));
        if signed.level() == Level::B {
            let sealed = signed.without_timestamp().map_err(|error| internal(error.to_string()))?;
            return Ok(Ok(sealed));
        }
        let given = self.0.time.token(&signed.imprint(), signed.imprint_algorithm(), &any);
        let token = given.map_err(RunResult::Retry)?.token;
        match signed.timestamped(&token) {
            Ok(sealed) => Ok(Ok(sealed)),
            Err(TimestampError::HoleTooSmall { .. }) => Ok(Err(token.len())),
            Err(error) => Err(RunResult::Retry(sentences::no_timestamp(error))),
        }
    }

    /// Every output is validated before it is delivered: our seal must hold and cover the whole
    /// file, and nothing may be wrong with the file itself. Signatures that the document came with
    /// are reported, and judged by nobody here: whom to trust is their readers' question. What is
    /// found of the file (cross-references that are broken, one signature shown by two fields, of
    /// which one may be ours) is no question of trust. For no reader could the file pass, whoever
    /// caused it; a seal that nobody can ever find valid is not delivered.
    fn check(&self, job: &Job, made: &DocumentRef) -> Result<Report, RunResult> {
        let sealed = OpenDocument::open(&self.0.blobs, made).map_err(|e| sentences::disk(&e))?;
        let options = ValidationOptions::new(TrustAnchors::clone(&self.0.anchors), job.now);
        let report = validate(&sealed, &options).map_err(sentences::again)?;
        match against(&report) {
            None => Ok(report),
            Some(failure) => Err(RunResult::Failed(failure)),
        }
    }

    fn result(
        &self,
        job: &Job,
        level: Level,
        made: &DocumentRef,
        report: &Report,
    ) -> Result<Value, RunResult> {
        let seal = self.0.seal_begun(job, &prepared(&job.dossier.state)?)?;
        let chain: Vec<String> = seal.chain.iter().map(|cert| cert.to_pem()).collect();
        Ok(json!({
            "level": level.to_string(),
            "before": job.dossier.document,
            "after": made,
            "own_authority": seal.own_authority,
            "internal_time": self.0.time.is_internal() && level == Level::T,
            "certificates": chain,
            "validation": report,
        }))
    }
}

/// What stands against a delivery.
fn against(report: &Report) -> Option<Failure> {
    let of_document = report.of_document();
    if !of_document.is_empty() {
        let told = serde_json::to_string(of_document).unwrap_or_default();
        return Some(sentences::no_valid_seal(told));
    }
    let ours = report.newest().map(|newest| &newest.verdict);
    if ours.is_some_and(Verdict::passed) {
        return None;
    }
    let told = serde_json::to_string(ours.unwrap_or(&report.verdict)).unwrap_or_default();
    Some(sentences::not_valid(told))
}

/// What the evidence tells of the document that was sealed, where the workflow warns of it.
fn dangers(job: &Job, base: &OpenDocument) -> Result<Vec<Danger>, RunResult> {
    let settings = SealSettings::deserialize(&job.row.effect.payload)
        .map_err(|error| RunResult::Failed(sentences::internal(error)))?;
    if settings.guard != Guard::Warn {
        return Ok(Vec::new());
    }
    let document =
        Document::open(base, &Limits::default()).map_err(|error| sentences::cannot_open(&error))?;
    guard(&document, settings.guard)
}

/// The committed signature value upon the committed session. Whether it is right, the validation of the
/// output tells.
fn signed(state: &Value) -> Result<Signed, RunResult> {
    let internal = |error: String| RunResult::Failed(sentences::internal(error));
    let signature = state["signature"].as_str().unwrap_or_default();
    let signature = hex::decode(signature).map_err(|error| internal(error.to_string()))?;
    Ok(prepared(state)?.unverified(signature))
}

/// The committed session.
fn prepared(state: &Value) -> Result<ToBeSigned, RunResult> {
    ToBeSigned::deserialize(&state["session"])
        .map_err(|error| RunResult::Failed(sentences::internal(error)))
}
