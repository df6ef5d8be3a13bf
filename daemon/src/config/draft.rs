//! TOML to values with their places. Pure: no file is looked at here.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};

use sceau_workflow::faults::{Fault, FaultCode, Faults, Read, Source, TableReader};

use super::folder::{self, DraftFolder};
use super::plugins::{self, PluginsConfig};
use super::time::{self, DraftTime};
use super::{
    AdminConfig, Config, HttpConfig, LoadedWorkflow, PkiConfig, RevocationConfig, SecretSource,
    StateConfig, TlsConfig,
};
use super::{pki, revocation, verify};

/// What the configuration file says, paths already relative to its directory.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) workflows: Read<PathBuf>,
    pub(super) state: Option<DraftState>,
    pub(super) socket: Option<Read<PathBuf>>,
    pub(super) group: Option<Read<String>>,
    pub(super) http: Option<DraftHttp>,
    pub(super) pki: Option<PkiConfig>,
    pub(super) revocation: RevocationConfig,
    pub(super) time: Option<DraftTime>,
    pub(super) trust: Vec<Read<PathBuf>>,
    pub(super) folders: Vec<DraftFolder>,
    pub(super) plugins: PluginsConfig,
}

#[derive(Debug)]
pub(super) struct DraftState {
    pub(super) directory: Read<PathBuf>,
    pub(super) secret: Option<Read<SecretSource>>,
}

#[derive(Debug)]
pub(super) struct DraftHttp {
    pub(super) listen: SocketAddr,
    pub(super) tls: Option<(Read<PathBuf>, Read<PathBuf>)>,
    pub(super) max_upload: u64,
}

/// Reads the file. Faults are noted; the draft holds what could be read all the same.
pub(super) fn parse(source: Source<'_>, base: &Path, faults: &Faults) -> Option<Draft> {
    TableReader::document(source, faults, |root| {
        let draft = Draft {
            workflows: workflows(root, base),
            state: state(root, base),
            socket: None,
            group: None,
            http: root.table("http").and_then(|table| http(&table, base)),
            pki: pki::read(root),
            revocation: revocation::read(root),
            time: time::read(root, base),
            trust: verify::read(root, base),
            folders: folder::read_all(root, base),
            plugins: plugins::read(root, base),
        };
        let draft = admin(root, base, draft);
        root.finish();
        draft
    })
}

impl Draft {
    /// The whole configuration, where nothing is missing.
    pub(super) fn into_config(
        self,
        file: &Path,
        state: Option<&Path>,
        workflows: BTreeMap<String, LoadedWorkflow>,
        group: Option<u32>,
    ) -> Option<Config> {
        let own = self.state?;
        let directory = state.map_or(own.directory.value, Path::to_path_buf);
        let socket = self.socket.map(|read| read.value);
        let socket = socket.unwrap_or_else(|| directory.join("run/admin.sock"));
        let folder = |folder: DraftFolder| folder.into_settings(&workflows);
        let folders = self.folders.into_iter().map(folder).collect::<Option<Vec<_>>>()?;
        Some(Config {
            file: file.to_path_buf(),
            state: StateConfig { directory, secret: own.secret?.value },
            admin: AdminConfig { socket, group },
            http: self.http.map(DraftHttp::into_config),
            pki: self.pki,
            revocation: self.revocation,
            time: self.time?.into_config(),
            trust: self.trust.into_iter().map(|read| read.value).collect(),
            folders,
            workflows,
            plugins: self.plugins,
        })
    }

    /// The state directory, however faulty the rest is; `state` in place of the one that is named.
    pub(super) fn state_directory<'d>(&'d self, state: Option<&'d Path>) -> Option<&'d Path> {
        state.or(self.state.as_ref().map(|own| own.directory.value.as_path()))
    }

    /// The administration socket, where the file says enough to tell.
    pub(super) fn socket(&self, state: Option<&Path>) -> Option<PathBuf> {
        let named = self.socket.as_ref().map(|read| read.value.clone());
        let directory = self.state_directory(state);
        named.or_else(|| directory.map(|directory| directory.join("run/admin.sock")))
    }
}

impl DraftHttp {
    fn into_config(self) -> HttpConfig {
        let tls = self
            .tls
            .map(|(certificate, key)| TlsConfig { certificate: certificate.value, key: key.value });
        HttpConfig { listen: self.listen, tls, max_upload: self.max_upload }
    }
}

/// A path, relative to the directory of the file in which it stands.
pub(super) fn path(
    table: &TableReader<'_>,
    key: &'static str,
    base: &Path,
) -> Option<Read<PathBuf>> {
    let form = "a path";
    let read = |text: &str| (!text.is_empty() && !text.contains('\0')).then(|| base.join(text));
    table.parsed(key, form, read)
}

fn need_path(
    table: &TableReader<'_>,
    key: &'static str,
    base: &Path,
    what: &str,
) -> Option<Read<PathBuf>> {
    if !table.has(key) {
        table.missing(key, what);
    }
    path(table, key, base)
}

fn workflows(root: &TableReader<'_>, base: &Path) -> Read<PathBuf> {
    let default = || Read { value: base.join("workflows"), span: 0..0 };
    path(root, "workflows", base).unwrap_or_else(default)
}

fn state(root: &TableReader<'_>, base: &Path) -> Option<DraftState> {
    let Some(table) = root.table("state") else {
        if !root.has("state") {
            root.missing("state", "[state] tells the state directory and the secret");
        }
        return None;
    };
    let directory = need_path(&table, "directory", base, "where everything is kept");
    let secret = secret(&table, base);
    table.finish();
    Some(DraftState { directory: directory?, secret })
}

/// `secret = { file = "..." }` or `secret = { credential = "..." }`.
fn secret(table: &TableReader<'_>, base: &Path) -> Option<Read<SecretSource>> {
    if !table.has("secret") {
        table.missing("secret", "{ file = \"...\" } or { credential = \"...\" }");
    }
    if table.type_of("secret") == Some("string") {
        table.faults().note(secret_in_clear(table));
        return None;
    }
    let inner = table.table("secret")?;
    let file = path(&inner, "file", base);
    let credential = inner.parsed("credential", "the name of a systemd credential", credential);
    inner.finish();
    match (file, credential) {
        (Some(file), None) => Some(Read { value: SecretSource::File(file.value), span: file.span }),
        (None, Some(name)) => {
            Some(Read { value: SecretSource::Credential(name.value), span: name.span })
        }
        (None, None) if inner.has("file") || inner.has("credential") => None,
        _ => {
            let message = "the secret comes from either a `file` or a `credential`".to_owned();
            inner.fault(FaultCode::BadValue, inner.span(), message, None);
            None
        }
    }
}

fn secret_in_clear(table: &TableReader<'_>) -> Fault {
    let message = "the secret itself never stands in a configuration file".to_owned();
    let help = "name its place: { file = \"...\" } or { credential = \"...\" }";
    let suggestion = Some(help.to_owned());
    Fault { suggestion, ..hidden(table, table.span_of("secret"), message) }
}

/// A fault of a value that may be a secret: it is not shown again, because the output of a check ends
/// in journals and tickets.
pub(super) fn hidden(table: &TableReader<'_>, span: Range<usize>, message: String) -> Fault {
    let mut fault = table.make_fault(FaultCode::BadValue, span, message);
    if let Some(spot) = &mut fault.spot {
        let before: String = spot.shown.chars().take(spot.column - 1).collect();
        spot.shown = format!("{before}\"...\"");
        spot.width = 5;
    }
    fault
}

fn credential(text: &str) -> Option<String> {
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"-_.".contains(&c);
    let good = (1..=100).contains(&text.len()) && text.bytes().all(plain) && text != "..";
    good.then(|| text.to_owned())
}

fn admin(root: &TableReader<'_>, base: &Path, mut draft: Draft) -> Draft {
    let Some(table) = root.table("admin") else { return draft };
    draft.socket = path(&table, "socket", base);
    draft.group = table.string("group");
    if let Some(group) = draft.group.as_ref().filter(|_| !table.has("socket")) {
        let message = "`group` has no effect: the default socket lies in the state directory, which \
                       its owner alone can enter";
        table.fault(FaultCode::BadValue, group.span.clone(), message.to_owned(), elsewhere());
    }
    table.finish();
    draft
}

/// Where a socket for a group may lie.
pub(super) fn elsewhere() -> Option<String> {
    Some("name a socket that the group can reach: socket = \"/run/sceau/admin.sock\"".to_owned())
}

fn http(table: &TableReader<'_>, base: &Path) -> Option<DraftHttp> {
    let form = "an address and a port, such as \"127.0.0.1:8470\"";
    if !table.has("listen") {
        table.missing("listen", form);
    }
    let listen = table.parsed("listen", form, |text| text.parse::<SocketAddr>().ok());
    let certificate = path(table, "tls_certificate", base);
    let key = path(table, "tls_key", base);
    let allowed = table.boolean("allow_cleartext").unwrap_or(false);
    let max_upload = table.size("max_upload", 1 << 10..=16 << 30).unwrap_or(1 << 30);
    let (one, other) = (table.has("tls_certificate"), table.has("tls_key"));
    table.finish();
    if one != other {
        let absent = if one { "tls_key" } else { "tls_certificate" };
        table.missing(absent, "TLS needs the certificate and its key");
    }
    let listen = listen?;
    if !(one || other || allowed || listen.value.ip().is_loopback()) {
        exposed(table, listen.span);
    }
    Some(DraftHttp { listen: listen.value, tls: certificate.zip(key), max_upload })
}

fn exposed(table: &TableReader<'_>, span: Range<usize>) {
    let message = "other machines can reach this address, and the connection is not encrypted";
    let help = "give tls_certificate and tls_key, listen on 127.0.0.1 behind a reverse proxy, or say \
                allow_cleartext = true";
    table.fault(FaultCode::Exposure, span, message.to_owned(), Some(help.to_owned()));
}
