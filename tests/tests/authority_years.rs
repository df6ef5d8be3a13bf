//! The real daemon's authority while years go by: it is renewed before its end, what it issued outlives it, and
//! nothing outlives its root.

use std::ffi::OsString;
use std::path::PathBuf;

use sceau_tests::cabinet::{Cabinet, SOCIETE};
use sceau_tests::clock::Clock;
use sceau_tests::daemon::Daemon;
use sceau_tests::exit::INDETERMINATE;
use sceau_tests::fixtures;
use sceau_tests::judges::{Later, Policy};
use sceau_tests::years::{
    ByPyhanko, DAY, archiving, end_of, expect_later, expect_today, moment, openssl, renewed,
    stamps, verify, with_renewal,
};
use serde_json::Value;

/// The status of the newest time stamp's certificate stands nowhere in the file, and everything else now
/// rests on that time stamp: DSS does not ask for it.
const AFTER_ITS_END: Policy = Policy::NoRevocation;
const IN_FORCE: ByPyhanko = ("OK", true);
/// A limit of pyHanko's own, where the authority's first certificate has ended: it calls that a general
/// failure of the chain, and its validation of the past goes on from an ended certificate of a signer only
/// (`_ades_past_signature_validation` in its `ades.py`), although its time slide has just found the moment
/// at which the time stamp held. That the authority's next certificate, which the file holds too, bears the
/// same key and makes a chain in force, it does not say: it tells the fault of the first chain that it
/// tried (`find_valid_path`). DSS goes on.
const UNDER_AN_ENDED_AUTHORITY: ByPyhanko = ("CERTIFICATE_CHAIN_GENERAL_FAILURE", false);

/// The name of what a command kept aside, beneath `pki/`.
fn earlier(made: &Value) -> String {
    let path = PathBuf::from(made["earlier"].as_str().expect("a path"));
    path.file_name().expect("a name").to_str().expect("ours").to_owned()
}

/// What the daemon wrote since it wrote so much.
fn log_since(daemon: &Daemon, before: usize) -> String {
    daemon.log()[before..].to_owned()
}

fn new_seal_and_unit(cabinet: &Cabinet) -> String {
    cabinet.admin(["ca", "renew-tsu"]).expect(0);
    let renew = ["societe", "seal", SOCIETE, "--renew", "--json"];
    earlier(&cabinet.admin(renew).expect(0).json())
}

/// openssl by chain, status and list: a certificate under either certificate of the authority.
fn is_good_under(cabinet: &Cabinet, certificate: &str, issuing: &str) {
    let chain = ["verify", "-CAfile", "root.pem", "-untrusted", issuing, certificate];
    openssl(cabinet, &chain).expect(0);
    let url = format!("http://{}/pki/ocsp", cabinet.http());
    let ask = ["ocsp", "-issuer", issuing, "-cert", certificate, "-url", &url];
    let trust = ["-CAfile", "root.pem", "-verify_other", issuing];
    let said = openssl(cabinet, &[&ask[..], &trust].concat()).expect(0);
    assert!(said.out.contains(": good") && said.all().contains("verify OK"), "{said}");
    let list = cabinet.path("issuing.crl").display().to_string();
    cabinet.admin(["ca", "crl", &list]).expect(0);
    let verify = ["crl", "-inform", "DER", "-in", &list, "-noout", "-CAfile", issuing];
    assert!(openssl(cabinet, &verify).expect(0).all().contains("verify OK"));
}

/// Fifty days before its end the log names the remedy; what the first certificate issued stays good and
/// is renewed under the next one, beyond the end of the first.
#[test]
fn the_issuing_authority_is_renewed_and_outlives_its_first_certificate() {
    let mut cabinet = archiving();
    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    assert!(daemon.stop().success());
    let first_end = end_of(&cabinet, "issuing.pem");
    cabinet.clock = Clock::at(first_end - DAY * 50);
    new_seal_and_unit(&cabinet);
    assert_eq!(end_of(&cabinet, "tsu.pem"), first_end, "nothing outlives its issuer");
    let daemon = Daemon::start(&cabinet);
    let log = daemon.log();
    assert!(log.contains("issuing authority") && log.contains("sceau ca renew-issuing"), "{log}");
    let watched = cabinet.watched("archives");
    watched.drop_file("acte.pdf", &fixtures::small("under the first certificate"));
    let first = watched.wait_delivered("acte");
    let due = moment(&with_renewal(&cabinet)["renewal"]["due"]);
    assert!(daemon.stop().success());

    let before = earlier(&cabinet.admin(["ca", "renew-issuing", "--json"]).expect(0).json());
    assert!(before.starts_with("issuing."), "{before}");
    assert_eq!(end_of(&cabinet, &before), first_end);
    assert!(end_of(&cabinet, "issuing.pem") > first_end + DAY * 365 * 9, "the root's end");
    let list = ["crl", "-inform", "DER", "-in", "root.crl", "-noout", "-CAfile", "root.pem"];
    assert!(openssl(&cabinet, &list).expect(0).all().contains("verify OK"));
    let old_seal = new_seal_and_unit(&cabinet);
    cabinet.clock = Clock::at(due);
    let so_far = log.len();
    let daemon = Daemon::start(&cabinet);
    let second = renewed(&watched);
    assert_eq!(stamps(&std::fs::read(&second).expect("delivered")), 2);
    watched.drop_file("neuf.pdf", &fixtures::small("under the next certificate"));
    let new = watched.wait_delivered("neuf");
    let log = log_since(&daemon, so_far);
    assert!(!log.contains("a certificate ends soon"), "{log}");
    for issuing in [&before, "issuing.pem"] {
        is_good_under(&cabinet, &old_seal, issuing);
        is_good_under(&cabinet, "seal-exemple.pem", issuing);
    }
    let judges = Later::start(cabinet.clock);
    for pdf in [&first, &second, &new] {
        expect_today(&judges, pdf, &cabinet.anchors());
        verify(&cabinet, pdf, cabinet.clock.now(), 0);
    }
    assert!(daemon.stop().success());

    cabinet.clock = Clock::at(first_end + DAY * 365);
    let daemon = Daemon::start(&cabinet);
    let judges = Later::start(cabinet.clock);
    for (pdf, expected) in [(&second, UNDER_AN_ENDED_AUTHORITY), (&new, IN_FORCE)] {
        expect_later(&judges, pdf, &cabinet.anchors(), AFTER_ITS_END, expected);
        verify(&cabinet, pdf, cabinet.clock.now(), 0);
    }
    verify(&cabinet, &first, cabinet.clock.now(), INDETERMINATE);
    assert!(daemon.stop().success());
}

/// The root's own end is warned about; until then its authority is renewed, and never beyond.
#[test]
fn nothing_outlives_the_root_and_its_end_is_told() {
    let mut cabinet = archiving();
    let root_end = end_of(&cabinet, "root.pem");
    cabinet.clock = Clock::at(root_end - DAY * 50);
    cabinet.admin(["ca", "renew-issuing"]).expect(0);
    assert_eq!(end_of(&cabinet, "issuing.pem"), root_end);
    let again = cabinet.admin(["ca", "renew-issuing"]).expect(1);
    assert!(again.err.contains("nothing that it issues outlives it"), "{again}");
    new_seal_and_unit(&cabinet);
    let daemon = Daemon::start(&cabinet);
    let log = daemon.log();
    assert!(log.contains("root authority"), "{log}");
    assert!(daemon.stop().success());
    cabinet.clock = Clock::at(root_end + DAY);
    let ended = cabinet.admin(["ca", "renew-issuing"]).expect(1);
    assert!(ended.err.contains("the root's certificate is valid from"), "{ended}");
}

/// The root's key was taken out of the state: nothing is renewed without it, nor with another key.
#[test]
fn the_roots_key_is_brought_for_the_ceremony_alone() {
    let cabinet = archiving();
    let pki = || {
        let files = sceau_tests::folder::files(&cabinet.state().join("pki")).into_iter();
        files.map(|path| (std::fs::read(&path).expect("ours"), path)).collect::<Vec<_>>()
    };
    let (before, kept) = (pki(), cabinet.path("root.p8"));
    let export = ["ca", "export-root", "--remove", "--state"].map(Into::into);
    let places = [cabinet.state().into(), "--secret-file".into(), cabinet.secret().into()];
    cabinet.sceau(export.into_iter().chain(places).chain([kept.clone().into()])).expect(0);
    let without = cabinet.admin(["ca", "renew-issuing", "--json"]).expect(1);
    assert!(without.err.contains("--root-key") && without.out.contains("refused"), "{without}");
    let renew = |file: PathBuf| {
        let order: [OsString; 3] = ["ca", "renew-issuing", "--root-key"].map(Into::into);
        cabinet.admin(order.into_iter().chain([file.into()]))
    };
    let other = renew(cabinet.state().join("keys/issuing.p8"));
    assert_eq!(other.code, Some(74), "{other}");
    let none = renew(cabinet.path("none.p8"));
    assert_eq!(none.code, Some(74), "{none}");
    assert!(pki().iter().filter(|one| !one.1.ends_with(".seal.lock")).eq(before.iter()));
    renew(kept).expect(0);
    assert!(pki().len() > before.len());
    let offline = std::fs::read_dir(cabinet.state().join("offline")).expect("offline").count();
    assert_eq!(offline, 0, "the key stays where it was brought from");
}
