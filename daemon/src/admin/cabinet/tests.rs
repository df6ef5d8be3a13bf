//! Requests as the command line makes them, over a registry in memory.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use sceau_cabinet::{
    Actor, AddressCommitment, CabinetCommand, CommitmentKey, Days, DelegationState, EmailAddress,
    EnregistrementStep, PersonDetails, PersonId, Registry, Right, Scope, SocieteId, decide_all,
};

use super::answer;
use crate::admin::desk::{ChangeRefused, Desk, Details};
use crate::admin::protocol::{
    CabinetRequest as Q, CabinetResponse as R, DelegationView, Explanation, GrantTerms, Who,
};

/// A desk that keeps everything in memory; each look at its clock is a second later.
struct Memory {
    registry: RefCell<Registry>,
    persons: RefCell<BTreeMap<PersonId, PersonDetails>>,
    seconds: Cell<u8>,
}

impl Desk for Memory {
    fn authority(&self) -> Arc<Registry> {
        Arc::new(self.registry.borrow().clone())
    }

    fn details(&self, person: PersonId) -> Option<PersonDetails> {
        self.persons.borrow().get(&person).cloned()
    }

    fn persons_at(&self, address: &EmailAddress) -> Vec<PersonId> {
        let rows = self.persons.borrow();
        rows.iter().filter(|(_, row)| row.email == *address).map(|(id, _)| *id).collect()
    }

    fn commit_to(&self, address: &EmailAddress) -> AddressCommitment {
        AddressCommitment::new(&CommitmentKey::from_bytes([7; 32]), address)
    }

    fn random(&self) -> [u8; 32] {
        self.seconds.set(self.seconds.get() + 1);
        [self.seconds.get(); 32]
    }

    fn now(&self) -> Timestamp {
        self.seconds.set(self.seconds.get() + 1);
        Timestamp::from_second(1_780_000_000 + i64::from(self.seconds.get())).unwrap()
    }

    fn change(
        &self,
        commands: Vec<CabinetCommand>,
        actor: Actor,
        details: Vec<Details>,
    ) -> Result<(), ChangeRefused> {
        let mut registry = self.registry.borrow_mut();
        let events =
            decide_all(&registry, actor, commands, self.now()).map_err(ChangeRefused::Orders)?;
        events.iter().for_each(|event| registry.apply(event).unwrap());
        for (person, details) in details {
            match details {
                Some(details) => drop(self.persons.borrow_mut().insert(person, details)),
                None => drop(self.persons.borrow_mut().remove(&person)),
            }
        }
        Ok(())
    }
}

impl Memory {
    /// A cabinet with its société and its expert-comptable Claire, who is admin too.
    fn founded() -> Self {
        let (registry, persons) = (RefCell::default(), RefCell::default());
        let memory = Self { registry, persons, seconds: Cell::new(0) };
        let found = CabinetCommand::CreateCabinet { name: "Martin".into() };
        memory.change(vec![found], Actor::Operator { uid: 0 }, Vec::new()).unwrap();
        let (name, siren) = ("Martin Audit".to_owned(), "732829320".to_owned());
        assert_eq!(memory.ask(Q::SocieteAdd { societe: code(), name, siren }), R::Done);
        memory.open("claire", true);
        memory
    }

    fn ask(&self, request: Q) -> R {
        let json = serde_json::to_string(&request).unwrap();
        let response = answer(self, 1000, serde_json::from_str(&json).unwrap());
        let json = serde_json::to_string(&response).unwrap();
        assert_eq!(serde_json::from_str::<R>(&json).unwrap(), response, "it travels as JSON");
        response
    }

    fn open(&self, name: &str, expert: bool) -> PersonId {
        let expert_comptable: BTreeSet<SocieteId> = expert.then(code).into_iter().collect();
        let (email, name) = (email(name), name.to_owned());
        match self.ask(Q::AccountAdd { email, name, admin: expert, expert_comptable }) {
            R::Opened { person } => person,
            other => panic!("{other:?}"),
        }
    }

    fn grant(&self, to: &str) -> DelegationView {
        match self.ask(Q::DelegationGrant { by: who("claire"), terms: terms(to) }) {
            R::Granted { mut delegations } => delegations.remove(0),
            other => panic!("{other:?}"),
        }
    }

    fn explain(&self, name: &str, at: Option<Timestamp>) -> Explanation {
        let (right, societe) = (Right::Sceller, code());
        let (workflow, channel) = (None, None);
        let who = who(name);
        match self.ask(Q::DelegationExplain { who, right, societe, workflow, channel, at }) {
            R::Explained(explanation) => *explanation,
            other => panic!("{other:?}"),
        }
    }
}

fn code() -> SocieteId {
    "martin".parse().unwrap()
}

fn email(name: &str) -> EmailAddress {
    format!("{name}@martin.example").parse().unwrap()
}

fn who(name: &str) -> Who {
    Who::Email(email(name))
}

fn terms(to: &str) -> GrantTerms {
    let rights = [Right::Sceller].into();
    let (workflows, channels, days) = (None, None, Days::default());
    GrantTerms { to: email(to), societe: code(), rights, workflows, channels, days }
}

fn refused(response: R) -> String {
    match response {
        R::Refused { faults } => faults.join("\n"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_grant_is_told_with_names_and_explained() {
    let memory = Memory::founded();
    memory.open("paul", false);
    assert!(!memory.explain("paul", None).answer.is_yes());
    let before = memory.now();
    let view = memory.grant("paul");
    assert_eq!((view.state, view.digest.len()), (DelegationState::Active, 64));
    assert_eq!(view.to.unwrap().name.as_deref(), Some("paul"));
    let told = memory.explain("paul", None);
    assert!(told.answer.is_yes());
    assert!(told.en[0].contains(&view.id.to_string()) && told.en[0].contains("claire"));
    assert_eq!(told.by.unwrap().id, view.id);
    let past = memory.explain("paul", Some(before));
    assert!(past.fr[0].contains("aucune délégation"), "{past:?}");
}

#[test]
fn a_waiting_grant_shows_its_address_until_the_account_appears() {
    let memory = Memory::founded();
    let view = memory.grant("paul");
    assert_eq!(view.state, DelegationState::WaitingForAccount);
    assert_eq!(view.waits_for, Some(email("paul")));
    let told = memory.explain("paul", None);
    assert!(told.en[0].contains("1 délégation(s) wait for it"), "{told:?}");
    memory.open("paul", false);
    assert!(memory.explain("paul", None).answer.is_yes());
    let addresses = memory.persons.borrow().values().filter(|p| p.email == email("paul")).count();
    assert_eq!(addresses, 1, "the address is kept once");
}

#[test]
fn an_import_is_all_or_nothing_and_names_lines() {
    let memory = Memory::founded();
    let import =
        |csv: &str| memory.ask(Q::DelegationImport { by: who("claire"), csv: csv.to_owned() });
    let told = refused(import(
        "email;droits;societe\npaul@martin.example;tout;martin\nx;sceller;martin\n",
    ));
    assert!(told.contains("line 2") && told.contains("line 3"), "{told}");
    let told = refused(import(
        "email;droits;societe\npaul@martin.example;sceller;martin\n\
         claire@martin.example;sceller;martin\nanne@martin.example;sceller;autre\n",
    ));
    assert!(
        told.contains("line 3: nobody grants") && told.contains("line 4: there is no"),
        "{told}"
    );
    let all = Q::DelegationList { societe: None, who: None, all: true };
    assert_eq!(memory.ask(all.clone()), R::Delegations { delegations: Vec::new() });
    let good = "email;droits;societe\npaul@martin.example;sceller;martin\n\
                anne@martin.example;preparer;martin\n";
    assert!(matches!(import(good), R::Granted { delegations } if delegations.len() == 2));
}

#[test]
fn a_revocation_takes_the_first_digits() {
    let memory = Memory::founded();
    memory.open("paul", false);
    let id = memory.grant("paul").id.to_string();
    let revoke = |text: &str| memory.ask(Q::DelegationRevoke { delegation: text.to_owned() });
    assert!(refused(revoke(&id[..3])).contains("four digits"));
    assert!(refused(revoke("0123456789")).contains("there is no délégation"));
    assert_eq!(revoke(&id[..8]), R::Done);
    assert!(memory.explain("paul", None).en[0].contains("revoked on"));
    let list = |all| match memory.ask(Q::DelegationList { societe: None, who: None, all }) {
        R::Delegations { delegations } => delegations.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!((list(false), list(true)), (0, 1));
}

#[test]
fn details_are_erased_only_of_disabled_accounts_and_the_rest_stays() {
    let memory = Memory::founded();
    let paul = memory.open("paul", false);
    memory.grant("paul");
    assert!(refused(memory.ask(Q::AccountErase { who: who("paul") })).contains("disable it first"));
    assert_eq!(memory.ask(Q::AccountDisable { who: who("paul") }), R::Done);
    assert_eq!(memory.ask(Q::AccountErase { who: Who::Id(paul) }), R::Done);
    let told = format!("{:?}", memory.ask(Q::AccountList));
    assert!(!told.contains("paul"), "{told}");
    let R::Delegations { delegations } =
        memory.ask(Q::DelegationList { societe: None, who: Some(Who::Id(paul)), all: true })
    else {
        panic!()
    };
    assert_eq!(delegations[0].to.as_ref().unwrap().name, None);
}

#[test]
fn signatories_of_dossiers_are_erased_by_name_or_by_address() {
    let memory = Memory::founded();
    let told = |id: u8| {
        let details = PersonDetails { name: "Jeanne".into(), email: email("jeanne") };
        (PersonId::from_bytes([id; 16]), Some(details))
    };
    let rows = vec![told(201), told(202), told(203)];
    memory.change(Vec::new(), Actor::Operator { uid: 0 }, rows).unwrap();
    let left = || memory.persons_at(&email("jeanne")).len();
    let one = Q::AccountErase { who: Who::Id(PersonId::from_bytes([202; 16])) };
    assert_eq!((memory.ask(one.clone()), left()), (R::Done, 2));
    assert!(refused(memory.ask(one)).contains("no account"));
    assert_eq!((memory.ask(Q::AccountErase { who: who("jeanne") }), left()), (R::Done, 0));
    assert!(refused(memory.ask(Q::AccountErase { who: who("jeanne") })).contains("no account"));
}

#[test]
fn accounts_change_names_addresses_roles_and_steps() {
    let memory = Memory::founded();
    memory.open("paul", false);
    let (name, email) = (Some("Paul Durand".to_owned()), Some(email("pdurand")));
    assert_eq!(memory.ask(Q::AccountDetails { who: who("paul"), name, email }), R::Done);
    assert!(refused(memory.ask(Q::AccountEnable { who: who("paul") })).contains("no account"));
    let (who, admin) = (who("pdurand"), true);
    let expert_comptable = BTreeSet::new();
    let roles = Q::AccountRoles { who: who.clone(), admin, expert_comptable };
    assert_eq!(memory.ask(roles), R::Done);
    let (step, version) = (EnregistrementStep::Cgu, Some("2026-01".to_owned()));
    assert_eq!(memory.ask(Q::AccountStep { who, step, version }), R::Done);
    let R::Accounts { accounts } = memory.ask(Q::AccountList) else { panic!() };
    let paul = accounts.iter().find(|one| one.person.name.as_deref() == Some("Paul Durand"));
    let paul = paul.unwrap();
    assert!(paul.admin && !paul.missing_steps.contains(&EnregistrementStep::Cgu));
}

#[test]
fn a_token_tells_its_secret_once() {
    let memory = Memory::founded();
    let (scopes, purpose) = ([Scope::Submit].into(), "ERP".to_owned());
    let create = Q::TokenCreate { who: who("claire"), scopes, purpose, expires_at: None };
    let R::TokenCreated { token, secret } = memory.ask(create) else { panic!() };
    let hash = sceau_cabinet::ApiToken::hash_of(&secret);
    assert!(memory.authority().token_by_hash(&hash, memory.now()).is_some());
    let told = format!("{:?}", memory.ask(Q::TokenList));
    assert!(told.contains("ERP") && !told.contains(&secret), "{told}");
    assert_eq!(memory.ask(Q::TokenRevoke { token: token.to_string() }), R::Done);
    assert!(memory.authority().token_by_hash(&hash, memory.now()).is_none());
}

#[test]
fn limits_that_the_question_left_open_are_told() {
    let memory = Memory::founded();
    memory.open("paul", false);
    let channels = Some([sceau_cabinet::ChannelGrant::AnyFolder].into());
    let terms = GrantTerms { channels, ..terms("paul") };
    let granted = memory.ask(Q::DelegationGrant { by: who("claire"), terms });
    assert!(matches!(granted, R::Granted { .. }));
    let told = memory.explain("paul", None);
    assert!(told.answer.is_yes());
    assert_eq!(told.en[1], "only through the channels: folders");
    assert_eq!(told.fr[1], "seulement par les canaux : folders");
}

#[test]
fn a_person_is_found_by_the_address_of_today_for_a_moment_of_the_past() {
    let memory = Memory::founded();
    memory.open("paul", false);
    memory.grant("paul");
    let then = memory.now();
    let moved = Q::AccountDetails { who: who("paul"), name: None, email: Some(email("pdurand")) };
    assert_eq!(memory.ask(moved), R::Done);
    assert!(memory.explain("pdurand", Some(then)).answer.is_yes());
    assert!(memory.explain("paul", Some(then)).answer.is_yes(), "and by that of the time");
}

#[test]
fn the_future_is_not_explained() {
    let memory = Memory::founded();
    let (right, societe) = (Right::Sceller, code());
    let (workflow, channel) = (None, None);
    let at = Some(Timestamp::MAX);
    let who = who("claire");
    let asked = Q::DelegationExplain { who, right, societe, workflow, channel, at };
    assert!(refused(memory.ask(asked)).contains("future"));
}
