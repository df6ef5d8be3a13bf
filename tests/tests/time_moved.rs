//! The real daemon while years go by: a seal that it lifts to B-LTA by itself is renewed before its proof
//! ends, and what was not renewed is proven no longer.

use jiff::Timestamp;
use sceau_tests::cabinet::{COLLABORATOR, Cabinet, SOCIETE};
use sceau_tests::clock::Clock;
use sceau_tests::daemon::Daemon;
use sceau_tests::exit::INDETERMINATE;
use sceau_tests::folder::PATIENCE;
use sceau_tests::http::request;
use sceau_tests::judges::{Later, Policy};
use sceau_tests::years::{
    ByPyhanko, DAY, archiving, archiving_with, end_of, expect_later, expect_today, moment,
    only_dossier, renewed, stamps, verify, verify_by, with_renewal,
};
use sceau_tests::{fixtures, until};
use serde_json::Value;

/// The status of the newest time stamp's certificate stands nowhere in the file, and everything else now
/// rests on that time stamp: DSS does not ask for it.
const AFTER_ITS_END: Policy = Policy::NoRevocation;
const PROVEN: ByPyhanko = ("OK", false);

fn names(events: &[Value]) -> Vec<&str> {
    events.iter().filter_map(|event| event["event"].as_str()).collect()
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
