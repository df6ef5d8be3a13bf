//! Where the entries of the audit log come from: the running daemon, which alone has the state open,
//! or else the state directory.

use std::io;
use std::path::{Path, PathBuf};

use sceau_engine::audit::{Line, ReadError};
use sceau_store::{AuditHead, AuditRecord, RedbOptions, RedbStore, StoreError};

use crate::admin::audit::{AuditPage, AuditRequest, page};
use crate::admin::client::{AdminClient, ClientError};
use crate::cli::exit;
use crate::cli::reach::Reach;
use crate::config;
use crate::init::STATE_FILE;

/// Why there are no entries.
#[derive(Debug, thiserror::Error)]
pub(super) enum SourceError {
    /// The daemon was not reached.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The state cannot be read.
    #[error("the state {}: {source}", path.display())]
    State {
        /// Its directory.
        path: PathBuf,
        /// Why.
        source: StoreError,
    },
    /// The daemon tells what this program does not understand.
    #[error("the daemon tells an entry that cannot be read: is it of another version?")]
    Unreadable,
    /// The exported file is none, or cannot be read.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: ReadError,
    },
    /// The export cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Written {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Standard output cannot be written.
    #[error(transparent)]
    Output(#[from] io::Error),
}

impl SourceError {
    /// The exit code, after sysexits(3).
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Client(error) => error.exit_code(),
            Self::State { .. } | Self::Unreadable | Self::File { .. } => exit::NO_INPUT,
            Self::Written { .. } | Self::Output(_) => exit::IO,
        }
    }
}

/// Where entries come from.
#[derive(Debug)]
pub(super) enum Source {
    /// A running daemon.
    Daemon(AdminClient),
    /// A state that no daemon has open.
    State(PathBuf, Box<RedbStore>),
}

impl Source {
    /// Finds the entries. A state directory that was named is meant, whatever daemon runs elsewhere:
    /// a daemon is asked only where it has that very state open.
    pub(super) fn find(reach: &Reach) -> Result<Self, SourceError> {
        if let Some(state) = reach.state() {
            return match open(state) {
                Err(SourceError::State { source: StoreError::InUse, .. }) => {
                    Ok(Self::Daemon(daemon_of(reach, state)))
                }
                opened => opened,
            };
        }
        let client = reach.client();
        match client.status() {
            Err(ClientError::NotRunning { path }) if reach.socket().is_none() => {
                let named = config::state_of(reach.config(), None);
                let (state, _) = named.ok_or(ClientError::NotRunning { path })?;
                open(&state)
            }
            Err(error) => Err(error.into()),
            Ok(_) => Ok(Self::Daemon(client)),
        }
    }

    /// The chain's end as it is now.
    pub(super) fn head(&self) -> Result<AuditHead, SourceError> {
        Ok(self.page(u64::MAX)?.head())
    }

    /// Gives every entry after `after` to `each`, oldest first, up to `head`.
    pub(super) fn entries(
        &self,
        mut after: u64,
        head: &AuditHead,
        mut each: impl FnMut(&AuditRecord) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        while after < head.position {
            let records = records(&self.page(after)?)?;
            // Nothing before the end: what is missing there is told by whoever counts.
            let Some(last) = records.last() else { break };
            after = last.position;
            records.iter().filter(|one| one.position <= head.position).try_for_each(&mut each)?;
        }
        Ok(())
    }

    fn page(&self, after: u64) -> Result<AuditPage, SourceError> {
        let request = AuditRequest { after };
        match self {
            Self::Daemon(client) => Ok(client.audit(request)?),
            Self::State(path, store) => page(store.as_ref(), &request)
                .map_err(|source| SourceError::State { path: path.clone(), source }),
        }
    }
}

fn records(page: &AuditPage) -> Result<Vec<AuditRecord>, SourceError> {
    page.lines.iter().map(|line| Line::record(line).ok_or(SourceError::Unreadable)).collect()
}

/// Opens a state that no daemon has open.
fn open(state: &Path) -> Result<Source, SourceError> {
    let opened = RedbStore::open_existing(&state.join(STATE_FILE), RedbOptions::default());
    let store = opened.map_err(|source| SourceError::State { path: state.to_owned(), source })?;
    Ok(Source::State(state.to_owned(), Box::new(store)))
}

/// The daemon that has `state` open: at the socket that was given, or that the configuration names
/// where it names this very state, or else in the state.
fn daemon_of(reach: &Reach, state: &Path) -> AdminClient {
    let real = |path: &Path| path.canonicalize().ok();
    let configured = config::state_of(reach.config(), None).map(|(directory, _)| directory);
    let same =
        configured.is_some_and(|other| real(&other).is_some() && real(&other) == real(state));
    match same || reach.socket().is_some() {
        true => reach.client(),
        false => AdminClient::new(&state.join("run/admin.sock")),
    }
}
