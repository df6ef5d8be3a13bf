//! A small cabinet for the tests: a société, its expert-comptable, an admin, a collaborator.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::{
    AccountCommand, Actor, AddressCommitment, Answer, CabinetCommand, CabinetEvent, CabinetRefusal,
    CommitmentKey, Days, DelegationId, DelegationTerms, GrantDelegation, PersonId, Question,
    Registry, Right, Roles, SocieteId, decide,
};

pub(crate) const ADMIN: PersonId = PersonId::from_bytes([1; 16]);
pub(crate) const EXPERT: PersonId = PersonId::from_bytes([2; 16]);
pub(crate) const PAUL: PersonId = PersonId::from_bytes([3; 16]);
pub(crate) const GRANT: DelegationId = DelegationId::from_bytes([9; 16]);
pub(crate) const ROOT: Actor = Actor::Operator { uid: 0 };

pub(crate) fn societe() -> SocieteId {
    "martin".parse().unwrap()
}

pub(crate) fn address(name: &str) -> AddressCommitment {
    let key = CommitmentKey::from_bytes([7; 32]);
    AddressCommitment::new(&key, &format!("{name}@martin.example").parse().unwrap())
}

/// A registry with its clock, in seconds since 1 March 2026.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) registry: Registry,
    pub(crate) events: Vec<CabinetEvent>,
    pub(crate) second: i64,
}

impl World {
    /// Nothing at all.
    pub(crate) fn empty() -> Self {
        Self { registry: Registry::default(), events: Vec::new(), second: 0 }
    }

    /// The cabinet, its société, admin and expert-comptable; Paul has no account yet.
    pub(crate) fn founded() -> Self {
        let mut world = Self::empty();
        world.must(CabinetCommand::CreateCabinet { name: "Cabinet Martin".into() });
        let (name, siren) = ("Martin Audit".to_owned(), "732 829 320".to_owned());
        world.must(CabinetCommand::AddSociete { societe: societe(), name, siren });
        world.open(ADMIN, "admin", Roles { admin: true, ..Roles::default() });
        let expert_comptable = BTreeSet::from([societe()]);
        world.open(EXPERT, "claire", Roles { admin: false, expert_comptable });
        world
    }

    /// The same with Paul's account.
    pub(crate) fn staffed() -> Self {
        let mut world = Self::founded();
        world.open(PAUL, "paul", Roles::default());
        world
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_second(1_772_323_200 + self.second).unwrap()
    }

    pub(crate) fn order(
        &mut self,
        actor: Actor,
        command: CabinetCommand,
    ) -> Result<Vec<CabinetEvent>, CabinetRefusal> {
        self.second += 1;
        let events = decide(&self.registry, actor, command, self.now())?;
        for event in &events {
            self.registry.apply(event).unwrap();
        }
        self.events.extend(events.clone());
        Ok(events)
    }

    pub(crate) fn must(&mut self, command: CabinetCommand) -> Vec<CabinetEvent> {
        self.order(ROOT, command).unwrap()
    }

    pub(crate) fn open(&mut self, person: PersonId, name: &str, roles: Roles) {
        let order = AccountCommand::Open { address: address(name), roles };
        self.must(CabinetCommand::Account { person, order });
    }

    pub(crate) fn account(
        &mut self,
        person: PersonId,
        order: AccountCommand,
    ) -> Result<Vec<CabinetEvent>, CabinetRefusal> {
        self.order(ROOT, CabinetCommand::Account { person, order })
    }

    pub(crate) fn may(&self, who: PersonId, right: Right) -> Answer {
        self.may_at(who, right, self.now())
    }

    pub(crate) fn may_at(&self, who: PersonId, right: Right, at: Timestamp) -> Answer {
        self.registry.may(&question(who, right, at))
    }
}

pub(crate) fn question(who: PersonId, right: Right, at: Timestamp) -> Question {
    Question { who, right, societe: societe(), workflow: None, channel: None, at }
}

/// Claire lets Paul seal, everywhere and for ever.
pub(crate) fn terms() -> DelegationTerms {
    DelegationTerms {
        delegant: EXPERT,
        societe: societe(),
        rights: [Right::Sceller].into(),
        workflows: None,
        channels: None,
        days: Days::default(),
    }
}

pub(crate) fn grant(terms: DelegationTerms) -> CabinetCommand {
    let (delegation, delegataire) = (GRANT, address("paul"));
    CabinetCommand::Grant(GrantDelegation { delegation, delegataire, terms })
}
