//! Where a routing plugin may lead: only where the workflow says, and only with the right there.

use sceau_tests::cabinet::{ADMIN, COLLABORATOR, SOCIETE};
use sceau_tests::daemon::Daemon;
use sceau_tests::fixtures;

use super::{cabinet, install, parcel, stopped};

#[test]
fn a_routing_plugin_hands_the_dossier_to_another_workflow() {
    let step = "plugin = \"router\"\nversion = \"1.0.0\"\ndoes = \"route\"\n\
                outcomes = { fiscal = { workflow = \"attestation\" }, rest = \"continue\" }";
    let cabinet = cabinet("routed", step);
    install(&cabinet, &parcel(&cabinet, "router", "route", ""), "--yes").expect(0);
    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    let watched = cabinet.watched("routed");
    watched.drop_file("liasse.pdf", &fixtures::small("routed"));
    watched.wait_delivered("liasse");
    let evidence = watched.evidence("liasse");
    assert_eq!(evidence["workflow"]["name"], "attestation");
    assert_eq!(evidence["steps"][0]["kind"], "plugin", "{:#}", evidence["steps"]);
    let events = evidence["events"].as_array().expect("events");
    assert!(events.iter().any(|event| event["event"]["event"] == "routed"), "{events:#?}");
    assert!(daemon.stop().success());
}

/// An outcome names a société too: the dossier goes on in its name, with its seal, for whoever has the right
/// there, and for nobody else.
#[test]
fn a_routing_plugin_hands_the_dossier_to_another_societe() {
    const AUDIT: &str = "exemple-audit";
    let step = format!(
        "plugin = \"router\"\nversion = \"1.0.0\"\ndoes = \"route\"\noutcomes = {{ fiscal = \
         {{ workflow = \"attestation\", societe = \"{AUDIT}\" }}, rest = \"continue\" }}"
    );
    let cabinet = cabinet("routed", &step);
    install(&cabinet, &parcel(&cabinet, "router", "route", ""), "--yes").expect(0);
    let daemon = Daemon::start(&cabinet);
    let add = ["societe", "add", AUDIT, "--name", "Exemple Audit", "--siren", "552100554"];
    cabinet.admin(add).expect(0);
    let roles = ["account", "roles", ADMIN, "--admin", "--expert-comptable", SOCIETE];
    cabinet.admin(roles.into_iter().chain(["--expert-comptable", AUDIT])).expect(0);
    assert!(daemon.stop().success());
    cabinet.admin(["societe", "seal", AUDIT]).expect(0);
    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    let watched = cabinet.watched("routed");
    watched.drop_file("sans-droit.pdf", &fixtures::small("no right there"));
    watched.wait_rejected("sans-droit");
    let shown = stopped(&cabinet, "rejected");
    assert_eq!(shown["trouble"]["code"], "right-missing", "{shown:#}");
    let grant = ["delegation", "grant", "--by", ADMIN, "--to", COLLABORATOR, "--right", "sceller"];
    cabinet.admin(grant.into_iter().chain(["--societe", AUDIT])).expect(0);
    watched.drop_file("liasse.pdf", &fixtures::small("routed to another"));
    watched.wait_delivered("liasse");
    let evidence = watched.evidence("liasse");
    assert_eq!(evidence["societe"]["id"], AUDIT, "{:#}", evidence["societe"]);
    let sealed = cabinet.watched("routed").wait_delivered("liasse");
    let verify = ["verify".into(), sealed.into(), "--json".into(), "--trust".into()];
    let said = cabinet.sceau(verify.into_iter().chain([cabinet.anchors().into()])).expect(0);
    assert!(said.out.contains("CN=Exemple Audit, "), "with the seal of that société: {said}");
    let events = evidence["events"].as_array().expect("events");
    let routed = events.iter().find(|event| event["event"]["event"] == "routed");
    assert_eq!(routed.expect("it was routed")["event"]["societe"], AUDIT);
    assert!(daemon.stop().success());
}
