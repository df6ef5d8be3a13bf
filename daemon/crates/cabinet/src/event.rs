//! What happened to the authority of the cabinet. Events are stored for ever and name no one.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::account::Roles;
use crate::address::AddressCommitment;
use crate::canonical::hex32;
use crate::delegation::{Delegataire, DelegationTerms};
use crate::enregistrement::EnregistrementStep;
use crate::ids::{DelegationId, PersonId, SocieteId, TokenId};
use crate::token::Scope;

/// Who ordered a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Actor {
    /// A person with an account.
    Person {
        /// Who.
        person: PersonId,
    },
    /// Whoever reached the administration socket, by the user id of the peer's credentials.
    Operator {
        /// The numeric user id (`SO_PEERCRED`).
        uid: u32,
    },
}

/// A change, by whom and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CabinetEvent {
    /// From when on it counts.
    pub at: Timestamp,
    /// Who ordered it.
    pub actor: Actor,
    /// What changed.
    #[serde(flatten)]
    pub change: CabinetChange,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
#[expect(missing_docs, reason = "the fields bear the names and meanings of the types they hold")]
pub enum CabinetChange {
    /// The cabinet exists from now on.
    CabinetCreated { name: String },
    /// A société came to the cabinet.
    SocieteAdded { societe: SocieteId, name: String, siren: String },
    /// A société bears another name.
    SocieteRenamed { societe: SocieteId, name: String },
    /// A société acts no more.
    SocieteClosed { societe: SocieteId },
    /// A person has an account.
    AccountOpened { person: PersonId, address: AddressCommitment, roles: Roles },
    /// An account may do nothing until it is enabled again.
    AccountDisabled { person: PersonId },
    /// A disabled account is enabled again.
    AccountEnabled { person: PersonId },
    /// The person's roles are these from now on.
    RolesChanged { person: PersonId, roles: Roles },
    /// The person has another e-mail address.
    AddressChanged { person: PersonId, address: AddressCommitment },
    /// A step of the enregistrement is done.
    EnregistrementRecorded { person: PersonId, step: EnregistrementStep, version: String },
    /// A step of the enregistrement counts no more (a certificate revoked, conditions renewed).
    EnregistrementWithdrawn { person: PersonId, step: EnregistrementStep },
    /// A délégation was granted.
    DelegationGranted { delegation: DelegationId, delegataire: Delegataire, terms: DelegationTerms },
    /// The account that a délégation waited for has appeared.
    DelegationBound { delegation: DelegationId, person: PersonId },
    /// A délégation ends now.
    DelegationRevoked { delegation: DelegationId },
    /// A token opens the API.
    TokenCreated {
        token: TokenId,
        person: PersonId,
        #[serde(with = "hex32")]
        hash: [u8; 32],
        scopes: BTreeSet<Scope>,
        purpose: String,
        expires_at: Option<Timestamp>,
    },
    /// A token opens nothing any more.
    TokenRevoked { token: TokenId },
}

/// What an event is about: the unit of versions. A store keeps one stream for each, so that a commit
/// can name exactly the versions on which its authorisation stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Subject {
    /// The cabinet itself.
    Cabinet,
    /// A société.
    Societe(SocieteId),
    /// An account.
    Account(PersonId),
    /// A délégation.
    Delegation(DelegationId),
    /// An API token.
    Token(TokenId),
}

impl fmt::Display for Subject {
    /// A text that can name a stream: `cabinet`, `societe/CODE`, `account/ID`, ...
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cabinet => f.write_str("cabinet"),
            Self::Societe(id) => write!(f, "societe/{id}"),
            Self::Account(id) => write!(f, "account/{id}"),
            Self::Delegation(id) => write!(f, "delegation/{id}"),
            Self::Token(id) => write!(f, "token/{id}"),
        }
    }
}

/// A stored record that is no event of ours. The store is at fault.
#[derive(Debug, thiserror::Error)]
pub enum EventFault {
    /// Written by a later version of Sceau, or damaged.
    #[error("a cabinet event of the unknown version {0}")]
    UnknownVersion(u8),
    /// No bytes at all.
    #[error("an empty cabinet event")]
    Empty,
    /// Not the JSON of an event.
    #[error("a cabinet event that cannot be read: {0}")]
    Malformed(#[from] serde_json::Error),
}

impl CabinetEvent {
    const VERSION: u8 = 1;

    /// What the event is about.
    pub fn subject(&self) -> Subject {
        use CabinetChange as C;
        match &self.change {
            C::CabinetCreated { .. } => Subject::Cabinet,
            C::SocieteAdded { societe, .. }
            | C::SocieteRenamed { societe, .. }
            | C::SocieteClosed { societe } => Subject::Societe(societe.clone()),
            C::AccountOpened { person, .. }
            | C::AccountDisabled { person }
            | C::AccountEnabled { person }
            | C::RolesChanged { person, .. }
            | C::AddressChanged { person, .. }
            | C::EnregistrementRecorded { person, .. }
            | C::EnregistrementWithdrawn { person, .. } => Subject::Account(*person),
            C::DelegationGranted { delegation, .. }
            | C::DelegationBound { delegation, .. }
            | C::DelegationRevoked { delegation } => Subject::Delegation(*delegation),
            C::TokenCreated { token, .. } | C::TokenRevoked { token } => Subject::Token(*token),
        }
    }

    /// The record: a version byte, then JSON.
    pub fn encode(&self) -> Vec<u8> {
        let mut record = vec![Self::VERSION];
        let json = serde_json::to_vec(self).expect("invariant: every key of an event is a string");
        record.extend_from_slice(&json);
        record
    }

    /// Reads a record.
    ///
    /// # Errors
    /// The record is damaged or of a later version.
    pub fn decode(record: &[u8]) -> Result<Self, EventFault> {
        match record.split_first() {
            Some((&Self::VERSION, json)) => Ok(serde_json::from_slice(json)?),
            Some((version, _)) => Err(EventFault::UnknownVersion(*version)),
            None => Err(EventFault::Empty),
        }
    }
}
