//! The command line's end of the administration socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::audit::{AuditPage, AuditRequest};
use super::dossier::{DossierRequest, DossierResponse};
use super::plugin::{PluginRequest, PluginResponse};
use super::protocol::{CabinetRequest, CabinetResponse};
use super::{AdminRequest, AdminResponse, MOST_ANSWER};
use crate::authority::{AuthorityRequest, AuthorityResponse};

/// How long the daemon may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why nothing was learnt.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// Nobody listens.
    #[error(
        "no daemon answers at {}: start it with `sceau run`, or name its socket with --socket",
        path.display()
    )]
    NotRunning {
        /// The socket.
        path: PathBuf,
    },
    /// The socket may not be used.
    #[error(
        "the socket {} may be used by its owner and group only: ask the administrator to add you",
        path.display()
    )]
    Denied {
        /// The socket.
        path: PathBuf,
    },
    /// The exchange failed.
    #[error("the daemon at {}: {source}", path.display())]
    Io {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another version of the program listens.
    #[error("the daemon does not understand this command: is it of another version? ({0})")]
    OtherVersion(String),
}

impl ClientError {
    /// The exit code of sysexits(3): unavailable, no permission, I/O, protocol.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::NotRunning { .. } => 69,
            Self::Denied { .. } => 77,
            Self::Io { .. } => 74,
            Self::OtherVersion(_) => 76,
        }
    }
}

/// The daemon at a socket.
#[derive(Debug, Clone)]
pub(crate) struct AdminClient {
    path: PathBuf,
}

impl AdminClient {
    /// The daemon that listens at `path`.
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Asks about our own authority.
    pub(crate) fn authority(
        &self,
        request: AuthorityRequest,
    ) -> Result<AuthorityResponse, ClientError> {
        match self.ask(&AdminRequest::Authority(request))? {
            AdminResponse::Authority(response) => Ok(response),
            other => Err(unexpected(&other)),
        }
    }

    /// Asks about the cabinet.
    pub(crate) fn cabinet(&self, request: CabinetRequest) -> Result<CabinetResponse, ClientError> {
        match self.ask(&AdminRequest::Cabinet(request))? {
            AdminResponse::Cabinet(response) => Ok(response),
            other => Err(unexpected(&other)),
        }
    }

    /// Asks about dossiers.
    pub(crate) fn dossier(&self, request: DossierRequest) -> Result<DossierResponse, ClientError> {
        match self.ask(&AdminRequest::Dossier(request))? {
            AdminResponse::Dossier(response) => Ok(response),
            other => Err(unexpected(&other)),
        }
    }

    /// Asks for entries of the audit log.
    pub(crate) fn audit(&self, request: AuditRequest) -> Result<AuditPage, ClientError> {
        match self.ask(&AdminRequest::Audit(request))? {
            AdminResponse::Audit(Ok(page)) => Ok(page),
            AdminResponse::Audit(Err(why)) => {
                Err(ClientError::Io { path: self.path.clone(), source: std::io::Error::other(why) })
            }
            other => Err(unexpected(&other)),
        }
    }

    /// Asks about plugins.
    pub(crate) fn plugin(&self, request: PluginRequest) -> Result<PluginResponse, ClientError> {
        match self.ask(&AdminRequest::Plugin(request))? {
            AdminResponse::Plugin(response) => Ok(response),
            other => Err(unexpected(&other)),
        }
    }

    /// What is not ready: (part, why).
    pub(crate) fn status(&self) -> Result<Vec<(String, String)>, ClientError> {
        match self.ask(&AdminRequest::Status)? {
            AdminResponse::Status(missing) => Ok(missing),
            other => Err(unexpected(&other)),
        }
    }

    fn ask(&self, request: &AdminRequest) -> Result<AdminResponse, ClientError> {
        let stream = UnixStream::connect(&self.path).map_err(|error| self.unreached(error))?;
        let failed = |source| ClientError::Io { path: self.path.clone(), source };
        let mut line = serde_json::to_vec(request).map_err(|error| failed(error.into()))?;
        line.push(b'\n');
        let answer = exchange(stream, &line).map_err(failed)?;
        serde_json::from_slice(&answer).map_err(|e| ClientError::OtherVersion(e.to_string()))
    }

    fn unreached(&self, source: std::io::Error) -> ClientError {
        let path = self.path.clone();
        match source.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::ConnectionRefused => {
                ClientError::NotRunning { path }
            }
            std::io::ErrorKind::PermissionDenied => ClientError::Denied { path },
            _ => ClientError::Io { path, source },
        }
    }
}

fn exchange(mut stream: UnixStream, line: &[u8]) -> std::io::Result<Vec<u8>> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(line)?;
    let mut answer = Vec::new();
    BufReader::new(stream).take(MOST_ANSWER as u64).read_until(b'\n', &mut answer)?;
    Ok(answer)
}

fn unexpected(response: &AdminResponse) -> ClientError {
    match response {
        AdminResponse::NotUnderstood(why) => ClientError::OtherVersion(why.clone()),
        _ => ClientError::OtherVersion("an answer to another question".to_owned()),
    }
}
