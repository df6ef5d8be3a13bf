//! Plugins, as an operator asks the running daemon about them.

use std::collections::{BTreeMap, BTreeSet};

use sceau_workflow::definition::{PluginSettings, StepParsers};
use sceau_workflow::faults::Faults;
use sceau_workflow::machine::{Digest, Dossier, Phase, Plan};
use serde::{Deserialize, Serialize};

use super::server::AdminScene;
use crate::config;
use crate::run::Workflows;
use crate::self_test::self_test;

/// Dossiers read in one go.
const PAGE: usize = 500;

/// An order about plugins.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "request")]
pub(crate) enum PluginRequest {
    /// Read grants and workflows anew; dossiers that have begun stay with their plugins.
    Reload,
    /// Take a version away that nothing needs.
    Remove {
        /// The plugin.
        plugin: String,
        /// The version.
        version: String,
    },
    /// Which versions do dossiers need that are not over?
    Pins,
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
    /// What dossiers are pinned to that are not over.
    Pins {
        /// One for each version.
        pins: Vec<Pin>,
    },
}

/// A version that dossiers need.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Pin {
    /// The plugin.
    pub(crate) plugin: String,
    /// The version.
    pub(crate) version: String,
    /// How many dossiers.
    pub(crate) dossiers: u64,
}

/// Answers an order.
pub(super) fn answer(scene: &AdminScene, request: PluginRequest) -> PluginResponse {
    let done = match request {
        PluginRequest::Reload => reload(scene).map(|()| PluginResponse::Done),
        PluginRequest::Remove { plugin, version } => {
            remove(scene, &plugin, &version).map(|()| PluginResponse::Done)
        }
        PluginRequest::Pins => pins(scene).map(|pins| PluginResponse::Pins { pins }),
    };
    done.unwrap_or_else(|why| PluginResponse::Refused { why })
}

/// All of it or nothing: the files are without fault, every plugin that comes in passes its own test, and
/// only then are grants and workflows exchanged.
fn reload(scene: &AdminScene) -> Result<(), String> {
    let _alone = scene.workflows.alone();
    let (file, state) = (&scene.config.file, scene.config.state.directory.as_path());
    let read = config::load(file, Some(state), &StepParsers::standard());
    let new = read.map_err(|faults| {
        format!("nothing was changed, because of what is at fault:\n{}", Faults::render(&faults))
    })?;
    let unchanged = |why: String| format!("nothing was changed: {why}");
    scene.workflows.hindrance(&new.workflows).map_or(Ok(()), |why| Err(unchanged(why)))?;
    let known = wanted(&scene.workflows.get());
    for (plugin, settings) in wanted(&new.workflows) {
        if !known.contains_key(&plugin) {
            tested(scene, &settings).map_err(unchanged)?;
        }
    }
    scene.plugins.grant(new.plugins.grants);
    scene.workflows.exchange(&scene.handle, new.workflows)?;
    tracing::info!("workflows and the grants of plugins were read anew");
    Ok(())
}

/// The plugins that workflows use, by what is pinned.
fn wanted(workflows: &Workflows) -> BTreeMap<Option<String>, PluginSettings> {
    let steps = workflows.values().flat_map(|workflow| &workflow.definition.steps);
    let plugins = steps.filter(|step| step.kind == "plugin");
    let settings = plugins.filter_map(|step| PluginSettings::deserialize(&step.settings).ok());
    settings.map(|settings| (settings.digest.clone(), settings)).collect()
}

/// Loads it, links it to the contract and runs its own test.
fn tested(scene: &AdminScene, settings: &PluginSettings) -> Result<(), String> {
    let (plugin, version) = (&settings.plugin, &settings.version);
    let digest = settings.digest.as_deref().and_then(|digest| digest.parse::<Digest>().ok());
    let digest = digest.ok_or_else(|| format!("{plugin} {version} is not pinned"))?;
    let hosted = scene.plugins.hosted(plugin, version, digest.bytes());
    let hosted = hosted.map_err(|error| format!("{plugin} {version}: {error}"))?;
    let machine = scene.plugins.machine().map_err(|error| error.to_string())?;
    self_test(machine, &hosted.plugin)
}

fn remove(scene: &AdminScene, plugin: &str, version: &str) -> Result<(), String> {
    let _alone = scene.workflows.alone();
    for (name, workflow) in scene.workflows.get().iter() {
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
    scene.plugins.remove(plugin, version).map_err(|error| error.to_string())
}

fn names(settings: &serde_json::Value, plugin: &str, version: &str) -> bool {
    PluginSettings::deserialize(settings)
        .is_ok_and(|settings| settings.plugin == plugin && settings.version == version)
}

/// A dossier that is not over and may still need the plugin.
fn user(scene: &AdminScene, plugin: &str, version: &str) -> Result<Option<String>, String> {
    let mut found = None;
    each_living(scene, |dossier, plan| {
        let mut steps = plan.steps.iter().filter(|step| step.kind == "plugin");
        if found.is_none() && steps.any(|step| names(&step.settings, plugin, version)) {
            found = Some(told(dossier));
        }
    })?;
    Ok(found)
}

fn pins(scene: &AdminScene) -> Result<Vec<Pin>, String> {
    let mut counted: BTreeMap<(String, String), u64> = BTreeMap::new();
    each_living(scene, |_, plan| {
        let steps = plan.steps.iter().filter(|step| step.kind == "plugin");
        let named = steps.filter_map(|step| PluginSettings::deserialize(&step.settings).ok());
        let named: BTreeSet<_> = named.map(|named| (named.plugin, named.version)).collect();
        named.into_iter().for_each(|named| *counted.entry(named).or_default() += 1);
    })?;
    let pin = |((plugin, version), dossiers)| Pin { plugin, version, dossiers };
    Ok(counted.into_iter().map(pin).collect())
}

/// Shows every dossier that is not over, with the plan that it is pinned to.
fn each_living(scene: &AdminScene, mut look: impl FnMut(&Dossier, &Plan)) -> Result<(), String> {
    let mut after = None;
    loop {
        let page = scene.handle.dossiers(after.as_ref(), PAGE).map_err(|e| e.to_string())?;
        for dossier in page.iter().filter(|dossier| is_living(dossier)) {
            let plan = scene.handle.plan(&dossier.received.definition);
            look(dossier, &plan.map_err(|error| error.to_string())?);
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.received.dossier.clone()),
            _ => return Ok(()),
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
