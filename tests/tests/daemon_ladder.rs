//! The daemon's seals climb to their workflow's level by themselves, wait when they cannot, and are
//! judged by foreign programs.

use std::path::{Path, PathBuf};

use sceau_tests::cabinet::{Cabinet, SOCIETE};
use sceau_tests::daemon::Daemon;
use sceau_tests::folder::Watched;
use sceau_tests::ladder::LadderPki;
use sceau_tests::{fixtures, judges};
use serde_json::Value;

const LEVEL: &str = "PAdES-BASELINE-LTA";
const PENDING: &str = "ATTENTION - preuves en attente.txt";

/// A cabinet whose folder `archives` seals up to B-LTA.
fn archiving() -> Cabinet {
    let mut cabinet = Cabinet::uninitialised();
    cabinet.folders.push(("archives".into(), "conservation".into(), String::new()));
    cabinet
}

/// The same, whose certificates carry the addresses of its own daemon: those who validate may ask
/// there what their rules want to know of today.
fn reachable() -> Cabinet {
    let mut cabinet = archiving();
    let url = format!("http://{}", cabinet.http());
    cabinet.init_more.extend(["--pki-url".into(), url.clone().into()]);
    cabinet.extra = format!("\n[pki]\nbase_url = \"{url}\"\n");
    cabinet
}

/// The same, whose time stamps come from authorities of a foreign PKI on this very machine.
fn under(pki: &LadderPki, units: &[&str]) -> Cabinet {
    let mut cabinet = reachable();
    cabinet.time = asking(pki, units);
    cabinet
}

/// The `[time]` part of a configuration that asks these units.
fn asking(pki: &LadderPki, units: &[&str]) -> String {
    let trust = pki.path("root.pem");
    let unit = |name: &&str| {
        format!("[[time.tsa]]\nurl = \"{}\"\ntrust = \"{}\"\n", pki.tsa(name), trust.display())
    };
    units.iter().map(unit).collect()
}

fn only_dossier(cabinet: &Cabinet) -> Value {
    let dossiers = cabinet.dossiers();
    assert_eq!(dossiers.len(), 1, "{dossiers:?}");
    let id = dossiers[0]["dossier"].as_str().expect("an id").to_owned();
    cabinet.admin(["dossier", "show", &id, "--json"]).expect(0).json()
}

fn levels(dossier: &Value) -> Vec<String> {
    let events = dossier["events"].as_array().expect("events").iter();
    let levels = events.filter(|event| event["event"] == "level_reached");
    levels.map(|event| event["level"].as_str().expect("a level").to_owned()).collect()
}

fn expect_long_term(pdf: &Path, anchors: &Path) {
    let verdicts = judges::ask_long_term(pdf, anchors);
    let against = verdicts.against_long_term(LEVEL);
    assert!(against.is_empty(), "{against:#?}\n{verdicts:#?}");
}

/// As [`expect_long_term`], for certificates without addresses: pyHanko's validation after EN 319 102-1
/// asks the network what it needs to know of today, and has nobody to ask.
fn expect_long_term_offline(pdf: &Path, anchors: &Path) {
    let verdicts = judges::ask_long_term(pdf, anchors);
    let mut against = verdicts.against_long_term(LEVEL);
    against.retain(|text| !text.starts_with("pyHanko: \"CERTIFICATE_CHAIN_GENERAL_FAILURE"));
    assert!(against.is_empty(), "{against:#?}\n{verdicts:#?}");
}

/// The anchors of our own seal and of the foreign authority in one file.
fn both_anchors(cabinet: &Cabinet, pki: &LadderPki) -> PathBuf {
    let read = |path: PathBuf| std::fs::read_to_string(path).expect("anchors");
    let path = cabinet.path("anchors.pem");
    std::fs::write(&path, read(cabinet.anchors()) + &read(pki.path("root.pem"))).expect("written");
    path
}

/// The embedded default, with no address in its certificates and no network: B-LTA unaided, and the
/// level is told wherever the dossier is.
#[test]
fn the_embedded_default_climbs_to_b_lta_unaided() {
    let (cabinet, daemon) = archiving().finish_ready();
    let watched = cabinet.watched("archives");
    for (name, bytes) in
        [("simple", fixtures::small("climbs")), ("flux", fixtures::named("libreoffice"))]
    {
        watched.drop_file(format!("{name}.pdf"), &bytes);
        let sealed = watched.wait_delivered(name);
        assert!(std::fs::read(&sealed).expect("delivered").starts_with(&bytes), "rewritten");
        expect_long_term_offline(&sealed, &cabinet.anchors());
        cabinet.evidence_agrees(&sealed, &cabinet.anchors());
    }
    for line in cabinet.dossiers() {
        assert_eq!((&line["phase"], &line["level"]), (&"delivered".into(), &"B-LTA".into()));
        let id = line["dossier"].as_str().expect("an id");
        let shown = cabinet.admin(["dossier", "show", id, "--json"]).expect(0).json();
        assert_eq!(levels(&shown), ["B-T", "B-LT", "B-LTA"]);
        assert!(cabinet.admin(["dossier", "show", id]).expect(0).out.contains("level     B-LTA"));
        // Ten years of retention end just after the unit's certificate: once before.
        assert!(shown["renewal"]["due"].is_string(), "{}", shown["renewal"]);
    }
    assert!(cabinet.admin(["dossier", "list"]).expect(0).out.contains("B-LTA"));
    assert!(daemon.stop().success());
}

/// With addresses in its certificates every judge is content, pyHanko by the rules of the standard too.
#[test]
fn the_embedded_authority_that_is_reachable_contents_every_judge() {
    let (cabinet, daemon) = reachable().finish_ready();
    let watched = cabinet.watched("archives");
    watched.drop_file("acte.pdf", &fixtures::named("libreoffice"));
    let sealed = watched.wait_delivered("acte");
    expect_long_term(&sealed, &cabinet.anchors());
    cabinet.evidence_agrees(&sealed, &cabinet.anchors());
    assert!(daemon.stop().success());
}

/// Tokens that leave their intermediate authority out lead nowhere, which is told; they do once the operator
/// names that authority too.
#[test]
fn an_intermediate_authority_that_tokens_leave_out_is_named_by_the_operator() {
    let pki = LadderPki::start();
    let mut cabinet = Cabinet::uninitialised();
    cabinet.time = asking(&pki, &["tsa-bare"]);
    let mut cabinet = cabinet.finish();
    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    let watched = cabinet.watched("attestations");
    watched.drop_file("acte.pdf", &fixtures::small("by an intermediate authority"));
    watched.wait("sign of the authority", || {
        watched.find(watched.path(), |name| name.ends_with(b"horodatage indisponible.txt"))
    });
    let told = only_dossier(&cabinet)["trouble"].to_string();
    assert!(told.contains("no path leads from") && told.contains("ne tient pas"), "{told}");
    assert!(daemon.stop().success());

    let both = ["root.pem", "brief.pem"].map(|name| std::fs::read(pki.path(name)).expect("ours"));
    let trust = cabinet.path("tsa.pem");
    std::fs::write(&trust, both.concat()).expect("written");
    let root = pki.path("root.pem").display().to_string();
    cabinet.time = cabinet.time.replace(&root, &trust.display().to_string());
    cabinet.write_config();
    let daemon = Daemon::start(&cabinet);
    let sealed = watched.wait_delivered("acte");
    let config = cabinet.config();
    cabinet.sceau(["verify".into(), sealed.into(), "--config".into(), config.into()]).expect(0);
    assert!(daemon.stop().success());
}

/// A revocation source that may not be asked: the seal waits, and says why at every door; it climbs
/// once the source may be asked.
#[test]
fn a_level_that_cannot_be_reached_is_waited_for_and_told() {
    let pki = LadderPki::start();
    let mut cabinet = under(&pki, &["tsa2"]).finish();
    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    let watched = cabinet.watched("archives");
    watched.drop_file("attend.pdf", &fixtures::small("waits"));
    let note = wait_pending(&watched);
    assert!(note.contains("révoqués"), "{note}");
    let shown = only_dossier(&cabinet);
    assert_eq!((&shown["phase"], &shown["level"]), (&"running".into(), &"B-T".into()));
    assert_eq!(shown["trouble"]["code"], "revocation-pending");
    let detail = shown["trouble"]["detail"].as_str().expect("a detail");
    assert!(detail.contains("private network"), "{detail}");
    assert!(watched.find_delivered("attend").is_none(), "{}", watched.show());
    assert!(daemon.stop().success());

    cabinet.extra.push_str("\n[revocation]\nallow_private_network = true\ntimeout = \"5s\"\n");
    cabinet.write_config();
    let daemon = Daemon::start(&cabinet);
    let sealed = watched.wait_delivered("attend");
    assert_eq!(levels(&only_dossier(&cabinet)), ["B-T", "B-LT", "B-LTA"]);
    let anchors = both_anchors(&cabinet, &pki);
    expect_long_term(&sealed, &anchors);
    cabinet.evidence_agrees(&sealed, &anchors);
    watched.wait("the end of the sign", || {
        watched.find(watched.path(), |name| name == PENDING.as_bytes()).is_none().then_some(())
    });
    assert!(daemon.stop().success());
}

/// The seal's certificate is revoked while the seal climbs, after its time stamp: what was sealed
/// before stays good, and the file itself proves that it was before; nothing more is sealed.
#[test]
fn a_revocation_during_the_climb_spares_what_was_sealed_before() {
    let pki = LadderPki::start();
    let mut cabinet = under(&pki, &["tsa2"]).finish();
    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    let watched = cabinet.watched("archives");
    watched.drop_file("avant.pdf", &fixtures::small("before the revocation"));
    wait_pending(&watched);
    let order = ["ca", "revoke", "--societe", SOCIETE, "--reason", "cessation-of-operation"];
    cabinet.admin(order).expect(0);
    watched.drop_file("apres.pdf", &fixtures::small("after the revocation"));
    assert!(daemon.stop().success());

    cabinet.extra.push_str("\n[revocation]\nallow_private_network = true\n");
    cabinet.write_config();
    let daemon = Daemon::start(&cabinet);
    let sealed = watched.wait_delivered("avant");
    let anchors = both_anchors(&cabinet, &pki);
    let arguments = ["verify".into(), sealed.clone().into(), "--json".into()];
    let trust = ["--trust".into(), anchors.clone().into()];
    let report = cabinet.sceau(arguments.into_iter().chain(trust)).expect(0).json();
    let seal = &report["signatures"][0];
    assert_eq!(seal["level"], "B-LTA", "{seal:#}");
    assert_eq!(seal["revocation"][0]["status"], "revoked", "{seal:#}");
    let verdicts = judges::ask_long_term(&sealed, &anchors);
    let mut against = verdicts.against_long_term(LEVEL);
    // DSS, pdfsig and qpdf agree. pyHanko goes back to the moment of the revocation, as EN 319 102-1
    // §5.6.2.2 has it, and then validates the path there once more with its revocation, which §5.6.2.1
    // does not ask for: answers made after that moment do not count for it (`validate_ocsp.py`, "issued >
    // control_time"), and each that tells of the revocation was. An earlier one under a document timestamp
    // of before the revocation would be needed, and the seal was not there yet.
    // It says so as the one or the other, by the second of the answer.
    let own = ["REVOKED_NO_POE", "CERTIFICATE_CHAIN_GENERAL_FAILURE"];
    against.retain(|text| !own.iter().any(|one| text.starts_with(&format!("pyHanko: \"{one}"))));
    assert!(against.is_empty(), "{against:#?}\n{verdicts:#?}");
    watched.wait("the one after, stopped", || {
        (cabinet.dossiers_in(&["needs-person"]).len() == 1).then_some(())
    });
    assert!(watched.find_delivered("apres").is_none());
    assert!(daemon.stop().success());
}

/// The first authority is dead: the second one stamps, signature and document alike.
#[test]
fn time_stamping_authorities_are_asked_in_order() {
    let pki = LadderPki::start();
    let mut cabinet = under(&pki, &["nobody", "tsa2"]);
    cabinet.extra.push_str("\n[revocation]\nallow_private_network = true\n");
    let (cabinet, daemon) = cabinet.finish_ready();
    let watched = cabinet.watched("archives");
    watched.drop_file("relais.pdf", &fixtures::small("fail-over"));
    let sealed = watched.wait_delivered("relais");
    expect_long_term(&sealed, &both_anchors(&cabinet, &pki));
    assert!(daemon.stop().success());
}

/// A unit whose certificate has ended, and one that nobody trusts, seal nothing: it is told why, and the next
/// authority stamps what waits once there is one.
#[test]
fn an_authority_whose_unit_does_not_do_is_passed_over() {
    let pki = LadderPki::start();
    let mut cabinet = under(&pki, &["tsa-ended", "tsa-stranger"]);
    cabinet.extra.push_str("\n[revocation]\nallow_private_network = true\n");
    let (mut cabinet, daemon) = cabinet.finish_ready();
    let watched = cabinet.watched("archives");
    watched.drop_file("relais.pdf", &fixtures::small("passed over"));
    watched.wait("sign of authorities that do not do", || {
        watched.find(watched.path(), |name| name.ends_with(b"horodatage indisponible.txt"))
    });
    let shown = only_dossier(&cabinet);
    assert_eq!(shown["trouble"]["code"], "timestamp-unavailable", "{shown:#}");
    let detail = shown["trouble"]["detail"].as_str().expect("a detail");
    assert!(detail.contains("expired on") && detail.contains("no path leads"), "{detail}");
    assert!(daemon.stop().success());

    cabinet.time = asking(&pki, &["tsa-ended", "tsa-stranger", "tsa2"]);
    cabinet.write_config();
    let daemon = Daemon::start(&cabinet);
    let sealed = watched.wait_delivered("relais");
    assert_eq!(levels(&only_dossier(&cabinet)), ["B-T", "B-LT", "B-LTA"]);
    let arguments = ["verify".into(), sealed.into(), "--json".into()];
    let trust = ["--trust".into(), both_anchors(&cabinet, &pki).into()];
    let told = cabinet.sceau(arguments.into_iter().chain(trust)).expect(0).json();
    let stamps = told["signatures"].as_array().expect("a list").iter();
    for stamp in stamps.flat_map(|one| one["timestamps"].as_array().expect("a list").iter()) {
        assert!(stamp["authority"]["subject"].to_string().contains("deux"), "{told:#}");
    }
    assert!(daemon.stop().success());
}

/// A seal about whose certificate nobody can be asked cannot reach B-LT: `check` says so.
#[test]
fn check_refuses_a_level_that_no_seal_can_reach() {
    let cabinet = archiving().finish();
    cabinet.admin(["check"]).expect(0);
    std::fs::remove_file(cabinet.state().join("pki/root.crl")).expect("the root's list");
    let said = cabinet.admin(["check"]).expect(78);
    assert!(said.out.contains("up to B-LTA") && said.out.contains("revoked"), "{said}");
}

fn wait_pending(watched: &Watched) -> String {
    let note = watched.wait("sign of the level that waits", || {
        watched.find(watched.path(), |name| name == PENDING.as_bytes())
    });
    std::fs::read_to_string(note).expect("a note")
}
