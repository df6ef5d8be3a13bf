//! The matrix of the signing engine: base files of every form (`tests/fixtures/forms`), signed at every
//! level with every kind of key, and put before all judges.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

use crate::judges::{self, Level};
use crate::ladder::LadderPki;
use crate::peers;
use crate::program::sceau;

/// A key and how it signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    seal: &'static str,
    pss: bool,
}

const fn key(seal: &'static str, pss: bool) -> Key {
    Key { seal, pss }
}

/// Every kind of key.
pub const KEYS: [Key; 8] = [
    key("rsa2048", false),
    key("rsa2048", true),
    key("rsa3072", false),
    key("rsa3072", true),
    key("rsa4096", false),
    key("rsa4096", true),
    key("signer", false),
    key("p384", false),
];

const DIGESTS: [&str; 3] = ["sha256", "sha384", "sha512"];

/// What a judge says of a form whoever signed it: the form, the level from which on, the judge, and why.
/// pyHanko says the same of its own signatures there.
const EXCUSED: [(&str, Level, &str, &str); 8] = [
    ("junk-before", Level::B, "pyHanko", "wants the header first"),
    ("junk-before", Level::B, "DSS", "wants the header first"),
    ("junk-before-counted", Level::B, "pyHanko", "wants the header first"),
    ("junk-before-counted", Level::B, "DSS", "wants the header first"),
    ("first-row-at-1", Level::B, "pyHanko", "believes the numbers of the table"),
    ("encrypted-aes-128-clear-metadata", Level::Lt, "pyHanko", "decrypts the clear metadata"),
    ("field-waiting-locking", Level::Lt, "pyHanko", "takes a locked appearance for a changed one"),
    (
        "field-waiting-locking-all",
        Level::Lt,
        "pyHanko",
        "takes a locked appearance for a changed one",
    ),
];

/// One signature: on which base file, at which level, with which key and digest.
#[derive(Debug, Clone)]
pub struct Case {
    form: PathBuf,
    level: Level,
    key: Key,
    digest: &'static str,
}

/// The base files, sorted by name.
///
/// # Panics
/// When they were not made: nothing is skipped.
pub fn bases(folder: &str) -> Vec<PathBuf> {
    let folder = peers().join("fixtures").join(folder);
    let entries = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error} (tests/fixtures/make.sh)", folder.display()));
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let pdf = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "pdf");
    let mut files: Vec<PathBuf> = paths.filter(pdf).collect();
    files.sort();
    files
}

/// The name of a base file.
pub fn name(path: &Path) -> String {
    path.file_stem().expect("a name").to_string_lossy().into_owned()
}

/// Each base file once, with levels, keys and digests in turn, so that every two of them meet.
pub fn covering(forms: &[PathBuf]) -> Vec<Case> {
    let one = |(index, form): (usize, &PathBuf)| Case {
        form: form.clone(),
        level: Level::ALL[index % 4],
        key: KEYS[index / 4 % 8],
        digest: DIGESTS[index % 3],
    };
    forms.iter().enumerate().map(one).collect()
}

/// Each base file at each level with each kind of key, the digests in turn.
pub fn all(forms: &[PathBuf]) -> Vec<Case> {
    let mut cases = Vec::new();
    for (turn, form) in forms.iter().enumerate() {
        for (rung, level) in Level::ALL.into_iter().enumerate() {
            for (number, key) in KEYS.into_iter().enumerate() {
                let digest = DIGESTS[(turn + rung + number) % 3];
                cases.push(Case { form: form.clone(), level, key, digest });
            }
        }
    }
    cases
}

/// Signs each and has it judged; gives back what speaks against the signatures.
pub fn run(cases: &[Case], pki: &LadderPki) -> Vec<String> {
    /// Signing waits for revocation data, not for a processor.
    const AT_ONCE: usize = 3;
    let (next, faults) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let scratch = tempfile::tempdir().expect("a folder");
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let against = case.against(pki, &scratch);
                    let told = against.into_iter().map(|text| format!("{case:?}: {text}"));
                    faults.lock().expect("no thread failed").extend(told);
                }
            });
        }
    });
    faults.into_inner().expect("no thread failed")
}

impl Case {
    /// The options of `sceau sign` behind the two files.
    fn options(&self, pki: &LadderPki) -> Vec<OsString> {
        let seal = pki.path(&format!("{}.p12", self.key.seal));
        let mut options = level_options(self.level, pki);
        options.extend(["--p12".into(), seal.into(), "--json".into()]);
        options.extend(["--password-file".into(), pki.path("password").into()]);
        options.extend(["--field".into(), field(&name(&self.form)).into()]);
        if self.key.seal.starts_with("rsa") {
            options.extend(["--digest", self.digest].map(Into::into));
        }
        options.extend(self.key.pss.then(|| "--pss".into()));
        options
    }

    fn against(&self, pki: &LadderPki, scratch: &TempDir) -> Vec<String> {
        let form = name(&self.form);
        let (seal, level) = (self.key, self.level.name());
        let output = scratch.path().join(format!("{form}-{level}-{}-{}.pdf", seal.seal, seal.pss));
        let mut arguments = vec!["sign".into(), (&self.form).into(), (&output).into()];
        arguments.extend(self.options(pki));
        let said = sceau::<OsString>(arguments);
        if said.code != Some(0) || said.json()["level"] != level {
            return vec![format!("not signed at its level: {said}")];
        }
        let root = pki.path("root.pem");
        let against = judges::against_newest(&output, &root, &field(&form), self.level);
        let mut against = excused(&form, self.level, against);
        if !begins_with(&output, &self.form) {
            against.push("the original is not its beginning".to_owned());
        }
        if judges::is_clean(&self.form) == Some(true) && judges::is_clean(&output) != Some(true) {
            against.push("qpdf: no longer clean".to_owned());
        }
        let _ = std::fs::remove_file(&output);
        against
    }
}

/// The options of `sceau sign` that reach a level under this PKI.
pub fn level_options(level: Level, pki: &LadderPki) -> Vec<OsString> {
    let mut options: Vec<OsString> = ["--level", level.name()].map(Into::into).into();
    if level > Level::B {
        options.extend(["--tsa".into(), pki.tsa("tsa2").into()]);
    }
    if level > Level::T {
        options.extend(["--trust".into(), pki.path("root.pem").into()]);
        options.extend(["--wait", "--allow-private-network"].map(Into::into));
    }
    options
}

/// Forms with a field that waits for a signature are signed there.
fn field(form: &str) -> String {
    let waiting = form.contains("waiting") || form.starts_with("certified");
    if waiting || form.starts_with("locked") { "Cachet" } else { "Sceau" }.to_owned()
}

/// Without what is a judge's own affair; where he has nothing against it after all, that is told.
fn excused(form: &str, level: Level, mut against: Vec<String>) -> Vec<String> {
    let its = EXCUSED.iter().filter(|(of, from, ..)| *of == form && level >= *from);
    for (_, _, judge, why) in its {
        let before = against.len();
        against.retain(|text| !text.starts_with(judge));
        if against.len() == before {
            against.push(format!("{judge} has nothing against it, although it {why}"));
        }
    }
    against
}

fn begins_with(whole: &Path, beginning: &Path) -> bool {
    let (whole, beginning) = (std::fs::read(whole), std::fs::read(beginning));
    whole.expect("the output").starts_with(&beginning.expect("the original"))
}
