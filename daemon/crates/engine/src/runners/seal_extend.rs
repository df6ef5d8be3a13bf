//! `seal.extend`: asks about the revocation of every certificate that the document rests on, and
//! stores the answers in it (EN 319 142-1 §5.4.2). What is not known yet is asked for again, for as
//! long as it takes.

use jiff::{SignedDuration, Timestamp};
use sceau_pades::report::{Finding, Report, SignatureKind, SignatureReport, SubIndication};
use sceau_pades::{
    Extended, Level, Look, Next, Patience, ReadError, ValidationOptions, next, store_material,
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
use crate::verification::validate;

/// The pause before a verdict that newer answers may change is asked for again.
const LATER: SignedDuration = SignedDuration::from_hours(1);

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
        self.complete(job, &gathered, &climbing(&report, asked.outlast.is_some()))?;
        if seal.level < Some(Level::Lt) {
            return Err(too_low(seal));
        }
        let made = self.0.write_extended(&base, &asked.document, stored)?;
        sceau_disk::boundary!("engine.extend.blob-written");
        Ok(climbed(&made, seal, json!({ "after": made, "validation": report })))
    }

    /// Whether these signatures lack nothing any more; else what is done about it. The document time
    /// stamp, where one is wanted, is another effect's business.
    fn complete(&self, job: &Job, gathered: &Gathered, of: &[&str]) -> Result<(), RunResult> {
        let look = Look {
            missing: &gathered.missing,
            of: Some(of),
            may_know: &|missing| self.0.revocation.may_know(missing),
            patience: Patience::ForAny,
            looks: usize::try_from(job.tries).unwrap_or(usize::MAX),
            wanted: Level::Lt,
        };
        let detail = || ladder::lacking(gathered).join("; ");
        match next(&look) {
            Next::Store | Next::StoreAndStamp => Ok(()),
            Next::Wait(pause) => {
                Err(RunResult::Wait(sentences::revocation_pending(detail()), pause))
            }
            Next::Stay => Err(RunResult::Failed(sentences::no_revocation_source(detail()))),
        }
    }
}

/// Nothing is lacking, and the level is not there all the same.
pub(super) fn too_low(seal: &SignatureReport) -> RunResult {
    let level = seal.level.map_or("none", Level::name);
    let detail = format!("the extended document reaches the level {level} only");
    RunResult::Failed(sentences::not_valid(detail))
}

/// The field of the seal; in a renewal those of the document's time stamps too. Signatures that the
/// document came with are not waited for.
fn climbing(report: &Report, renewal: bool) -> Vec<&str> {
    let seal = report.newest_signature().map(|seal| seal.field.as_str());
    let stamps =
        report.signatures.iter().filter(|one| one.kind == SignatureKind::DocumentTimestamp);
    let mut fields: Vec<&str> = stamps.filter(|_| renewal).map(|one| one.field.as_str()).collect();
    fields.extend(seal);
    fields
}

impl Workshop {
    /// The document with the revision, as it will be judged. What is found of the file itself stops it,
    /// as before the delivery ([`super::seal_finish`]).
    pub(super) fn judge_extended(
        &self,
        base: &dyn ByteSource,
        extended: Option<&Extended>,
        now: Timestamp,
    ) -> Result<Report, RunResult> {
        let tail = extended.map_or(&[][..], |extended| &extended.revision.tail);
        let options = ValidationOptions::new(TrustAnchors::clone(&self.anchors), now);
        let report = validate(&Joined { base, tail }, &options).map_err(sentences::again)?;
        match report.of_document() {
            [] => Ok(report),
            findings => {
                let detail = serde_json::to_string(findings).unwrap_or_default();
                Err(RunResult::Failed(sentences::no_valid_seal(detail)))
            }
        }
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
        return Err(RunResult::Wait(sentences::revocation_pending(&finding.detail), LATER));
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
