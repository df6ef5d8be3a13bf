//! The dossier's machine, held by its rules: told cases, and random ones.

mod bench;
mod plugins;
mod random;

use jiff::SignedDuration;
use sceau_workflow::machine::kinds::{self, DELIVER, SEAL_FINISH, SEAL_PREPARE, SEAL_SIGN};
use sceau_workflow::machine::messages::ORIGIN_STOPPED;
use sceau_workflow::machine::{
    Command, DossierEvent, EffectRow, Fault, Outcome, Phase, Refusal, StepKinds,
};
use serde_json::{Value, json};

use crate::bench::*;

#[test]
fn a_dossier_goes_from_drop_to_delivery() {
    let mut bench = Bench::received(true);
    bench.done(SEAL_PREPARE, prepared("a"));
    bench.done(SEAL_SIGN, json!({ "signature": "ab" }));
    assert_eq!(bench.row(SEAL_FINISH).effect.lane, "tsa");
    bench.done(SEAL_FINISH, sealed());
    assert_eq!(bench.dossier().document, document("sealed"));
    assert_eq!(bench.row(DELIVER).effect.lane, "folder:depot");
    bench.done(DELIVER, delivered());
    assert_eq!(bench.dossier().phase, Phase::Delivered);
    assert!(matches!(bench.retry(), Err(Refusal::WrongPhase { .. })));
}

#[test]
fn a_missing_right_rejects_at_intake_and_retry_asks_again() {
    let mut bench = Bench::received(false);
    assert_eq!(bench.dossier().phase.failure().map(|f| f.code.as_str()), Some("right-missing"));
    bench.done(ORIGIN_STOPPED, Value::Null);
    bench.retry().expect("a rejected one may be retried");
    assert!(matches!(bench.dossier().phase, Phase::Rejected { .. }), "still no right");
    bench.grant();
    bench.retry().expect("a rejected one may be retried");
    assert_eq!(bench.dossier().phase, Phase::Running);
    bench.row(SEAL_PREPARE);
}

#[test]
fn a_right_that_went_before_the_act_stops_it() {
    let mut bench = Bench::received(true);
    bench.revoke();
    bench.done(SEAL_PREPARE, prepared("a"));
    assert!(matches!(bench.dossier().phase, Phase::Rejected { .. }));
    assert_eq!(bench.count(|event| matches!(event, DossierEvent::Authorised(_))), 0);
}

#[test]
fn another_delegation_means_another_preparation() {
    let mut bench = Bench::received(true);
    bench.revoke();
    bench.grant();
    bench.done(SEAL_PREPARE, prepared("a"));
    assert_eq!(bench.dossier().attempt, 2);
    assert_eq!(bench.count(|event| matches!(event, DossierEvent::Authorised(_))), 0);
    bench.done(SEAL_PREPARE, prepared("b"));
    bench.row(SEAL_SIGN);
}

#[test]
fn an_expired_authorisation_is_asked_for_again_for_the_same_act() {
    let mut bench = Bench::received(true);
    bench.done(SEAL_PREPARE, prepared("a"));
    let first = bench.dossier().authorised.clone().expect("authorised");
    bench.now += SignedDuration::from_mins(5);
    bench.done(SEAL_SIGN, json!("expired"));
    let second = bench.dossier().authorised.clone().expect("authorised");
    assert_eq!((first.act, first.attempt), (second.act, second.attempt));
    assert!(second.expires_at > first.expires_at);
    bench.revoke();
    bench.done(SEAL_SIGN, json!("expired"));
    assert!(matches!(bench.dossier().phase, Phase::Rejected { .. }));
}

#[test]
fn a_signature_outlives_a_dead_authority_and_nothing_else_does() {
    for (fault, kept) in [(Fault::Peer, true), (Fault::Ourselves, false)] {
        let mut bench = Bench::received(true);
        bench.done(SEAL_PREPARE, prepared("a"));
        bench.done(SEAL_SIGN, json!({ "signature": "ab" }));
        bench.failed(SEAL_FINISH, fault);
        assert!(matches!(bench.dossier().phase, Phase::NeedsPerson { .. }));
        bench.retry().expect("a stopped one may be retried");
        let kind = if kept { SEAL_FINISH } else { SEAL_PREPARE };
        assert_eq!(bench.row(kind).attempt, 2);
        assert_eq!(bench.dossier().state.get("signature").is_some(), kept);
    }
}

#[test]
fn a_time_stamp_that_needs_more_room_begins_again() {
    let mut bench = Bench::received(true);
    bench.done(SEAL_PREPARE, prepared("a"));
    bench.done(SEAL_SIGN, json!({ "signature": "ab" }));
    bench.done(SEAL_FINISH, json!({ "hole_too_small": { "timestamp_len": 9000 } }));
    let row = bench.row(SEAL_PREPARE);
    assert_eq!((row.attempt, &row.effect.payload["timestamp_len"]), (2, &json!(9000)));
}

#[test]
fn an_answer_that_nobody_understands_asks_for_a_person() {
    let mut bench = Bench::received(true);
    bench.done(SEAL_PREPARE, json!("?"));
    assert_eq!(bench.dossier().phase.failure().map(|f| f.code.as_str()), Some("unexpected-answer"));
    let mut bench = Bench::received(true);
    bench.done(SEAL_PREPARE, prepared("a"));
    bench.done(SEAL_SIGN, json!({ "signature": 1 }));
    assert!(matches!(bench.dossier().phase, Phase::NeedsPerson { .. }));
}

#[test]
fn outcomes_of_attempts_that_are_over_change_nothing() {
    let mut bench = Bench::received(true);
    let first = bench.row(SEAL_PREPARE);
    bench.failed(SEAL_PREPARE, Fault::Ourselves);
    bench.retry().expect("a stopped one may be retried");
    let second = bench.row(SEAL_PREPARE);
    let value = || Outcome::Done { value: prepared("late") };
    let stale = [
        outcome(&first, value()),
        outcome(&EffectRow { attempt: first.attempt, ..second.clone() }, value()),
        outcome(&EffectRow { step: 1, ..second }, value()),
    ];
    for command in stale {
        assert!(matches!(bench.ask(&command), Err(Refusal::Stale { .. })));
    }
    bench.row(SEAL_PREPARE);
}

#[test]
fn a_cancelled_dossier_tells_its_folder_and_wants_nothing_more() {
    let mut bench = Bench::received(true);
    let cancel = Command::Cancel { by: "test".into(), reason: "essai".into() };
    bench.ask(&cancel).expect("a living one may be cancelled");
    assert_eq!(bench.dossier().phase, Phase::Cancelled);
    bench.done(ORIGIN_STOPPED, Value::Null);
    assert!(matches!(bench.ask(&cancel), Err(Refusal::WrongPhase { .. })));
    assert!(matches!(bench.retry(), Err(Refusal::WrongPhase { .. })));
}

#[test]
fn a_kind_that_is_gone_asks_for_a_person_and_goes_on_once_it_is_back() {
    let mut bench = Bench::new(true);
    bench.kinds = StepKinds::default().with(kinds::Deliver);
    bench.ask(&Command::Receive(Box::new(received()))).expect("received");
    assert_eq!(bench.dossier().phase.failure().map(|f| f.code.as_str()), Some("step-unavailable"));
    bench.kinds = kinds::standard();
    bench.retry().expect("a stopped one may be retried");
    bench.row(SEAL_PREPARE);
    bench.kinds = StepKinds::default().with(kinds::Deliver);
    bench.done(SEAL_PREPARE, prepared("a"));
    assert!(matches!(bench.dossier().phase, Phase::NeedsPerson { .. }));
}
