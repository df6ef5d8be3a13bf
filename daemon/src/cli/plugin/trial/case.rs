//! One case: `tests/NAME.toml` says what the daemon would hand over, `tests/NAME.json` what comes of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sceau_plugin_host::grant::{Granted, HostGrant};
use sceau_plugin_host::{Manifest, ports::Target};
use serde::Deserialize;

/// What stands in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    /// The document, a file beside the case.
    #[serde(default)]
    pub(super) document: Option<PathBuf>,
    /// The name under which it came in; else the file's own.
    #[serde(default)]
    pub(super) file_name: Option<String>,
    /// The moment, such as "2026-01-15T09:00:00Z"; it stands still.
    #[serde(default = "epoch")]
    pub(super) now: jiff::Timestamp,
    /// Which try of the step this is.
    #[serde(default = "first")]
    pub(super) attempt: u32,
    /// The step's settings.
    #[serde(default)]
    pub(super) settings: toml::Table,
    /// Keys of `context`, beside those that are always there.
    #[serde(default)]
    pub(super) context: BTreeMap<String, String>,
    /// What the operator granted; without it, all that the plugin asks.
    pub(super) grant: Option<CaseGrant>,
    /// Secrets by name.
    #[serde(default)]
    pub(super) secrets: BTreeMap<String, String>,
    /// What the plugin remembers from before.
    #[serde(default)]
    pub(super) state: BTreeMap<String, String>,
    /// What is to be told (kind notify).
    pub(super) event: Option<CaseEvent>,
    /// What was sealed (kind after-seal).
    pub(super) sealed: Option<CaseSealed>,
    /// Requests that the plugin makes, in order, and what each is answered.
    #[serde(default)]
    pub(super) http: Vec<Exchange>,
    /// What stands in directories already, by directory and path: "same" or "other" bytes; or, by the
    /// directory alone, "away".
    #[serde(default)]
    pub(super) stands: BTreeMap<String, String>,
    /// Less time than the manifest's, in milliseconds.
    pub(super) time_ms: Option<u64>,
    /// Less memory than the manifest's, in bytes.
    pub(super) memory: Option<u64>,
}

/// As `[[plugins.grant]]` in sceau.toml.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct CaseGrant {
    documents: bool,
    document_output: bool,
    events: bool,
    /// Bytes.
    state: Option<u64>,
    http: Vec<String>,
    secrets: Vec<String>,
    filing: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseEvent {
    pub(super) name: String,
    #[serde(default)]
    pub(super) data: toml::Table,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseSealed {
    pub(super) level: String,
}

/// A request as it was recorded, and its answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exchange {
    pub(super) method: String,
    pub(super) url: String,
    /// 200 where nothing is said.
    #[serde(default = "fine")]
    pub(super) status: u16,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    /// The answer's body.
    #[serde(default)]
    pub(super) body: String,
    /// Instead of an answer: "timeout", "dns" or "connect".
    #[serde(default)]
    pub(super) fails: Option<String>,
}

fn epoch() -> jiff::Timestamp {
    jiff::Timestamp::UNIX_EPOCH
}

fn first() -> u32 {
    1
}

fn fine() -> u16 {
    200
}

impl Case {
    pub(super) fn read(file: &Path) -> Result<Self, String> {
        let told = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
        let text = std::fs::read_to_string(file).map_err(|error| told(&error))?;
        toml::from_str(&text).map_err(|error| told(&error))
    }

    /// What the operator granted.
    pub(super) fn granted(&self, manifest: &Manifest) -> Result<Granted, String> {
        let Some(grant) = &self.grant else { return self.all(manifest) };
        Ok(Granted {
            documents: grant.documents,
            document_output: grant.document_output,
            events: grant.events,
            state: grant.state,
            hosts: hosts(&grant.http)?,
            secrets: grant.secrets.iter().cloned().collect(),
            directories: grant.filing.iter().cloned().collect(),
        })
    }

    /// All that is asked; `*` stands for the hosts of the recorded requests.
    fn all(&self, manifest: &Manifest) -> Result<Granted, String> {
        let asked = &manifest.asked;
        let mut names: Vec<String> = asked.hosts.iter().filter(|h| *h != "*").cloned().collect();
        if asked.hosts.contains("*") {
            for exchange in &self.http {
                let target = Target::parse(&exchange.url)
                    .ok_or_else(|| format!("`{}` is no URL that can be asked", exchange.url))?;
                let scheme = if target.cleartext { "http://" } else { "" };
                names.push(format!("{scheme}{}:{}", target.host, target.port));
            }
        }
        Ok(Granted {
            documents: asked.documents,
            document_output: asked.document_output,
            events: asked.events,
            state: asked.state,
            hosts: hosts(&names)?,
            secrets: asked.secrets.clone(),
            directories: asked.directories.clone(),
        })
    }
}

fn hosts(names: &[String]) -> Result<Vec<HostGrant>, String> {
    let parse = |name: &String| {
        HostGrant::parse(name, false).ok_or_else(|| format!("`{name}` is no host to be granted"))
    };
    names.iter().map(parse).collect()
}
