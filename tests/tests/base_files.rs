//! Base files of every kind: what is encrypted without a password is signed as if it were not,
//! everything else is refused with its reason; and signatures that are seen.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use sceau_tests::exit::REFUSED;
use sceau_tests::program::{Said, run, sceau};
use sceau_tests::tsa::ForeignPki;
use sceau_tests::{fixtures, judges, peers};

fn pki() -> ForeignPki {
    let (pki, tsa) = ForeignPki::start();
    drop(tsa);
    pki
}

fn sign(pki: &ForeignPki, input: &std::path::Path, output: &std::path::Path) -> Said {
    sign_with(pki, input, output, &[])
}

fn sign_with(
    pki: &ForeignPki,
    input: &std::path::Path,
    output: &std::path::Path,
    more: &[&str],
) -> Said {
    let mut arguments: Vec<std::ffi::OsString> = vec!["sign".into(), input.into(), output.into()];
    arguments.extend(["--level", "B-B", "--reason", "Cachet d’essai (é)", "--p12"].map(Into::into));
    arguments.extend([pki.p12().into(), "--password-file".into(), pki.path("password").into()]);
    arguments.extend(more.iter().map(Into::into));
    sceau(arguments)
}

/// A fixture, encrypted by `qpdf`.
fn encrypted(pki: &ForeignPki, base: &str, arguments: &[&str]) -> PathBuf {
    let output = pki.path("encrypted.pdf");
    let mut qpdf = Command::new("qpdf");
    qpdf.args(["--allow-weak-crypto", "--encrypt"]).args(arguments).arg("--");
    qpdf.arg(peers().join(format!("fixtures/{base}.pdf"))).arg(&output);
    run(&mut qpdf, Duration::from_secs(60)).expect(0);
    output
}

#[test]
fn what_opens_without_a_password_is_signed_to_the_liking_of_all() {
    let pki = pki();
    let ways: [&[&str]; 7] = [
        &["", "o", "40"],
        &["", "o", "128", "--use-aes=n"],
        &["", "o", "128", "--use-aes=y"],
        &["", "o", "128", "--use-aes=y", "--cleartext-metadata"],
        &["", "o", "256"],
        &["", "o", "256", "--force-R5"],
        &["", "o", "256", "--print=none", "--extract=n"],
    ];
    for base in ["ghostscript", "object-streams"] {
        for way in ways {
            let input = encrypted(&pki, base, way);
            let output = pki.path("signed.pdf");
            let _ = std::fs::remove_file(&output);
            sign(&pki, &input, &output).expect(0);
            let bytes = std::fs::read(&output).expect("signed");
            assert!(bytes.starts_with(&std::fs::read(&input).expect("the base")), "{way:?}");
            let mut against = judges::ask(&output, &pki.anchors()).against("PAdES-BASELINE-B");
            // pyHanko does not know revision 5, which ISO 32000-2 deprecates.
            against.retain(|text| !(way.contains(&"--force-R5") && text.starts_with("pyHanko")));
            assert!(against.is_empty(), "{base} {way:?}: {against:#?}");
            reads_its_reason(&output);
        }
    }
}

/// A reader that decrypts the document finds the text that was asked for.
fn reads_its_reason(signed: &std::path::Path) {
    let plain = signed.with_extension("plain.pdf");
    let mut qpdf = Command::new("qpdf");
    qpdf.args(["--decrypt", "--qdf", "--object-streams=disable"]).arg(signed).arg(&plain);
    run(&mut qpdf, Duration::from_secs(60)).expect(0);
    let bytes = std::fs::read(&plain).expect("decrypted");
    let reason: Vec<u8> = "Cachet d’essai (é)".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let hexadecimal = hex::encode(&reason);
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains(&hexadecimal), "no reason in {}", plain.display());
}

#[test]
fn other_encryption_is_refused_with_its_reason() {
    let pki = pki();
    let ways: [(&[&str], &str); 5] = [
        (&["lecture", "o", "256"], "password"),
        (&["lecture", "o", "128", "--use-aes=y"], "password"),
        (&["lecture", "o", "40"], "password"),
        (&["", "o", "256", "--modify=none"], "permissions"),
        (&["", "o", "128", "--use-aes=n", "--modify=annotate"], "permissions"),
    ];
    for (way, reason) in ways {
        let input = encrypted(&pki, "ghostscript", way);
        let said = sign(&pki, &input, &pki.path("refused.pdf")).expect(REFUSED);
        assert!(said.err.contains(reason), "{way:?}: no {reason:?} in {said}");
        assert!(!pki.path("refused.pdf").exists());
    }
}

/// A signature that is seen is to the liking of all, whoever wrote the document; its text can be read
/// and copied, and its fonts are embedded.
#[test]
fn a_shown_signature_is_to_the_liking_of_all() {
    let pki = pki();
    for fixture in fixtures::all() {
        let output = pki.path("shown.pdf");
        let _ = std::fs::remove_file(&output);
        let more = ["--visible", "1:115,262,80x25", "--visible-text", "Cachet électronique"];
        sign_with(&pki, &fixture, &output, &[&more[..], &["--visible-move"]].concat()).expect(0);
        let against = judges::ask(&output, &pki.anchors()).against("PAdES-BASELINE-B");
        assert!(against.is_empty(), "{}: {against:#?}", fixture.display());
        let limit = Duration::from_secs(60);
        let text = run(Command::new("pdftotext").arg(&output).arg("-"), limit).expect(0).out;
        assert!(text.contains("Cachet électronique"), "{}: {text}", fixture.display());
        let fonts = run(Command::new("pdffonts").arg(&output), limit).expect(0).out;
        let ours = fonts.lines().find(|line| line.contains("Roboto-Medium")).expect("our font");
        assert!(ours.contains("yes yes yes"), "{ours}");
    }
}

/// Below a text; refused where the text is not found, or another signature is in the way.
#[test]
fn a_place_is_found_by_its_text_or_refused() {
    let pki = pki();
    let base = peers().join("fixtures/libreoffice.pdf");
    let (once, twice) = (pki.path("once.pdf"), pki.path("twice.pdf"));
    let below = |text: &str| ["--visible".to_owned(), format!("below:{text}")];
    let [flag, place] = below("Fait en deux exemplaires");
    sign_with(&pki, &base, &once, &[&flag, &place]).expect(0);
    let said = sign_with(&pki, &once, &twice, &[&flag, &place]).expect(REFUSED);
    assert!(said.err.contains("another field"), "{said}");
    sign_with(&pki, &once, &twice, &[&flag, &place, "--visible-move"]).expect(0);
    let [flag, place] = below("Ce texte n’y est pas");
    let said = sign_with(&pki, &base, &pki.path("none.pdf"), &[&flag, &place]).expect(REFUSED);
    assert!(said.err.contains("is not found"), "{said}");
}
