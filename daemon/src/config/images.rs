//! The pictures that seals show: read when the workflows are loaded, and pinned by their digest.

use std::io::Read as _;
use std::path::Path;

use sceau_pdf::Picture;
use sceau_pki::sha256;
use sceau_workflow::definition::{SealImage, SealSettings, WorkflowDefinition};
use sceau_workflow::faults::{FaultCode, Faults, Source};
use serde::Deserialize as _;

use super::workflows::Workflows;

/// Pins the picture of each seal, and notes those that are not there or cannot be shown. Paths are
/// relative to the configuration file's directory, as the step that shows them takes them.
pub(super) fn pin(workflows: &mut Workflows, base: &Path, files: &Path, faults: &Faults) {
    for (name, workflow) in &mut workflows.good {
        let file = files.join(format!("{name}.toml")).display().to_string();
        let source = Source::new(&file, &workflow.source);
        pin_workflow(&mut workflow.definition, base, |image, (code, message, help)| {
            match place(&workflow.source, &image.path) {
                Some(span) => faults.note(source.fault(code, span, message, Some(help))),
                None => faults.note_file(code, &file, message, Some(help)),
            }
        });
    }
}

type Problem = (FaultCode, String, String);

fn pin_workflow(
    definition: &mut WorkflowDefinition,
    base: &Path,
    note: impl Fn(&SealImage, Problem),
) {
    for step in definition.steps.iter_mut().filter(|step| step.kind == "seal") {
        let Ok(mut settings) = SealSettings::deserialize(&step.settings) else { continue };
        let appearance = settings.appearance.as_mut();
        let Some(image) = appearance.and_then(|appearance| appearance.image.as_mut()) else {
            continue;
        };
        match digest(&base.join(&image.path)) {
            Ok(digest) => image.digest = Some(digest),
            Err(problem) => note(image, problem),
        }
        step.settings = serde_json::to_value(&settings).unwrap_or_default();
    }
}

/// The SHA-256 of a picture that a seal can show.
fn digest(path: &Path) -> Result<String, Problem> {
    let shown = path.display();
    let bytes = read(path).map_err(|error| {
        let help = "paths begin at the directory of the configuration file".to_owned();
        (FaultCode::Path, format!("the image {shown} cannot be read: {error}"), help)
    })?;
    let picture = Picture { bytes };
    picture.check().map_err(|refusal| {
        let help = "a seal shows a PNG, or a JPEG in grey or RGB, of at most 4 MiB".to_owned();
        (FaultCode::BadValue, format!("the image {shown}: {refusal}"), help)
    })?;
    Ok(hex::encode(sha256(&picture.bytes)))
}

/// No more than what is refused anyway.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path)?;
    file.take(Picture::MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Where the text names the file.
fn place(text: &str, path: &str) -> Option<std::ops::Range<usize>> {
    let quoted = ['"', '\''].map(|quote| format!("{quote}{path}{quote}"));
    quoted.iter().find_map(|quoted| text.find(quoted).map(|at| at..at + quoted.len()))
}
