//! The report of `sceau verify` for machines: XML that EU DSS reads after the schema of TS 119 102-2, and
//! JSON whose every member is documented.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use sceau_tests::exit::IO;
use sceau_tests::program::{Said, run, sceau};
use sceau_tests::tsa::ForeignPki;
use sceau_tests::{attacks, peers, root};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// What DSS reads in each report, which it validates against the schema: a main indication a signature.
fn read_by_dss(reports: &[PathBuf]) -> Vec<Vec<String>> {
    let classes = format!("{}/lib/*", peers().join("dss/build").display());
    let mut java = Command::new("java");
    java.args(["-cp", &classes]).arg(root().join("tests/peers/dss/Report.java")).args(reports);
    let said = run(&mut java, Duration::from_secs(120)).expect(0);
    let words = |line: &str| line.split(' ').map(str::to_owned).collect();
    said.out.lines().map(words).collect()
}

fn verify(pki: &ForeignPki, file: &Path, more: &[&str]) -> Said {
    let anchors = pki.anchors();
    let mut arguments = vec!["verify".as_ref(), file.as_os_str(), "--json".as_ref()];
    arguments.extend(["--trust".as_ref(), anchors.as_os_str()]);
    arguments.extend(more.iter().map(std::ffi::OsStr::new));
    sceau(arguments)
}

/// Files of every verdict: whole and twice signed, modified, forged, without trust, unsigned.
fn files(pki: &ForeignPki) -> Vec<(&'static str, Vec<u8>)> {
    let base = attacks::base("");
    std::fs::write(pki.path("in.pdf"), &base).expect("written");
    let paths = ["in.pdf", "out.pdf", "seal.p12", "password"];
    let [input, output, p12, password] =
        paths.map(|name| pki.path(name).to_string_lossy().into_owned());
    let mut arguments = vec!["sign", &input, &output, "--p12", &p12, "--password-file", &password];
    let url = pki.url("");
    arguments.extend(["--level", "B-T", "--tsa", &url, "--guard", "allow"]);
    arguments.extend(["--reason", "Bon pour <accord> & \"suite\"", "--location", "Angers"]);
    sceau(&arguments).expect(0);
    let whole = std::fs::read(&output).expect("signed");
    sceau_tests::judges::make("second", &pki.path(""), &pki.path("out.pdf"), &pki.path("two.pdf"))
        .expect("pyHanko signs");
    let of = |name: &str| {
        let attack = attacks::all().into_iter().find(|attack| attack.name == name);
        (attack.expect("an attack").make)(&whole)
    };
    vec![
        ("twice", std::fs::read(pki.path("two.pdf")).expect("signed")),
        ("modified", of("a revision with another content")),
        ("forged", of("a byte of the page")),
        ("without range", of("no ByteRange")),
        ("strange", of("two fields with one signature")),
        ("unsigned", base),
        ("whole", whole),
    ]
}

#[test]
fn dss_reads_the_report_of_every_verdict_and_it_says_the_same() {
    let (pki, _tsa) = ForeignPki::start();
    let (mut reports, mut said) = (Vec::new(), Vec::new());
    for (name, file) in files(&pki) {
        let path = pki.path("judged.pdf");
        std::fs::write(&path, file).expect("written");
        let report = pki.path(&format!("{}.xml", name.replace(' ', "-")));
        said.push((name, verify(&pki, &path, &["--report", &report.to_string_lossy()]).json()));
        reports.push(report);
    }
    let read = read_by_dss(&reports);
    assert_eq!(read.len(), said.len(), "{read:?}");
    for ((name, json), read) in said.iter().zip(&read) {
        agree(name, json, read);
    }
}

fn agree(name: &str, json: &Value, read: &[String]) {
    let signatures = json["signatures"].as_array().expect("signatures");
    let whole = &json["verdict"]["indication"];
    let own: Vec<&Value> = match signatures.len() {
        0 => vec![whole],
        _ => signatures.iter().map(|one| &one["verdict"]["indication"]).collect(),
    };
    assert_eq!(read.len(), own.len(), "{name}: {read:?}");
    // What speaks against the whole document speaks against each signature.
    let worst = read.iter().map(String::as_str).max_by_key(|word| severity(word));
    assert_eq!(worst, Some(named(whole)), "{name}");
    for (dss, json) in read.iter().zip(own) {
        assert!(severity(dss) >= severity(named(json)), "{name}: {dss} {json}");
    }
}

/// As DSS names it.
fn named(indication: &Value) -> &'static str {
    match indication.as_str() {
        Some("TOTAL-PASSED") => "TOTAL_PASSED",
        Some("INDETERMINATE") => "INDETERMINATE",
        Some("TOTAL-FAILED") => "TOTAL_FAILED",
        other => panic!("{other:?}"),
    }
}

fn severity(indication: &str) -> usize {
    let order = ["TOTAL_PASSED", "INDETERMINATE", "TOTAL_FAILED"];
    order.iter().position(|one| *one == indication).unwrap_or_else(|| panic!("{indication}"))
}

/// `SignersDocument`: the digest of the file without the hole of its signature.
#[test]
fn the_signed_document_is_named_by_its_digest() {
    let (pki, _tsa) = ForeignPki::start();
    let files = files(&pki);
    let of = |name: &str| &files.iter().find(|(file, _)| *file == name).expect("a file").1;
    let whole = of("whole");
    let hole = attacks::hole(whole);
    let covered = [&whole[..hole.start], &whole[hole.end..]].concat();
    let digest = Sha256::digest(&covered).to_vec();
    let (path, report) = (pki.path("judged.pdf"), pki.path("digest.xml"));
    std::fs::write(&path, whole).expect("written");
    let json = verify(&pki, &path, &["--report", &report.to_string_lossy()]).expect(0).json();
    let told = &json["signatures"][0]["signed_document"];
    assert_eq!(told["algorithm"], "SHA-256");
    assert_eq!(told["value"], hex::encode(&digest));
    let xml = std::fs::read_to_string(&report).expect("a report");
    let element = xml.split("<SignersDocument>").nth(1).expect("the element");
    let value = base64::engine::general_purpose::STANDARD.encode(&digest);
    assert!(element.split("</SignersDocument>").next().expect("its end").contains(&value), "{xml}");
    // A ByteRange that covers nothing names no document.
    std::fs::write(&path, of("without range")).expect("written");
    assert_eq!(verify(&pki, &path, &[]).json()["signatures"][0].get("signed_document"), None);
}

#[test]
fn no_file_is_overwritten_by_a_report() {
    let (pki, _tsa) = ForeignPki::start();
    let base = pki.path("base.pdf");
    let before = std::fs::read(&base).expect("a file");
    let said = verify(&pki, &base, &["--report", &base.to_string_lossy()]).expect(IO);
    assert!(said.err.contains("exists"), "{said}");
    assert_eq!(std::fs::read(&base).expect("a file"), before);
}

/// Every member that a report may hold stands in `docs/verification-report.md`.
#[test]
fn every_member_of_the_json_is_documented() {
    let (pki, _tsa) = ForeignPki::start();
    let told = std::fs::read_to_string(root().join("docs/verification-report.md")).expect("a page");
    let mut members = BTreeSet::new();
    for (_, file) in files(&pki) {
        let path = pki.path("judged.pdf");
        std::fs::write(&path, file).expect("written");
        collect(&verify(&pki, &path, &[]).json(), &mut members);
    }
    assert!(members.len() > 30, "{members:?}");
    let missing: Vec<_> =
        members.iter().filter(|member| !told.contains(&format!("`{member}`"))).collect();
    assert!(missing.is_empty(), "not in docs/verification-report.md: {missing:?}");
}

fn collect(value: &Value, members: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                members.insert(name.clone());
                collect(value, members);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, members)),
        _ => {}
    }
}
