//! `sceau sign` and `sceau extend` up to B-LTA under a foreign PKI, judged by foreign programs.

use std::ffi::OsString;
use std::path::Path;

use sceau_tests::exit::{LOWER_LEVEL, PASSED, USAGE};
use sceau_tests::ladder::LadderPki;
use sceau_tests::program::{Said, sceau};
use sceau_tests::{fixtures, judges};

/// Signs a small document with the seal of this name.
fn sign(pki: &LadderPki, seal: &str, output: &Path, more: &[&str]) -> Said {
    let input = pki.path("in.pdf");
    std::fs::write(&input, fixtures::small(seal)).expect("written");
    let mut arguments: Vec<OsString> = vec!["sign".into(), input.into(), output.into()];
    arguments.extend(["--p12".into(), pki.path(&format!("{seal}.p12")).into()]);
    arguments.extend(["--password-file".into(), pki.path("password").into()]);
    arguments.extend(["--trust".into(), pki.path("root.pem").into(), "--json".into()]);
    arguments.extend(more.iter().map(Into::into));
    sceau(arguments)
}

fn extend(pki: &LadderPki, input: &Path, output: &Path, more: &[&str]) -> Said {
    let mut arguments: Vec<OsString> = vec!["extend".into(), input.into(), output.into()];
    arguments.extend(["--trust".into(), pki.path("root.pem").into(), "--json".into()]);
    arguments.extend(more.iter().map(Into::into));
    sceau(arguments)
}

fn verify(pki: &LadderPki, file: &Path, more: &[&str]) -> Said {
    let mut arguments: Vec<OsString> = vec!["verify".into(), file.into(), "--json".into()];
    arguments.extend(["--trust".into(), pki.path("root.pem").into()]);
    arguments.extend(more.iter().map(Into::into));
    sceau(arguments)
}

/// A moment that many seconds from now, as `--at` takes it.
fn moment(seconds: i64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = i64::try_from(now.expect("after 1970").as_secs()).expect("before the end of time");
    let output = std::process::Command::new("date")
        .args(["-u", "-d", &format!("@{}", now + seconds), "+%Y-%m-%dT%H:%M:%SZ"])
        .output()
        .expect("date");
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

#[test]
fn every_level_is_reached_and_agreed_upon() {
    let pki = LadderPki::start();
    let tsa = pki.tsa("tsa2");
    for (seal, level) in
        [("signer", "B-LT"), ("signer", "B-LTA"), ("crl-only", "B-LTA"), ("checked", "B-LTA")]
    {
        let out = pki.path(&format!("{seal}-{level}.pdf"));
        let more = ["--level", level, "--tsa", &tsa, "--wait", "--allow-private-network"];
        let said = sign(&pki, seal, &out, &more).expect(PASSED);
        assert_eq!(said.json()["level"], level, "{said}");
        verify(&pki, &out, &[]).expect(PASSED);
        let name = format!("PAdES-BASELINE-{}", &level[2..]);
        let verdicts = judges::ask_long_term(&out, &pki.path("root.pem"));
        let against = verdicts.against_long_term(&name);
        assert!(against.is_empty(), "{seal} {level}: {against:#?}\n{verdicts:#?}");
    }
}

#[test]
fn nobody_in_a_private_network_is_asked_unless_allowed() {
    let pki = LadderPki::start();
    let out = pki.path("out.pdf");
    let more = ["--level", "B-LT", "--tsa", &pki.tsa("tsa2")];
    let said = sign(&pki, "signer", &out, &more).expect(LOWER_LEVEL);
    assert_eq!(said.json()["level"], "B-T");
    assert!(said.out.contains("private network"), "{said}");
}

#[test]
fn a_revoked_certificate_makes_nothing_that_is_delivered_above_b_t() {
    let pki = LadderPki::start();
    let out = pki.path("revoked.pdf");
    let more = ["--level", "B-LT", "--tsa", &pki.tsa("tsa2"), "--wait", "--allow-private-network"];
    let said = sign(&pki, "revoked", &out, &more);
    assert_eq!(said.code, Some(65), "{said}");
    assert!(said.err.contains("revoked"), "{said}");
    assert!(!out.exists());
}

#[test]
fn authorities_are_asked_in_order() {
    let pki = LadderPki::start();
    let out = pki.path("out.pdf");
    let nobody = pki.tsa("nobody");
    let more = ["--level", "B-T", "--tsa", &nobody, "--tsa", &pki.tsa("tsa2")];
    sign(&pki, "signer", &out, &more).expect(PASSED);
    sign(&pki, "signer", &pki.path("no.pdf"), &["--level", "B-LT"]).expect(USAGE);
}

/// The first unit's certificate ends; a timestamp by another, made before, carries it on.
#[test]
fn a_renewed_timestamp_outlives_the_certificate_of_the_first() {
    let pki = LadderPki::start();
    let (first, second) = (pki.path("first.pdf"), pki.path("second.pdf"));
    let allow = "--allow-private-network";
    let more = ["--level", "B-LTA", "--tsa", &pki.tsa("tsa"), "--wait", allow];
    sign(&pki, "signer", &first, &more).expect(PASSED);
    let later = moment(24 * 3600);
    let said = verify(&pki, &first, &["--at", &later]);
    assert_ne!(said.code, Some(PASSED), "the unit's certificate has ended by then: {said}");
    let more = ["--level", "B-LTA", "--tsa", &pki.tsa("tsa2"), allow];
    extend(&pki, &first, &second, &more).expect(PASSED);
    assert!(std::fs::read(&second).expect("b").starts_with(&std::fs::read(&first).expect("a")));
    verify(&pki, &second, &["--at", &later]).expect(PASSED);
    let verdicts = judges::ask_long_term(&second, &pki.path("root.pem"));
    let against = verdicts.against_long_term("PAdES-BASELINE-LTA");
    assert!(against.is_empty(), "{against:#?}\n{verdicts:#?}");
}
