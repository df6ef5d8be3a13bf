//! The guides explain every reason that a verdict may have, and every option and exit code of `sceau verify`.

use std::collections::BTreeSet;

use sceau_tests::program::sceau;
use sceau_tests::root;

const GUIDES: [&str; 2] = ["verification.md", "verification.en.md"];

fn guide(name: &str) -> String {
    std::fs::read_to_string(root().join("docs/guide").join(name)).expect("a guide")
}

/// The names that the enumeration gives its members.
fn reasons() -> BTreeSet<String> {
    let source = root().join("daemon/crates/pades/src/report/verdict.rs");
    let text = std::fs::read_to_string(source).expect("the source");
    let (_, names) = text.split_once("impl SubIndication").expect("the enumeration");
    let (names, _) = names.split_once("indication(self)").expect("its names");
    names.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_reason_is_explained_in_both_guides_and_no_other() {
    let reasons = reasons();
    assert!(reasons.len() >= 18, "only {reasons:?}");
    for name in GUIDES {
        let guide = guide(name);
        let rows = guide.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
        let is_reason = |word: &str| word.contains('_') || word == "REVOKED";
        let upper = |word: &str| word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        let told: BTreeSet<String> = rows
            .map(|(word, _)| word)
            .filter(|word| upper(word) && (is_reason(word) || reasons.contains(*word)))
            .map(str::to_owned)
            .collect();
        assert_eq!(told, reasons, "{name}");
    }
}

#[test]
fn every_option_that_changes_a_verdict_is_explained_in_both_guides() {
    let help = sceau(["verify", "--help"]).expect(0).out;
    for name in GUIDES {
        let guide = guide(name);
        let words = help.split(|c: char| !(c.is_ascii_lowercase() || c == '-'));
        for option in words.filter(|word| word.starts_with("--") && *word != "--help") {
            assert!(guide.contains(option), "{name} does not tell {option}");
        }
        for code in ["64", "66", "74", "78"] {
            assert!(guide.contains(code), "{name} does not tell exit code {code}");
        }
    }
}
