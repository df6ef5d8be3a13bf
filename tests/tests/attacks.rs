//! Every published attack, upon files that Sceau and pyHanko signed a moment ago: what `sceau verify`
//! says, beside EU DSS and pyHanko; and the honest twins, which must pass.
//!
//! Disagreements are listed with their reasons in `tests/attacks/disagreements.tsv`: a new one fails,
//! and so does one that is gone.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sceau_tests::exit::PASSED;
use sceau_tests::program::{Said, run, sceau};
use sceau_tests::tsa::{ForeignPki, Tsa};
use sceau_tests::{attacks, judges, memory, peers, program, root};

/// How long a process is waited for on a crowded machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// What a hostile file may cost: computing time, and memory in bytes.
const LONGEST: Duration = Duration::from_secs(5);
const LARGEST: u64 = 256 << 20;

/// The base signed by both, under one root.
struct Bench {
    pki: ForeignPki,
    _tsa: Tsa,
}

impl Bench {
    fn new() -> Self {
        Self::over(&attacks::base(""))
    }

    /// Without the reference that leads nowhere: pyHanko ends in an exception at it as soon as the page
    /// changes, and judges nothing.
    fn sound() -> Self {
        let base = attacks::lossy(&attacks::base(""));
        Self::over(base.replace(" 50 0 R", "       ").as_bytes())
    }

    fn over(base: &[u8]) -> Self {
        let (pki, tsa) = ForeignPki::over(base);
        let bench = Self { pki, _tsa: tsa };
        bench.seal("seal.p12", "sceau.pdf", &["--level", "B-B"]);
        bench
    }

    /// The base as `sceau sign` seals it.
    fn seal(&self, p12: &str, name: &str, more: &[&str]) -> Vec<u8> {
        let mut sceau = Command::new(program::binary());
        sceau.arg("sign").args(["base.pdf", name, "--p12", p12, "--password-file", "password"]);
        sceau.args(["--guard", "allow"]).args(more).current_dir(self.path(""));
        run(&mut sceau, PATIENCE).expect(PASSED);
        self.read(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).expect("made")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.pki.path(name)
    }

    fn signed(&self) -> [(&'static str, Vec<u8>); 2] {
        [("Sceau", self.read("sceau.pdf")), ("pyHanko", self.read("sealed.pdf"))]
    }

    fn sign_again(&self, file: &[u8]) -> Vec<u8> {
        let path = self.path("once.pdf");
        std::fs::write(&path, file).expect("written");
        run(&mut self.command("sign", &path), PATIENCE).expect(PASSED);
        self.read("again.pdf")
    }

    /// What pyHanko makes of it: see `tests/peers/pyhanko_second.py`.
    fn pyhanko(&self, kind: &str, file: &[u8]) -> Vec<u8> {
        std::fs::write(self.path("once.pdf"), file).expect("written");
        let mut python = Command::new(peers().join("venv/bin/python"));
        python.arg(root().join("tests/peers/pyhanko_second.py")).arg(kind);
        python.arg(self.path("")).args([self.path("once.pdf"), self.path("again.pdf")]);
        run(&mut python, PATIENCE).expect(PASSED);
        self.read("again.pdf")
    }

    fn write(&self, bytes: &[u8]) -> PathBuf {
        let path = self.path("judged.pdf");
        std::fs::write(&path, bytes).expect("written");
        path
    }

    fn verify(&self, file: &Path) -> Said {
        let anchors = self.path("root.pem");
        sceau([
            "verify".as_ref(),
            file.as_os_str(),
            "--trust".as_ref(),
            anchors.as_os_str(),
            "--json".as_ref(),
        ])
    }

    /// `sceau verify`, `inspect` or `sign` of a file.
    fn command(&self, name: &str, file: &Path) -> Command {
        let mut sceau = Command::new(program::binary());
        sceau.arg(name).arg(file);
        if name == "sign" {
            sceau
                .arg(self.path("again.pdf"))
                .args(["--force", "--level", "B-B", "--guard", "warn"]);
            sceau.arg("--p12").arg(self.path("seal.p12"));
            sceau.arg("--password-file").arg(self.path("password"));
        }
        sceau
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

/// A line of the table: class, attack, signer, the sub-indications that are right, the file.
type Row = (&'static str, &'static str, &'static str, &'static [&'static str], Vec<u8>);

#[test]
fn no_published_attack_passes_and_the_table_is_as_told() {
    let bench = Bench::new();
    let rows = attacks::all().into_iter().flat_map(|attack| {
        let made = |(signer, file): (&'static str, Vec<u8>)| {
            (attack.class, attack.name, signer, attack.expected, (attack.make)(&file))
        };
        bench.signed().map(made)
    });
    refused(&bench, "attack", rows.collect());
}

/// Who has the names of the authorities, but not their keys; and tokens that were given for other
/// documents.
#[test]
fn no_forged_or_copied_timestamp_passes_and_no_swapped_issuer() {
    let (bench, forger) = (Bench::new(), Bench::new());
    let mut python = Command::new(peers().join("venv/bin/python"));
    python.arg(root().join("tests/peers/pyhanko_forger.py"));
    run(python.arg(bench.path("")).arg(forger.path("")), PATIENCE).expect(PASSED);
    let timed = |p12: &str, pki: &Bench| bench.seal(p12, "timed.pdf", &b_t(&pki.pki.url("")));
    let signed = || [("Sceau", timed("seal.p12", &bench)), ("pyHanko", bench.read("sealed.pdf"))];
    let mut rows: Vec<Row> = Vec::new();
    let mut row = |class, name, expected, files: [Vec<u8>; 2]| {
        let signers = ["Sceau", "pyHanko"].into_iter().zip(files);
        rows.extend(signers.map(|(signer, file)| (class, name, signer, expected, file)));
    };
    let unproven: &[&str] = &[];
    let forged = [timed("seal.p12", &forger), bench.read("forged-time.pdf")];
    row("timestamp", "of an authority that has the name alone", unproven, forged);
    let donor = || timed("seal.p12", &bench);
    let copied = signed().map(|(_, file)| {
        let donors = (0..60).map(|_| donor());
        donors.into_iter().find_map(|donor| attacks::with_token_of(&file, &donor)).expect("a donor")
    });
    row("timestamp", "copied from another signature", unproven, copied);
    let stamped = signed().map(|(_, file)| forger.pyhanko("timestamp", &file));
    row("timestamp", "a document timestamp of the name alone", unproven, stamped);
    let copied = signed().map(|(_, file)| {
        let donor = bench.pyhanko("timestamp", &donor());
        attacks::with_cms_of(&bench.pyhanko("timestamp", &file), &donor)
    });
    row("timestamp", "a document timestamp of another document", unproven, copied);
    for (name, stem) in [
        ("a false issuer beside the true seal", "false-issuer"),
        ("a false seal beneath the true issuer", "false-seal"),
    ] {
        let p12 = format!("{stem}.p12");
        let made = [timed(&p12, &bench), bench.read(&format!("{stem}.pdf"))];
        row("issuer", name, unproven, made);
    }
    for (signer, file) in signed() {
        bench.verify(&bench.write(&file)).expect(PASSED);
        let stamped = bench.pyhanko("timestamp", &file);
        assert_eq!(bench.verify(&bench.write(&stamped)).code, Some(PASSED), "{signer}: the twin");
    }
    refused(&bench, "forgery", rows);
}

fn b_t(url: &str) -> [&str; 4] {
    ["--level", "B-T", "--tsa", url]
}

/// None of these passes, for a reason that is right, and the others say of them what the list tells.
fn refused(bench: &Bench, kind: &str, rows: Vec<Row>) {
    let (mut wrong, mut seen) = (Vec::new(), BTreeMap::new());
    say("| class | attack | signed by | Sceau | DSS | pyHanko |\n|---|---|---|---|---|---|");
    for (class, name, signer, expected, file) in rows {
        let path = bench.write(&file);
        let said = bench.verify(&path);
        let (indication, reason) = verdict(&said);
        if said.code == Some(PASSED) || !expected.contains(&reason.as_str()) {
            wrong.push((class, name, signer, indication.clone(), reason.clone()));
        }
        let verdicts = judges::ask(&path, &bench.path("root.pem"));
        let (dss, pyhanko) = foreign(&verdicts);
        say(&format!("pyHanko: {}", told(&verdicts.pyhanko)));
        say(&format!(
            "| {class} | {name} | {signer} | {indication} / {reason} | {dss} | {pyhanko} |"
        ));
        if [&dss, &pyhanko].iter().any(|word| *word == "passes") {
            seen.insert(format!("{class}\t{name}\t{signer}"), format!("{dss}\t{pyhanko}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    hold(kind, &seen);
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
            let verdicts = judges::ask(&path, &bench.path("root.pem"));
            say(&format!("{name}, {signer}: pyHanko: {}", told(&verdicts.pyhanko)));
            let (dss, pyhanko) = foreign(&verdicts);
            if [&dss, &pyhanko].iter().any(|word| *word != "passes") {
                seen.insert(format!("twin\t{name}\t{signer}"), format!("{dss}\t{pyhanko}"));
            }
        }
    }
    assert!(accused.is_empty(), "{accused:#?}");
    hold("twin", &seen);
}

/// Signed once more by the other program, extended, and filled in between: nobody may be accused.
#[test]
fn real_second_signatures_are_no_modifications() {
    let bench = Bench::sound();
    let mut accused = Vec::new();
    for (signer, file) in bench.signed() {
        let filled =
            attacks::twins().into_iter().find(|(name, _)| name.starts_with("a field filled"));
        let filled = filled.expect("a twin").1(&file);
        let mut made =
            vec![("Sceau", bench.sign_again(&file)), ("Sceau, filled", bench.sign_again(&filled))];
        for kind in ["invisible", "visible", "timestamp", "lta"] {
            made.push((kind, bench.pyhanko(kind, &file)));
        }
        made.push(("visible, filled", bench.pyhanko("visible", &filled)));
        for (kind, twice) in made {
            let path = bench.write(&twice);
            let said = bench.verify(&path);
            if said.code != Some(PASSED)
                || said.json()["signatures"].as_array().map(Vec::len) < Some(2)
            {
                accused.push((signer, kind, said.out));
            }
            let verdicts = judges::ask(&path, &bench.path("root.pem"));
            let words = foreign(&verdicts);
            if words != ("passes".to_owned(), "passes".to_owned()) {
                accused.push((signer, kind, format!("{words:?} {}", told(&verdicts.pyhanko))));
            }
        }
    }
    assert!(accused.is_empty(), "{accused:#?}");
}

/// Of the form that came before PAdES: it holds, names no level, and is no easier to attack.
#[test]
fn a_signature_of_iso_32000_1_is_judged_as_strictly() {
    let bench = Bench::new();
    let signed = bench.pyhanko("pkcs7", &attacks::base(""));
    let said = bench.verify(&bench.write(&signed)).expect(PASSED).json();
    assert_eq!(said["signatures"][0]["level"], serde_json::Value::Null, "{said}");
    let all = attacks::all();
    let kept = ["a byte of the page", "a revision with another content", "no ByteRange"];
    for attack in all.iter().filter(|attack| kept.contains(&attack.name)) {
        let said = bench.verify(&bench.write(&(attack.make)(&signed)));
        let (indication, reason) = verdict(&said);
        assert!(
            attack.expected.contains(&reason.as_str()),
            "{}: {indication} {reason}",
            attack.name
        );
    }
}

/// What pyHanko says in its own words: its exception, or what it holds of each change.
fn told(answer: &serde_json::Value) -> String {
    let signatures = answer["signatures"].as_array().cloned().unwrap_or_default();
    let levels = signatures.iter().map(|one| one["modification_level"].to_string());
    format!("{} {}", answer["error"], levels.collect::<Vec<_>>().join(" "))
}

/// A line of the table, for whoever runs the test with `--nocapture`.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Which test makes the lines of a class.
fn kind_of(class: &str) -> &'static str {
    match class {
        "twin" => "twin",
        "timestamp" | "issuer" => "forgery",
        _ => "attack",
    }
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
        if kind_of(class) == kind {
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
    let mut beyond = Vec::new();
    for (name, file) in attacks::hostile(&signed) {
        let path = bench.write(&file);
        for command in ["verify", "inspect", "sign"] {
            let cost = memory::measured(&mut bench.command(command, &path), PATIENCE);
            let (mib, cpu) = (cost.peak >> 20, cost.cpu);
            say(&format!("{command} {name}: {cpu:?}, {mib} MiB, exit {:?}", cost.code));
            let fits = cpu < LONGEST && cost.peak < LARGEST;
            let ended = cost.code.is_some_and(|code| code != PASSED || command != "verify");
            if !fits || !ended {
                beyond.push(format!("{command} {name}: {cost:?}"));
            }
        }
    }
    assert!(beyond.is_empty(), "{beyond:#?}");
}
