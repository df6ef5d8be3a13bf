//! Which sidecar goes with which document: by name, in one directory.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use super::Form;
use crate::names::{pairing_key, split_extension};

/// The form that a name announces, if it is a sidecar's.
#[must_use]
pub fn form_of(name: &OsStr) -> Option<Form> {
    let (_, extension) = split_extension(name.as_bytes());
    match extension.to_ascii_lowercase().as_slice() {
        b".toml" => Some(Form::Toml),
        b".json" => Some(Form::Json),
        _ => None,
    }
}

/// The sidecars among `names` for each document among them, both by their index. A sidecar goes to
/// the document that it names whole (`x.pdf.toml`) before one whose stem it has (`x.toml`).
#[must_use]
pub fn pair(names: &[&OsStr]) -> BTreeMap<usize, Vec<usize>> {
    let mut by_whole: BTreeMap<OsString, usize> = BTreeMap::new();
    let mut by_stem: BTreeMap<OsString, usize> = BTreeMap::new();
    for (index, name) in names.iter().enumerate().filter(|(_, name)| form_of(name).is_none()) {
        by_whole.entry(pairing_key(name)).or_insert(index);
        by_stem.entry(pairing_key(&stem(name))).or_insert(index);
    }
    let mut pairs: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, name) in names.iter().enumerate().filter(|(_, name)| form_of(name).is_some()) {
        let key = pairing_key(&stem(name));
        if let Some(&document) = by_whole.get(&key).or_else(|| by_stem.get(&key)) {
            pairs.entry(document).or_default().push(index);
        }
    }
    pairs
}

fn stem(name: &OsStr) -> OsString {
    OsString::from_vec(split_extension(name.as_bytes()).0.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(names: &[&str]) -> Vec<(String, Vec<String>)> {
        let os: Vec<&OsStr> = names.iter().map(OsStr::new).collect();
        let named = |i: usize| names[i].to_owned();
        let pairs = pair(&os).into_iter();
        pairs.map(|(d, s)| (named(d), s.into_iter().map(named).collect())).collect()
    }

    #[test]
    fn by_whole_name_or_by_stem() {
        for sidecar in ["x.toml", "x.json", "x.pdf.toml", "x.pdf.json", "X.TOML"] {
            assert_eq!(pairs(&[sidecar, "x.pdf"]), [("x.pdf".into(), vec![sidecar.into()])]);
        }
        assert!(pairs(&["y.toml", "x.pdf"]).is_empty());
    }

    #[test]
    fn composed_and_decomposed_names_meet() {
        assert_eq!(pairs(&["e\u{301}.toml", "é.pdf"]).len(), 1);
    }

    #[test]
    fn several_sidecars_are_all_told() {
        let found = pairs(&["x.pdf", "x.toml", "x.pdf.json"]);
        assert_eq!(found, [("x.pdf".into(), vec!["x.toml".into(), "x.pdf.json".into()])]);
    }
}
