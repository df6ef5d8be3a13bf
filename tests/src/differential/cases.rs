//! Which files are put before the three: every fixture by every signer and with every change, the
//! corpus as it was found and signed; or a sample of that, spread evenly.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::changes::{BYTES, EDITS, has_place};
use super::two_at_a_time;
use crate::judges::make;
use crate::program::{binary, run};
use crate::tsa::ForeignPki;
use crate::{corpus, fixtures};

/// How long `sceau sign` may take on a crowded machine.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// One file before the three.
#[derive(Clone, Debug)]
pub struct Case {
    /// What was signed: a fixture, or a file of the corpus by its digest.
    pub input: String,
    /// Who signed it.
    pub signer: String,
    /// What was done to it afterwards.
    pub change: String,
    /// Where it lies.
    pub path: PathBuf,
}

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Every fixture, every signer, every change, each with some of the others; a few foreign files.
    Sample,
    /// Every change with every signer; every foreign file, and a changed copy of each.
    All,
}

/// Programs one after the other, as `Sceau` or pyHanko's kinds name them.
const SIGNERS: &[(&str, &[&str])] = &[
    ("Sceau B-B", &["B-B"]),
    ("Sceau B-T", &["B-T"]),
    ("pyHanko B-B", &["untimed"]),
    ("pyHanko B-T", &["timed"]),
    ("Sceau, then pyHanko", &["B-T", "second"]),
    ("pyHanko, then Sceau", &["timed", "B-B"]),
    ("Sceau, then archived", &["B-T", "archived"]),
];
/// As it was found.
const NOBODY: &str = "as found";
pub(super) const SIGNED: &str = "signed";
/// How many files of the corpus belong to a sample, besides the signed ones.
const OF_CORPUS: usize = 8;

/// Makes the files in a folder and tells where they lie.
///
/// # Panics
/// When a fixture cannot be signed. A file of the corpus may be refused: that is no case.
pub fn cases(extent: Extent, pki: &ForeignPki, folder: &Path) -> Vec<Case> {
    let mut cases = signed_fixtures(extent, pki, folder);
    cases.extend(changed(extent, pki, folder, &cases));
    cases.extend(foreign(extent, pki, folder));
    cases
}

/// Of a sample, three signers a fixture, others for each; of all, every signer.
fn signed_fixtures(extent: Extent, pki: &ForeignPki, folder: &Path) -> Vec<Case> {
    let inputs = fixtures::all();
    let chosen = |file: usize, signer: usize| {
        extent == Extent::All
            || (file + signer).is_multiple_of(2) && signer < 6
            || file % 3 == signer % 3
    };
    let pairs = inputs.iter().enumerate().flat_map(|(file, input)| {
        let signers = SIGNERS.iter().enumerate();
        signers.filter(move |(signer, _)| chosen(file, *signer)).map(move |(_, one)| (input, one))
    });
    let pairs: Vec<_> = pairs.collect();
    two_at_a_time(&pairs, |(input, (signer, steps))| {
        let case = case(folder, &stem(input), signer, SIGNED);
        sign(pki, input, &case.path, steps)
            .unwrap_or_else(|why| panic!("{}, {signer}: {why}", input.display()));
        case
    })
}

/// Of each signer, every change of one file or, of all, of three; in a sample a quarter of the changes.
fn changed(extent: Extent, pki: &ForeignPki, folder: &Path, signed: &[Case]) -> Vec<Case> {
    let all = BYTES.len() + EDITS.len();
    let mut chosen = Vec::new();
    for (number, (signer, _)) in SIGNERS.iter().enumerate() {
        let own: Vec<_> = signed.iter().filter(|case| case.signer == *signer).collect();
        for change in 0..all {
            let files = match extent {
                Extent::All => 3,
                Extent::Sample => usize::from((change + number).is_multiple_of(4)),
            };
            let first = change + 3 * number;
            chosen.extend((0..files).map(|file| (own[(first + 3 * file) % own.len()], change)));
        }
    }
    two_at_a_time(&chosen, |(case, change)| one_change(pki, folder, case, *change))
        .into_iter()
        .flatten()
        .collect()
}

/// None where the file has no such place, or pyHanko cannot edit it.
fn one_change(pki: &ForeignPki, folder: &Path, signed: &Case, change: usize) -> Option<Case> {
    if let Some((name, act)) = BYTES.get(change) {
        let made = case(folder, &signed.input, &signed.signer, name);
        let bytes = std::fs::read(&signed.path).expect("it was signed");
        if !has_place(name, &bytes) {
            return None;
        }
        std::fs::write(&made.path, act(&bytes)).expect("written");
        return Some(made);
    }
    let kind = EDITS[change - BYTES.len()];
    let made = case(folder, &signed.input, &signed.signer, kind);
    make(kind, &pki.path(""), &signed.path, &made.path).ok()?;
    Some(made)
}

/// Those that hold a signature already, and some others; all of them when proving, and a changed copy of
/// each, for what pyHanko makes of a foreign file is for each to be seen. The file's digest decides how it is
/// changed, so that it is the same whatever else was gathered.
fn foreign(extent: Extent, pki: &ForeignPki, folder: &Path) -> Vec<Case> {
    let files = corpus::files();
    let step = match extent {
        Extent::All => 1,
        Extent::Sample => (files.len() / OF_CORPUS).max(1),
    };
    let taken = |index: usize| index.is_multiple_of(step);
    let numbered = files.iter().enumerate();
    let chosen: Vec<_> = numbered
        .filter(|(index, file)| taken(*index) || is_signed(file))
        .map(|(_, file)| file)
        .collect();
    two_at_a_time(&chosen, |file| {
        let name = stem(file);
        let mut cases = Vec::new();
        if is_signed(file) {
            cases.push(Case { path: file.to_path_buf(), ..case(folder, &name, NOBODY, SIGNED) });
        }
        let signed = case(folder, &name, SIGNERS[0].0, SIGNED);
        if sign(pki, file, &signed.path, SIGNERS[0].1).is_ok() {
            if extent == Extent::All {
                cases.extend(one_change(pki, folder, &signed, change_of(&name)));
            }
            cases.push(signed);
        }
        cases
    })
    .into_iter()
    .flatten()
    .collect()
}

/// By the last of the digits that name a file of the corpus.
fn change_of(name: &str) -> usize {
    let last = name.get(name.len().saturating_sub(6)..).unwrap_or_default();
    usize::from_str_radix(last, 16).unwrap_or_default() % (BYTES.len() + EDITS.len())
}

fn is_signed(file: &Path) -> bool {
    let bytes = std::fs::read(file).expect("a file of the corpus");
    bytes.windows(10).any(|window| window == b"/ByteRange")
}

fn case(folder: &Path, input: &str, signer: &str, change: &str) -> Case {
    let [input, signer, change] = [input, signer, change].map(str::to_owned);
    let name = [input.as_str(), &signer, &change].join("-").replace([' ', ','], "_");
    Case { path: folder.join(name + ".pdf"), input, signer, change }
}

fn stem(path: &Path) -> String {
    path.file_stem().expect("a name").to_string_lossy().into_owned()
}

/// One program after the other; each step reads what the one before wrote.
fn sign(pki: &ForeignPki, input: &Path, output: &Path, steps: &[&str]) -> Result<(), String> {
    let mut from = input.to_path_buf();
    for (index, step) in steps.iter().enumerate() {
        let last = index + 1 == steps.len();
        let to = if last { output.to_path_buf() } else { output.with_extension("step") };
        match *step {
            "B-B" | "B-T" => by_sceau(pki, step, &from, &to)?,
            kind => make(kind, &pki.path(""), &from, &to)?,
        }
        from = to;
    }
    Ok(())
}

fn by_sceau(pki: &ForeignPki, level: &str, input: &Path, output: &Path) -> Result<(), String> {
    let mut sceau = Command::new(binary());
    sceau.arg("sign").arg(input).arg(output).args(["--force", "--guard", "allow"]);
    sceau.args(["--level", level]);
    if level != "B-B" {
        sceau.args(["--tsa", &pki.url("")]);
    }
    sceau.arg("--p12").arg(pki.p12()).arg("--password-file").arg(pki.path("password"));
    let said = run(&mut sceau, PATIENCE);
    if said.code == Some(0) { Ok(()) } else { Err(said.to_string()) }
}
