//! Plugins, as an operator asks the running daemon about them.

use sceau_workflow::definition::PluginSettings;
use sceau_workflow::machine::{Dossier, Phase};
use serde::{Deserialize, Serialize};

use super::server::AdminScene;
use crate::config::plugins_of;

/// Dossiers read in one go.
const PAGE: usize = 500;

/// An order about plugins.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "request")]
pub(crate) enum PluginRequest {
    /// Read the grants anew; runs that have begun end with what they had.
    Reload,
    /// Take a version away that nothing needs.
    Remove {
        /// The plugin.
        plugin: String,
        /// The version.
        version: String,
    },
}

/// What the daemon tells.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "response")]
pub(crate) enum PluginResponse {
    /// Done.
    Done,
    /// Nothing was changed.
    Refused {
        /// Why.
        why: String,
    },
}

/// Answers an order.
pub(super) fn answer(scene: &AdminScene, request: PluginRequest) -> PluginResponse {
    let done = match request {
        PluginRequest::Reload => reload(scene),
        PluginRequest::Remove { plugin, version } => remove(scene, &plugin, &version),
    };
    match done {
        Ok(()) => PluginResponse::Done,
        Err(why) => PluginResponse::Refused { why },
    }
}

fn reload(scene: &AdminScene) -> Result<(), String> {
    let config = &scene.config;
    let state = Some(config.state.directory.as_path());
    let (_, plugins) = plugins_of(&config.file, state)
        .ok_or_else(|| format!("{} cannot be read; see sceau check", config.file.display()))?;
    scene.plugins.grant(plugins.grants);
    tracing::info!("the grants of plugins were read anew");
    Ok(())
}

fn remove(scene: &AdminScene, plugin: &str, version: &str) -> Result<(), String> {
    for (name, workflow) in &scene.config.workflows {
        let steps = workflow.definition.steps.iter().filter(|step| step.kind == "plugin");
        if steps.map(|step| &step.settings).any(|settings| names(settings, plugin, version)) {
            return Err(format!("the workflow `{name}` uses {plugin} {version}"));
        }
    }
    if let Some(dossier) = user(scene, plugin, version)? {
        return Err(format!(
            "{dossier} is pinned to {plugin} {version}; once that dossier is over or cancelled \
             (sceau dossier cancel), it can be removed"
        ));
    }
    scene.plugins.shelf().remove(plugin, version).map_err(|error| error.to_string())
}

fn names(settings: &serde_json::Value, plugin: &str, version: &str) -> bool {
    PluginSettings::deserialize(settings)
        .is_ok_and(|settings| settings.plugin == plugin && settings.version == version)
}

/// A dossier that is not over and may still need the plugin.
fn user(scene: &AdminScene, plugin: &str, version: &str) -> Result<Option<String>, String> {
    let mut after = None;
    loop {
        let page = scene.handle.dossiers(after.as_ref(), PAGE).map_err(|e| e.to_string())?;
        for dossier in page.iter().filter(|dossier| is_living(dossier)) {
            let plan = scene.handle.plan(&dossier.received.definition);
            let plan = plan.map_err(|error| error.to_string())?;
            let mut steps = plan.steps.iter().filter(|step| step.kind == "plugin");
            if steps.any(|step| names(&step.settings, plugin, version)) {
                return Ok(Some(told(dossier)));
            }
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.received.dossier.clone()),
            _ => return Ok(None),
        }
    }
}

/// The dossier as the operator reads of it: one at rest still needs the plugin, since a retry takes
/// it on.
fn told(dossier: &Dossier) -> String {
    let name = &dossier.received.dossier;
    match dossier.phase {
        Phase::Rejected { .. } | Phase::NeedsPerson { .. } => {
            format!("the dossier {name}, which is at rest and can be retried,")
        }
        _ => format!("the dossier {name}"),
    }
}

fn is_living(dossier: &Dossier) -> bool {
    !matches!(dossier.phase, Phase::Delivered | Phase::Cancelled)
}
