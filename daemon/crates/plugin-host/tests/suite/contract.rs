//! The contract's text: it parses, holds every world, and what was released is never edited.

use std::collections::BTreeMap;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

/// Released versions, with the digest of their directory. A line is added, never changed.
const RELEASED: &[(&str, &str)] = &[
    ("1.0.0", "259f3d6a0b5c01366a00b9f47f36390a341b2185dacf3e749b43484b4ef2fe33"),
    ("1.1.0", "48b2f4aca3515882c3ec0c3ef92c3d1ea24ca789ec7858b5e8ba84763edce04f"),
];

fn directory(version: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../plugins/wit").join(version)
}

#[test]
fn every_released_version_parses_and_has_its_worlds() {
    for (version, _) in RELEASED {
        let mut resolve = wit_parser::Resolve::default();
        let (package, _) = resolve.push_dir(directory(version)).expect("the contract parses");
        let worlds: Vec<&String> = resolve.packages[package].worlds.keys().collect();
        assert_eq!(worlds, ["host", "prepare", "route", "validate", "notify", "after-seal"]);
        let borrows = resolve.types.iter().any(|(_, ty)| {
            matches!(ty.kind, wit_parser::TypeDefKind::Handle(wit_parser::Handle::Borrow(_)))
                && matches!(ty.owner, wit_parser::TypeOwner::Interface(id)
                    if resolve.interfaces[id].name.as_deref() == Some("step"))
        });
        assert!(!borrows, "no borrowed handles in what plugins export");
    }
}

#[test]
fn no_released_version_was_edited() {
    for (version, digest) in RELEASED {
        assert_eq!(digest_of(version), *digest, "plugins/wit/{version} is released: add a version");
    }
}

/// A package has one text under one version, in whichever release it stands: components that were built
/// against either import the same.
#[test]
fn a_package_of_one_version_is_the_same_in_every_release() {
    let mut texts = BTreeMap::new();
    for (version, _) in RELEASED {
        let files = std::fs::read_dir(directory(version).join("deps")).expect("packages");
        for file in files.map(|file| file.expect("a file").path()) {
            let text = std::fs::read_to_string(&file).expect("readable");
            let package = text.lines().find_map(|line| line.strip_prefix("package "));
            let package = package.expect("its package").to_owned();
            let first = texts.entry(package.clone()).or_insert_with(|| text.clone());
            assert!(*first == text, "{package} differs in {version}");
        }
    }
    assert!(texts.len() >= 16, "{:?}", texts.keys());
}

fn digest_of(version: &str) -> String {
    let mut hash = Sha256::new();
    for inner in ["", "deps"] {
        let files = std::fs::read_dir(directory(version).join(inner)).expect("a directory");
        let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
        files.sort();
        for file in files.iter().filter(|file| file.is_file()) {
            hash.update(file.file_name().unwrap_or_default().as_encoded_bytes());
            hash.update(std::fs::read(file).expect("readable"));
        }
    }
    hex::encode(hash.finalize())
}
