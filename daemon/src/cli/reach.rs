//! How commands find the running daemon.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::admin::client::{AdminClient, ClientError};
use crate::cli::eprint;

/// Where the daemon listens.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Reach {
    /// The daemon's administration socket.
    #[arg(long, value_name = "SOCKET", env = "SCEAU_SOCKET", global = true)]
    socket: Option<PathBuf>,
    /// The configuration file; else config/sceau.toml, or where that is not there /etc/sceau/sceau.toml.
    #[arg(long, value_name = "FILE", env = "SCEAU_CONFIG", global = true)]
    config: Option<PathBuf>,
    /// The state directory, in place of the one that the file names.
    #[arg(long, value_name = "DIR", global = true)]
    state: Option<PathBuf>,
}

impl Reach {
    /// The daemon.
    pub(crate) fn client(&self) -> AdminClient {
        AdminClient::new(&self.path())
    }

    /// The configuration file.
    pub(crate) fn config(&self) -> &Path {
        let (here, system) = (Path::new("config/sceau.toml"), Path::new("/etc/sceau/sceau.toml"));
        let usual = || if !here.exists() && system.exists() { system } else { here };
        self.config.as_deref().unwrap_or_else(usual)
    }

    /// The state directory, where it was given.
    pub(crate) fn state(&self) -> Option<&Path> {
        self.state.as_deref()
    }

    /// The socket, where it was given.
    pub(crate) fn socket(&self) -> Option<&Path> {
        self.socket.as_deref()
    }

    fn path(&self) -> PathBuf {
        let named = || crate::config::socket_of(self.config(), self.state.as_deref());
        let in_state = || self.state.as_ref().map(|state| state.join("run/admin.sock"));
        let system = || PathBuf::from("/run/sceau/admin.sock");
        self.socket.clone().or_else(named).or_else(in_state).unwrap_or_else(system)
    }
}

/// Tells that the daemon was not reached.
pub(crate) fn unreached(error: &ClientError) -> ExitCode {
    eprint(&format!("sceau: {error}"));
    ExitCode::from(error.exit_code())
}
