//! `deliver.put`: the document and its evidence file, where the dossier came from. A renewed document
//! lies beside the one before, which stays what it is, under a name with the day of the renewal.
//!
//! The evidence file is made from the events up to the one that asked for the delivery, so that a
//! second run after a crash makes the same bytes and finds the first delivery by its content.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use jiff::Timestamp;
use sceau_cabinet::Channel;
use sceau_intake::{Companion, Content, DeliverRequest, Part, RelPath, SourceFate, SourceFile};
use sceau_store::StreamId;
use sceau_workflow::definition::DeliverSettings;
use sceau_workflow::machine::messages::ORIGIN_RESUMED;
use serde_json::{Value, json};

use super::values::paris_day;
use super::{Workshop, origin};
use crate::documents::{OpenDocument, keep};
use crate::evidence;
use crate::records;
use crate::runner::{Job, RunResult, Runner};
use crate::sentences;

/// What follows the name of a delivered document in the name of its evidence file.
const EVIDENCE_SUFFIX: &str = ".preuve.json";

pub(super) struct Deliver(pub(super) Workshop);

impl Runner for Deliver {
    fn run(&self, job: &Job) -> RunResult {
        self.deliver(job).unwrap_or_else(|stop| stop)
    }
}

impl Deliver {
    fn deliver(&self, job: &Job) -> Result<RunResult, RunResult> {
        let settings: DeliverSettings = serde_json::from_value(job.row.effect.payload.clone())
            .map_err(|error| RunResult::Failed(sentences::internal(error)))?;
        let evidence = self.evidence(job)?;
        let places = match &job.dossier.received.origin.channel {
            Channel::Folder(_) => self.put_in_folder(job, &settings, &evidence)?,
            _ => Value::Null,
        };
        sceau_disk::boundary!("engine.deliver.put");
        // Nobody waits for this copy: it is durable before the commit that refers to it.
        let kept = keep(&self.0.blobs, &evidence).map_err(|error| sentences::disk(&error))?;
        sceau_disk::boundary!("engine.deliver.evidence-kept");
        Ok(RunResult::Done(json!({
            "document": job.dossier.document,
            "evidence": kept,
            "places": places,
        })))
    }

    fn evidence(&self, job: &Job) -> Result<Vec<u8>, RunResult> {
        let stream = StreamId::new(records::dossier_stream(&job.dossier.received.dossier));
        let events = crate::core::stream(self.0.store.as_ref(), &stream);
        let events = events.map_err(sentences::again)?;
        let authority = self.0.view.authority();
        evidence::build(&job.dossier, &job.plan, &events, &job.row.id, &authority)
            .map_err(|error| RunResult::Failed(sentences::internal(error)))
    }

    fn put_in_folder(
        &self,
        job: &Job,
        settings: &DeliverSettings,
        evidence: &[u8],
    ) -> Result<Value, RunResult> {
        let (folder, source) = self.0.source(job)?;
        // A retried source leaves the rejected ones first, in whatever order the lane's rows run.
        if job.dossier.pending.values().any(|effect| effect.kind == ORIGIN_RESUMED) {
            folder.resume(&source).map_err(|error| origin::folder_trouble(&error))?;
        }
        let sealed = OpenDocument::open(&self.0.blobs, &job.dossier.document)
            .map_err(|error| sentences::disk(&error))?;
        let companion = Companion { suffix: EVIDENCE_SUFFIX, bytes: evidence };
        let delivered = folder.deliver(&DeliverRequest {
            dossier: job.dossier.received.dossier.to_string(),
            directory: self.directory(settings, &source),
            file_name: self.file_name(job, settings, &source),
            content: content(job, &sealed),
            companions: if settings.evidence { vec![companion] } else { Vec::new() },
            source: Some(&source).filter(|_| !job.dossier.is_renewing()),
        });
        let delivered = delivered.map_err(|error| origin::folder_trouble(&error))?;
        let companions: Vec<String> = delivered.companions.iter().map(shown).collect();
        Ok(json!({
            "file": shown(&delivered.file),
            "companions": companions,
            "source": delivered.source.as_ref().map(fate),
        }))
    }

    /// `to`, or the sub-folder in which the document was dropped.
    fn directory(&self, settings: &DeliverSettings, source: &SourceFile) -> RelPath {
        match &settings.to {
            Some(to) => RelPath::new(to),
            None => source.original.parent(),
        }
    }

    /// The dropped file's own name, byte for byte, where the workflow says no more than `{name}`.
    fn file_name(&self, job: &Job, settings: &DeliverSettings, source: &SourceFile) -> OsString {
        let name = if settings.name.as_str() == "{name}.pdf" {
            source.original.name().to_owned()
        } else {
            let filled = settings.name.fill(&self.0.values(&job.dossier));
            let plain = filled.replace(['/', '\\', '\0'], "-");
            Path::new(plain.trim_start_matches('.')).as_os_str().to_owned()
        };
        match job.dossier.renewal.as_ref().and_then(|renewal| renewal.begun) {
            Some(begun) => renewed_name(&name, begun),
            None => name,
        }
    }
}

/// `bilan.pdf` renewed is `bilan.renouvele-2036-10-24.pdf`.
fn renewed_name(name: &OsStr, begun: Timestamp) -> OsString {
    let path = Path::new(name);
    let mut renewed = path.file_stem().unwrap_or(name).to_owned();
    renewed.push(format!(".renouvele-{}", paris_day(begun)));
    if let Some(extension) = path.extension() {
        renewed.push(".");
        renewed.push(extension);
    }
    renewed
}

fn content<'a>(job: &Job, sealed: &'a OpenDocument) -> Content<'a> {
    let document = &job.dossier.document;
    let part = Part::File { file: sealed.file(), offset: 0, len: document.len };
    Content { parts: vec![part], len: document.len, digest: *document.digest.bytes() }
}

fn shown(path: &RelPath) -> String {
    path.to_string()
}

fn fate(fate: &SourceFate) -> Value {
    match fate {
        SourceFate::Moved(path) => json!({ "moved_to": shown(path) }),
        SourceFate::Changed(path) => json!({ "changed_meanwhile": shown(path) }),
        SourceFate::Missing => json!("missing"),
    }
}
