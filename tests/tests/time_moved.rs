//! The real daemon while years go by: a seal that it lifts to B-LTA by itself is renewed before its proof
//! ends, and what was not renewed is proven no longer.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use sceau_tests::cabinet::{COLLABORATOR, Cabinet, SOCIETE};
use sceau_tests::clock::Clock;
use sceau_tests::daemon::Daemon;
use sceau_tests::exit::INDETERMINATE;
use sceau_tests::folder::{PATIENCE, Watched};
use sceau_tests::http::request;
use sceau_tests::judges::{Later, Policy};
use sceau_tests::program::{Said, run};
use sceau_tests::{fixtures, until};
use serde_json::Value;

const LEVEL: &str = "PAdES-BASELINE-LTA";
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// The status of the newest time stamp's certificate stands nowhere in the file, and everything else now
/// rests on that time stamp: DSS does not ask for it.
const AFTER_ITS_END: Policy = Policy::NoRevocation;
/// What pyHanko says after EN 319 102-1 §5.6.3 of a seal, and whether it trusts it by its certificate of
/// today, which it does of none that has ended.
type ByPyhanko = (&'static str, bool);
const PROVEN: ByPyhanko = ("OK", false);
const IN_FORCE: ByPyhanko = ("OK", true);
/// A limit of pyHanko's own, where the authority's first certificate has ended: it calls that a general
/// failure of the chain, and its validation of the past goes on from an ended certificate of a signer only
/// (`_ades_past_signature_validation` in its `ades.py`), although its time slide has just found the moment
/// at which the time stamp held. That the authority's next certificate, which the file holds too, bears the
/// same key and makes a chain in force, it does not say: it tells the fault of the first chain that it
/// tried (`find_valid_path`). DSS goes on.
const UNDER_AN_ENDED_AUTHORITY: ByPyhanko = ("CERTIFICATE_CHAIN_GENERAL_FAILURE", false);

/// A cabinet whose folder `archives` seals up to B-LTA, and whose daemon answers for its certificates.
fn archiving() -> Cabinet {
    archiving_with("p256", Clock::default())
}

/// The same with keys of a kind, made at the time of a clock.
fn archiving_with(key_type: &str, clock: Clock) -> Cabinet {
    let mut cabinet = Cabinet::uninitialised();
    cabinet.clock = clock;
    cabinet.folders.push(("archives".into(), "conservation".into(), String::new()));
    let url = format!("http://{}", cabinet.http());
    cabinet.init_more.extend(["--pki-url".into(), url.clone().into()]);
    cabinet.init_more.extend(["--key-type".into(), key_type.into()]);
    cabinet.extra = format!("\n[pki]\nbase_url = \"{url}\"\npublic_tsa = true\n");
    cabinet.finish()
}

fn only_dossier(cabinet: &Cabinet) -> Value {
    let dossiers = cabinet.dossiers();
    assert_eq!(dossiers.len(), 1, "{dossiers:?}");
    let id = dossiers[0]["dossier"].as_str().expect("an id").to_owned();
    cabinet.admin(["dossier", "show", &id, "--json"]).expect(0).json()
}

fn moment(value: &Value) -> Timestamp {
    value.as_str().expect("a moment").parse().expect("a moment")
}

fn names(events: &[Value]) -> Vec<&str> {
    events.iter().filter_map(|event| event["event"].as_str()).collect()
}

/// The only dossier, once its renewal is planned: right after its delivery.
fn with_renewal(cabinet: &Cabinet) -> Value {
    until("renewal that is planned", PATIENCE, || {
        let dossier = only_dossier(cabinet);
        dossier["renewal"].is_object().then_some(dossier)
    })
}

/// All judges are content with a seal whose certificate is in force.
fn expect_today(judges: &Later, pdf: &Path, anchors: &Path) {
    let verdicts = judges.ask_long_term(pdf, anchors, Policy::Strict);
    let against = verdicts.against_long_term(LEVEL);
    assert!(against.is_empty(), "{against:#?}\n{verdicts:#?}");
}

/// The same once that certificate, or the unit's, has ended.
fn expect_later(judges: &Later, pdf: &Path, anchors: &Path, policy: Policy, expected: ByPyhanko) {
    let verdicts = judges.ask_long_term(pdf, anchors, policy);
    let mut against = verdicts.against_long_term(LEVEL);
    against.retain(|text| !text.starts_with("pyHanko: \"") && text != "pyHanko: trusted is false");
    assert!(against.is_empty(), "{against:#?}\n{verdicts:#?}");
    let told = &verdicts.pyhanko["signatures"][0];
    assert_eq!((&told["ades"], &told["trusted"]), (&expected.0.into(), &expected.1.into()));
}

fn verify(cabinet: &Cabinet, pdf: &Path, at: Timestamp, code: i32) {
    verify_by(cabinet, &cabinet.anchors(), pdf, at, code);
}

fn verify_by(cabinet: &Cabinet, anchors: &Path, pdf: &Path, at: Timestamp, code: i32) {
    let arguments = ["verify".into(), pdf.into(), "--at".into(), at.to_string().into()];
    let trust = ["--trust".into(), anchors.into()];
    cabinet.sceau(arguments.into_iter().chain(trust)).expect(code);
}

/// How many document time stamps stand in a file.
fn stamps(pdf: &[u8]) -> usize {
    let name = b"/ETSI.RFC3161";
    pdf.windows(name.len()).filter(|window| window == name).count()
}

fn renewed(watched: &Watched) -> PathBuf {
    watched.wait_delivered("acte.renouvele-")
}

/// The copy that the archive gives now.
fn archived(cabinet: &Cabinet, dossier: &Value) -> Vec<u8> {
    let id = dossier["dossier"].as_str().expect("an id");
    let bearer = format!("Bearer {}", cabinet.token(COLLABORATOR, "read"));
    let path = format!("/api/v1/dossiers/{id}/document");
    let headers = [("Authorization", bearer.as_str())];
    request(cabinet.http(), "GET", &path, &headers, b"").expect("an answer").expect(200).body
}

/// B-T to B-LTA unaided; years later the unit has not been renewed, which is told and tried again; with
/// the next unit the renewal comes, and outlives the first.
#[test]
fn a_seal_climbs_by_itself_and_is_renewed_years_later() {
    let mut cabinet = archiving();
    let daemon = Daemon::start(&cabinet);
    let delegation = cabinet.grant("sceller");
    let watched = cabinet.watched("archives");
    watched.drop_file("acte.pdf", &fixtures::named("libreoffice"));
    let first = watched.wait_delivered("acte");
    let delivered = std::fs::read(&first).expect("delivered");
    assert_eq!(stamps(&delivered), 1);
    let dossier = with_renewal(&cabinet);
    let levels = dossier["events"].as_array().expect("events").iter();
    let levels: Vec<&Value> =
        levels.map(|event| &event["level"]).filter(|l| l.is_string()).collect();
    assert_eq!(levels, ["B-T", "B-LT", "B-LTA"]);
    let due = moment(&dossier["renewal"]["due"]);
    let ends = dossier["results"].as_array().expect("results").iter();
    let ends = ends.map(|result| &result["renew_before"]).find(|end| end.is_string());
    let ends = moment(ends.expect("the end of the proof"));
    assert!(due < ends && ends.duration_since(due) <= DAY * 31, "{due} {ends}");
    expect_today(&Later::start(cabinet.clock), &first, &cabinet.anchors());
    // The délégation by which it was sealed is gone from here on.
    cabinet.revoke(&delegation);
    assert!(daemon.stop().success());

    cabinet.clock = Clock::at(due + DAY);
    cabinet.admin(["societe", "seal", SOCIETE, "--renew"]).expect(0);
    let daemon = Daemon::start(&cabinet);
    let failed = until("renewal that comes to nothing", PATIENCE, || {
        let dossier = only_dossier(&cabinet);
        dossier["trouble"].is_object().then_some(dossier)
    });
    assert_eq!(failed["trouble"]["code"], "renewal-pointless", "{failed:#}");
    assert_eq!(failed["phase"], "delivered");
    let log = daemon.log();
    assert!(log.contains("internal time-stamping unit") && log.contains("renew-tsu"), "{log}");
    assert!(daemon.stop().success());

    cabinet.admin(["ca", "renew-tsu"]).expect(0);
    cabinet.clock = Clock::at(moment(&failed["renewal"]["due"]));
    let daemon = Daemon::start(&cabinet);
    let second = renewed(&watched);
    let bytes = std::fs::read(&second).expect("delivered");
    assert!(bytes.starts_with(&delivered) && stamps(&bytes) == 2, "{}", watched.show());
    let day = cabinet.clock.now().to_string();
    assert!(second.to_string_lossy().contains(&day[..10]), "{second:?} {day}");
    let dossier = until("the end of the renewal", PATIENCE, || {
        let dossier = only_dossier(&cabinet);
        (dossier["renewal"]["rounds"] == 1).then_some(dossier)
    });
    assert_eq!((&dossier["phase"], &dossier["level"]), (&"delivered".into(), &"B-LTA".into()));
    let events = dossier["events"].as_array().expect("events");
    let begun = events.iter().rposition(|event| event["event"] == "renewal_begun");
    let begun = &events[begun.expect("a renewal")..];
    let reason = begun[0]["reason"].as_str().expect("a reason");
    assert!(reason.contains("no délégation is asked for"), "{reason}");
    assert!(!names(begun).contains(&"authorised"), "{begun:#?}");
    assert_eq!(names(begun).last(), Some(&"renewed"), "{begun:#?}");
    assert!(archived(&cabinet, &dossier) == bytes, "the archive keeps the renewed copy");
    cabinet.evidence_agrees(&second, &cabinet.anchors());
    let judges = Later::start(cabinet.clock);
    expect_later(&judges, &second, &cabinet.anchors(), Policy::Strict, PROVEN);
    verify(&cabinet, &second, cabinet.clock.now(), 0);
    verify(&cabinet, &first, cabinet.clock.now(), 0);
    assert!(daemon.stop().success());

    cabinet.clock = Clock::at(ends + DAY * 40);
    let daemon = Daemon::start(&cabinet);
    let judges = Later::start(cabinet.clock);
    expect_later(&judges, &second, &cabinet.anchors(), AFTER_ITS_END, PROVEN);
    verify(&cabinet, &second, cabinet.clock.now(), 0);
    verify(&cabinet, &first, cabinet.clock.now(), INDETERMINATE);
    let verdicts = judges.ask_long_term(&first, &cabinet.anchors(), AFTER_ITS_END);
    assert_eq!(verdicts.dss["signatures"][0]["indication"], "INDETERMINATE", "{verdicts:#?}");
    assert_ne!(verdicts.pyhanko["signatures"][0]["ades"], "OK", "{verdicts:#?}");
    assert!(daemon.stop().success());
}

/// Signatures by RSA PKCS#1 v1.5 are accepted until the end of 2028 (ETSI TS 119 312), which is before the
/// unit's certificate ends: that is when the renewal is due. Another key of the unit does not help, for the
/// authority's signature on its certificate is such a one too, and that is told; an authority that signs
/// otherwise does.
#[test]
fn a_seal_is_renewed_before_its_algorithm_ends() {
    let aged: Timestamp = "2029-01-01T00:00:00Z".parse().expect("a moment");
    let begin = Clock::at("2027-06-01T08:00:00Z".parse().expect("a moment"));
    let mut cabinet = archiving_with("rsa3072", begin);
    assert!(end_of(&cabinet, "tsu.pem") > aged + DAY * 365);
    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    let watched = cabinet.watched("archives");
    watched.drop_file("acte.pdf", &fixtures::small("by an algorithm that ends"));
    let first = watched.wait_delivered("acte");
    let due = moment(&with_renewal(&cabinet)["renewal"]["due"]);
    assert_eq!(due, aged - DAY * 30);
    assert!(daemon.stop().success());

    cabinet.clock = Clock::at(due);
    cabinet.admin(["ca", "renew-tsu", "--key-type", "p256"]).expect(0);
    let daemon = Daemon::start(&cabinet);
    let failed = until("renewal that comes to nothing", PATIENCE, || {
        let dossier = only_dossier(&cabinet);
        dossier["trouble"].is_object().then_some(dossier)
    });
    assert_eq!(failed["trouble"]["code"], "renewal-pointless", "{failed:#}");
    let told = failed["trouble"].to_string();
    assert!(told.contains("2029-01-01") && told.contains("[time]"), "{told}");
    assert!(daemon.stop().success());

    cabinet.clock = Clock::at(moment(&failed["renewal"]["due"]));
    let other = archiving_with("p256", cabinet.clock);
    let (_stamping, trust) = (Daemon::start(&other), other.anchors().display().to_string());
    let url = format!("http://{}/pki/tsa", other.http());
    cabinet.time = format!("[[time.tsa]]\nurl = \"{url}\"\ntrust = \"{trust}\"\n");
    cabinet.write_config();
    let daemon = Daemon::start(&cabinet);
    let second = renewed(&watched);
    assert!(daemon.stop().success());
    let both = [cabinet.anchors(), other.anchors()].map(|path| std::fs::read(path).expect("ours"));
    let anchors = cabinet.path("both.pem");
    std::fs::write(&anchors, both.concat()).expect("written");
    let late = Clock::at(aged + DAY);
    for (file, code) in [(&second, 0), (&first, INDETERMINATE)] {
        verify_by(&cabinet, &anchors, file, late.now(), code);
    }
    // Of ends that are later than its policy DSS warns only, whatever proves the time.
    let verdicts = Later::start(late).ask_long_term(&second, &anchors, AFTER_ITS_END);
    let seal = &verdicts.dss["signatures"][0];
    assert_eq!(seal["indication"], "TOTAL_PASSED", "{verdicts:#?}");
    let warned = seal["warnings"].to_string();
    assert!(warned.contains("no longer considered reliable"), "{verdicts:#?}");
}

/// The name of what a command kept aside, beneath `pki/`.
fn earlier(made: &Value) -> String {
    let path = PathBuf::from(made["earlier"].as_str().expect("a path"));
    path.file_name().expect("a name").to_str().expect("ours").to_owned()
}

/// openssl in `pki/`, under the cabinet's clock.
fn openssl(cabinet: &Cabinet, arguments: &[&str]) -> Said {
    let mut command = Command::new("openssl");
    command.current_dir(cabinet.state().join("pki")).envs(cabinet.clock.environment());
    run(command.args(arguments), PATIENCE)
}

/// The last instant of a certificate beneath `pki/`.
fn end_of(cabinet: &Cabinet, file: &str) -> Timestamp {
    let arguments = ["x509", "-in", file, "-noout", "-enddate", "-dateopt", "iso_8601"];
    let told = openssl(cabinet, &arguments).expect(0).out;
    told.trim().trim_start_matches("notAfter=").parse().expect("a moment")
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

/// A clock that had run ahead was set right: no time stamp goes back behind the last one until the operator
/// says that it may.
#[test]
fn a_clock_that_was_set_back_stamps_nothing_before_the_operator_says_so() {
    let mut cabinet = Cabinet::uninitialised().finish();
    cabinet.clock = Clock::at(Timestamp::now() + DAY * 2);
    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    let watched = cabinet.watched("attestations");
    watched.drop_file("avance.pdf", &fixtures::small("ahead"));
    watched.wait_delivered("avance");
    assert!(daemon.stop().success());

    cabinet.clock = Clock::at(cabinet.clock.now() - DAY);
    let daemon = Daemon::start(&cabinet);
    watched.drop_file("recule.pdf", &fixtures::small("set back"));
    let sign = watched.wait("sign of the clock", || {
        watched.find(watched.path(), |name| name.ends_with(b"horodatage indisponible.txt"))
    });
    let waiting = cabinet.dossiers_in(&["running"]);
    let shown = cabinet.admin(["dossier", "show", &waiting[0], "--json"]).expect(0).json();
    assert_eq!(shown["trouble"]["code"], "timestamp-unavailable", "{shown:#}");
    assert!(shown["trouble"]["detail"].to_string().contains("clock"), "{shown:#}");
    assert!(watched.find_delivered("recule").is_none(), "{}", watched.show());
    assert!(daemon.stop().success());

    cabinet.time.push_str("accept_earlier_clock = true\n");
    cabinet.write_config();
    let daemon = Daemon::start(&cabinet);
    let sealed = watched.wait_delivered("recule");
    verify(&cabinet, &sealed, cabinet.clock.now(), 0);
    watched.wait("end of the sign", || (!sign.exists()).then_some(()));
    assert!(daemon.log().contains("may stand before the last one"), "{}", daemon.log());
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
