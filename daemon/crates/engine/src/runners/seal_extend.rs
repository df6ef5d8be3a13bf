//! `seal.extend`: asks about the revocation of every certificate that the document rests on, and
//! stores the answers in it (EN 319 142-1 §5.4.2). What is not known yet is asked for again, for as
//! long as it takes.

use jiff::{SignedDuration, Timestamp};
use sceau_pades::report::{Finding, Report, SignatureKind, SignatureReport, SubIndication};
use sceau_pades::{
    Extended, Level, Missing, ReadError, ValidationOptions, store_material, validate,
};
use sceau_pdf::ByteSource;
use sceau_pki::chain::TrustAnchors;
use sceau_workflow::machine::DocumentRef;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Workshop;
use crate::documents::{Joined, OpenDocument, append};
use crate::fetch::Gathered;
use crate::ladder;
use crate::runner::{Job, RunResult, Runner};
use crate::sentences;

/// The pauses between two looks, in seconds; the last one again and again.
const PAUSES: [i64; 8] = [2, 5, 15, 30, 60, 300, 900, 3600];

pub(super) struct SealExtend(pub(super) Workshop);

/// What the reducer asks for.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// The document at the level so far.
    pub(super) document: DocumentRef,
    /// A renewal has to prove for longer than this.
    pub(super) outlast: Option<Timestamp>,
    /// When revocation was last asked about.
    #[serde(default)]
    pub(super) extended: Option<Timestamp>,
}

impl Asked {
    pub(super) fn of(job: &Job) -> Result<Self, RunResult> {
        serde_json::from_value(job.row.effect.payload.clone())
            .map_err(|error| RunResult::Failed(sentences::internal(error)))
    }
}

impl Runner for SealExtend {
    fn run(&self, job: &Job) -> RunResult {
        self.extend(job).unwrap_or_else(|stop| stop)
    }
}

impl SealExtend {
    fn extend(&self, job: &Job) -> Result<RunResult, RunResult> {
        let asked = Asked::of(job)?;
        let base = OpenDocument::open(&self.0.blobs, &asked.document)
            .map_err(|error| sentences::disk(&error))?;
        let anchors = &self.0.anchors;
        let gathered = self.0.revocation.gather(&base, anchors, || job.now).map_err(unreadable)?;
        sceau_disk::boundary!("engine.extend.gathered");
        let stored = store_material(&base, anchors, &gathered.material, job.now)
            .map_err(|error| sentences::cannot_extend(&error))?;
        let report = self.0.judge_extended(&base, stored.as_ref(), job.now)?;
        let seal = seal_of(&report)?;
        holds(job, seal)?;
        let lacking = lacking(&gathered, &report, asked.outlast.is_some());
        if seal.level < Some(Level::Lt) || !lacking.is_empty() {
            return Ok(self.wait(job, &gathered, &lacking));
        }
        let made = self.0.write_extended(&base, &asked.document, stored)?;
        sceau_disk::boundary!("engine.extend.blob-written");
        Ok(climbed(&made, seal, json!({ "after": made, "validation": report })))
    }

    /// What nobody can ever tell is not waited for.
    fn wait(&self, job: &Job, gathered: &Gathered, lacking: &[&Missing]) -> RunResult {
        let detail = ladder::lacking(gathered).join("; ");
        if lacking.iter().any(|missing| self.0.revocation.is_beyond(missing)) {
            return RunResult::Failed(sentences::no_revocation_source(detail));
        }
        let place = usize::try_from(job.tries).unwrap_or(usize::MAX).min(PAUSES.len() - 1);
        let pause = SignedDuration::from_secs(PAUSES[place]);
        RunResult::Wait(sentences::revocation_pending(detail), pause)
    }
}

/// What the seal lacks; in a renewal what the document's time stamps lack too. Signatures that the
/// document came with are not waited for.
fn lacking<'g>(gathered: &'g Gathered, report: &Report, renewal: bool) -> Vec<&'g Missing> {
    let seal = report.newest_signature().map(|seal| seal.field.as_str());
    let stamps =
        report.signatures.iter().filter(|one| one.kind == SignatureKind::DocumentTimestamp);
    let mut fields: Vec<&str> = stamps.filter(|_| renewal).map(|one| one.field.as_str()).collect();
    fields.extend(seal);
    gathered.missing.iter().filter(|one| fields.contains(&one.field.as_str())).collect()
}

impl Workshop {
    /// The document with the revision, as it will be judged.
    pub(super) fn judge_extended(
        &self,
        base: &dyn ByteSource,
        extended: Option<&Extended>,
        now: Timestamp,
    ) -> Result<Report, RunResult> {
        let tail = extended.map_or(&[][..], |extended| &extended.revision.tail);
        let options = ValidationOptions::new(TrustAnchors::clone(&self.anchors), now);
        validate(&Joined { base, tail }, &options).map_err(sentences::again)
    }

    /// The document with the revision as a new blob; without one it is what it was.
    pub(super) fn write_extended(
        &self,
        base: &OpenDocument,
        document: &DocumentRef,
        extended: Option<Extended>,
    ) -> Result<DocumentRef, RunResult> {
        match extended {
            Some(extended) => append(&self.blobs, base, &extended.revision)
                .map_err(|error| sentences::disk(&error)),
            None => Ok(document.clone()),
        }
    }
}

/// The seal: what was signed last.
pub(super) fn seal_of(report: &Report) -> Result<&SignatureReport, RunResult> {
    let nothing = || RunResult::Failed(sentences::not_valid("the seal is not found"));
    report.newest_signature().ok_or_else(nothing)
}

/// Nothing speaks against the seal. A certificate that was revoked after the seal's time stamp does
/// it no harm (EN 319 102-1 §5.6.2.2); one that was revoked before makes it void, and the step begins
/// anew when somebody asks for it.
pub(super) fn holds(job: &Job, seal: &SignatureReport) -> Result<(), RunResult> {
    let revoked = |finding: &&Finding| {
        matches!(
            finding.sub_indication,
            SubIndication::Revoked | SubIndication::RevokedNoPoe | SubIndication::RevokedCaNoPoe
        )
    };
    if let Some(finding) = seal.verdict.findings.iter().find(revoked) {
        return Err(RunResult::Failed(sentences::seal_void(job, &finding.detail)));
    }
    if seal.verdict.passed() {
        return Ok(());
    }
    let later = |finding: &&Finding| finding.sub_indication == SubIndication::TryLater;
    if let Some(finding) = seal.verdict.findings.iter().find(later) {
        let pause = SignedDuration::from_secs(PAUSES[PAUSES.len() - 1]);
        return Err(RunResult::Wait(sentences::revocation_pending(&finding.detail), pause));
    }
    let detail = serde_json::to_string(&seal.verdict).unwrap_or_default();
    Err(RunResult::Failed(sentences::not_valid(detail)))
}

/// What the reducer is told.
pub(super) fn climbed(document: &DocumentRef, seal: &SignatureReport, result: Value) -> RunResult {
    let mut result = result;
    result["level"] = json!(seal.level);
    RunResult::Done(json!({ "document": document, "level": seal.level, "result": result }))
}

pub(super) fn unreadable(error: ReadError) -> RunResult {
    match error.fault() {
        sceau_pdf::Fault::Medium => sentences::again(error),
        _ => RunResult::Failed(sentences::not_valid(error)),
    }
}
