//! The whole state of authority, rebuilt from events.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::account::Account;
use crate::address::AddressCommitment;
use crate::delegation::{Delegataire, Delegation};
use crate::event::{CabinetChange, CabinetEvent, Subject};
use crate::ids::{DelegationId, PersonId, SocieteId, TokenId};
use crate::societe::Societe;
use crate::token::ApiToken;

/// Sociétés, accounts, délégations and tokens, each with its history.
///
/// Invariants: it is a pure fold of events; nothing is ever removed; moments never decrease.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registry {
    cabinet: Option<String>,
    pub(crate) societes: BTreeMap<SocieteId, Societe>,
    pub(crate) accounts: BTreeMap<PersonId, Account>,
    pub(crate) delegations: BTreeMap<DelegationId, Delegation>,
    pub(crate) tokens: BTreeMap<TokenId, ApiToken>,
    versions: BTreeMap<Subject, u64>,
    last: Option<Timestamp>,
}

/// An event that does not follow from those before it. The store is at fault: events are missing,
/// out of order, or from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Replay {
    /// The event is about something that no earlier event brought in.
    #[error("an event about {0}, which no earlier event brought in")]
    Unknown(Subject),
    /// The event brings in what is there already.
    #[error("an event brings in {0} a second time")]
    Twice(Subject),
}

impl Registry {
    /// Folds one event in.
    ///
    /// # Errors
    /// The event does not follow from those before; the registry is unchanged then.
    pub fn apply(&mut self, event: &CabinetEvent) -> Result<(), Replay> {
        let subject = event.subject();
        let known = self.versions.contains_key(&subject);
        match (brings_in(&event.change), known) {
            (true, true) => return Err(Replay::Twice(subject)),
            (false, false) => return Err(Replay::Unknown(subject)),
            _ => {}
        }
        self.fold(event);
        *self.versions.entry(subject).or_default() += 1;
        self.last = self.last.max(Some(event.at));
        Ok(())
    }

    fn fold(&mut self, event: &CabinetEvent) {
        use CabinetChange as C;
        let at = event.at.max(self.last.unwrap_or(event.at));
        match event.change.clone() {
            C::CabinetCreated { name } => self.cabinet = Some(name),
            C::SocieteAdded { societe, name, siren } => {
                self.societes.insert(societe.clone(), Societe::new(societe, siren, name, at));
            }
            C::SocieteRenamed { societe, name } => {
                self.on_societe(&societe, |societe| societe.rename(name, at));
            }
            C::SocieteClosed { societe } => self.on_societe(&societe, |societe| societe.close(at)),
            C::AccountOpened { person, address, roles } => {
                self.accounts.insert(person, Account::new(person, address, roles, at));
            }
            C::AccountDisabled { person } => self.on_account(person, |a| a.set_enabled(false, at)),
            C::AccountEnabled { person } => self.on_account(person, |a| a.set_enabled(true, at)),
            C::RolesChanged { person, roles } => {
                self.on_account(person, |account| account.set_roles(roles, at));
            }
            C::AddressChanged { person, address } => {
                self.on_account(person, |account| account.set_address(address, at));
            }
            C::EnregistrementRecorded { person, step, version } => {
                self.on_account(person, |a| a.enregistrement.record(step, version, at));
            }
            C::EnregistrementWithdrawn { person, step } => {
                self.on_account(person, |account| account.enregistrement.withdraw(step, at));
            }
            C::DelegationGranted { delegation, delegataire, terms } => {
                let new = Delegation::new(delegation, delegataire, terms, at, event.actor);
                self.delegations.insert(delegation, new);
            }
            C::DelegationBound { delegation, person } => {
                self.on_delegation(delegation, |delegation| delegation.bind(person, at));
            }
            C::DelegationRevoked { delegation } => {
                self.on_delegation(delegation, |delegation| delegation.revoke(at, event.actor));
            }
            C::TokenCreated { token, person, hash, scopes, purpose, expires_at } => {
                let (created_at, revoked_at) = (at, None);
                let token = ApiToken {
                    id: token,
                    person,
                    hash,
                    scopes,
                    purpose,
                    expires_at,
                    created_at,
                    revoked_at,
                };
                self.tokens.insert(token.id, token);
            }
            C::TokenRevoked { token } => {
                if let Some(token) = self.tokens.get_mut(&token) {
                    token.revoked_at.get_or_insert(at);
                }
            }
        }
    }

    fn on_societe(&mut self, id: &SocieteId, change: impl FnOnce(&mut Societe)) {
        self.societes.get_mut(id).map(change).unwrap_or_default();
    }

    fn on_account(&mut self, id: PersonId, change: impl FnOnce(&mut Account)) {
        self.accounts.get_mut(&id).map(change).unwrap_or_default();
    }

    fn on_delegation(&mut self, id: DelegationId, change: impl FnOnce(&mut Delegation)) {
        self.delegations.get_mut(&id).map(change).unwrap_or_default();
    }

    /// The name of the cabinet, once it exists.
    pub fn cabinet(&self) -> Option<&str> {
        self.cabinet.as_deref()
    }

    /// The number of events about a subject: the version that a commit's precondition names.
    pub fn version(&self, subject: &Subject) -> u64 {
        self.versions.get(subject).copied().unwrap_or(0)
    }

    /// The moment of the last event. Nothing is decided for an earlier one.
    pub fn last_change(&self) -> Option<Timestamp> {
        self.last
    }

    /// The moment to ask about when "now" is meant: the clock's, but never before the last event. A
    /// clock that was set back would otherwise turn a question about now into one about the past,
    /// and a revocation would not count yet.
    pub fn present(&self, clock: Timestamp) -> Timestamp {
        self.last.map_or(clock, |last| clock.max(last))
    }

    /// A société by its code.
    pub fn societe(&self, id: &SocieteId) -> Option<&Societe> {
        self.societes.get(id)
    }

    /// All sociétés, by code.
    pub fn societes(&self) -> impl Iterator<Item = &Societe> {
        self.societes.values()
    }

    /// An account by its person.
    pub fn account(&self, id: PersonId) -> Option<&Account> {
        self.accounts.get(&id)
    }

    /// All accounts, by person.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    /// The account that had this address at that moment.
    pub fn account_by_address(
        &self,
        address: &AddressCommitment,
        at: Timestamp,
    ) -> Option<&Account> {
        self.accounts.values().find(|account| account.address_at(at) == Some(address))
    }

    /// A délégation by its name.
    pub fn delegation(&self, id: DelegationId) -> Option<&Delegation> {
        self.delegations.get(&id)
    }

    /// All délégations ever granted, by name.
    pub fn delegations(&self) -> impl Iterator<Item = &Delegation> {
        self.delegations.values()
    }

    /// Those délégations that wait for this address to have an account.
    pub fn waiting_for(
        &self,
        address: &AddressCommitment,
        at: Timestamp,
    ) -> impl Iterator<Item = &Delegation> {
        let wanted = Some(Delegataire::Address { commitment: *address });
        self.delegations.values().filter(move |delegation| {
            delegation.delegataire_at(at) == wanted && delegation.revoked_since(at).is_none()
        })
    }

    /// All tokens ever created.
    pub fn tokens(&self) -> impl Iterator<Item = &ApiToken> {
        self.tokens.values()
    }

    /// The token with this SHA-256 of its secret, if it is good and its account enabled now.
    pub fn token_by_hash(&self, hash: &[u8; 32], now: Timestamp) -> Option<&ApiToken> {
        let at = self.present(now);
        let token = self.tokens.values().find(|token| &token.hash == hash)?;
        let enabled = self.account(token.person).is_some_and(|account| account.is_enabled(at));
        (enabled && token.is_good(at)).then_some(token)
    }
}

fn brings_in(change: &CabinetChange) -> bool {
    use CabinetChange as C;
    matches!(
        change,
        C::CabinetCreated { .. }
            | C::SocieteAdded { .. }
            | C::AccountOpened { .. }
            | C::DelegationGranted { .. }
            | C::TokenCreated { .. }
    )
}
