//! Every code that a person may read has its place in the guide.

use std::collections::BTreeSet;

use sceau_tests::root;

/// Where sentences with codes are made.
const SOURCES: [&str; 5] = [
    "daemon/crates/workflow/src/machine/messages.rs",
    "daemon/crates/engine/src/sentences.rs",
    "daemon/crates/engine/src/sentences",
    "daemon/crates/engine/src/intake/submission.rs",
    "daemon/crates/intake/src/notes",
];

#[test]
fn every_code_is_explained_in_the_guide() {
    let codes = codes();
    assert!(codes.len() >= 25, "only {codes:?}");
    let guide = std::fs::read_to_string(root().join("docs/guide/codes.md")).expect("the guide");
    let told: BTreeSet<&str> = guide.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let missing: Vec<_> = codes.iter().filter(|code| !told.contains(code.as_str())).collect();
    assert!(missing.is_empty(), "not in docs/guide/codes.md: {missing:?}");
    let stale: Vec<_> = told.iter().filter(|code| !codes.contains(**code)).collect();
    assert!(stale.is_empty(), "in the guide, but no code of the program: {stale:?}");
}

fn codes() -> BTreeSet<String> {
    let mut files = Vec::new();
    for source in SOURCES {
        let path = root().join(source);
        match path.is_dir() {
            true => files.extend(
                std::fs::read_dir(path).expect("a room").map(|entry| entry.expect("a file").path()),
            ),
            false => files.push(path),
        }
    }
    let texts = files.iter().map(|file| std::fs::read_to_string(file).expect("a source"));
    texts.flat_map(|text| quoted(&text)).filter(|word| is_code(word)).collect()
}

fn quoted(text: &str) -> Vec<String> {
    text.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The families of codes.
fn is_code(word: &str) -> bool {
    let plain = !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    let family = [
        "document-",
        "intake-",
        "right-",
        "step-",
        "timestamp-",
        "signer-",
        "folder-",
        "plugin-",
        "validation-",
        "route-",
        "revocation-",
        "renewal-",
    ];
    let single = ["internal", "configuration", "disk", "cancelled", "output-invalid"];
    let ours = ["workflow-loops", "unexpected-answer"];
    plain
        && (family.iter().any(|head| word.starts_with(head))
            || single.contains(&word)
            || ours.contains(&word))
}
