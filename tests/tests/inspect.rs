//! `sceau inspect`, and the same look before signing: what is told, in text and JSON, and the exit codes.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sceau_tests::exit::{INDETERMINATE, NO_INPUT, PASSED, REFUSED, USAGE};
use sceau_tests::program::{Said, run, sceau};
use sceau_tests::tsa::ForeignPki;
use sceau_tests::{attacks, fixtures};
use serde_json::Value;
use tempfile::TempDir;

/// Something was found that a guard would stop.
const FOUND: i32 = INDETERMINATE;

fn write(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("written");
    path
}

fn inspect(file: &Path, more: &[&str]) -> Said {
    let arguments = ["inspect".as_ref(), file.as_os_str()].into_iter();
    sceau(arguments.chain(more.iter().map(std::ffi::OsStr::new)))
}

fn words(json: &Value) -> Vec<&str> {
    let dangers = json["dangers"].as_array().expect("dangers").iter();
    dangers.map(|danger| danger["word"].as_str().expect("a word")).collect()
}

/// A page with so many links, and a script behind them that nothing refers to but the catalog.
fn flooded(links: usize, script: bool) -> Vec<u8> {
    let mut objects = vec![
        format!("<</Type/Catalog/Pages 2 0 R/Names[{} 0 R]>>", links + 4),
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>".to_owned(),
    ];
    let numbers = (4..links + 4).fold(String::new(), |mut text, number| {
        let _ = write!(text, "{number} 0 R ");
        text
    });
    objects.push(format!("<</Type/Page/Parent 2 0 R/Annots[{numbers}]>>"));
    let link = "<</Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://exemple.fr)>>>>";
    objects.extend(std::iter::repeat_n(link.to_owned(), links));
    objects.push(if script { "<</S/JavaScript/JS(x)>>" } else { "<</Rien 0>>" }.to_owned());
    fixtures::assemble(&objects)
}

#[test]
fn the_exit_code_says_whether_a_guard_would_stop_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let plain = write(&folder, "plain.pdf", &fixtures::small("rien"));
    let active = write(&folder, "active.pdf", &fixtures::active());
    let text = inspect(&plain, &[]).expect(PASSED).out;
    assert!(text.contains("plain.pdf: PDF 1.7, ") && text.contains("1 page(s)"), "{text}");
    assert!(text.contains("nothing that a guard would stop"), "{text}");
    let text = inspect(&active, &[]).expect(FOUND).out;
    assert!(text.contains("1 thing(s) that a guard would stop:\n    javascript: object"), "{text}");
    for more in [&[][..], &["--json"]] {
        let none = write(&folder, "lettre.pdf", b"Bonjour.");
        assert!(inspect(&none, more).expect(NO_INPUT).err.contains("lettre.pdf: "));
        inspect(Path::new("/nowhere/a.pdf"), more).expect(NO_INPUT);
    }
    inspect(&plain, &["--jason"]).expect(USAGE);
    sceau(["inspect"]).expect(USAGE);
}

#[test]
fn pages_count_from_one_in_text_and_json() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = write(&folder, "liens.pdf", &flooded(2, false));
    let json = inspect(&file, &["--json"]).expect(PASSED).json();
    assert_eq!(json["version"], 2);
    assert_eq!(json["dangers"], serde_json::json!([]));
    let active = json["active"].as_array().expect("links");
    assert_eq!(active.len(), 2, "{json:#}");
    assert!(active.iter().all(|one| one["kind"] == "uri" && one["page"] == 1), "{json:#}");
    let text = inspect(&file, &[]).expect(PASSED).out;
    assert!(text.contains("uri in object 4 0 R, page 1"), "{text}");
    let covered = write(&folder, "couvert.pdf", &fixtures::stamped_over(690));
    let json = inspect(&covered, &["--json"]).expect(FOUND).json();
    assert_eq!(
        (&json["covered_text"][0]["page"], &json["dangers"][0]["page"]),
        (&1.into(), &1.into())
    );
}

/// A thousand links are listed, and those behind them counted; the script is found.
#[test]
fn a_flood_of_links_hides_no_script() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = write(&folder, "flood.pdf", &flooded(1_200, true));
    let json = inspect(&file, &["--json"]).expect(FOUND).json();
    assert_eq!(words(&json), ["javascript"]);
    let left = serde_json::json!([{ "word": "uri", "dangerous": false, "count": 200 }]);
    assert_eq!(json["left_out"], left);
    assert!(inspect(&file, &[]).expect(FOUND).out.contains("200 more of uri that are not listed"));
    let harmless = write(&folder, "links.pdf", &flooded(1_200, false));
    inspect(&harmless, &[]).expect(PASSED);
}

#[test]
fn encryption_and_the_form_of_a_signature_are_told() {
    let (pki, _tsa) = ForeignPki::over(&attacks::base(""));
    let text = inspect(&pki.path("sealed.pdf"), &[]).all();
    assert!(text.contains("(Sig, signed (ETSI.CAdES.detached))"), "{text}");
    let (base, out) = (pki.path("base.pdf"), pki.path("encrypted.pdf"));
    let mut qpdf = Command::new("qpdf");
    qpdf.args(["--encrypt", "", "proprietaire", "256", "--"]).args([&base, &out]);
    run(&mut qpdf, Duration::from_secs(20)).expect(0);
    let json = inspect(&out, &["--json"]).json();
    assert_eq!(json["permissions"]["encrypted"], true, "{json:#}");
    assert!(inspect(&out, &[]).out.contains("\n  encrypted\n"));
    assert!(!inspect(&base, &[]).out.contains("encrypted"));
}

#[test]
fn the_guard_before_signing_refuses_warns_or_does_not_look() {
    let (pki, _tsa) = ForeignPki::start();
    let sign = |input: &[u8], guard: &str| {
        let (source, output) = (pki.path("in.pdf"), pki.path("out.pdf"));
        let _ = std::fs::remove_file(&output);
        std::fs::write(&source, input).expect("written");
        let mut arguments: Vec<std::ffi::OsString> = vec!["sign".into(), source.into()];
        arguments.extend([(&output).into(), "--p12".into(), pki.p12().into()]);
        arguments.extend(["--password-file".into(), pki.path("password").into()]);
        arguments.extend(["--level", "B-B", "--guard", guard].map(Into::into));
        (sceau(arguments), output.exists())
    };
    for dangerous in [fixtures::active(), flooded(1_200, true)] {
        let (said, exists) = sign(&dangerous, "refuse");
        let said = said.expect(REFUSED);
        assert!(said.err.contains("javascript (") && !exists, "{said}");
        let (said, exists) = sign(&dangerous, "warn");
        let said = said.expect(PASSED);
        assert!(said.err.contains("warning: ") && said.err.contains("javascript (") && exists);
        let (said, exists) = sign(&dangerous, "allow");
        assert!(said.expect(PASSED).err.is_empty() && exists);
    }
    let (said, exists) = sign(&fixtures::small("rien"), "refuse");
    assert!(said.expect(PASSED).err.is_empty() && exists);
}
