//! What the answers to cabinet requests need of the running daemon.

use std::sync::Arc;

use jiff::Timestamp;
use sceau_cabinet::{
    Actor, AddressCommitment, CabinetCommand, CommitmentKey, EmailAddress, ImportRefusal,
    PersonDetails, PersonId, Registry,
};
use sceau_engine::clock::{self, SystemEntropy};
use sceau_engine::core::{NotDone, Request};
use sceau_engine::handle::Handle;

/// New details of a person; `None` erases them.
pub(crate) type Details = (PersonId, Option<PersonDetails>);

/// Why nothing was changed.
#[derive(Debug)]
pub(crate) enum ChangeRefused {
    /// The orders that the cabinet's rules refuse.
    Orders(Vec<ImportRefusal>),
    /// The daemon could not do it.
    Trouble(String),
}

/// The desk at which requests are answered.
pub(crate) trait Desk {
    /// Who may do what, as last committed.
    fn authority(&self) -> Arc<Registry>;
    /// Name and address of a person, unless they were erased.
    fn details(&self, person: PersonId) -> Option<PersonDetails>;
    /// Every row of the erasable table that tells this address.
    fn persons_at(&self, address: &EmailAddress) -> Vec<PersonId>;
    /// The commitment to an address.
    fn commit_to(&self, address: &EmailAddress) -> AddressCommitment;
    /// Bytes that nobody can guess.
    fn random(&self) -> [u8; 32];
    /// Now.
    fn now(&self) -> Timestamp;
    /// Decides and commits, all or nothing.
    fn change(
        &self,
        commands: Vec<CabinetCommand>,
        actor: Actor,
        details: Vec<Details>,
    ) -> Result<(), ChangeRefused>;
}

/// The desk of a running engine. Its calls block; use it on a thread that may.
#[derive(Debug)]
pub(crate) struct EngineDesk {
    handle: Handle,
    key: CommitmentKey,
}

impl EngineDesk {
    /// A desk over the engine; `key` is that of the state's address commitments.
    pub(crate) fn new(handle: Handle, key: CommitmentKey) -> Self {
        Self { handle, key }
    }
}

impl Desk for EngineDesk {
    fn authority(&self) -> Arc<Registry> {
        self.handle.authority()
    }

    fn details(&self, person: PersonId) -> Option<PersonDetails> {
        self.handle.details(person).ok().flatten()
    }

    fn persons_at(&self, address: &EmailAddress) -> Vec<PersonId> {
        self.handle.persons_at(address).unwrap_or_default()
    }

    fn commit_to(&self, address: &EmailAddress) -> AddressCommitment {
        AddressCommitment::new(&self.key, address)
    }

    fn random(&self) -> [u8; 32] {
        clock::random(&SystemEntropy)
    }

    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn change(
        &self,
        commands: Vec<CabinetCommand>,
        actor: Actor,
        details: Vec<Details>,
    ) -> Result<(), ChangeRefused> {
        match self.handle.call(Request::Cabinet { commands, actor, details }) {
            Ok(_) => Ok(()),
            Err(NotDone::Import(refusals)) => Err(ChangeRefused::Orders(refusals)),
            Err(other) => Err(ChangeRefused::Trouble(other.to_string())),
        }
    }
}
