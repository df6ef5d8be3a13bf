//! The administration socket: how the command line reaches the running daemon.
//!
//! One request a connection: a line of JSON in, a line of JSON out. Whoever can open the socket
//! (its group, mode 0660) is an operator; who it was, by the peer's credentials, is recorded.

pub(crate) mod audit;
pub(crate) mod cabinet;
pub(crate) mod client;
pub(crate) mod desk;
pub(crate) mod dossier;
pub(crate) mod plugin;
pub(crate) mod protocol;
pub(crate) mod server;

use serde::{Deserialize, Serialize};

use audit::{AuditPage, AuditRequest};
use dossier::{DossierRequest, DossierResponse};
use plugin::{PluginRequest, PluginResponse};
use protocol::{CabinetRequest, CabinetResponse};

use crate::authority::{AuthorityRequest, AuthorityResponse};

/// The longest request, in bytes.
pub(crate) const MOST_BYTES: usize = 16 << 20;
/// The longest answer, in bytes: an audit entry of the largest size, all of it escaped.
pub(crate) const MOST_ANSWER: usize = 128 << 20;

/// What is asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "about", content = "body")]
pub(crate) enum AdminRequest {
    /// The cabinet: sociétés, accounts, délégations, tokens.
    Cabinet(CabinetRequest),
    /// Dossiers.
    Dossier(DossierRequest),
    /// The audit log.
    Audit(AuditRequest),
    /// Our own authority.
    Authority(AuthorityRequest),
    /// Plugins.
    Plugin(PluginRequest),
    /// What is ready and what is not.
    Status,
}

/// What is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "about", content = "body")]
pub(crate) enum AdminResponse {
    /// About the cabinet.
    Cabinet(CabinetResponse),
    /// About dossiers.
    Dossier(DossierResponse),
    /// Entries of the audit log, or why they cannot be read.
    Audit(Result<AuditPage, String>),
    /// About our own authority.
    Authority(AuthorityResponse),
    /// About plugins.
    Plugin(PluginResponse),
    /// What is not ready: (part, why); empty when all is.
    Status(Vec<(String, String)>),
    /// The request could not be understood: another version of the program asks.
    NotUnderstood(String),
}
