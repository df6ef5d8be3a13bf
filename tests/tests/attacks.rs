//! Every published attack, upon files that Sceau and pyHanko signed a moment ago: what `sceau verify`
//! says, beside EU DSS and pyHanko; and the honest twins, which must pass.
//!
//! Disagreements are listed with their reasons in `tests/attacks/disagreements.tsv`: a new one fails,
//! and so does one that is gone.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use sceau_tests::program::{Said, run, sceau};
use sceau_tests::{attacks, judges, memory, peers, program, root};
use tempfile::TempDir;

const PASSED: i32 = 0;
/// What a hostile file may cost.
const LONGEST: Duration = Duration::from_secs(5);
const LARGEST: u64 = 256 << 20;

/// The base signed by both, under one root.
struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        let bench = Self { folder: tempfile::tempdir().expect("a folder") };
        std::fs::write(bench.path("base.pdf"), attacks::base("")).expect("written");
        let mut python = Command::new(peers().join("venv/bin/python"));
        python.arg(root().join("tests/peers/pyhanko_maker.py"));
        python.arg(bench.folder.path()).arg(bench.path("base.pdf"));
        run(&mut python, Duration::from_secs(120)).expect(0);
        std::fs::write(bench.path("password"), "essai").expect("written");
        sceau_tests::cabinet::owner_only(&bench.path("password"), 0o600);
        let text = |name: &str| bench.path(name).to_string_lossy().into_owned();
        sceau([
            "sign",
            &text("base.pdf"),
            &text("sceau.pdf"),
            "--p12",
            &text("seal.p12"),
            "--password-file",
            &text("password"),
            "--level",
            "B-B",
            "--guard",
            "allow",
        ])
        .expect(0);
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn signed(&self) -> [(&'static str, Vec<u8>); 2] {
        let read = |name: &str| std::fs::read(self.path(name)).expect("signed");
        [("Sceau", read("sceau.pdf")), ("pyHanko", read("sealed.pdf"))]
    }

    fn write(&self, bytes: &[u8]) -> PathBuf {
        let path = self.path("judged.pdf");
        std::fs::write(&path, bytes).expect("written");
        path
    }

    fn verify(&self, file: &Path) -> Said {
        let began = Instant::now();
        let anchors = self.path("root.pem");
        let said = sceau([
            "verify".as_ref(),
            file.as_os_str(),
            "--trust".as_ref(),
            anchors.as_os_str(),
            "--json".as_ref(),
        ]);
        assert!(began.elapsed() < LONGEST, "{:?} for {said}", began.elapsed());
        said
    }
}

/// The verdict and its reason as Sceau prints them.
fn verdict(said: &Said) -> (String, String) {
    if said.code == Some(66) {
        return ("unreadable".to_owned(), "FORMAT_FAILURE".to_owned());
    }
    let report = said.json();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
    (text(&report["verdict"]["indication"]), text(&report["verdict"]["sub_indication"]))
}

/// The worst that DSS and pyHanko say of any signature.
fn foreign(verdicts: &judges::Verdicts) -> (String, String) {
    let all = |answer: &serde_json::Value, key: &str, good: serde_json::Value| {
        let signatures = answer["signatures"].as_array().cloned().unwrap_or_default();
        if !answer["error"].is_null() || signatures.is_empty() {
            return "error".to_owned();
        }
        if signatures.iter().all(|one| one[key] == good) { "passes" } else { "refuses" }.to_owned()
    };
    let dss = all(&verdicts.dss, "indication", "TOTAL_PASSED".into());
    (dss, all(&verdicts.pyhanko, "bottom_line", true.into()))
}

#[test]
fn no_published_attack_passes_and_the_table_is_as_told() {
    let bench = Bench::new();
    let (mut wrong, mut seen) = (Vec::new(), BTreeMap::new());
    say("| class | attack | signed by | Sceau | DSS | pyHanko |\n|---|---|---|---|---|---|");
    for attack in attacks::all() {
        for (signer, file) in bench.signed() {
            let path = bench.write(&(attack.make)(&file));
            let said = bench.verify(&path);
            let (indication, reason) = verdict(&said);
            if said.code == Some(PASSED) || !attack.expected.contains(&reason.as_str()) {
                wrong.push((attack.class, attack.name, signer, indication.clone(), reason.clone()));
            }
            let (dss, pyhanko) = foreign(&judges::ask(&path, &bench.path("root.pem")));
            let (class, name) = (attack.class, attack.name);
            say(&format!(
                "| {class} | {name} | {signer} | {indication} / {reason} | {dss} | {pyhanko} |"
            ));
            if [&dss, &pyhanko].iter().any(|word| *word == "passes") {
                seen.insert(format!("{class}\t{name}\t{signer}"), format!("{dss}\t{pyhanko}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    hold("attack", &seen);
}

#[test]
fn every_honest_twin_passes() {
    let bench = Bench::new();
    let (mut accused, mut seen) = (Vec::new(), BTreeMap::new());
    for (name, make) in attacks::twins() {
        for (signer, file) in bench.signed() {
            let path = bench.write(&make(&file));
            let said = bench.verify(&path);
            if said.code != Some(PASSED) {
                accused.push((name, signer, said.out));
            }
            let (dss, pyhanko) = foreign(&judges::ask(&path, &bench.path("root.pem")));
            if [&dss, &pyhanko].iter().any(|word| *word != "passes") {
                seen.insert(format!("twin\t{name}\t{signer}"), format!("{dss}\t{pyhanko}"));
            }
        }
    }
    assert!(accused.is_empty(), "{accused:#?}");
    hold("twin", &seen);
}

/// A line of the table, for whoever runs the test with `--nocapture`.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// The committed list of disagreements, of this kind, is exactly what was seen.
fn hold(kind: &str, seen: &BTreeMap<String, String>) {
    let list =
        std::fs::read_to_string(root().join("tests/attacks/disagreements.tsv")).expect("the list");
    let mut told = BTreeMap::new();
    for line in list.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [class, name, signer, dss, pyhanko, reason] = columns[..] else { panic!("{line}") };
        assert!(!reason.is_empty(), "a disagreement without a reason: {line}");
        if (class == "twin") == (kind == "twin") {
            told.insert(format!("{class}\t{name}\t{signer}"), format!("{dss}\t{pyhanko}"));
        }
    }
    let lines = |map: &BTreeMap<String, String>| {
        map.iter().map(|(key, value)| format!("{key}\t{value}")).collect::<Vec<_>>()
    };
    assert_eq!(lines(seen), lines(&told), "the disagreements are not those of the list");
}

/// Loops, depth, bombs and bogus counts end, within bounds of time and memory.
#[test]
fn hostile_files_end_within_their_bounds() {
    let bench = Bench::new();
    let [(_, signed), _] = bench.signed();
    for (name, file) in attacks::hostile(&signed) {
        let path = bench.write(&file);
        for command in ["verify", "inspect"] {
            let mut sceau = Command::new(program::binary());
            sceau.arg(command).arg(&path);
            let began = Instant::now();
            let (code, peak) = memory::run(&mut sceau, Duration::from_secs(60));
            assert!(began.elapsed() < LONGEST, "{command} {name}: {:?}", began.elapsed());
            assert!(peak < LARGEST, "{command} {name}: {} MiB", peak >> 20);
            assert!(
                code.is_some_and(|code| code != PASSED || command == "inspect"),
                "{name}: {code:?}"
            );
        }
    }
}
