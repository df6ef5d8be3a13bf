//! `origin.stopped`, `origin.resumed`: what the people at the watched folder see.

use sceau_cabinet::Channel;
use sceau_intake::notes::{Note, Text};
use sceau_intake::{EffectError, Folder, RejectRequest, SourceFile};
use sceau_workflow::machine::{Failure, messages};
use serde_json::{Value, json};

use super::Workshop;
use crate::runner::{Job, RunResult, Runner};
use crate::sentences;

pub(super) struct Stopped(pub(super) Workshop);
pub(super) struct Resumed(pub(super) Workshop);

impl Runner for Stopped {
    fn run(&self, job: &Job) -> RunResult {
        self.tell(job).unwrap_or_else(|stop| stop)
    }
}

impl Runner for Resumed {
    fn run(&self, job: &Job) -> RunResult {
        self.tell(job).unwrap_or_else(|stop| stop)
    }
}

impl Stopped {
    fn tell(&self, job: &Job) -> Result<RunResult, RunResult> {
        let (folder, source) = self.0.source(job)?;
        let failure: Failure = serde_json::from_value(job.row.effect.payload["failure"].clone())
            .map_err(|error| RunResult::Failed(sentences::internal(error)))?;
        let note = note(job, &failure);
        if failure.is_rejection() {
            let done = folder.reject(RejectRequest { source: &source, note: &note });
            let done = done.map_err(|error| folder_trouble(&error))?;
            sceau_disk::boundary!("engine.origin.told");
            return Ok(RunResult::Done(json!({ "note": done.note.to_string() })));
        }
        folder.notice(&source, Some(&note)).map_err(|error| folder_trouble(&error))?;
        Ok(RunResult::Done(Value::Null))
    }
}

impl Resumed {
    fn tell(&self, job: &Job) -> Result<RunResult, RunResult> {
        let (folder, source) = self.0.source(job)?;
        folder.notice(&source, None).map_err(|error| folder_trouble(&error))?;
        let resumed = folder.resume(&source).map_err(|error| folder_trouble(&error))?;
        sceau_disk::boundary!("engine.origin.resumed");
        Ok(RunResult::Done(json!({ "source_found": resumed })))
    }
}

impl Workshop {
    /// The watched folder that the dossier came by, and its source there.
    pub(super) fn source(&self, job: &Job) -> Result<(&Folder, SourceFile), RunResult> {
        let origin = &job.dossier.received.origin;
        let Channel::Folder(name) = &origin.channel else {
            return Err(RunResult::Failed(sentences::internal("the dossier came by no folder")));
        };
        // A folder that was taken out of the configuration: waits until it is back.
        let missing = || {
            RunResult::Retry(sentences::folder_unavailable(format!(
                "no folder `{name}` is configured"
            )))
        };
        let folder = self.folders.get(name).ok_or_else(missing)?;
        let source = serde_json::from_value(origin.source["file"].clone())
            .map_err(|error| RunResult::Failed(sentences::internal(error)))?;
        Ok((folder, source))
    }
}

/// What the file system said of the watched folder.
pub(super) fn folder_trouble(error: &EffectError) -> RunResult {
    let detail = std::error::Error::source(error)
        .map_or_else(|| error.to_string(), |source| format!("{error}: {source}"));
    if error.is_transient() {
        RunResult::Retry(sentences::folder_unavailable(detail))
    } else {
        RunResult::Failed(sentences::internal(detail))
    }
}

fn note(job: &Job, failure: &Failure) -> Note {
    let what = if failure.is_rejection() {
        Text::new(
            "Le document n'a pas été scellé. L'original, inchangé, est à côté de cette note.",
            "The document was not sealed. The original, unchanged, is beside this note.",
        )
    } else {
        Text::new(
            "Le document attend : quelqu'un doit intervenir avant qu'il soit scellé et livré.",
            "The document waits: somebody must act before it is sealed and delivered.",
        )
    };
    let remedy = messages::remedy(failure);
    Note {
        code: failure.code.clone(),
        what,
        why: Text::new(failure.fr.clone(), failure.en.clone()),
        remedy: Text::new(remedy.0, remedy.1),
        dossier: Some(job.dossier.received.dossier.to_string()),
    }
}
