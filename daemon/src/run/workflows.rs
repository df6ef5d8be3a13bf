//! The workflows in force. An order exchanges them beneath the running daemon; dossiers that have begun
//! stay with what they began with.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use sceau_engine::core::Request;
use sceau_engine::handle::Handle;
use sceau_workflow::definition::{Parameter, StepDefinition, WorkflowDefinition};
use sceau_workflow::machine::{Digest, Plan, PlannedStep};

use crate::config::{Config, LoadedWorkflow};

/// Workflows by name.
pub(crate) type Workflows = BTreeMap<String, LoadedWorkflow>;

/// What is in force now.
#[derive(Debug)]
pub(crate) struct CurrentWorkflows {
    current: RwLock<Arc<Workflows>>,
    exchanging: Mutex<()>,
    /// Name and workflow of every watched folder: read at the start of the daemon alone.
    folders: Vec<(String, String)>,
}

impl CurrentWorkflows {
    /// Those that the daemon starts with.
    pub(crate) fn new(config: &Config) -> Self {
        let folder = |folder: &crate::config::FolderSettings| {
            (folder.intake.name.clone(), folder.workflow.clone())
        };
        Self {
            current: RwLock::new(Arc::new(config.workflows.clone())),
            exchanging: Mutex::new(()),
            folders: config.folders.iter().map(folder).collect(),
        }
    }

    /// The workflows.
    pub(crate) fn get(&self) -> Arc<Workflows> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What a document may tell a workflow.
    pub(crate) fn declared(&self, workflow: &str) -> Option<Vec<Parameter>> {
        Some(self.get().get(workflow)?.definition.parameters.clone())
    }

    /// Held while workflows are looked at and exchanged: one exchange at a time.
    pub(crate) fn alone(&self) -> MutexGuard<'_, ()> {
        self.exchanging.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why these cannot take the place of the current ones without a restart. Watched folders hold what
    /// their workflow lets a document tell.
    pub(crate) fn hindrance(&self, new: &Workflows) -> Option<String> {
        let current = self.get();
        self.folders.iter().find_map(|(folder, workflow)| {
            let of = |workflows: &Workflows| workflows.get(workflow).map(|w| told(&w.definition));
            let what = match of(new) {
                None => "which is no longer there".to_owned(),
                Some(new) if of(&current).is_none_or(|old| old != new) => {
                    "whose parameters or sub-folders are others now".to_owned()
                }
                Some(_) => return None,
            };
            Some(format!(
                "the folder `{folder}` is watched for the workflow `{workflow}`, {what}: the next \
                 start of the daemon reads it"
            ))
        })
    }

    /// Has the writer commit them, and shows them to the doors from then on.
    pub(crate) fn exchange(&self, handle: &Handle, new: Workflows) -> Result<(), String> {
        let exchanged = handle.call(Request::Workflows(plans(&new)));
        exchanged.map_err(|error| error.to_string())?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
        Ok(())
    }
}

fn told(definition: &WorkflowDefinition) -> (Vec<Parameter>, Vec<String>) {
    (definition.parameters.clone(), definition.subfolders.clone())
}

/// What the writer holds of workflows: each with the hash that dossiers are pinned to.
pub(super) fn plans(workflows: &Workflows) -> BTreeMap<String, (Digest, Plan)> {
    let plan = |(name, loaded): (&String, &LoadedWorkflow)| {
        let step = |step: &StepDefinition| PlannedStep {
            id: step.id.clone(),
            kind: step.kind.clone(),
            settings: step.settings.clone(),
        };
        let steps = loaded.definition.steps.iter().map(step).collect();
        let hash = Digest::new(loaded.definition.hash());
        let retention_years = loaded.definition.retention_years;
        (name.clone(), (hash, Plan { workflow: name.clone(), steps, retention_years }))
    };
    workflows.iter().map(plan).collect()
}
