//! `sceau sign` and `sceau extend` up to B-LTA under a foreign PKI, judged by foreign programs.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use sceau_tests::exit::{INDETERMINATE, LOWER_LEVEL, PASSED, UNAVAILABLE, USAGE};
use sceau_tests::ladder::LadderPki;
use sceau_tests::program::{Said, binary, sceau};
use sceau_tests::{fixtures, judges, memory};

/// What fetching may use: a revocation list of 48 MiB is held once.
const MOST_FOR_A_LIST: u64 = 108 << 20;

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

/// The names of the units of all timestamps in a file, which must hold.
fn units(pki: &LadderPki, file: &Path) -> Vec<String> {
    let told = verify(pki, file, &[]).expect(PASSED).json();
    let signatures = told["signatures"].as_array().expect("a list").iter();
    let stamps = signatures.flat_map(|one| one["timestamps"].as_array().expect("a list").iter());
    stamps.map(|one| one["authority"]["subject"].as_str().expect("a name").to_owned()).collect()
}

/// A unit whose certificate has ended, or that leads to no anchor, is not the end of it while there is
/// another authority.
#[test]
fn an_authority_whose_unit_does_not_do_is_passed_over() {
    let pki = LadderPki::start();
    let (ended, stranger, good) = (pki.tsa("tsa-ended"), pki.tsa("tsa-stranger"), pki.tsa("tsa2"));
    for (first, level) in [(&ended, "B-T"), (&stranger, "B-T"), (&stranger, "B-LTA")] {
        let out = pki.path("out.pdf");
        let more = ["--level", level, "--tsa", first, "--tsa", &good, "--wait", "--force"];
        let more = [&more[..], &["--allow-private-network"]].concat();
        sign(&pki, "signer", &out, &more).expect(PASSED);
        let units = units(&pki, &out);
        assert!(!units.is_empty() && units.iter().all(|one| one.contains("deux")), "{units:?}");
    }
    let out = pki.path("none.pdf");
    let more = ["--level", "B-T", "--tsa", &ended, "--tsa", &pki.tsa("nobody")];
    let said = sign(&pki, "signer", &out, &more).expect(UNAVAILABLE);
    assert!(said.err.contains("expired on") && said.err.contains("404"), "{said}");
    assert!(!out.exists());
    // Whose time it is worth, the verdict says: it is better than none.
    sign(&pki, "signer", &out, &["--level", "B-T", "--tsa", &stranger]).expect(PASSED);
    verify(&pki, &out, &[]).expect(INDETERMINATE);
}

/// The timestamp that makes the level is the old one: what was asked for, a further one, was not done.
#[test]
fn a_renewal_that_did_not_happen_is_no_success() {
    let pki = LadderPki::start();
    let path = |name: &str| pki.path(&format!("{name}.pdf"));
    let (short, long, allow) = (pki.tsa("tsa-short"), pki.tsa("tsa2"), "--allow-private-network");
    sign(&pki, "signer", &path("lt"), &["--level", "B-LT", "--tsa", &long, "--wait", allow])
        .expect(PASSED);
    let to = |from: &str, name: &str, more: &[&str]| {
        let more = [&["--level", "B-LTA"][..], more].concat();
        extend(&pki, &path(from), &path(name), &more)
    };
    let said = to("lt", "lta", &["--tsa", &short, allow]).expect(PASSED).json();
    assert_eq!((&said["level"], &said["renewed"]), (&"B-LTA".into(), &true.into()), "{said:#}");

    let said = to("lta", "unasked", &["--tsa", &long]).expect(LOWER_LEVEL);
    assert!(said.out.contains("private network"), "{said}");
    let said = said.json();
    assert_eq!((&said["level"], &said["renewed"]), (&"B-LTA".into(), &false.into()), "{said:#}");
    assert_eq!(units(&pki, &path("unasked")).len(), 2);

    let said = to("lta", "pointless", &["--tsa", &short, allow]).expect(LOWER_LEVEL);
    assert!(said.out.contains("no longer than the one before"), "{said}");
    assert_eq!(said.json()["renewed"], false, "{said}");
    assert_eq!(units(&pki, &path("pointless")).len(), 2);

    let more = ["--tsa", &short, "--tsa", &long, allow];
    assert_eq!(to("lta", "renewed", &more).expect(PASSED).json()["renewed"], true);
    assert!(units(&pki, &path("renewed")).last().expect("three").contains("deux"));
}

/// What nobody can trust is not extended with success, whatever level its form has.
#[test]
fn what_is_not_proven_valid_is_no_success() {
    let pki = LadderPki::start();
    let (first, second) = (pki.path("first.pdf"), pki.path("second.pdf"));
    sign(&pki, "signer", &first, &["--level", "B-T", "--tsa", &pki.tsa("tsa2")]).expect(PASSED);
    let mut arguments: Vec<OsString> = vec!["extend".into(), first.into(), second.into()];
    arguments.extend(["--trust".into(), pki.path("stranger.pem").into()]);
    arguments.extend(["--level", "B-LT", "--allow-private-network", "--json"].map(Into::into));
    let said = sceau(arguments).expect(LOWER_LEVEL).json();
    assert_eq!(said["level"], "B-LT", "{said:#}");
    assert!(said["against"].as_str().expect("why").contains("no path leads"), "{said:#}");
}

/// The seal's file holds no authority: it is fetched from where the certificate says, as a certificate or
/// in a PKCS#7 message behind a relative redirect. A responder that takes no POST is asked by GET.
#[test]
fn what_a_chain_lacks_is_fetched_from_its_addresses() {
    let pki = LadderPki::start();
    for seal in ["bare", "bare-bundle", "get-only"] {
        let out = pki.path(&format!("{seal}.pdf"));
        let tsa = pki.tsa("tsa2");
        let more = ["--level", "B-LT", "--tsa", &tsa, "--wait", "--allow-private-network"];
        let said = sign(&pki, seal, &out, &more).expect(PASSED);
        assert_eq!(said.json()["level"], "B-LT", "{seal}: {said}");
        let told = verify(&pki, &out, &["--require-revocation"]).expect(PASSED).json();
        assert_eq!(told["signatures"][0]["chain"].as_array().map(Vec::len), Some(2), "{told:#}");
    }
}

/// Whoever makes a certificate chooses whom it sends us to: what he has there costs little, and is told.
#[test]
fn hostile_addresses_are_bounded_and_told() {
    let pki = LadderPki::start();
    for (seal, told) in [
        ("endless-list", "exceeds"),
        ("looping-list", "redirects too often"),
        ("endless-issuer", "exceeds"),
        ("looping-issuer", "redirects too often"),
        ("large-list", "not a revocation list"),
    ] {
        let out = pki.path(&format!("{seal}.pdf"));
        let more = ["--level", "B-LT", "--tsa", &pki.tsa("tsa2"), "--allow-private-network"];
        let said = sign(&pki, seal, &out, &more).expect(LOWER_LEVEL);
        assert_eq!(said.json()["level"], "B-T", "{seal}: {said}");
        assert!(said.out.contains(told), "{seal}: {said}");
    }
    for seal in ["endless-list", "large-list"] {
        let file = pki.path(&format!("{seal}.pdf"));
        let mut command = Command::new(binary());
        command.arg("extend").arg(file).arg(pki.path("again.pdf")).args(["--level", "B-LT"]);
        command.arg("--trust").arg(pki.path("root.pem")).args(["--allow-private-network"]);
        let (code, peak) = memory::run(command.arg("--force"), Duration::from_secs(60));
        assert_eq!(code, Some(LOWER_LEVEL), "{seal}");
        assert!(peak < MOST_FOR_A_LIST, "{seal}: {} MiB", peak >> 20);
    }
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
