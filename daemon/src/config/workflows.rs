//! The workflow files, and what the folders want of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sceau_workflow::definition::{StepParsers, WorkflowDefinition};
use sceau_workflow::faults::{FaultCode, Faults, Source, nearest};

use super::draft::Draft;
use super::folder::DraftFolder;
use super::{LoadedWorkflow, read_text};

/// Most workflow files that are read.
const MOST: usize = 500;

/// Reads every `*.toml` of the workflows directory.
pub(super) fn load(
    draft: &Draft,
    source: Source<'_>,
    parsers: &StepParsers,
    faults: &Faults,
) -> BTreeMap<String, LoadedWorkflow> {
    let directory = &draft.workflows;
    let files = match list(&directory.value) {
        Ok(files) => files,
        Err(error) => {
            let shown = directory.value.display();
            let message = format!("the workflows directory {shown} cannot be read: {error}");
            let help = Some("name it with `workflows = \"...\"` at the top of the file".to_owned());
            faults.note(source.fault(FaultCode::Path, directory.span.clone(), message, help));
            return BTreeMap::new();
        }
    };
    files.iter().filter_map(|file| one(file, parsers, faults)).collect()
}

/// Notes a folder whose workflow does not exist, or that lacks what its workflow needs.
pub(super) fn check_folder(
    folder: &DraftFolder,
    workflows: &BTreeMap<String, LoadedWorkflow>,
    source: Source<'_>,
    faults: &Faults,
) {
    let wanted = &folder.workflow;
    let Some(workflow) = workflows.get(&wanted.value) else {
        return unknown(wanted.value.as_str(), wanted.span.clone(), workflows, source, faults);
    };
    if needs_sidecar(&workflow.definition) && !folder.takes_sidecars() {
        let message = format!(
            "the workflow `{}` needs what a sidecar file tells, and the folder `{}` takes none",
            wanted.value, folder.name
        );
        let help = Some("say sidecar = \"required\" (or \"optional\")".to_owned());
        faults.note(source.fault(FaultCode::BadValue, folder.sidecar_span.clone(), message, help));
    }
}

fn unknown(
    name: &str,
    span: std::ops::Range<usize>,
    workflows: &BTreeMap<String, LoadedWorkflow>,
    source: Source<'_>,
    faults: &Faults,
) {
    // A workflow whose own file is at fault exists; its faults are told there.
    let file = format!("{name}.toml");
    let known = workflows.keys().map(String::as_str);
    let message = format!("there is no workflow `{name}` (no good file {file})");
    let help = nearest(name, known).map(|near| format!("did you mean `{near}`?"));
    faults.note(source.fault(FaultCode::UnknownName, span, message, help));
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

fn one(file: &Path, parsers: &StepParsers, faults: &Faults) -> Option<(String, LoadedWorkflow)> {
    let stem = file.file_stem()?.to_string_lossy().into_owned();
    let name = file.display().to_string();
    let source = read_text(file, faults)?;
    let text = Source::new(&name, &source);
    let definition = WorkflowDefinition::parse(text, &stem, parsers, faults)?;
    Some((stem, LoadedWorkflow { definition, source }))
}
