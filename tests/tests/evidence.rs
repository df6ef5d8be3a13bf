//! The evidence file: what it holds, and that `sceau evidence verify` holds it against the PDF.

use std::path::{Path, PathBuf};

use sceau_tests::cabinet::Cabinet;
use sceau_tests::fixtures;
use sceau_tests::program::{Said, sceau};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

struct Delivered {
    cabinet: Cabinet,
    _daemon: sceau_tests::daemon::Daemon,
    original: Vec<u8>,
    pdf: PathBuf,
    evidence: PathBuf,
}

fn delivered() -> Delivered {
    let (cabinet, daemon) = Cabinet::ready();
    let watched = cabinet.watched("attestations");
    let original = fixtures::named("ghostscript");
    watched.drop_file("preuve.pdf", &original);
    let pdf = watched.wait_delivered("preuve");
    let evidence = watched.wait_evidence("preuve");
    Delivered { cabinet, _daemon: daemon, original, pdf, evidence }
}

fn verify(evidence: &Path, pdf: &Path, anchors: &Path) -> Said {
    let mut arguments: Vec<std::ffi::OsString> = vec!["evidence".into(), "verify".into()];
    arguments.extend([evidence.into(), pdf.into(), "--trust".into(), anchors.into()]);
    sceau(arguments)
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[test]
fn the_evidence_tells_what_was_done() {
    let delivered = delivered();
    let text = std::fs::read_to_string(&delivered.evidence).expect("the evidence");
    let json: Value = serde_json::from_str(&text).expect("JSON");
    // Names in the order of their letters: whoever writes it anew has the same bytes.
    assert_eq!(text, format!("{json:#}\n"));
    let sealed = std::fs::read(&delivered.pdf).expect("the PDF");
    for needed in [sha256(&delivered.original), sha256(&sealed)] {
        assert!(text.contains(&needed), "no digest {needed} in {json:#}");
    }
    for key in ["dossier", "workflow", "events", "delegation", "certificates", "timestamps"] {
        assert!(text.contains(&format!("\"{key}")), "no {key} in {json:#}");
    }
    for honest in ["interne du cabinet", "horodatage interne n'est pas indépendant"] {
        assert!(
            json["notice"]["fr"].as_str().is_some_and(|said| said.contains(honest)),
            "{json:#}"
        );
    }
    let dossier = delivered.cabinet.dossiers()[0]["dossier"].as_str().expect("an id").to_owned();
    assert!(text.contains(&dossier), "no dossier id in {json:#}");
    assert!(
        text.contains("BEGIN CERTIFICATE") || text.contains("MII"),
        "no certificate in {json:#}"
    );
}

#[test]
fn the_evidence_holds_against_its_pdf_alone() {
    let delivered = delivered();
    let anchors = delivered.cabinet.anchors();
    let told = verify(&delivered.evidence, &delivered.pdf, &anchors).expect(0).out;
    let stamped = told.lines().find(|line| line.contains("the time stamp lies between"));
    assert!(stamped.is_some_and(|line| line.contains("may differ by 5 minutes")), "{told}");

    let other = delivered.cabinet.path("other.pdf");
    let mut bytes = std::fs::read(&delivered.pdf).expect("the PDF");
    bytes.extend_from_slice(b"\n");
    std::fs::write(&other, bytes).expect("written");
    let said = verify(&delivered.evidence, &other, &anchors);
    assert!(said.code.is_some_and(|code| code != 0), "another PDF passes: {said}");

    let changed = delivered.cabinet.path("changed.json");
    let text = std::fs::read_to_string(&delivered.evidence).expect("the evidence");
    let digest = sha256(&delivered.original);
    let lie = text.replace(&digest, &sha256(b"something else"));
    assert_ne!(lie, text);
    std::fs::write(&changed, lie).expect("written");
    let said = verify(&changed, &delivered.pdf, &anchors);
    assert!(said.code.is_some_and(|code| code != 0), "a changed evidence passes: {said}");
}

/// Whatever the signature itself proves cannot be told otherwise.
#[test]
fn no_lie_about_the_act_passes() {
    let delivered = delivered();
    let anchors = delivered.cabinet.anchors();
    let text = std::fs::read_to_string(&delivered.evidence).expect("the evidence");
    let truth: Value = serde_json::from_str(&text).expect("JSON");
    type Lie = fn(&mut Value);
    let lies: [(&str, Lie); 5] = [
        ("the right", |json| json["acts"][0]["right"] = "signer".into()),
        ("the time", |json| json["acts"][0]["at"] = "2020-01-01T00:00:00Z".into()),
        ("the signed bytes", |json| json["acts"][0]["signed_bytes_sha256"] = "0".repeat(64).into()),
        ("the délégation", |json| json["acts"][0]["delegation"] = Value::Null),
        ("the certificate", |json| {
            for step in json["steps"].as_array_mut().expect("steps") {
                if step["kind"] == "seal" {
                    step["result"]["certificates"][0] = step["result"]["certificates"][1].clone();
                }
            }
        }),
    ];
    for (about, lie) in lies {
        let mut json = truth.clone();
        lie(&mut json);
        assert_ne!(json, truth, "no lie about {about}");
        let changed = delivered.cabinet.path("lie.json");
        std::fs::write(&changed, json.to_string()).expect("written");
        let said = verify(&changed, &delivered.pdf, &anchors);
        assert_eq!(said.code, Some(4), "a lie about {about} passes: {said}");
    }
}

#[test]
fn mistakes_are_not_taken_for_forgeries() {
    let delivered = delivered();
    let nowhere = Path::new("/nulle/part.json");
    let anchors = delivered.cabinet.anchors();
    verify(nowhere, &delivered.pdf, &anchors).expect(66);
    verify(&delivered.evidence, nowhere, &anchors).expect(66);
    verify(&delivered.evidence, &delivered.pdf, nowhere).expect(66);
    verify(&delivered.pdf, &delivered.pdf, &anchors).expect(66);
    verify(&delivered.cabinet.state(), &delivered.pdf, &anchors).expect(66);
    // It says that it holds 4096 bytes, and ends before them, as a file does on a disk that fails.
    let ends_early = Path::new("/sys/devices/system/cpu/online");
    verify(&delivered.evidence, ends_early, &anchors).expect(74);
    sceau(["evidence", "verify"]).expect(64);
}
