//! The workflow files, and what the folders want of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sceau_workflow::definition::{Attachment, PrepareSettings, StepParsers, WorkflowDefinition};
use sceau_workflow::faults::{FaultCode, Faults, Read, Source, nearest};
use sceau_workflow::machine::Digest;
use serde::Deserialize;

use super::draft::Draft;
use super::folder::DraftFolder;
use super::{LoadedWorkflow, read_text};

/// Most workflow files that are read.
const MOST: usize = 500;

/// The workflow files of the directory.
#[derive(Debug, Default)]
pub(super) struct Workflows {
    /// Those without fault.
    pub(super) good: BTreeMap<String, LoadedWorkflow>,
    /// The names of those with faults, which are noted.
    faulty: Vec<String>,
}

/// Reads every `*.toml` of the workflows directory.
pub(super) fn load(
    draft: &Draft,
    source: Source<'_>,
    parsers: &StepParsers,
    faults: &Faults,
) -> Workflows {
    let directory = &draft.workflows;
    let mut workflows = Workflows::default();
    match list(&directory.value) {
        Ok(files) => files.iter().for_each(|file| one(file, parsers, faults, &mut workflows)),
        Err(error) => {
            let shown = directory.value.display();
            let message = format!("the workflows directory {shown} cannot be read: {error}");
            let help = Some("name it with `workflows = \"...\"` at the top of the file".to_owned());
            faults.note(source.fault(FaultCode::Path, directory.span.clone(), message, help));
        }
    }
    workflows
}

/// Pins what is attached to its bytes, and notes what cannot be. Paths are relative to the configuration
/// file's directory, as the step that attaches them takes them.
pub(super) fn pin_attachments(
    workflows: &mut Workflows,
    base: &Path,
    files: &Path,
    faults: &Faults,
) {
    for (name, workflow) in &mut workflows.good {
        let file = files.join(format!("{name}.toml"));
        for step in workflow.definition.steps.iter_mut().filter(|step| step.kind == "prepare") {
            let Ok(mut settings) = PrepareSettings::deserialize(&step.settings) else { continue };
            for Attachment::File { path, sha256, .. } in &mut settings.attach {
                match attached(&base.join(&*path)) {
                    Ok(bytes) => *sha256 = Some(Digest::of(&bytes).to_string()),
                    Err(why) => unfit(&file, &workflow.source, path, &why, faults),
                }
            }
            step.settings = serde_json::to_value(&settings).unwrap_or_default();
        }
    }
}

fn attached(file: &Path) -> Result<Vec<u8>, String> {
    let meta = std::fs::metadata(file).ok().filter(std::fs::Metadata::is_file);
    let len = meta.ok_or("is not there")?.len();
    if len > Attachment::MOST {
        return Err(format!("is larger than {} bytes", Attachment::MOST));
    }
    std::fs::read(file).map_err(|error| format!("cannot be read: {error}"))
}

fn unfit(file: &Path, text: &str, path: &str, why: &str, faults: &Faults) {
    let name = file.display().to_string();
    let message = format!("the attached file {path} {why}");
    let help = "paths begin at the directory of the configuration file".to_owned();
    match text.find(&format!("\"{path}\"")) {
        Some(at) => {
            let span = at..at + path.len() + 2;
            faults.note(Source::new(&name, text).fault(FaultCode::Path, span, message, Some(help)));
        }
        None => faults.note_file(FaultCode::Path, &name, message, Some(help)),
    }
}

/// Notes a folder whose workflow does not exist, or that lacks what its workflow needs.
pub(super) fn check_folder(
    folder: &DraftFolder,
    workflows: &Workflows,
    source: Source<'_>,
    faults: &Faults,
) {
    let Some(wanted) = &folder.workflow else { return };
    let Some(workflow) = workflows.good.get(&wanted.value) else {
        return unknown(wanted, workflows, source, faults);
    };
    if needs_sidecar(&workflow.definition) && !folder.takes_sidecars() {
        let (workflow, folder_name) = (&wanted.value, folder.shown());
        let message = format!(
            "the workflow `{workflow}` needs what a sidecar file tells, and the folder \
             `{folder_name}` takes none"
        );
        let help = Some("say sidecar = \"required\" (or \"optional\")".to_owned());
        let at = folder.sidecar_span.clone();
        faults.note(source.fault(FaultCode::BadValue, at, message, help));
    }
}

/// A workflow whose own file is at fault exists; its faults are told there.
fn unknown(wanted: &Read<String>, workflows: &Workflows, source: Source<'_>, faults: &Faults) {
    let name = &wanted.value;
    if workflows.faulty.contains(name) {
        return;
    }
    let known = workflows.good.keys().chain(&workflows.faulty).map(String::as_str);
    let message = format!("there is no workflow `{name}` (no file {name}.toml)");
    let help = nearest(name, known).map(|near| format!("did you mean `{near}`?"));
    faults.note(source.fault(FaultCode::UnknownName, wanted.span.clone(), message, help));
}

/// Signatories, or a required parameter that no sub-folder tells, can only come by a sidecar.
fn needs_sidecar(workflow: &WorkflowDefinition) -> bool {
    let signatories =
        workflow.steps.iter().any(|step| step.settings["signatories"]["from"] == "sidecar");
    let told = |name: &String| workflow.subfolders.contains(name);
    let required = workflow
        .parameters
        .iter()
        .any(|one| one.required && one.default.is_none() && !told(&one.name));
    signatories || required
}

fn list(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)?.take(MOST) {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !hidden && path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn one(file: &Path, parsers: &StepParsers, faults: &Faults, into: &mut Workflows) {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let name = file.display().to_string();
    let Some(source) = read_text(file, faults) else { return into.faulty.push(stem) };
    match WorkflowDefinition::parse(Source::new(&name, &source), &stem, parsers, faults) {
        Some(definition) => {
            into.good.insert(stem, LoadedWorkflow { definition, source });
        }
        None => into.faulty.push(stem),
    }
}
