//! What holds for any history: replay, the past that stays, revocation, nobody grants to himself.

use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;

use crate::fixture::*;
use crate::{
    AccountCommand, Actor, Answer, CabinetChange, CabinetCommand, CabinetEvent, Channel,
    ChannelGrant, Days, Delegataire, DelegationId, DelegationTerms, EnregistrementStep,
    GrantDelegation, PersonId, Question, Registry, Right, Roles,
};

const PEOPLE: [(PersonId, &str); 3] = [(ADMIN, "admin"), (EXPERT, "claire"), (PAUL, "paul")];

fn person() -> impl Strategy<Value = usize> {
    0..PEOPLE.len()
}

fn terms_of(delegant: usize) -> impl Strategy<Value = DelegationTerms> {
    let rights = prop::collection::btree_set(prop::sample::select(&Right::ALL[..]), 1..3);
    let workflows = prop::option::of(Just(["attestation".to_owned()].into()));
    let channels = prop::option::of(Just([ChannelGrant::AnyFolder].into()));
    let last = prop::option::of(Just(date(2026, 3, 1)));
    (rights, workflows, channels, last).prop_map(move |(rights, workflows, channels, last)| {
        let (delegant, days) = (PEOPLE[delegant].0, Days { first: None, last });
        DelegationTerms { delegant, societe: societe(), rights, workflows, channels, days }
    })
}

fn command() -> impl Strategy<Value = CabinetCommand> {
    let roles = (any::<bool>(), any::<bool>()).prop_map(|(admin, expert)| Roles {
        admin,
        expert_comptable: expert.then(societe).into_iter().collect(),
    });
    let order = prop_oneof![
        Just(AccountCommand::Disable),
        Just(AccountCommand::Enable),
        roles.prop_map(|roles| AccountCommand::SetRoles { roles }),
        person().prop_map(|at| AccountCommand::SetAddress { address: address(PEOPLE[at].1) }),
        Just(AccountCommand::Open { address: address("paul"), roles: Roles::default() }),
    ];
    let step = prop::sample::select(&EnregistrementStep::ALL[..]);
    let grant = (1u8..6, person(), person().prop_flat_map(terms_of)).prop_map(|(id, to, terms)| {
        let delegation = DelegationId::from_bytes([id; 16]);
        let delegataire = address(PEOPLE[to].1);
        CabinetCommand::Grant(GrantDelegation { delegation, delegataire, terms })
    });
    prop_oneof![
        4 => grant,
        2 => (1u8..6).prop_map(|id| CabinetCommand::Revoke {
            delegation: DelegationId::from_bytes([id; 16]),
        }),
        3 => (person(), order).prop_map(|(at, order)| {
            CabinetCommand::Account { person: PEOPLE[at].0, order }
        }),
        1 => (person(), step).prop_map(|(at, step)| {
            let (person, version) = (PEOPLE[at].0, "1".to_owned());
            CabinetCommand::RecordStep { person, step, version }
        }),
    ]
}

fn actor() -> impl Strategy<Value = Actor> {
    prop_oneof![Just(ROOT), person().prop_map(|at| Actor::Person { person: PEOPLE[at].0 })]
}

/// A world in which some of these orders went through, an hour from one to the next.
fn world(orders: Vec<(Actor, CabinetCommand)>) -> World {
    let mut world = World::founded();
    for (actor, command) in orders {
        world.second += 3_600;
        let _ = world.order(actor, command);
    }
    world
}

fn orders() -> impl Strategy<Value = Vec<(Actor, CabinetCommand)>> {
    prop::collection::vec((actor(), command()), 0..25)
}

fn questions(at: Timestamp) -> Vec<Question> {
    let mut all = Vec::new();
    for (who, _) in PEOPLE {
        for right in Right::ALL {
            let broad = question(who, right, at);
            let (workflow, channel) =
                (Some("attestation".into()), Some(Channel::Folder("a".into())));
            all.push(Question { workflow, channel, ..broad.clone() });
            all.push(broad);
        }
    }
    all
}

/// The answer without the versions "as known now".
fn verdict(answer: Answer) -> (bool, String) {
    match answer {
        Answer::Yes { basis: crate::Basis::Own, .. } => (true, "own".into()),
        Answer::Yes { basis: crate::Basis::Delegation { id, digest, .. }, .. } => {
            (true, format!("{id} {digest:?}"))
        }
        Answer::No { reasons } => (false, format!("{reasons:?}")),
    }
}

/// Accounts and sociétés that did not exist yet are told apart with hindsight; the verdict is not.
fn yes_or_basis(answer: Answer) -> (bool, String) {
    let (yes, why) = verdict(answer);
    (yes, if yes { why } else { String::new() })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn replaying_the_records_gives_the_same_registry(orders in orders()) {
        let world = world(orders);
        let mut again = Registry::default();
        for event in &world.events {
            again.apply(&CabinetEvent::decode(&event.encode()).unwrap()).unwrap();
        }
        prop_assert_eq!(again, world.registry);
    }

    #[test]
    fn later_events_never_change_answers_about_the_past(
        orders in orders(),
        later in orders(),
        back in 0i64..30,
    ) {
        let mut world = world(orders);
        let moment = world.now() - jiff::SignedDuration::from_hours(back);
        let before: Vec<_> =
            questions(moment).iter().map(|one| yes_or_basis(world.registry.may(one))).collect();
        for (actor, command) in later {
            world.second += 3_600;
            let _ = world.order(actor, command);
        }
        let after: Vec<_> =
            questions(moment).iter().map(|one| yes_or_basis(world.registry.may(one))).collect();
        prop_assert_eq!(before, after);
    }

    #[test]
    fn a_revocation_never_turns_no_into_yes(orders in orders(), id in 1u8..6) {
        let mut world = world(orders);
        world.second += 10;
        let at = world.now();
        let before: Vec<bool> =
            questions(at).iter().map(|one| world.registry.may(one).is_yes()).collect();
        let delegation = DelegationId::from_bytes([id; 16]);
        let _ = world.order(ROOT, CabinetCommand::Revoke { delegation });
        for (one, before) in questions(world.now()).iter().zip(before) {
            let after = world.registry.may(one);
            prop_assert!(before || !after.is_yes(), "{:?}", one);
            if let Answer::Yes { basis: crate::Basis::Delegation { id, .. }, .. } = after {
                prop_assert_ne!(id, delegation);
            }
        }
    }

    #[test]
    fn nobody_grants_to_himself_in_any_history(orders in orders()) {
        let world = world(orders);
        for delegation in world.registry.delegations() {
            let Delegataire::Account { person } = delegation.delegataire() else { continue };
            prop_assert_ne!(person, delegation.terms().delegant);
            prop_assert_ne!(delegation.granted_by(), Actor::Person { person });
        }
    }

    #[test]
    fn every_yes_names_all_that_it_stands_on(orders in orders(), next in (actor(), command())) {
        let mut world = world(orders);
        world.second += 10;
        let at = world.now();
        let before: Vec<Answer> = questions(at).iter().map(|one| world.registry.may(one)).collect();
        let events = world.order(next.0, next.1).unwrap_or_default();
        let touched: Vec<_> = events.iter().map(CabinetEvent::subject).collect();
        for (one, before) in questions(world.now()).iter().zip(before) {
            let Answer::Yes { stands_on, .. } = &before else { continue };
            if !stands_on.iter().any(|(subject, _)| touched.contains(subject)) {
                prop_assert!(world.registry.may(one).is_yes(), "{:?} after {:?}", one, events);
            }
        }
    }

    #[test]
    fn events_name_nobody(orders in orders()) {
        for event in &world(orders).events {
            let record = String::from_utf8_lossy(&event.encode()).into_owned();
            prop_assert!(!record.contains('@') && !record.contains("claire"), "{}", record);
        }
    }
}

#[test]
fn what_does_not_follow_is_refused() {
    let event = |change| CabinetEvent { at: World::empty().now(), actor: ROOT, change };
    let mut registry = Registry::default();
    let stray = event(CabinetChange::AccountDisabled { person: PAUL });
    assert!(matches!(registry.apply(&stray), Err(crate::Replay::Unknown(_))));
    let found = event(CabinetChange::CabinetCreated { name: "X".into() });
    registry.apply(&found).unwrap();
    assert!(matches!(registry.apply(&found), Err(crate::Replay::Twice(_))));
    assert!(CabinetEvent::decode(&[]).is_err());
    assert!(CabinetEvent::decode(&[9, b'{', b'}']).is_err());
    assert!(CabinetEvent::decode(b"\x01{\"at\":1}").is_err());
}
