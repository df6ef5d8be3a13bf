//! `sceau.toml` and the workflow files: read once, checked as a whole, right from then on.
//!
//! [`load`] is the only door: it answers with a [`Config`] or with every fault of every file. The
//! parts beneath are: [`draft`] (pure: TOML to values with their places), [`ground`] (what the disk
//! says about the paths), [`workflows`] (the workflow files, and what the folders want of them).

mod after_seal;
mod draft;
mod folder;
mod ground;
mod images;
mod levels;
pub(crate) mod pki;
mod plugins;
mod revocation;
mod time;
mod verify;
mod workflows;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sceau_cabinet::{EmailAddress, SocieteId};
use sceau_intake::FolderConfig;
use sceau_plugin_host::Shelf;
use sceau_workflow::definition::{StepParsers, WorkflowDefinition};
use sceau_workflow::faults::{Fault, FaultCode, Faults, Source};

pub(crate) use plugins::PluginsConfig;
pub(crate) use verify::Trusted;

/// Everything that the files say. Paths are absolute, or relative to the working directory when the
/// configuration's own path was.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// The configuration file.
    pub(crate) file: PathBuf,
    /// Where everything is kept.
    pub(crate) state: StateConfig,
    /// How the command line reaches the daemon.
    pub(crate) admin: AdminConfig,
    /// The HTTP API and pages; `None`: not served.
    pub(crate) http: Option<HttpConfig>,
    /// Where the world reaches our own authority; `None`: nowhere.
    pub(crate) pki: Option<PkiConfig>,
    /// How foreign authorities are asked about their certificates.
    pub(crate) revocation: RevocationConfig,
    /// Who says what time it is.
    pub(crate) time: TimeConfig,
    /// Files of certificates that are trusted, beside our own, when documents are judged.
    pub(crate) trust: Vec<PathBuf>,
    /// The watched folders.
    pub(crate) folders: Vec<FolderSettings>,
    /// The workflows by name.
    pub(crate) workflows: BTreeMap<String, LoadedWorkflow>,
    /// Plugins.
    pub(crate) plugins: PluginsConfig,
}

/// `[state]`.
#[derive(Debug, Clone)]
pub(crate) struct StateConfig {
    /// The state directory.
    pub(crate) directory: PathBuf,
    /// Where the secret that opens the keys comes from.
    pub(crate) secret: SecretSource,
}

/// Where the secret that opens the keys comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SecretSource {
    /// A file outside the state directory, readable by its owner only.
    File(PathBuf),
    /// A systemd credential (`LoadCredential=`), by name.
    Credential(String),
}

/// `[admin]`.
#[derive(Debug, Clone)]
pub(crate) struct AdminConfig {
    /// The Unix socket; by default `run/admin.sock` in the state directory.
    pub(crate) socket: PathBuf,
    /// The number of the group that may use the socket; `None`: that of the process.
    pub(crate) group: Option<u32>,
}

/// `[http]`.
#[derive(Debug, Clone)]
pub(crate) struct HttpConfig {
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// Certificate chain and key in PEM; `None`: cleartext.
    pub(crate) tls: Option<TlsConfig>,
    /// The longest document that is taken, in bytes.
    pub(crate) max_upload: u64,
}

/// The files of TLS, in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TlsConfig {
    /// The certificate and its chain.
    pub(crate) certificate: PathBuf,
    /// The private key.
    pub(crate) key: PathBuf,
}

/// `[pki]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PkiConfig {
    /// The address beneath which `/pki/...` is reached, without a slash at its end.
    pub(crate) base_url: String,
    /// The internal unit stamps for strangers too.
    pub(crate) public_tsa: bool,
}

/// `[revocation]`: how the authorities that certificates name are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RevocationConfig {
    /// Addresses of this machine and of private networks are asked too.
    pub(crate) allow_private_network: bool,
    /// How long one question may take.
    pub(crate) timeout: Duration,
}

/// `[time]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TimeConfig {
    /// The time-stamping unit of the state directory.
    Internal {
        /// Time stamps are given although the clock stands before the last one: for the operator
        /// who has set a clock right that had run ahead.
        accept_earlier_clock: bool,
    },
    /// Time-stamping authorities, asked in this order; never empty.
    External(Vec<TsaConfig>),
}

/// `[[time.tsa]]` (RFC 3161 over HTTP).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TsaConfig {
    /// Its address, `http://` or `https://`.
    pub(crate) url: String,
    /// The trust anchors of its certificates, in PEM.
    pub(crate) trust: PathBuf,
    /// How long one request may take.
    pub(crate) timeout: Duration,
}

/// `[[folder]]`.
#[derive(Debug, Clone)]
pub(crate) struct FolderSettings {
    /// What the scanner needs.
    pub(crate) intake: FolderConfig,
    /// The workflow that the folder stands for; it exists.
    pub(crate) workflow: String,
    /// The address of the account in whose name documents are taken.
    pub(crate) account: EmailAddress,
    /// The société, where a sidecar names no other.
    pub(crate) societe: SocieteId,
}

/// A workflow with the text from which it was read.
#[derive(Debug, Clone)]
pub(crate) struct LoadedWorkflow {
    /// What it says.
    pub(crate) definition: WorkflowDefinition,
    /// The TOML text as it was written.
    pub(crate) source: String,
}

/// Reads and checks everything.
///
/// # Errors
/// Every fault of the configuration and of all workflow files, sorted by file and place.
pub(crate) fn load(
    file: &Path,
    state: Option<&Path>,
    parsers: &StepParsers,
) -> Result<Config, Vec<Fault>> {
    let faults = Faults::default();
    let config = read_all(file, state, parsers, &faults);
    match config.filter(|_| faults.is_empty()) {
        Some(config) => Ok(config),
        None => Err(faults.into_sorted()),
    }
}

/// The administration socket that a configuration file names, however faulty the rest of it is.
pub(crate) fn socket_of(file: &Path, state: Option<&Path>) -> Option<PathBuf> {
    draft_of(file)?.socket(state)
}

/// The base address of our own authority that a configuration file names, however faulty the rest of
/// it is.
pub(crate) fn pki_url_of(file: &Path) -> Option<String> {
    Some(draft_of(file)?.pki?.base_url)
}

/// Whom a configuration file trusts when documents are judged, however faulty the rest of it is;
/// none where it cannot be read, or names neither a state nor anybody: whatever that is, it is no
/// configuration.
pub(crate) fn trusted_by(file: &Path) -> Option<Trusted> {
    let trusted = Trusted::of(&draft_of(file)?);
    Some(trusted).filter(|one| one.own_root.is_some() || !one.named.is_empty())
}

/// The state directory and the secret's place that a configuration file names, however faulty the
/// rest of it is.
pub(crate) fn state_of(
    file: &Path,
    state: Option<&Path>,
) -> Option<(PathBuf, Option<SecretSource>)> {
    let own = draft_of(file)?.state?;
    let directory = state.map_or(own.directory.value, Path::to_path_buf);
    Some((directory, own.secret.map(|read| read.value)))
}

/// Where plugins are installed.
pub(crate) fn shelf_of(state: &Path) -> Shelf {
    Shelf::new(state.join("plugins"))
}

/// The state directory and `[plugins]` of a configuration file, however faulty the rest of it is.
pub(crate) fn plugins_of(file: &Path, state: Option<&Path>) -> Option<(PathBuf, PluginsConfig)> {
    let draft = draft_of(file)?;
    Some((draft.state_directory(state)?.to_owned(), draft.plugins))
}

/// Which workflows use a plugin (id and version), of those whose files are without fault.
pub(crate) fn users_of(file: &Path) -> BTreeMap<(String, String), Vec<String>> {
    let (faults, name) = (Faults::default(), file.display().to_string());
    let text = read_text(file, &faults).unwrap_or_default();
    let Some(draft) = draft_of(file) else { return BTreeMap::new() };
    let source = Source::new(&name, &text);
    plugins::users(&workflows::load(&draft, source, &StepParsers::standard(), &faults))
}

/// What a file says, with whatever faults.
fn draft_of(file: &Path) -> Option<draft::Draft> {
    let faults = Faults::default();
    let name = file.display().to_string();
    let text = read_text(file, &faults)?;
    let base = file.parent().unwrap_or(Path::new(""));
    draft::parse(Source::new(&name, &text), base, &faults)
}

fn read_all(
    file: &Path,
    state: Option<&Path>,
    parsers: &StepParsers,
    faults: &Faults,
) -> Option<Config> {
    let name = file.display().to_string();
    let text = read_text(file, faults)?;
    let source = Source::new(&name, &text);
    let base = file.parent().unwrap_or(Path::new(""));
    let draft = draft::parse(source, base, faults)?;
    let mut workflows = workflows::load(&draft, source, parsers, faults);
    if let Some(directory) = draft.state_directory(state) {
        plugins::pin(&mut workflows, &shelf_of(directory), &draft.workflows.value, faults);
    }
    draft
        .folders
        .iter()
        .for_each(|folder| workflows::check_folder(folder, &workflows, source, faults));
    images::pin(&mut workflows, base, &draft.workflows.value, faults);
    workflows::pin_attachments(&mut workflows, base, &draft.workflows.value, faults);
    after_seal::check(&workflows, &draft.workflows.value, faults);
    if let Some(directory) = draft.state_directory(state) {
        levels::check(&draft.folders, &workflows, directory, source, faults);
    }
    let group = ground::check(&draft, state, source, faults);
    draft.into_config(file, state, workflows.good, group)
}

/// Reads a text file of at most [`Source::MAX_LEN`] bytes; notes why not.
fn read_text(file: &Path, faults: &Faults) -> Option<String> {
    let name = file.display().to_string();
    let long = std::fs::metadata(file).is_ok_and(|meta| meta.len() > Source::MAX_LEN as u64);
    if long {
        let message = format!("the file is larger than {} bytes", Source::MAX_LEN);
        faults.note_file(FaultCode::OutOfRange, &name, message, None);
        return None;
    }
    match std::fs::read_to_string(file) {
        Ok(text) => Some(text),
        Err(error) => {
            let message = format!("the file cannot be read: {error}");
            let help = match error.kind() {
                std::io::ErrorKind::NotFound => Some("name it with --config FILE".to_owned()),
                std::io::ErrorKind::InvalidData => Some("save it as UTF-8".to_owned()),
                _ => None,
            };
            faults.note_file(FaultCode::Path, &name, message, help);
            None
        }
    }
}
