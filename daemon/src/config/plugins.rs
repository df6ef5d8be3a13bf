//! `[plugins]`: how plugins are run and taken, and what each may do.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sceau_engine::plugins::{Grant, Grants};
use sceau_plugin_host::grant::{Granted, HostGrant};
use sceau_plugin_host::{Execution, Shelf};
use sceau_workflow::definition::{PluginSettings, WorkflowDefinition};
use sceau_workflow::faults::{FaultCode, Faults, TableReader};
use serde::Deserialize as _;

use super::workflows::Workflows;

/// `[plugins]`.
#[derive(Debug, Clone, Default)]
pub(crate) struct PluginsConfig {
    /// Whether only plugins are installed that one of `keys` has signed.
    pub(crate) require_signature: bool,
    /// Ed25519 public keys, in PEM.
    pub(crate) keys: Vec<PathBuf>,
    /// How components are made to run.
    pub(crate) execution: Execution,
    /// What each plugin may do.
    pub(crate) grants: Grants,
}

/// Reads the table; absent means no plugin is granted anything.
pub(super) fn read(root: &TableReader<'_>, base: &Path) -> PluginsConfig {
    let Some(table) = root.has("plugins").then(|| root.table("plugins")).flatten() else {
        return PluginsConfig::default();
    };
    let words = [
        ("auto", Execution::Auto),
        ("native", Execution::Native),
        ("portable", Execution::Portable),
    ];
    let keys = table.strings("keys").unwrap_or_default();
    let config = PluginsConfig {
        require_signature: table.boolean("require_signature").unwrap_or(false),
        keys: keys.into_iter().map(|read| base.join(read.value)).collect(),
        execution: table.word("execution", &words).unwrap_or_default(),
        grants: grants(&table, base),
    };
    if config.require_signature && config.keys.is_empty() {
        let message = "`require_signature` needs `keys`: nothing could be installed".to_owned();
        table.fault(FaultCode::MissingKey, table.span_of("require_signature"), message, None);
    }
    table.finish();
    config
}

fn grants(table: &TableReader<'_>, base: &Path) -> Grants {
    let mut grants = Grants::new();
    for inner in table.tables("grant") {
        let plugin = inner.need_string("plugin", "the plugin's id");
        let grant = grant(&inner, base);
        inner.finish();
        let Some(plugin) = plugin else { continue };
        if grants.insert(plugin.value.clone(), grant).is_some() {
            let message = format!("two grants name the plugin `{}`", plugin.value);
            inner.fault(FaultCode::Duplicate, plugin.span, message, None);
        }
    }
    grants
}

fn grant(table: &TableReader<'_>, base: &Path) -> Grant {
    let yes = |key| table.boolean(key).unwrap_or(false);
    let secrets = paths(table, base, "secrets", "secret");
    let directories = paths(table, base, "directories", "directory");
    let mut hosts = hosts(table, "http", false);
    hosts.extend(self::hosts(table, "http_private", true));
    let granted = Granted {
        documents: yes("documents"),
        document_output: yes("document-output"),
        events: yes("events"),
        state: table.size("state", 1..=1 << 30),
        hosts,
        secrets: secrets.keys().cloned().collect(),
        directories: directories.keys().cloned().collect(),
    };
    Grant { granted, secrets, directories }
}

fn hosts(table: &TableReader<'_>, key: &'static str, private: bool) -> Vec<HostGrant> {
    let mut hosts = Vec::new();
    for read in table.strings(key).unwrap_or_default() {
        match HostGrant::parse(&read.value, private) {
            Some(host) => hosts.push(host),
            None => {
                let message = format!("`{}` is no host that can be granted", read.value);
                let help =
                    "\"ged.example.fr\", \"ged.example.fr:8443\" or \"http://10.0.0.5:8080\"";
                table.fault(FaultCode::BadValue, read.span, message, Some(help.to_owned()));
            }
        }
    }
    hosts
}

/// `secrets = { ged-token = "/etc/sceau/ged-token" }`, `directories = { ged = "/srv/ged" }`: files and
/// directories by name, never what is in them.
fn paths(
    table: &TableReader<'_>,
    base: &Path,
    key: &'static str,
    what: &str,
) -> BTreeMap<String, PathBuf> {
    if !table.has(key) || table.table(key).is_none() {
        return BTreeMap::new();
    }
    let Some(serde_json::Value::Object(map)) = table.json(key) else {
        return BTreeMap::new();
    };
    let mut paths = BTreeMap::new();
    for (name, value) in &map {
        match value.as_str() {
            Some(path) => drop(paths.insert(name.clone(), base.join(path))),
            None => {
                let message = format!("the {what} `{name}` is named by its path, a text");
                table.fault(FaultCode::WrongType, table.span_of(key), message, None);
            }
        }
    }
    paths
}

/// The workflows by the plugin (id and version) that they use.
pub(super) fn users(workflows: &Workflows) -> BTreeMap<(String, String), Vec<String>> {
    let mut users: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for (name, workflow) in &workflows.good {
        let steps = workflow.definition.steps.iter().filter(|step| step.kind == "plugin");
        for settings in steps.filter_map(|step| PluginSettings::deserialize(&step.settings).ok()) {
            let of = users.entry((settings.plugin, settings.version)).or_default();
            if of.last() != Some(name) {
                of.push(name.clone());
            }
        }
    }
    users
}

/// Pins the plugin steps of all workflows to what is installed, and notes what cannot work.
pub(super) fn pin(workflows: &mut Workflows, shelf: &Shelf, files: &Path, faults: &Faults) {
    for (name, workflow) in &mut workflows.good {
        let file = files.join(format!("{name}.toml")).display().to_string();
        pin_workflow(&mut workflow.definition, shelf, &file, faults);
    }
}

fn pin_workflow(definition: &mut WorkflowDefinition, shelf: &Shelf, file: &str, faults: &Faults) {
    for step in definition.steps.iter_mut().filter(|step| step.kind == "plugin") {
        let Ok(mut settings) = PluginSettings::deserialize(&step.settings) else { continue };
        match pinned(&settings, shelf) {
            Ok(digest) => {
                settings.digest = Some(digest);
                step.settings = serde_json::to_value(&settings).unwrap_or_default();
            }
            Err(problems) => {
                for (code, message, help) in problems {
                    let message = format!("the step `{}`: {message}", step.id);
                    faults.note_file(code, file, message, help);
                }
            }
        }
    }
}

type Problem = (FaultCode, String, Option<String>);

fn pinned(settings: &PluginSettings, shelf: &Shelf) -> Result<String, Vec<Problem>> {
    let parcel = shelf.get(&settings.plugin, &settings.version).map_err(|error| {
        let help = "install it: sceau plugin install DIR".to_owned();
        vec![(FaultCode::UnknownName, error.to_string(), Some(help))]
    })?;
    let manifest = &parcel.manifest;
    let (is, does) = (manifest.kind.word(), settings.does.word());
    if is != does {
        let message = format!("the plugin `{}` does {is}, not {does}", settings.plugin);
        return Err(vec![(FaultCode::BadValue, message, Some(format!("say does = \"{is}\"")))]);
    }
    let problems: Vec<Problem> = manifest
        .schema
        .faults(&settings.settings)
        .into_iter()
        .map(|fault| (FaultCode::BadValue, fault, None))
        .collect();
    if problems.is_empty() { Ok(hex::encode(parcel.digest())) } else { Err(problems) }
}
