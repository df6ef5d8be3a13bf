//! `prepare.run`: refuse active content, attach, stamp. The document came unsigned; what is made
//! is a new revision upon its untouched bytes.

use std::path::Path;

use sceau_pdf::{Danger, Document, Limits, ScanBounds, Update, active_content};
use sceau_workflow::definition;
use sceau_workflow::definition::PrepareSettings;
use sceau_workflow::machine::Digest;
use serde_json::json;

use super::Workshop;
use super::guard::guard;
use crate::documents::{OpenDocument, append};
use crate::runner::{Job, RunResult, Runner};
use crate::sentences;

pub(super) struct Prepare(pub(super) Workshop);

impl Runner for Prepare {
    fn run(&self, job: &Job) -> RunResult {
        self.prepare(job).unwrap_or_else(|stop| stop)
    }
}

impl Prepare {
    fn prepare(&self, job: &Job) -> Result<RunResult, RunResult> {
        let settings: PrepareSettings = serde_json::from_value(job.row.effect.payload.clone())
            .map_err(|error| RunResult::Failed(sentences::internal(error)))?;
        let base = OpenDocument::open(&self.0.blobs, &job.dossier.document)
            .map_err(|error| sentences::disk(&error))?;
        let document = Document::open(&base, &Limits::default())
            .map_err(|error| sentences::cannot_open(&error))?;
        let found = refuse_active(&document, &settings)?;
        let dangers = guard(&document, settings.guard)?;
        if settings.stamp.is_none() && settings.attach.is_empty() {
            return Ok(RunResult::Done(json!({ "result": result(&found, &dangers) })));
        }
        let update = self.update(&document, &settings, job)?;
        let revision = update.finish().map_err(|error| sentences::cannot_prepare(&error))?;
        let made = append(&self.0.blobs, &base, &revision).map_err(|e| sentences::disk(&e))?;
        sceau_disk::boundary!("engine.prepare.blob-written");
        let before = &job.dossier.document;
        let mut result = result(&found, &dangers);
        result["before"] = json!(before);
        result["after"] = json!(made);
        result["stamped"] = json!(settings.stamp.is_some());
        result["attached"] = json!(settings.attach.len());
        Ok(RunResult::Done(json!({ "document": made, "result": result })))
    }

    fn update<'d, 's>(
        &self,
        document: &'d Document<'s>,
        settings: &PrepareSettings,
        job: &Job,
    ) -> Result<Update<'d, 's>, RunResult> {
        let refused = |error| sentences::cannot_prepare(&error);
        let mut update = Update::new(document).map_err(refused)?;
        for attachment in &settings.attach {
            update.attach(&self.attachment(attachment, job)?).map_err(refused)?;
        }
        if let Some(stamp) = &settings.stamp {
            update.stamp(&self.stamp(stamp, job)).map_err(refused)?;
        }
        Ok(update)
    }

    fn stamp(&self, stamp: &definition::Stamp, job: &Job) -> sceau_pdf::Stamp {
        let values = self.0.values(&job.dossier);
        sceau_pdf::Stamp {
            lines: stamp.lines.iter().map(|line| line.fill(&values)).collect(),
            page: match stamp.page {
                definition::StampPage::First => sceau_pdf::StampPage::First,
                definition::StampPage::Last => sceau_pdf::StampPage::Last,
                definition::StampPage::All => sceau_pdf::StampPage::All,
            },
            corner: match stamp.corner {
                definition::Corner::TopLeft => sceau_pdf::Corner::TopLeft,
                definition::Corner::TopRight => sceau_pdf::Corner::TopRight,
                definition::Corner::BottomLeft => sceau_pdf::Corner::BottomLeft,
                definition::Corner::BottomRight => sceau_pdf::Corner::BottomRight,
            },
            size: f64::from(stamp.size),
        }
    }

    fn attachment(
        &self,
        attachment: &definition::Attachment,
        job: &Job,
    ) -> Result<sceau_pdf::Attachment, RunResult> {
        let definition::Attachment::File { path, description, sha256 } = attachment;
        let full = self.0.base.join(path);
        let bytes = read_attachment(&full).map_err(|error| {
            RunResult::Failed(sentences::configuration(
                "Une pièce que le circuit joint au document n'a pas pu être lue.",
                "A file that the workflow attaches to the document could not be read.",
                format!("{}: {error}", full.display()),
            ))
        })?;
        if sha256.as_ref().is_some_and(|pinned| Digest::of(&bytes).to_string() != *pinned) {
            return Err(RunResult::Failed(sentences::attachment_changed(&full.display())));
        }
        let name = Path::new(path).file_name().unwrap_or_default().to_string_lossy();
        Ok(sceau_pdf::Attachment {
            media_type: media_type(&name).to_owned(),
            file_name: name.into_owned(),
            description: description.clone(),
            bytes,
            modified: Some(job.dossier.received_at),
            relationship: sceau_pdf::Relationship::Supplement,
        })
    }
}

/// The kinds of active content that the document holds; refused when the workflow refuses one.
fn refuse_active(
    document: &Document<'_>,
    settings: &PrepareSettings,
) -> Result<Vec<String>, RunResult> {
    if settings.refuse_active.is_empty() {
        return Ok(Vec::new());
    }
    let scanned = active_content(document, &ScanBounds::default());
    let found = scanned.map_err(|error| match error.fault() {
        sceau_pdf::Fault::Medium => sentences::again(error),
        _ => RunResult::Failed(sentences::active_content("?").with_detail(error.to_string())),
    })?;
    let mut kinds: Vec<String> = found.iter().map(|item| item.kind.word().to_owned()).collect();
    kinds.sort();
    kinds.dedup();
    let refused: Vec<&str> =
        kinds.iter().filter(|k| settings.refuse_active.contains(*k)).map(String::as_str).collect();
    if refused.is_empty() {
        return Ok(kinds);
    }
    Err(RunResult::Failed(sentences::active_content(&refused.join(", "))))
}

/// What was found; the dangers only where somebody looked for them.
fn result(found: &[String], dangers: &[Danger]) -> serde_json::Value {
    let mut result = json!({ "active_content": found });
    if !dangers.is_empty() {
        result["dangers"] = json!(dangers);
    }
    result
}

fn read_attachment(path: &Path) -> std::io::Result<Vec<u8>> {
    let len = std::fs::metadata(path)?.len();
    let most = definition::Attachment::MOST;
    if len > most {
        return Err(std::io::Error::other(format!("{len} bytes, more than {most}")));
    }
    std::fs::read(path)
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().map(str::to_ascii_lowercase).as_deref() {
        Some("pdf") => "application/pdf",
        Some("xml") => "text/xml",
        Some("csv") => "text/csv",
        Some("txt") => "text/plain",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}
