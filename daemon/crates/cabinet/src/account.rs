//! Accounts: every collaborator, expert-comptable or not, has his own.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::address::{AddressCommitment, EmailAddress};
use crate::enregistrement::Enregistrement;
use crate::ids::{PersonId, SocieteId};
use crate::timeline::Timeline;

/// What a person is in the cabinet, apart from any délégation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roles {
    /// Manages accounts, sociétés and délégations; by itself it gives no right to sign or seal.
    pub admin: bool,
    /// The sociétés of which the person is an expert-comptable: holds the three rights himself
    /// there and may delegate them.
    pub expert_comptable: BTreeSet<SocieteId>,
}

/// A person's account, with its whole history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    id: PersonId,
    address: Timeline<AddressCommitment>,
    roles: Timeline<Roles>,
    enabled: Timeline<bool>,
    pub(crate) enregistrement: Enregistrement,
}

impl Account {
    pub(crate) fn new(
        id: PersonId,
        address: AddressCommitment,
        roles: Roles,
        at: Timestamp,
    ) -> Self {
        Self {
            id,
            address: Timeline::starting(at, address),
            roles: Timeline::starting(at, roles),
            enabled: Timeline::starting(at, true),
            enregistrement: Enregistrement::default(),
        }
    }

    pub(crate) fn set_address(&mut self, address: AddressCommitment, at: Timestamp) {
        self.address.set(at, address);
    }

    pub(crate) fn set_roles(&mut self, roles: Roles, at: Timestamp) {
        self.roles.set(at, roles);
    }

    pub(crate) fn set_enabled(&mut self, enabled: bool, at: Timestamp) {
        self.enabled.set(at, enabled);
    }

    /// Whose account this is.
    pub fn id(&self) -> PersonId {
        self.id
    }

    /// When the account was opened.
    pub fn opened_at(&self) -> Timestamp {
        self.enabled.begin().unwrap_or_default()
    }

    /// The commitment to the e-mail address of that moment, `None` before the account was opened.
    pub fn address_at(&self, at: Timestamp) -> Option<&AddressCommitment> {
        self.address.at(at)
    }

    /// The roles of that moment, `None` before the account was opened.
    pub fn roles_at(&self, at: Timestamp) -> Option<&Roles> {
        self.roles.at(at)
    }

    /// Since when it has been disabled, seen from that moment.
    pub fn disabled_since(&self, at: Timestamp) -> Option<Timestamp> {
        self.enabled.step_at(at).and_then(|(since, enabled)| (!enabled).then_some(*since))
    }

    /// Whether it had been opened, and was not disabled, at that moment.
    pub fn is_enabled(&self, at: Timestamp) -> bool {
        self.enabled.at(at).copied().unwrap_or(false)
    }

    /// Whether, at that moment, this was the enabled account of an expert-comptable of the société.
    pub fn is_expert_comptable(&self, societe: &SocieteId, at: Timestamp) -> bool {
        let holds = |roles: &Roles| roles.expert_comptable.contains(societe);
        self.is_enabled(at) && self.roles_at(at).is_some_and(holds)
    }

    /// Whether, at that moment, this was the enabled account of an admin.
    pub fn is_admin(&self, at: Timestamp) -> bool {
        self.is_enabled(at) && self.roles_at(at).is_some_and(|roles| roles.admin)
    }

    /// How far the enregistrement has come.
    pub fn enregistrement(&self) -> &Enregistrement {
        &self.enregistrement
    }
}

/// What is known of a person: a row of the erasable table, keyed by [`PersonId`]; never in an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonDetails {
    /// First and last name as the person writes them.
    pub name: String,
    /// The e-mail address, normalised.
    pub email: EmailAddress,
}

/// One who signs a dossier, as its sidecar file or its request names him. A row of the same erasable
/// table, under a [`PersonId`] of that dossier alone; it reads as [`PersonDetails`] too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signatory {
    /// Full name.
    pub name: String,
    /// The e-mail address, normalised.
    pub email: EmailAddress,
    /// In what quality he signs.
    #[serde(default)]
    pub role: Option<String>,
    /// His telephone, for codes by SMS.
    #[serde(default)]
    pub phone: Option<String>,
    /// The language he is written to (`fr`, `en`).
    #[serde(default)]
    pub language: Option<String>,
}
