//! The table of attacks: what each validator says, held against the page and the list of disagreements.

use std::collections::BTreeMap;
use std::io::Write as _;

use super::bench::Bench;
use crate::exit::PASSED;
use crate::program::Said;
use crate::{judges, root};

/// The verdict and its reason as Sceau prints them.
pub fn verdict(said: &Said) -> (String, String) {
    if said.code == Some(66) {
        return ("unreadable".to_owned(), "FORMAT_FAILURE".to_owned());
    }
    let report = said.json();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
    (text(&report["verdict"]["indication"]), text(&report["verdict"]["sub_indication"]))
}

/// The worst that DSS and pyHanko say of any signature.
pub fn foreign(verdicts: &judges::Verdicts) -> (String, String) {
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

/// A line of the table: class, attack, signer, the sub-indication that is right, the file.
pub type Row = (&'static str, &'static str, &'static str, &'static str, Vec<u8>);

/// None of these passes, for the reason that is right; the others say of them what the list tells, and
/// `docs/attacks.md` shows what all say.
///
/// # Panics
/// Where that is not so.
pub fn refused(bench: &Bench, kind: &str, rows: Vec<Row>) {
    let (mut wrong, mut seen, mut lines) = (Vec::new(), BTreeMap::new(), Vec::new());
    for (class, name, signer, expected, file) in rows {
        let path = bench.write(&file);
        let said = bench.verify(&path);
        let (indication, reason) = verdict(&said);
        if said.code == Some(PASSED) || reason != expected {
            wrong.push((class, name, signer, indication.clone(), reason.clone()));
        }
        let verdicts = judges::ask(&path, &bench.path("root.pem"));
        let (dss, pyhanko) = foreign(&verdicts);
        let line = format!(
            "| {class} | {name} | {signer} | {indication} / {reason} | {dss} | {pyhanko} |"
        );
        say(&format!("{line} {}", told(&verdicts.pyhanko)));
        lines.push(line);
        if [&dss, &pyhanko].iter().any(|word| *word == "passes") {
            seen.insert(format!("{class}\t{name}\t{signer}"), format!("{dss}\t{pyhanko}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    hold(kind, &seen);
    shown(kind, lines);
}

/// The rows of the page, of this kind, are these.
fn shown(kind: &str, mut lines: Vec<String>) {
    let page = std::fs::read_to_string(root().join("docs/attacks.md")).expect("the page");
    let class = |line: &str| line.split(" | ").next().unwrap_or_default().replace("| ", "");
    let is_row = |line: &&str| line.matches(" | ").count() == 5 && line.contains(" / ");
    let mut told: Vec<String> = page
        .lines()
        .filter(is_row)
        .filter(|line| kind_of(&class(line)) == kind)
        .map(str::to_owned)
        .collect();
    lines.sort();
    told.sort();
    assert_eq!(lines, told, "docs/attacks.md does not show what was seen");
}

/// What pyHanko says in its own words: its exception, or what it holds of each change.
pub fn told(answer: &serde_json::Value) -> String {
    let signatures = answer["signatures"].as_array().cloned().unwrap_or_default();
    let levels = signatures.iter().map(|one| one["modification_level"].to_string());
    format!("{} {}", answer["error"], levels.collect::<Vec<_>>().join(" "))
}

/// A line of the table, for whoever runs the test with `--nocapture`.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Which test makes the lines of a class.
fn kind_of(class: &str) -> &'static str {
    match class {
        "twin" => "twin",
        "timestamp" | "issuer" => "forgery",
        "EAA" | "OCA" | "overlay" => "certified",
        _ => "attack",
    }
}

/// The committed list of disagreements, of this kind, is exactly what was seen.
pub fn hold(kind: &str, seen: &BTreeMap<String, String>) {
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
