//! The judges are judged first: with files of known worth, made by pyHanko.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sceau_tests::{fixtures, judges, peers, program, root};
use tempfile::TempDir;

/// A throw-away PKI, `sealed.pdf` (B-T) and `untimed.pdf` (B-B) over a given base.
fn made(base: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let input = folder.path().join("base.pdf");
    std::fs::write(&input, base).expect("written");
    let mut python = Command::new(peers().join("venv/bin/python"));
    python.arg(root().join("tests/peers/pyhanko_maker.py")).arg(folder.path()).arg(input);
    program::run(&mut python, Duration::from_secs(60)).expect(0);
    folder
}

fn paths(folder: &TempDir) -> (PathBuf, PathBuf) {
    (folder.path().join("sealed.pdf"), folder.path().join("root.pem"))
}

#[test]
fn all_judges_accept_a_good_seal() {
    for base in [fixtures::small("good"), fixtures::named("libreoffice"), fixtures::named("pdftex")]
    {
        let folder = made(&base);
        let (pdf, anchors) = paths(&folder);
        let verdicts = judges::ask(&pdf, &anchors);
        verdicts.expect_b_t();
        assert_eq!(verdicts.organization_identifier(), "NTRFR-732829320");
    }
}

#[test]
fn the_level_is_told_apart() {
    let folder = made(&fixtures::small("untimed"));
    let verdicts = judges::ask(&folder.path().join("untimed.pdf"), &folder.path().join("root.pem"));
    assert!(verdicts.against("PAdES-BASELINE-B").is_empty(), "{verdicts:#?}");
    assert!(says(&verdicts.against_b_t(), "DSS: level is"), "{verdicts:#?}");
}

#[test]
fn an_unknown_authority_is_refused_by_each() {
    let (folder, stranger) = (made(&fixtures::small("a")), made(&fixtures::small("b")));
    let against = judges::ask(&paths(&folder).0, &stranger.path().join("root.pem")).against_b_t();
    for said in ["DSS: indication", "pyHanko: trusted", "pdfsig: no \"Certificate Validation"] {
        assert!(says(&against, said), "{said}: {against:#?}");
    }
}

#[test]
fn a_changed_byte_is_seen_by_each() {
    let folder = made(&fixtures::small("changed"));
    let (pdf, anchors) = paths(&folder);
    let mut bytes = std::fs::read(&pdf).expect("sealed");
    let at = bytes.windows(7).position(|window| window == b"changed").expect("the text");
    bytes[at] = b'C';
    std::fs::write(&pdf, bytes).expect("written");
    let against = judges::ask(&pdf, &anchors).against_b_t();
    for said in ["DSS: indication", "pyHanko: intact", "pdfsig: no \"Signature Validation"] {
        assert!(says(&against, said), "{said}: {against:#?}");
    }
}

#[test]
fn what_is_not_signed_or_not_a_pdf_is_refused_by_each() {
    let folder = made(&fixtures::small("plain"));
    let (_, anchors) = paths(&folder);
    let plain = folder.path().join("base.pdf");
    let against = judges::ask(&plain, &anchors).against_b_t();
    for said in ["DSS: 0 signatures", "pyHanko: 0 signatures", "pdfsig:"] {
        assert!(says(&against, said), "{said}: {against:#?}");
    }
    let junk: &Path = &folder.path().join("junk.pdf");
    std::fs::write(junk, b"not a PDF at all").expect("written");
    let against = judges::ask(junk, &anchors).against_b_t();
    for said in ["DSS:", "pyHanko:", "pdfsig:", "qpdf:"] {
        assert!(says(&against, said), "{said}: {against:#?}");
    }
}

fn says(against: &[String], beginning: &str) -> bool {
    against.iter().any(|line| line.starts_with(beginning))
}
