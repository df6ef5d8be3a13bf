//! A throw-away cabinet: made by `sceau init`, configured by a file, cleaned up at the end.
//!
//! All that the suites assume about the command line and the configuration stands here.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::clock::Clock;
use crate::daemon::Daemon;
use crate::folder::Watched;
use crate::ports::free_port;
use crate::program::{self, Said, run};
use crate::root;

/// The stability wait of all watched folders of the suites.
pub const STABILITY: Duration = Duration::from_secs(1);
/// The first administrator, an expert-comptable.
pub const ADMIN: &str = "alice.martin@cabinet.example";
/// A collaborator, whose account the watched folders act for.
pub const COLLABORATOR: &str = "bruno.petit@cabinet.example";
/// The SIREN of the first société; its key is right.
pub const SIREN: &str = "732829320";
/// The code of the first société, on the command line and in the configuration.
pub const SOCIETE: &str = "exemple";

/// A cabinet on disk. Dropping it removes everything.
#[derive(Debug)]
pub struct Cabinet {
    folder: TempDir,
    http: SocketAddr,
    /// More flags for `sceau init`.
    pub init_more: Vec<OsString>,
    /// The clock of the daemon and the commands.
    pub clock: Clock,
    /// More of the environment of the daemon and the commands.
    pub environment: Vec<(&'static str, OsString)>,
    /// The `[time]` part of `sceau.toml`.
    pub time: String,
    /// Where the administration socket lies; `None`: beneath the cabinet's folder.
    pub socket: Option<PathBuf>,
    /// More lines for the `[admin]` part.
    pub admin_more: String,
    /// More lines for the `[http]` part.
    pub http_more: String,
    /// More lines for `sceau.toml`, after the folders.
    pub extra: String,
    /// The user that the daemon and the commands run as; `None`: ours.
    pub user: Option<u32>,
    /// Watched folders that lie elsewhere than beneath the cabinet's `watch`: name, path.
    pub places: Vec<(String, PathBuf)>,
    /// Watched folders: name, workflow, more lines for the table.
    pub folders: Vec<(String, String, String)>,
}

impl Cabinet {
    /// `sceau init`, the collaborator's account, the shipped workflows, one watched folder
    /// `attestations`; no délégation yet.
    pub fn new() -> Self {
        Self::uninitialised().finish()
    }

    /// A running cabinet, with the délégation `sceller` for the collaborator, by all channels.
    pub fn ready() -> (Self, Daemon) {
        Self::uninitialised().finish_ready()
    }

    /// Goes on from [`Self::uninitialised`] to what [`Self::new`] gives.
    #[must_use]
    pub fn finish(self) -> Self {
        self.give_away();
        self.sceau(self.init_arguments()).expect(0);
        self.people();
        self.configure();
        self
    }

    /// Goes on from [`Self::uninitialised`] to what [`Self::ready`] gives.
    #[must_use]
    pub fn finish_ready(self) -> (Self, Daemon) {
        let cabinet = self.finish();
        let daemon = Daemon::start(&cabinet);
        cabinet.grant("sceller");
        (cabinet, daemon)
    }

    /// A folder waits while the account that it acts for does not exist; here the account is opened
    /// under a daemon without folders, so that each daemon of the suites is ready from its start.
    pub fn people(&self) {
        fs::create_dir_all(self.path("config/workflows")).expect("workflows");
        fs::write(self.config(), self.head()).expect("sceau.toml");
        self.give_away();
        let daemon = Daemon::start(self);
        let add = ["account", "add", "--email", COLLABORATOR, "--name", "Bruno Petit"];
        self.admin(add).expect(0);
        assert!(daemon.stop().success());
    }

    fn configure(&self) {
        self.copy_workflows();
        self.write_config();
        self.give_away();
    }

    /// Writes the configuration of a cabinet whose state is made, and starts its daemon.
    pub fn configured_ready(&self) -> Daemon {
        self.people();
        self.configure();
        Daemon::start(self)
    }

    /// Gives every file to the user that the daemon runs as.
    fn give_away(&self) {
        let Some(user) = self.user else { return };
        let mut open = vec![self.folder.path().to_owned()];
        while let Some(path) = open.pop() {
            std::os::unix::fs::chown(&path, Some(user), Some(user)).expect("chown wants root");
            if path.is_dir() && !path.is_symlink() {
                open.extend(fs::read_dir(&path).expect("ours").flatten().map(|entry| entry.path()));
            }
        }
    }

    /// A command of the program, as the cabinet's user.
    pub(crate) fn command(&self, binary: PathBuf) -> Command {
        let Some(user) = self.user else {
            let mut command = Command::new(binary);
            command.current_dir(self.folder.path()).envs(self.environment.iter().cloned());
            command.envs(self.clock.environment());
            return command;
        };
        // A copy that another user can reach, wherever the checkout lies.
        let copy = self.path("sceau");
        if !copy.exists() {
            fs::copy(binary, &copy).expect("a copy of the program");
        }
        let mut command = Command::new(copy);
        command.current_dir(self.folder.path()).uid(user).gid(user);
        command.envs(self.environment.iter().cloned());
        command
    }

    /// Only the places: what `sceau init` finds before it runs.
    pub fn uninitialised() -> Self {
        let folder = tempfile::Builder::new().prefix("sceau-cabinet-").tempdir().expect("a folder");
        let http = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let folders = vec![("attestations".to_owned(), "attestation".to_owned(), String::new())];
        let time = "[time]\ntsa = \"internal\"\n".to_owned();
        let cabinet = Self {
            folder,
            http,
            time,
            init_more: Vec::new(),
            clock: Clock::default(),
            environment: Vec::new(),
            socket: None,
            admin_more: String::new(),
            http_more: String::new(),
            extra: String::new(),
            user: None,
            places: Vec::new(),
            folders,
        };
        fs::create_dir(cabinet.path("watch")).expect("watch");
        fs::create_dir(cabinet.path("config")).expect("config");
        cabinet
    }

    /// The flags of an unattended `sceau init`.
    pub fn init_arguments(&self) -> Vec<OsString> {
        let mut arguments: Vec<OsString> =
            vec!["init".into(), "--state".into(), self.state().into()];
        arguments.extend(["--secret-file".into(), self.secret().into()]);
        for (flag, value) in [
            ("--cabinet", "Cabinet Exemple"),
            ("--societe", "Cabinet Exemple"),
            ("--societe-code", SOCIETE),
            ("--siren", SIREN),
            ("--admin-name", "Alice Martin"),
            ("--admin-email", ADMIN),
            ("--admin-is-expert-comptable", "yes"),
        ] {
            arguments.extend([flag.into(), value.into()]);
        }
        arguments.extend(self.init_more.iter().cloned());
        arguments.push("--yes".into());
        arguments
    }

    /// A path beneath the cabinet's folder.
    pub fn path(&self, below: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(below)
    }

    /// The state directory.
    pub fn state(&self) -> PathBuf {
        self.path("state")
    }

    /// The file with the secret that opens the keys.
    pub fn secret(&self) -> PathBuf {
        self.path("secret")
    }

    /// The configuration file.
    pub fn config(&self) -> PathBuf {
        self.path("config/sceau.toml")
    }

    /// The administration socket.
    pub fn socket(&self) -> PathBuf {
        self.socket.clone().unwrap_or_else(|| self.path("admin.sock"))
    }

    /// Where the daemon listens for HTTP.
    pub fn http(&self) -> SocketAddr {
        self.http
    }

    /// The trust anchor: the root of the embedded authority.
    pub fn anchors(&self) -> PathBuf {
        self.state().join("pki/root.pem")
    }

    /// A watched folder, by its name.
    pub fn watched(&self, name: &str) -> Watched {
        Watched::new(self.path("watch").join(name))
    }

    /// Writes `sceau.toml` from [`Self::folders`] and [`Self::extra`], and makes the folders.
    ///
    /// # Panics
    /// When the file system refuses.
    pub fn write_config(&self) {
        let mut text = self.head();
        for (name, workflow, more) in &self.folders {
            let path = self.place(name);
            let _ = write!(
                text,
                "\n[[folder]]\nname = \"{name}\"\npath = \"{}\"\nworkflow = \"{workflow}\"\n\
                 account = \"{COLLABORATOR}\"\nsociete = \"{SOCIETE}\"\n{more}\n",
                path.display(),
            );
            if !more.contains("stability") {
                let _ = writeln!(text, "stability = \"{}s\"", STABILITY.as_secs());
            }
        }
        text.push_str(&self.extra);
        fs::write(self.config(), text).expect("sceau.toml");
    }

    /// All of `sceau.toml` before the folders.
    fn head(&self) -> String {
        format!(
            "workflows = \"workflows\"\n\n[state]\ndirectory = \"{}\"\nsecret = {{ file = \"{}\" }}\n\n[admin]\nsocket = \"{}\"\n{}\n\n\
             [http]\nlisten = \"{}\"\n{}\n\n{}",
            self.state().display(),
            self.secret().display(),
            self.socket().display(),
            self.admin_more,
            self.http,
            self.http_more,
            self.time
        )
    }

    /// Where a watched folder lies; those beneath `watch` are made.
    fn place(&self, name: &str) -> PathBuf {
        if let Some((_, path)) = self.places.iter().find(|(known, _)| known == name) {
            return path.clone();
        }
        let path = self.path("watch").join(name);
        fs::create_dir_all(&path).expect("a watched folder");
        owner_only(&path, 0o750);
        path
    }

    /// Puts a workflow file of this name beside those that ship.
    ///
    /// # Panics
    /// When the file system refuses.
    pub fn write_workflow(&self, name: &str, text: &str) {
        let workflows = self.path("config/workflows");
        fs::create_dir_all(&workflows).expect("workflows");
        fs::write(workflows.join(format!("{name}.toml")), text).expect("a workflow");
    }

    fn copy_workflows(&self) {
        let target = self.path("config/workflows");
        fs::create_dir_all(&target).expect("workflows");
        for entry in fs::read_dir(root().join("config/workflows")).expect("config/workflows") {
            let path = entry.expect("an entry").path();
            fs::copy(&path, target.join(path.file_name().expect("a name"))).expect("a workflow");
        }
    }

    /// Runs `sceau` with `--config` of this cabinet behind the arguments.
    pub fn admin<A: Into<OsString>>(&self, arguments: impl IntoIterator<Item = A>) -> Said {
        let mut all: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
        all.extend(["--config".into(), self.config().into()]);
        self.sceau(all)
    }

    /// Runs `sceau` with these arguments alone.
    pub fn sceau(&self, arguments: impl IntoIterator<Item = OsString>) -> Said {
        let mut command = self.command(program::binary());
        command.args(arguments);
        run(&mut command, Duration::from_secs(60))
    }

    /// The evidence file beside a delivered document agrees with it.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn evidence_agrees(&self, pdf: &Path, anchors: &Path) {
        let mut evidence = pdf.as_os_str().to_owned();
        evidence.push(".preuve.json");
        let arguments = ["evidence".into(), "verify".into(), evidence, pdf.into()];
        let trust = ["--trust".into(), anchors.into()];
        self.sceau(arguments.into_iter().chain(trust)).expect(0);
    }

    /// Whether the daemon says over its socket that it is ready.
    pub fn is_ready(&self) -> bool {
        self.admin(["status"]).code == Some(0)
    }

    /// Grants a right on the first société to the collaborator, for all workflows and channels,
    /// and returns the délégation's id.
    pub fn grant(&self, right: &str) -> String {
        self.grant_with(right, &[])
    }

    /// The same, with more flags.
    pub fn grant_with(&self, right: &str, more: &[&str]) -> String {
        self.grant_for(SOCIETE, right, more)
    }

    /// The same on a société by its code.
    pub fn grant_for(&self, societe: &str, right: &str, more: &[&str]) -> String {
        let mut arguments = vec!["delegation", "grant", "--by", ADMIN, "--to", COLLABORATOR];
        arguments.extend(["--societe", societe, "--right", right, "--json"]);
        arguments.extend(more);
        let said = self.admin(arguments).expect(0);
        said.json()["id"].as_str().expect("an id").to_owned()
    }

    /// Revokes a délégation.
    pub fn revoke(&self, delegation: &str) {
        self.admin(["delegation", "revoke", delegation]).expect(0);
    }

    /// An API token for an account, with the given scopes (`submit`, `read`).
    pub fn token(&self, account: &str, scopes: &str) -> String {
        let create = ["token", "create", "--account", account, "--scope", scopes, "--json"];
        let said = self.admin(create).expect(0);
        said.json()["secret"].as_str().expect("a secret").to_owned()
    }

    /// The names of the dossiers in a phase (`running`, `needs-person`, `rejected`, `delivered`).
    pub fn dossiers_in(&self, phases: &[&str]) -> Vec<String> {
        let said = self.admin(["dossier", "list", "--limit", "10000", "--json"]);
        let json = serde_json::from_str::<serde_json::Value>(&said.out).unwrap_or_default();
        let list = json.as_array().cloned().unwrap_or_default().into_iter();
        list.filter(|one| phases.iter().any(|phase| one["phase"] == *phase))
            .filter_map(|one| one["dossier"].as_str().map(str::to_owned))
            .collect()
    }

    /// All dossiers, as `sceau dossier list --json` tells them.
    pub fn dossiers(&self) -> Vec<serde_json::Value> {
        let said = self.admin(["dossier", "list", "--limit", "10000", "--json"]).expect(0);
        said.json().as_array().cloned().expect("a list")
    }
}

impl Default for Cabinet {
    fn default() -> Self {
        Self::new()
    }
}

/// Sets the mode of a file or folder.
///
/// # Panics
/// When the file system refuses.
pub fn owner_only(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
}
