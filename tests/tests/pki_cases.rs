//! What becomes of certificates and authorities while time goes by, under the PKI of `ladder.yml`:
//! `sceau` and the foreign judges say the same of each case.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sceau_tests::exit::{INDETERMINATE, LOWER_LEVEL, PASSED, REFUSED, USAGE};
use sceau_tests::judges::{self, Level, Verdicts};
use sceau_tests::ladder::LadderPki;
use sceau_tests::program::{Said, run, sceau};
use sceau_tests::{fixtures, peers, root};

/// The seconds after the start at which the seal `revoked-later` is revoked, and after which the seal
/// `ending` and the unit `tsa-short` have ended; and for how many seconds an answer about that unit is
/// good, as `ladder.yml` has them.
const REVOKED: u64 = 40;
const SEAL_ENDED: u64 = 60;
const ENDED: u64 = 100;
const GOOD_FOR: u64 = 20;

struct Case {
    pki: LadderPki,
}

impl Case {
    fn start() -> Self {
        Self { pki: LadderPki::start() }
    }

    fn is_before(&self, seconds: u64) -> bool {
        self.pki.age() < Duration::from_secs(seconds)
    }

    fn wait_until(&self, seconds: u64) {
        let end = Duration::from_secs(seconds + 1);
        std::thread::sleep(end.saturating_sub(self.pki.age()));
    }

    /// Signs a small document with a seal of the PKI; gives back what was said, and the file.
    fn sign(&self, seal: &str, level: Level, tsa: &str) -> (Said, PathBuf) {
        let output = self.pki.path(&format!("{seal}-{}.pdf", level.name()));
        let input = self.pki.path("in.pdf");
        std::fs::write(&input, fixtures::small(seal)).expect("written");
        let mut arguments: Vec<OsString> = vec!["sign".into(), input.into(), (&output).into()];
        arguments.extend(["--p12".into(), self.pki.path(&format!("{seal}.p12")).into()]);
        arguments.extend(["--password-file".into(), self.pki.path("password").into()]);
        arguments.extend(self.climbing(level, tsa));
        (sceau(arguments), output)
    }

    fn extend(&self, input: &Path, tsa: &str) -> (Said, PathBuf) {
        let output = input.with_extension("extended.pdf");
        let mut arguments: Vec<OsString> = vec!["extend".into(), input.into(), (&output).into()];
        arguments.extend(self.climbing(Level::Lta, tsa));
        (sceau(arguments), output)
    }

    fn climbing(&self, level: Level, tsa: &str) -> Vec<OsString> {
        let mut options: Vec<OsString> = ["--level", level.name(), "--json"].map(Into::into).into();
        if level == Level::B {
            return options;
        }
        options.extend(["--tsa".into(), self.pki.tsa(tsa).into()]);
        options.extend(["--trust".into(), self.pki.path("root.pem").into()]);
        options.extend(["--wait", "--allow-private-network"].map(Into::into));
        options
    }

    fn verify(&self, file: &Path, more: &[&str]) -> Said {
        let mut arguments: Vec<OsString> = vec!["verify".into(), file.into(), "--json".into()];
        arguments.extend(["--trust".into(), self.pki.path("root.pem").into()]);
        arguments.extend(more.iter().map(Into::into));
        sceau(arguments)
    }

    fn verdicts(&self, file: &Path) -> Verdicts {
        judges::ask_long_term(file, &self.pki.path("root.pem"))
    }
}

/// What DSS says of the signature, then of each of its timestamps.
fn indications(verdicts: &Verdicts) -> Vec<String> {
    let signature = &verdicts.dss["signatures"][0];
    let stamps = signature["timestamps"].as_array().into_iter().flatten();
    let all = std::iter::once(signature).chain(stamps);
    all.map(|one| one["indication"].as_str().unwrap_or("none").to_owned()).collect()
}

fn moment(value: &serde_json::Value) -> jiff::Timestamp {
    value.as_str().expect("a moment").parse().expect("a moment")
}

/// A signature whose timestamp is older than the revocation holds, and can climb; one that comes after
/// it is none, and nobody gets it.
#[test]
fn a_revocation_counts_from_its_moment_on() {
    let case = Case::start();
    let (said, before) = case.sign("revoked-later", Level::T, "tsa2");
    said.expect(PASSED);
    assert!(case.is_before(REVOKED), "this machine is too slow");
    case.wait_until(REVOKED);
    let (said, long) = case.extend(&before, "tsa2");
    said.expect(PASSED);
    case.verify(&long, &[]).expect(PASSED);
    let verdicts = case.verdicts(&long);
    assert_eq!(indications(&verdicts), ["TOTAL_PASSED", "PASSED", "PASSED"], "{verdicts:#?}");
    assert_eq!(verdicts.dss["signatures"][0]["level"], "PAdES-BASELINE-LTA");
    assert_eq!(verdicts.pyhanko["signatures"][0]["bottom_line"], true, "{verdicts:#?}");

    let (said, after) = case.sign("revoked-later", Level::Lt, "tsa2");
    let said = said.expect(REFUSED);
    assert!(said.err.contains("revoked at") && !after.exists(), "{said}");
}

/// The unit's certificate ends, for good: the file that was not renewed in time is no longer proven to
/// anybody, the one that was renewed is to all. So is the one that got its first document timestamp when
/// the answer that it held about the unit had ended: a newer one was asked for before.
///
/// Meanwhile a seal's certificate ends: at B-LTA the seal is proven to have been made before, to all; alone
/// it is proven to nobody.
#[test]
fn a_timestamp_outlives_its_unit_only_where_it_was_renewed_and_a_seal_its_certificate() {
    let case = Case::start();
    let seals = [Level::Lta, Level::B].map(|level| {
        let (said, seal) = case.sign("ending", level, "tsa2");
        said.expect(PASSED);
        case.verify(&seal, &[]).expect(PASSED);
        seal
    });
    assert!(case.is_before(SEAL_ENDED), "this machine is too slow");
    let (said, first) = case.sign("signer", Level::Lta, "tsa-short");
    said.expect(PASSED);
    let (said, resting) = case.sign("signer", Level::Lt, "tsa-short");
    said.expect(PASSED);
    std::thread::sleep(Duration::from_secs(GOOD_FOR + 2));
    let (said, renewed) = case.extend(&first, "tsa2");
    said.expect(PASSED);
    let (said, late) = case.extend(&resting, "tsa2");
    said.expect(PASSED);
    assert!(case.is_before(ENDED - GOOD_FOR), "this machine is too slow");
    case.verify(&first, &[]).expect(PASSED);
    case.wait_until(ENDED);

    outlived(&case, &seals);
    case.verify(&first, &[]).expect(INDETERMINATE);
    let verdicts = case.verdicts(&first);
    assert_eq!(indications(&verdicts)[1..], ["INDETERMINATE", "INDETERMINATE"], "{verdicts:#?}");
    assert_eq!(verdicts.pyhanko["signatures"][0]["ades"], "NO_POE");

    for (file, stamps) in [(&renewed, 3), (&late, 2)] {
        case.verify(file, &[]).expect(PASSED);
        let verdicts = case.verdicts(file);
        let expected = [vec!["TOTAL_PASSED"], vec!["PASSED"; stamps]].concat();
        assert_eq!(indications(&verdicts), expected, "{verdicts:#?}");
        assert_eq!(verdicts.pyhanko["signatures"][0]["ades"], "OK", "{verdicts:#?}");
    }
    // pyHanko looks at this for authorities only; the standard (EN 319 102-1 §5.6.2.2) for all.
    let told = case.verify(&late, &[]).json();
    let (unit, stamp) = (&told["signatures"][0]["timestamps"][0], &told["signatures"][1]);
    let good_from = moment(&unit["revocation"][0]["this_update"]);
    let stamped = moment(&stamp["timestamps"][0]["time"]);
    let good_until = good_from + Duration::from_secs(GOOD_FOR);
    assert!(good_until >= stamped, "ended at {good_until}, before {stamped}");
}

fn outlived(case: &Case, [proven, alone]: &[PathBuf; 2]) {
    case.verify(proven, &[]).expect(PASSED);
    let verdicts = case.verdicts(proven);
    assert_eq!(indications(&verdicts), ["TOTAL_PASSED", "PASSED", "PASSED"], "{verdicts:#?}");
    assert_eq!(verdicts.dss["signatures"][0]["level"], "PAdES-BASELINE-LTA");
    assert_eq!(verdicts.pyhanko["signatures"][0]["ades"], "OK", "{verdicts:#?}");
    let told = case.verify(alone, &[]).expect(INDETERMINATE);
    assert!(told.out.contains("OUT_OF_BOUNDS_NO_POE"), "{told}");
    let verdicts = case.verdicts(alone);
    assert_eq!(indications(&verdicts), ["INDETERMINATE"], "{verdicts:#?}");
    assert_ne!(verdicts.pyhanko["signatures"][0]["ades"], "OK", "{verdicts:#?}");
}

#[test]
fn what_a_certificate_is_not_for_it_does_not_do() {
    let case = Case::start();
    for (seal, told) in [("expired", "expired at"), ("wrong-usage", "may not be used")] {
        let (said, file) = case.sign(seal, Level::T, "tsa2");
        let said = said.expect(USAGE);
        assert!(said.err.contains(told) && !file.exists(), "{seal}: {said}");
    }
    let (said, file) = case.sign("signer", Level::T, "tsa-wrong");
    assert!(said.err.contains("not meant for this use") && !file.exists(), "{said}");
    assert_ne!(said.code, Some(PASSED));
}

/// A responder that is not entitled, lies, floods or sleeps proves nothing: the file stays at B-T, says
/// why, and is accepted as such.
#[test]
fn without_an_answer_the_file_is_what_it_says() {
    let case = Case::start();
    let told = [
        ("unentitled", "not known"),
        ("lying", "another certificate"),
        ("flooding", "exceeds"),
        ("silent", "did not answer"),
    ];
    for (seal, told) in told {
        let (said, file) = case.sign(seal, Level::Lt, "tsa2");
        let said = said.expect(LOWER_LEVEL);
        assert_eq!(said.json()["level"], "B-T", "{seal}: {said}");
        assert!(said.out.contains(told), "{seal}: {said}");
        if seal == "silent" {
            // pdfsig asks the responder itself, and waits for it as long as it sleeps.
            continue;
        }
        let verdicts = judges::ask(&file, &case.pki.path("root.pem"));
        assert_eq!(indications(&verdicts), ["TOTAL_PASSED", "PASSED"], "{seal}: {verdicts:#?}");
        assert_eq!(verdicts.dss["signatures"][0]["level"], "PAdES-BASELINE-T", "{seal}");
        assert_eq!(verdicts.pyhanko["signatures"][0]["bottom_line"], true, "{seal}");
        assert!(verdicts.pdfsig.contains("Signature is Valid") && verdicts.qpdf.0, "{seal}");
    }
}

/// What stands in the signature itself, as Adobe's readers put it, serves as well as what stands in the
/// document.
#[test]
fn revocation_data_within_a_signature_counts() {
    let case = Case::start();
    let (input, output) = (case.pki.path("in.pdf"), case.pki.path("archive.pdf"));
    std::fs::write(&input, fixtures::small("archive")).expect("written");
    let mut python = Command::new(peers().join("venv/bin/python"));
    python.arg(root().join("tests/peers/pyhanko_archive.py")).arg(case.pki.path(""));
    python.arg(case.pki.tsa("tsa2")).arg(&input).arg(&output);
    run(&mut python, Duration::from_secs(60)).expect(0);
    let said = case.verify(&output, &["--require-revocation"]).expect(PASSED).json();
    let told = said["signatures"][0]["revocation"].as_array().expect("a list").clone();
    assert!(told.iter().all(|one| one["status"] == "good") && told.len() == 2, "{told:#?}");
}
