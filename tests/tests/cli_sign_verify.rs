//! `sceau sign` and `sceau verify` without a daemon: levels, judges, exit codes.

use std::path::{Path, PathBuf};

use sceau_tests::exit::{FAILED, INDETERMINATE, IO, NO_INPUT, PASSED, REFUSED, UNAVAILABLE, USAGE};
use sceau_tests::program::{Said, sceau};
use sceau_tests::tsa::ForeignPki;
use sceau_tests::{fixtures, judges};

fn sign(pki: &ForeignPki, input: &Path, output: &Path, more: &[&str]) -> Said {
    let mut arguments: Vec<std::ffi::OsString> = vec!["sign".into(), input.into(), output.into()];
    arguments.extend(["--p12".into(), pki.p12().into()]);
    arguments.extend(["--password-file".into(), pki.path("password").into()]);
    arguments.extend(more.iter().map(Into::into));
    sceau(arguments)
}

fn sign_b_t(pki: &ForeignPki, input: &Path, output: &Path) -> Said {
    sign(pki, input, output, &["--level", "B-T", "--tsa", &pki.url("")])
}

fn verify(file: &Path, trust: Option<&Path>) -> Said {
    let mut arguments: Vec<std::ffi::OsString> = vec!["verify".into(), file.into()];
    if let Some(trust) = trust {
        arguments.extend(["--trust".into(), trust.into()]);
    }
    arguments.push("--json".into());
    sceau(arguments)
}

fn write(pki: &ForeignPki, name: &str, bytes: &[u8]) -> PathBuf {
    let path = pki.path(name);
    std::fs::write(&path, bytes).expect("written");
    path
}

/// Whatever the first authorities do, the one that answers well is asked after them.
#[test]
fn an_authority_that_misbehaves_is_passed_over() {
    let (pki, _tsa) = ForeignPki::start();
    let (input, out) =
        (write(&pki, "in.pdf", &fixtures::small("passed over")), pki.path("out.pdf"));
    let urls = ["lie", "flood", "refuse", ""].map(|fate| pki.url(fate));
    let asked: Vec<&str> = urls.iter().flat_map(|url| ["--tsa", url]).collect();
    sign(&pki, &input, &out, &[&["--level", "B-T"][..], &asked].concat()).expect(PASSED);
    verify(&out, Some(&pki.anchors())).expect(PASSED);
    let said =
        sign(&pki, &input, &pki.path("no.pdf"), &[&["--level", "B-T"][..], &asked[..6]].concat());
    let said = said.expect(UNAVAILABLE);
    for told in ["made for something else", "exceeds", "503"] {
        assert!(said.err.contains(told), "{told}: {said}");
    }
}

/// What office programs, browsers and TeX write is nothing to be warned of.
#[test]
fn ordinary_files_are_signed_without_a_word_of_warning() {
    let (pki, _tsa) = ForeignPki::start();
    for fixture in fixtures::all() {
        let out = pki.path(&fixture.file_name().expect("a name").to_string_lossy());
        let said =
            sign(&pki, &fixture, &out, &["--level", "B-B", "--guard", "warn"]).expect(PASSED);
        assert_eq!(said.err, "", "{}", fixture.display());
    }
}

#[test]
fn b_t_over_every_fixture_is_to_the_liking_of_all_judges() {
    let (pki, _tsa) = ForeignPki::start();
    for fixture in fixtures::all() {
        let out = pki.path(&fixture.file_name().expect("a name").to_string_lossy());
        sign_b_t(&pki, &fixture, &out).expect(0);
        let bytes = std::fs::read(&out).expect("signed");
        assert!(bytes.starts_with(&std::fs::read(&fixture).expect("the base")), "{out:?}");
        judges::ask(&out, &pki.anchors()).expect_b_t();
        verify(&out, Some(&pki.anchors())).expect(PASSED);
    }
}

#[test]
fn b_b_needs_no_authority() {
    let (pki, tsa) = ForeignPki::start();
    drop(tsa);
    let input = write(&pki, "in.pdf", &fixtures::small("b-b"));
    let out = pki.path("out.pdf");
    sign(&pki, &input, &out, &["--level", "B-B"]).expect(0);
    let against = judges::ask(&out, &pki.anchors()).against("PAdES-BASELINE-B");
    assert!(against.is_empty(), "{against:#?}");
}

/// The hole is as large as the authority's answers, however much it sends along.
#[test]
fn a_timestamp_of_forty_kilobytes_has_its_room() {
    let (pki, _tsa) = ForeignPki::start();
    let input = write(&pki, "in.pdf", &fixtures::small("a big timestamp"));
    let out = pki.path("out.pdf");
    sign(&pki, &input, &out, &["--level", "B-T", "--tsa", &pki.url("big")]).expect(PASSED);
    let (before, after) = [&input, &out].map(|file| file.metadata().expect("a file").len()).into();
    assert!(after - before > 2 * 30_000, "{before} and {after}: the certificates are not in it");
    judges::ask(&out, &pki.anchors()).expect_b_t();
}

#[test]
fn a_level_that_cannot_be_reached_is_never_quietly_less() {
    let (pki, tsa) = ForeignPki::start();
    let input = write(&pki, "in.pdf", &fixtures::small("unreachable"));
    for fate in ["refuse", "lie", "flood"] {
        let out = pki.path(&format!("{fate}.pdf"));
        let said = sign(&pki, &input, &out, &["--level", "B-T", "--tsa", &pki.url(fate)]);
        assert_eq!(said.code, Some(UNAVAILABLE), "{fate}: {said}");
        assert!(!out.exists(), "{fate}: something was written");
    }
    drop(tsa);
    let out = pki.path("dead.pdf");
    sign_b_t(&pki, &input, &out).expect(UNAVAILABLE);
    assert!(!out.exists());
    sign(&pki, &input, &out, &["--level", "B-T"]).expect(USAGE);
}

#[test]
fn verdicts_have_their_exit_codes() {
    let (pki, _tsa) = ForeignPki::start();
    let input = write(&pki, "in.pdf", &fixtures::small("verdict"));
    let out = pki.path("out.pdf");
    sign_b_t(&pki, &input, &out).expect(0);
    let said = verify(&out, Some(&pki.anchors())).expect(PASSED);
    assert!(said.out.contains("TOTAL-PASSED") || said.out.contains("total_passed"), "{said}");
    verify(&out, None).expect(INDETERMINATE);
    verify(&input, Some(&pki.anchors())).expect(INDETERMINATE);

    let mut bytes = std::fs::read(&out).expect("signed");
    let at = bytes.windows(7).position(|window| window == b"verdict").expect("the text");
    bytes[at] ^= 1;
    let forged = write(&pki, "forged.pdf", &bytes);
    verify(&forged, Some(&pki.anchors())).expect(FAILED);
}

/// A typing error never looks like a forgery.
#[test]
fn mistakes_have_exit_codes_of_their_own() {
    let (pki, _tsa) = ForeignPki::start();
    let input = write(&pki, "in.pdf", &fixtures::small("mistakes"));
    verify(Path::new("/nulle/part.pdf"), None).expect(NO_INPUT);
    verify(&write(&pki, "junk.pdf", b"not a PDF"), None).expect(NO_INPUT);
    verify(&input, Some(Path::new("/nulle/part.pem"))).expect(NO_INPUT);
    sceau(["verify"]).expect(USAGE);
    sceau(["verify", "--no-such-flag", "x"]).expect(USAGE);
    sceau(["verfy"]).expect(USAGE);
    sign(&pki, Path::new("/nulle/part.pdf"), &pki.path("o.pdf"), &["--level", "B-B"])
        .expect(NO_INPUT);
    sign(&pki, &input, &pki.path("o.pdf"), &["--level", "B-Z"]).expect(USAGE);
    sign(&pki, &input, Path::new("/nulle/part/o.pdf"), &["--level", "B-B"]).expect(IO);
    std::fs::write(pki.path("password"), "faux").expect("written");
    sign(&pki, &input, &pki.path("o.pdf"), &["--level", "B-B"]).expect(NO_INPUT);
    assert!(!pki.path("o.pdf").exists());
}

#[test]
fn what_cannot_be_signed_is_refused_with_its_reason() {
    let (pki, _tsa) = ForeignPki::start();
    for (name, bytes, reason) in [
        ("encrypted.pdf", fixtures::named("bad/encrypted"), "encrypt"),
        ("junk.pdf", b"junk".to_vec(), "PDF"),
        ("empty.pdf", Vec::new(), "PDF"),
    ] {
        let input = write(&pki, name, &bytes);
        let said = sign(&pki, &input, &pki.path("refused.pdf"), &["--level", "B-B"]);
        assert_eq!(said.code, Some(REFUSED), "{name}: {said}");
        assert!(said.err.contains(reason), "{name}: no {reason:?} in {said}");
        assert!(!pki.path("refused.pdf").exists());
    }
}

/// A changed byte anywhere never passes, whether it lies in the document, the hole or the revision.
#[test]
fn a_changed_byte_never_passes() {
    let (pki, _tsa) = ForeignPki::start();
    let input = write(&pki, "in.pdf", &fixtures::small("bytes"));
    let out = pki.path("out.pdf");
    sign_b_t(&pki, &input, &out).expect(0);
    let good = std::fs::read(&out).expect("signed");
    let step = if sceau_tests::proving() { 7 } else { 211 };
    for at in (0..good.len()).step_by(step) {
        let mut bytes = good.clone();
        bytes[at] ^= 0x01;
        let changed = write(&pki, "changed.pdf", &bytes);
        let said = verify(&changed, Some(&pki.anchors()));
        let passed = said.code == Some(PASSED);
        assert!(!passed || harmless(&good, at), "byte {at} of {}: {said}", good.len());
    }
}

/// A hex digit of `/Contents` past the end of the DER, or the case of one, protects nothing.
fn harmless(good: &[u8], at: usize) -> bool {
    let contents = good
        .windows(10)
        .rposition(|w| w.starts_with(b"/Contents") && (w[9] == b'<' || w[9] == b' '));
    let Some(start) = contents else { return false };
    let end = start + good[start..].iter().position(|byte| *byte == b'>').unwrap_or(0);
    (start..end).contains(&at)
}
