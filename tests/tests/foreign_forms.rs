//! Signatures in the forms that other programs make and Sceau does not: RSASSA-PSS by pyHanko,
//! `adbe.pkcs7.detached` without `/M`, CMS in BER by OpenSSL. The judges say the same.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sceau_tests::exit::{FAILED, PASSED};
use sceau_tests::program::{Said, run, sceau};
use sceau_tests::{attacks, fixtures, judges, peers, root};
use serde_json::Value;
use tempfile::TempDir;

/// The files of `tests/peers/pyhanko_forms.py`, and the root that they are signed under.
struct Forms(TempDir);

impl Forms {
    fn make() -> Self {
        let forms = Self(tempfile::tempdir().expect("a folder"));
        let base = forms.path("base.pdf");
        std::fs::write(&base, fixtures::small("ailleurs")).expect("written");
        let mut python = Command::new(peers().join("venv/bin/python"));
        python.arg(root().join("tests/peers/pyhanko_forms.py")).arg(forms.0.path()).arg(base);
        run(&mut python, Duration::from_secs(60)).expect(0);
        forms
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn verify(&self, file: &Path, more: &[&str]) -> Said {
        let anchors = self.path("root.pem");
        let mut arguments = vec!["verify".as_ref(), file.as_os_str()];
        arguments.extend(["--trust".as_ref(), anchors.as_os_str()]);
        arguments.extend(more.iter().map(std::ffi::OsStr::new));
        sceau(arguments)
    }

    /// The report of a file that passes, here and with pyHanko, and whose changed copy fails.
    fn judged(&self, name: &str) -> Value {
        let file = self.path(name);
        let json = self.verify(&file, &["--json"]).expect(PASSED).json();
        let peer = judges::ask_pyhanko(&file, &self.path("root.pem"));
        assert_eq!(peer["signatures"][0]["bottom_line"], true, "{name}: {peer:#}");
        let mut changed = std::fs::read(&file).expect("signed");
        let at = attacks::lossy(&changed).find("ailleurs").expect("the text");
        changed[at] = b'A';
        let copy = self.path("changed.pdf");
        std::fs::write(&copy, changed).expect("written");
        let said = self.verify(&copy, &["--json"]).expect(FAILED).json();
        assert_eq!(said["verdict"]["sub_indication"], "HASH_FAILURE", "{name}: {said:#}");
        json["signatures"][0].clone()
    }
}

#[test]
fn a_signature_with_rsassa_pss_passes() {
    let forms = Forms::make();
    let signature = forms.judged("pss.pdf");
    assert_eq!(signature["algorithm"], "RSA PSS with SHA-256");
    assert_eq!(signature["level"], "B-B");
}

/// Without `/M` the time that the signer claims is that of the CMS; without either he claims none.
#[test]
fn the_time_that_the_cms_claims_is_told_where_the_dictionary_has_none() {
    let forms = Forms::make();
    for name in ["plain.pdf", "ber.pdf"] {
        let bytes = attacks::lossy(&std::fs::read(forms.path(name)).expect("signed"));
        assert!(!bytes.contains("/M ") && !bytes.contains("/M("), "{name} has /M");
        let signature = forms.judged(name);
        assert_eq!(signature["sub_filter"], "adbe.pkcs7.detached");
        assert_eq!(signature.get("level"), None, "no PAdES level: {signature:#}");
        let claimed = signature["claimed_time"].as_str().unwrap_or_else(|| panic!("{signature:#}"));
        assert_eq!(signature["time_is_proven"], false, "a claim proves nothing");
        for (language, label) in [("en", "claimed time  "), ("fr", "heure dite    ")] {
            let text = forms.verify(&forms.path(name), &["--lang", language]).expect(PASSED).out;
            assert!(text.contains(&format!("{label}{claimed}")), "{text}");
        }
    }
    assert_eq!(forms.judged("silent.pdf").get("claimed_time"), None);
}

#[test]
fn a_cms_of_indefinite_lengths_passes() {
    let forms = Forms::make();
    let file = std::fs::read(forms.path("ber.pdf")).expect("signed");
    let hole = attacks::hole(&file);
    assert_eq!(&file[hole.start + 1..hole.start + 5], b"3080", "OpenSSL wrote definite lengths");
    assert_eq!(forms.judged("ber.pdf")["algorithm"], "RSA PKCS#1 v1.5 with SHA-256");
}
