//! Steps that work with what was sealed, where nothing is sealed before them.

use std::collections::BTreeSet;
use std::path::Path;

use sceau_workflow::definition::{
    Nature, Outcome, PluginSettings, PluginWork, StepDefinition, WorkflowDefinition,
};
use sceau_workflow::faults::{FaultCode, Faults};
use serde::Deserialize as _;

use super::workflows::Workflows;

/// Notes each plugin step `after-seal` that nothing sealed before: neither its own workflow nor one that
/// routes to it, whose seal the dossier brings along.
pub(super) fn check(workflows: &Workflows, files: &Path, faults: &Faults) {
    let sealed = sealed_elsewhere(workflows);
    for (name, workflow) in &workflows.good {
        let brought = sealed.contains(name);
        if let Some(step) = too_early(&workflow.definition).filter(|_| !brought) {
            let file = files.join(format!("{name}.toml")).display().to_string();
            let message =
                format!("the step `{}` does after-seal, and nothing is sealed before it", step.id);
            let help = "put a step of kind \"seal\" before it".to_owned();
            faults.note_file(FaultCode::StepOrder, &file, message, Some(help));
        }
    }
}

/// The first step `after-seal` that stands before every seal.
fn too_early(workflow: &WorkflowDefinition) -> Option<&StepDefinition> {
    let mut unsealed = workflow.steps.iter().take_while(|step| step.nature != Nature::Signs);
    let late = |step: &&StepDefinition| {
        settings(step).is_some_and(|settings| settings.does == PluginWork::AfterSeal)
    };
    unsealed.find(late)
}

/// The workflows that dossiers may come to with a seal: from one that seals before it routes, or that such
/// dossiers come to itself.
fn sealed_elsewhere(workflows: &Workflows) -> BTreeSet<String> {
    let mut sealed = BTreeSet::new();
    loop {
        let before = sealed.len();
        for (name, workflow) in &workflows.good {
            let comes_sealed = sealed.contains(name);
            let steps = workflow.definition.steps.iter();
            let from = steps.skip_while(|step| !comes_sealed && step.nature != Nature::Signs);
            sealed.extend(from.filter_map(settings).flat_map(destinations).collect::<Vec<_>>());
        }
        if sealed.len() == before {
            return sealed;
        }
    }
}

fn destinations(settings: PluginSettings) -> Vec<String> {
    let outcomes = settings.outcomes.into_values();
    let elsewhere = outcomes.filter_map(|outcome| match outcome {
        Outcome::Elsewhere(to) => Some(to.workflow),
        Outcome::Continue => None,
    });
    elsewhere.collect()
}

fn settings(step: &StepDefinition) -> Option<PluginSettings> {
    let plugin = (step.kind == "plugin").then_some(&step.settings)?;
    PluginSettings::deserialize(plugin).ok()
}
