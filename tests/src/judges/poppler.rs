//! poppler's `pdfsig`, which trusts what stands in an NSS database.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use tempfile::TempDir;

use crate::clock::Clock;
use crate::program::run;

const LIMIT: Duration = Duration::from_secs(60);

/// NSS databases by the PEM file that they trust.
static DATABASES: LazyLock<Mutex<HashMap<PathBuf, TempDir>>> = LazyLock::new(Mutex::default);

pub(super) fn judge(pdf: &Path, anchors: &Path, clock: Clock) -> String {
    let mut databases = DATABASES.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let database = databases.entry(anchors.to_owned()).or_insert_with(|| trusting(anchors));
    let mut pdfsig = Command::new("pdfsig");
    pdfsig.envs(clock.environment()).arg("-nssdir").arg(database.path()).arg(pdf);
    run(&mut pdfsig, LIMIT).all()
}

pub(super) fn against(said: &str) -> Vec<String> {
    [
        "Signature Validation: Signature is Valid.",
        "Certificate Validation: Certificate is Trusted.",
        "Total document signed",
    ]
    .into_iter()
    .filter(|line| !said.contains(line))
    .map(|line| format!("pdfsig: no \"{line}\" in {said}"))
    .chain(said.contains("Signature #2").then(|| "pdfsig: more than one signature".to_owned()))
    .collect()
}

/// Whether the first signature is intact, where document timestamps may follow. Its trust is not
/// asked: the NSS beneath finds no path through an intermediate that this suite's PKI makes.
pub(super) fn against_first(said: &str) -> Vec<String> {
    let line = "Signature Validation: Signature is Valid.";
    let missing = !said.contains(line);
    missing.then(|| format!("pdfsig: no \"{line}\" in {said}")).into_iter().collect()
}

/// The text of a PDF, as `pdftotext` reads it.
///
/// # Panics
/// When it cannot.
pub fn text(pdf: &Path) -> String {
    run(Command::new("pdftotext").arg(pdf).arg("-"), LIMIT).expect(0).out
}

/// What is attached to a PDF: names and contents, as `pdfdetach` finds them.
///
/// # Panics
/// When it cannot.
pub fn attached(pdf: &Path) -> Vec<(String, Vec<u8>)> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut all = Command::new("pdfdetach");
    run(all.arg("-saveall").arg("-o").arg(folder.path()).arg(pdf), LIMIT).expect(0);
    let listed = run(Command::new("pdfdetach").arg("-list").arg(pdf), LIMIT).expect(0).out;
    let names = listed.lines().filter_map(|line| line.split_once(": ")).map(|(_, name)| name);
    names
        .map(|name| (name.to_owned(), std::fs::read(folder.path().join(name)).expect("saved")))
        .collect()
}

/// A new database with every certificate of the PEM file as a trusted authority.
fn trusting(anchors: &Path) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = format!("sql:{}", folder.path().display());
    certutil(&["-N", "-d", &database, "--empty-password"]);
    let text = std::fs::read_to_string(anchors)
        .unwrap_or_else(|error| panic!("{}: {error}", anchors.display()));
    for (index, certificate) in text.split_inclusive("-----END CERTIFICATE-----").enumerate() {
        if !certificate.contains("-----BEGIN CERTIFICATE-----") {
            continue;
        }
        let file = folder.path().join(format!("{index}.pem"));
        std::fs::write(&file, certificate.trim_start()).expect("a PEM file");
        let name = format!("anchor-{index}");
        let file = file.to_string_lossy();
        certutil(&["-A", "-d", &database, "-n", &name, "-t", "CT,CT,CT", "-i", &file]);
    }
    folder
}

fn certutil(arguments: &[&str]) {
    run(Command::new("certutil").args(arguments), LIMIT).expect(0);
}
