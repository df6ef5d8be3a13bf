//! `sceau societe seal`: a second société seals, and a seal is renewed under a running daemon.

use std::path::Path;
use std::time::Duration;

use sceau_tests::cabinet::{ADMIN, Cabinet, SOCIETE, STABILITY, owner_only};
use sceau_tests::daemon::Daemon;
use sceau_tests::fixtures;
use sceau_tests::program::{Said, binary, sceau};

const AUDIT: &str = "exemple-audit";
const AUDIT_SIREN: &str = "552100554";

/// A document that no other drop equals.
fn document(name: &str) -> Vec<u8> {
    let fixture = fixtures::all().into_iter().next().expect("a fixture");
    let mut bytes = std::fs::read(fixture).expect("a fixture");
    bytes.extend_from_slice(format!("%{name}\n").as_bytes());
    bytes
}

/// What `sceau verify` tells of a valid document.
fn verified(cabinet: &Cabinet, sealed: &Path) -> String {
    let trust = cabinet.anchors();
    let arguments = ["verify".as_ref(), sealed, "--json".as_ref(), "--trust".as_ref(), &trust];
    sceau(arguments).expect(0).out
}

fn seal(cabinet: &Cabinet, code: &str, more: &[&str]) -> Said {
    let mut arguments = vec!["societe", "seal", code, "--json"];
    arguments.extend(more);
    cabinet.admin(arguments)
}

/// A second société, whose expert-comptable is the administrator, and a folder that seals for it.
fn with_second_societe(cabinet: &mut Cabinet) {
    let add = ["societe", "add", AUDIT, "--name", "Exemple Audit", "--siren", AUDIT_SIREN];
    cabinet.admin(add).expect(0);
    let roles = ["account", "roles", ADMIN, "--admin", "--expert-comptable", SOCIETE];
    cabinet.admin(roles.into_iter().chain(["--expert-comptable", AUDIT])).expect(0);
    let place = cabinet.path("watch/audit");
    std::fs::create_dir(&place).expect("a watched folder");
    owner_only(&place, 0o750);
    cabinet.extra = format!(
        "\n[[folder]]\nname = \"audit\"\npath = \"{}\"\nworkflow = \"attestation\"\n\
         account = \"{ADMIN}\"\nsociete = \"{AUDIT}\"\nstability = \"{}s\"\n",
        place.display(),
        STABILITY.as_secs()
    );
    cabinet.write_config();
}

#[test]
fn a_second_societe_seals_once_it_has_its_seal() {
    let (mut cabinet, daemon) = Cabinet::ready();
    with_second_societe(&mut cabinet);
    assert!(daemon.stop().success());

    let mut refused = Daemon::spawn(&cabinet, binary(), &[]);
    let status = refused.wait(Duration::from_secs(30)).expect("it does not start");
    assert_eq!(status.code(), Some(78), "{}", refused.log());
    let told = "folder `audit`: the société `exemple-audit` has no seal; `sceau societe seal exemple-audit`";
    assert!(refused.log().contains(told), "{}", refused.log());

    let made = seal(&cabinet, AUDIT, &[]).expect(0).json();
    assert_eq!((&made["tested_level"], &made["restart_needed"]), (&"B-T".into(), &false.into()));
    let again = seal(&cabinet, AUDIT, &[]).expect(1);
    assert!(again.json()["refused"][0].as_str().expect("a reason").contains("--renew"), "{again}");

    let daemon = Daemon::start(&cabinet);
    let watched = cabinet.watched("audit");
    watched.drop_file("audit.pdf", &document("audit"));
    let report = verified(&cabinet, &watched.wait_delivered("audit"));
    assert!(report.contains(&format!("NTRFR-{AUDIT_SIREN}")), "{report}");
    assert!(daemon.stop().success());
}

#[test]
fn a_seal_is_renewed_while_the_daemon_runs_and_used_from_its_next_start() {
    let (cabinet, daemon) = Cabinet::ready();
    let watched = cabinet.watched("attestations");
    watched.drop_file("one.pdf", &document("one"));
    let first = watched.wait_delivered("one");
    let renewed = seal(&cabinet, SOCIETE, &["--renew"]).expect(0).json();
    assert_eq!(renewed["restart_needed"], true);
    let serial = renewed["serial"].as_str().expect("a serial number");

    watched.drop_file("two.pdf", &document("two"));
    let before = verified(&cabinet, &watched.wait_delivered("two"));
    assert!(
        !before.contains(serial),
        "the daemon took the new seal up before its restart: {before}"
    );
    assert!(daemon.stop().success());

    let daemon = Daemon::start(&cabinet);
    watched.drop_file("three.pdf", &document("three"));
    let sealed = watched.wait_delivered("three");
    let after = verified(&cabinet, &sealed);
    cabinet.evidence_agrees(&sealed, &cabinet.anchors());
    assert!(after.contains(serial), "{after}");
    verified(&cabinet, &first);
    assert!(daemon.stop().success());
}

#[test]
fn unknown_and_closed_societes_and_unknown_places_are_refused() {
    let (cabinet, daemon) = Cabinet::ready();
    seal(&cabinet, "nobody", &[]).expect(1);
    cabinet.admin(["societe", "close", SOCIETE]).expect(0);
    let closed = seal(&cabinet, SOCIETE, &["--renew"]).expect(1);
    assert!(closed.err.contains("is closed since"), "{closed}");
    assert!(daemon.stop().success());
    seal(&cabinet, SOCIETE, &["--renew"]).expect(1);
    let nowhere = cabinet.path("nowhere");
    let arguments = ["societe".as_ref(), "seal".as_ref(), SOCIETE.as_ref(), "--config".as_ref()];
    sceau(arguments.into_iter().chain([nowhere.as_os_str()])).expect(64);
}
