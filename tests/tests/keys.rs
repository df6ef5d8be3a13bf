//! Keys of every kind, from PKCS#12 files and PKCS#11 tokens, with every algorithm: the judges decide.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use sceau_tests::cabinet::{Cabinet, SOCIETE};
use sceau_tests::daemon::Daemon;
use sceau_tests::exit::{NO_INPUT, UNAVAILABLE, USAGE};
use sceau_tests::hsm::{Hsm, MODULE};
use sceau_tests::program::{Said, binary, run};
use sceau_tests::{fixtures, judges};

fn sceau(hsm: &Hsm, arguments: impl IntoIterator<Item = OsString>) -> Said {
    let mut command = Command::new(binary());
    let (name, value) = hsm.environment();
    command.env(name, value).args(arguments);
    run(&mut command, Duration::from_secs(120))
}

fn sign(hsm: &Hsm, out: &str, key: Vec<OsString>, more: &[&str]) -> Said {
    let input = hsm.path("in.pdf");
    std::fs::write(&input, fixtures::small("keys")).expect("written");
    let mut arguments: Vec<OsString> = vec!["sign".into(), input.into(), hsm.path(out).into()];
    arguments.extend(["--level".into(), "B-B".into(), "--force".into()]);
    arguments.extend(key);
    arguments.extend(more.iter().map(Into::into));
    sceau(hsm, arguments)
}

fn p12(hsm: &Hsm, name: &str) -> Vec<OsString> {
    let (file, password) = (hsm.path(&format!("{name}.p12")), hsm.path("password"));
    vec!["--p12".into(), file.into(), "--password-file".into(), password.into()]
}

fn token(hsm: &Hsm, name: &str) -> Vec<OsString> {
    let certificate = hsm.path(&format!("{name}.pem"));
    hsm.options(name).into_iter().chain(["--certificate".into(), certificate.into()]).collect()
}

#[track_caller]
fn liked(pdf: &Path, hsm: &Hsm) {
    let against = judges::ask(pdf, &hsm.anchors()).against("PAdES-BASELINE-B");
    assert!(against.is_empty(), "{}: {against:#?}", pdf.display());
}

/// RSA of the outer lengths from files, of the middle one from a token; curves from both.
#[test]
fn every_key_with_every_algorithm_is_to_the_liking_of_all_judges() {
    let hsm = Hsm::new();
    let schemes: [&[&str]; 6] = [
        &[],
        &["--digest", "sha384"],
        &["--digest", "sha512"],
        &["--pss"],
        &["--pss", "--digest", "sha384"],
        &["--pss", "--digest", "sha512"],
    ];
    for (number, kind) in ["p256", "p384", "rsa2048", "rsa3072", "rsa4096"].into_iter().enumerate()
    {
        hsm.certified(kind, kind);
        hsm.import(&format!("{kind}.key"), kind, &format!("a{number}"));
        let schemes = if kind.starts_with('p') { &schemes[..1] } else { &schemes[..] };
        for scheme in schemes {
            let sources = match kind {
                "rsa3072" => vec![token(&hsm, kind)],
                "p256" | "p384" => vec![token(&hsm, kind), p12(&hsm, kind)],
                _ => vec![p12(&hsm, kind)],
            };
            for source in sources {
                sign(&hsm, "out.pdf", source, scheme).expect(0);
                liked(&hsm.path("out.pdf"), &hsm);
            }
        }
    }
}

#[test]
fn what_a_key_or_a_token_cannot_do_is_told() {
    let hsm = Hsm::new();
    hsm.certified("own", "p256");
    hsm.certified("other", "p256");
    hsm.import("own.key", "own", "01");
    hsm.import("other.key", "twice", "02");
    hsm.key("third.key", "p256");
    hsm.import("third.key", "twice", "03");
    let refused = |key: Vec<OsString>, more: &[&str], code: i32, told: &str| {
        let said = sign(&hsm, "none.pdf", key, more).expect(code);
        assert!(said.err.contains(told), "no {told:?} in {said}");
        assert!(!hsm.path("none.pdf").exists(), "something was written");
    };
    refused(p12(&hsm, "own"), &["--pss"], USAGE, "does not sign so");
    refused(token(&hsm, "own"), &["--digest", "sha512"], USAGE, "does not sign so");
    refused(hsm.options("own"), &[], USAGE, "--certificate");
    refused(hsm.options("nobody"), &[], UNAVAILABLE, "0 private keys");
    refused(hsm.options("twice"), &[], UNAVAILABLE, "2 private keys");
    let mut stranger = token(&hsm, "own");
    *stranger.last_mut().expect("a file") = hsm.path("other.pem").into();
    refused(stranger, &[], NO_INPUT, "not that of the token's key");
    let mut elsewhere = token(&hsm, "own");
    elsewhere[3] = "Another".into();
    refused(elsewhere, &[], UNAVAILABLE, "Cabinet Exemple");
    let mut no_module = token(&hsm, "own");
    no_module[1] = hsm.path("pin").into();
    refused(no_module, &[], UNAVAILABLE, "module");
    let mut wrong = token(&hsm, "own");
    wrong[7] = hsm.path("wrong-pin").into();
    refused(wrong, &[], UNAVAILABLE, "refuses the PIN");
    std::fs::remove_file(hsm.path("pin")).expect("removed");
    refused(token(&hsm, "own"), &[], NO_INPUT, "PIN");
}

/// The embedded authority issues for a key that never leaves its token, the daemon seals with it,
/// and neither the PIN nor the key stands anywhere in the state.
#[test]
fn a_daemon_seals_with_a_token_s_key() {
    let hsm = Hsm::new();
    hsm.key("seal.key", "rsa2048");
    hsm.import("seal.key", "cachet", "0a");
    let mut cabinet = Cabinet::uninitialised();
    cabinet.environment.push(hsm.environment());
    cabinet.init_more = hsm.options("cachet");
    cabinet.init_more.extend(["--pss", "--digest", "sha384"].map(Into::into));
    let (cabinet, daemon) = cabinet.finish_ready();
    let file = std::fs::read_to_string(cabinet.state().join("keys/seal-exemple.p11"));
    let file = file.expect("the file that names the key");
    assert!(file.contains(MODULE) && file.contains("Algorithm: rsa_pss_sha384"), "{file}");
    assert!(!file.contains("135790"), "the PIN stands in {file}");

    let watched = cabinet.watched("attestations");
    watched.drop_file("jeton.pdf", &fixtures::small("jeton"));
    let sealed = watched.wait_delivered("jeton");
    judges::ask(&sealed, &cabinet.anchors()).expect_b_t();
    assert!(daemon.stop().success());

    // Another société's order cannot make the file name another module: it is authenticated.
    let path = cabinet.state().join("keys/seal-exemple.p11");
    std::fs::write(&path, file.replace(MODULE, "/tmp/evil.so")).expect("written");
    let mut refused = Daemon::spawn(&cabinet, binary(), &[]);
    let status = refused.wait(Duration::from_secs(30)).expect("it does not start");
    assert!(
        !status.success() && refused.log().contains("the file was changed"),
        "{}",
        refused.log()
    );
    std::fs::write(&path, file).expect("written");

    hsm.key("next.key", "p384");
    hsm.import("next.key", "suivant", "0b");
    let mut renew: Vec<OsString> =
        ["societe", "seal", SOCIETE, "--renew", "--json"].map(Into::into).into();
    renew.extend(hsm.options("suivant"));
    cabinet.admin(renew).expect(0);
    let daemon = Daemon::start(&cabinet);
    watched.drop_file("suivant.pdf", &fixtures::small("suivant"));
    judges::ask(&watched.wait_delivered("suivant"), &cabinet.anchors()).expect_b_t();
    assert!(daemon.stop().success());
}
