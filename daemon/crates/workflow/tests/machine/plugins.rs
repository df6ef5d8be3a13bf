//! Steps of plugins: what their answers lead to.

use sceau_cabinet::SocieteId;
use sceau_workflow::machine::kinds::{PLUGIN, SEAL_PREPARE};
use sceau_workflow::machine::messages::ORIGIN_STOPPED;
use sceau_workflow::machine::{Digest, DossierEvent, Fault, Phase};
use serde_json::{Value, json};

use crate::bench::*;

#[test]
fn a_validation_opens_for_accept_alone() {
    let verdict = |verdict: &str| {
        let findings = json!([["Il manque le nom.", "The name is missing."]]);
        json!({ "does": "validate", "verdict": verdict, "findings": findings, "result": {} })
    };
    let mut bench = Bench::at_plugin("validate");
    bench.done(PLUGIN, verdict("accept"));
    bench.row(SEAL_PREPARE);
    for (value, rejected) in [
        (verdict("reject"), true),
        (verdict("review"), false),
        (verdict("acept"), false),
        (json!({ "does": "notify", "result": {} }), false),
        (json!({ "does": "route", "outcome": "on", "result": {} }), false),
        (Value::Null, false),
    ] {
        let mut bench = Bench::at_plugin("validate");
        bench.done(PLUGIN, value);
        assert_eq!(matches!(bench.dossier().phase, Phase::Rejected { .. }), rejected);
        assert!(bench.dossier().phase.failure().is_some(), "it stopped");
        assert!(!bench.rows.values().any(|row| row.effect.kind == SEAL_PREPARE), "and stays so");
    }
    let mut bench = Bench::at_plugin("validate");
    bench.failed(PLUGIN, Fault::Configuration);
    assert!(matches!(bench.dossier().phase, Phase::NeedsPerson { .. }));
}

#[test]
fn a_route_leads_only_where_the_workflow_says() {
    let decided = |outcome: &str| json!({ "does": "route", "outcome": outcome, "result": {} });
    let mut bench = Bench::at_plugin("route");
    bench.done(PLUGIN, decided("on"));
    bench.row(SEAL_PREPARE);
    for (outcome, code) in [("elsewhere", "plugin-outcome"), ("lost", "route-unknown")] {
        let mut bench = Bench::at_plugin("route");
        bench.done(PLUGIN, decided(outcome));
        assert_eq!(bench.dossier().phase.failure().map(|f| f.code.as_str()), Some(code));
    }
    let mut bench = Bench::at_plugin("route");
    bench.done(PLUGIN, decided("other"));
    let received = &bench.dossier().received;
    assert_eq!(received.workflow, "plaquette");
    assert_eq!(received.definition, Digest::of(b"plaquette"));
    assert_eq!(bench.dossier().step, 0);
    let named = bench.dossier().results[0].named.as_ref().expect("it keeps its name");
    assert_eq!((named.id.as_str(), named.kind.as_str()), ("check", "plugin"));
    bench.row(SEAL_PREPARE);
}

#[test]
fn a_routed_dossier_is_asked_for_its_rights_anew() {
    let mut bench = Bench::at_plugin("route");
    bench.revoke();
    bench.done(PLUGIN, json!({ "does": "route", "outcome": "other", "result": {} }));
    assert_eq!(bench.dossier().received.workflow, "plaquette");
    assert_eq!(bench.dossier().phase.failure().map(|f| f.code.as_str()), Some("right-missing"));
    bench.grant();
    bench.retry().expect("a rejected one may be retried");
    bench.row(SEAL_PREPARE);
}

/// What the workflow file says of an outcome decides in whose name the dossier goes on; whoever may act for
/// one société may not act for another by a plugin's choice.
#[test]
fn a_dossier_that_is_routed_to_another_societe_needs_the_right_there() {
    let theirs = || json!({ "does": "route", "outcome": "theirs", "result": {} });
    let durand: SocieteId = "durand".parse().expect("a code");
    let mut bench = Bench::at_plugin("route");
    bench.done(PLUGIN, theirs());
    let before = bench.dossier();
    assert_eq!(before.received.societe, durand);
    assert_eq!(before.phase.failure().map(|f| f.code.as_str()), Some("right-missing"));
    let mut bench = Bench::at_plugin("route");
    bench.grant_for(&durand);
    bench.done(PLUGIN, theirs());
    bench.row(SEAL_PREPARE);
    bench.revoke();
    let act = Digest::of(b"act");
    bench.done(SEAL_PREPARE, json!({ "act": act, "session": {} }));
    assert_eq!(bench.count(|event| matches!(event, DossierEvent::Authorised(_))), 0);
    assert_eq!(bench.dossier().phase.failure().map(|f| f.code.as_str()), Some("right-missing"));
    assert_eq!(bench.dossier().received.societe, durand, "replayed as it is told");
}

/// What a validation found stays with the dossier that it stopped, beside the sentences.
#[test]
fn a_verdict_that_stops_a_dossier_keeps_what_was_found() {
    for verdict in ["reject", "review"] {
        let mut bench = Bench::at_plugin("validate");
        let result = json!({ "plugin_sha256": "00", "report": { "findings": [{ "page": 2 }] } });
        bench.done(
            PLUGIN,
            json!({
                "does": "validate", "verdict": verdict, "findings": [["Constat.", "Finding."]],
                "result": result,
            }),
        );
        let failure = bench.dossier().phase.failure().expect("it stopped");
        assert_eq!(failure.result.as_deref(), Some(&result), "{verdict}");
        let told = &bench.row(ORIGIN_STOPPED).effect.payload["failure"];
        assert!(told["fr"].as_str().is_some_and(|fr| fr.contains("Constat.")), "{told}");
        assert_eq!(told.get("result"), None, "the folder's note is made of sentences");
    }
}
