//! Names: which are ignored, how two are compared, and how a name makes room for a suffix.
//!
//! Names are compared in NFC and kept in their original bytes.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

/// The longest name a Linux file system takes (`NAME_MAX`), in bytes.
pub const NAME_MAX: usize = 255;

/// How many names are tried before giving up (`x.pdf`, `x (2).pdf`, … `x (1000).pdf`).
pub const MAX_CANDIDATES: u32 = 1000;

/// The longest extension that is kept behind a number, in bytes.
const MAX_EXTENSION: usize = 16;

/// Names that are never a document, whatever stands under them.
const IGNORED: [&str; 8] = [
    "thumbs.db",
    "desktop.ini",
    "@eadir",
    "lisezmoi.txt",
    "lisez-moi.txt",
    "readme.txt",
    "readme.md",
    "$recycle.bin",
];

/// Ends of names that other programs give to what they have not finished writing.
const UNFINISHED: [&str; 5] = [".tmp", ".part", ".partial", ".filepart", ".crdownload"];

/// Whether a name is passed over: hidden files (`.*`, ours among them), Office's lock files
/// (`~$*`), files that another program is still writing under a temporary name, what Windows and
/// NAS systems leave in folders, and the operator's own explanations (`LISEZMOI.txt`).
#[must_use]
pub fn is_ignored(name: &OsStr) -> bool {
    let bytes = name.as_bytes();
    if bytes.starts_with(b".") || bytes.starts_with(b"~$") {
        return true;
    }
    let folded = bytes.to_ascii_lowercase();
    IGNORED.iter().any(|ignored| folded == ignored.as_bytes())
        || UNFINISHED.iter().any(|end| folded.ends_with(end.as_bytes()))
}

/// The form in which two names are compared: NFC; bytes that are no UTF-8 stay themselves.
#[must_use]
pub fn comparable(name: &OsStr) -> OsString {
    match name.to_str() {
        Some(text) => text.nfc().collect::<String>().into(),
        None => name.to_owned(),
    }
}

/// The form in which a sidecar finds its document: comparable, and without regard to case, as on
/// the machines of those who write both.
#[must_use]
pub fn pairing_key(name: &OsStr) -> OsString {
    match name.to_str() {
        Some(text) => text.nfc().collect::<String>().to_lowercase().into(),
        None => OsString::from_vec(name.as_bytes().to_ascii_lowercase()),
    }
}

/// The `n`-th name to try (from 0) when `name` is taken: `x.pdf`, `x (2).pdf`, `x (3).pdf`, …
/// cut before the number where it would exceed [`NAME_MAX`].
#[must_use]
pub fn candidate(name: &OsStr, n: u32) -> OsString {
    if n == 0 {
        return name.to_owned();
    }
    let (stem, extension) = split_extension(name.as_bytes());
    let tail = [format!(" ({})", n + 1).as_bytes(), extension].concat();
    let room = NAME_MAX.saturating_sub(tail.len());
    OsString::from_vec([cut(stem, room), &tail].concat())
}

/// `name`, cut before its extension where it exceeds [`NAME_MAX`].
#[must_use]
pub fn fit(name: &OsStr) -> OsString {
    let (stem, extension) = split_extension(name.as_bytes());
    let room = NAME_MAX.saturating_sub(extension.len());
    OsString::from_vec([cut(stem, room), extension].concat())
}

/// `name` with `suffix` behind it. A name without room for it is cut, and eight hexadecimal digits
/// of its SHA-256 keep it apart from others that begin alike.
#[must_use]
pub fn with_suffix(name: &OsStr, suffix: &str) -> OsString {
    let bytes = name.as_bytes();
    if bytes.len() + suffix.len() <= NAME_MAX {
        return OsString::from_vec([bytes, suffix.as_bytes()].concat());
    }
    let mark = format!("~{}", hex::encode(&Sha256::digest(bytes)[..4]));
    let room = NAME_MAX.saturating_sub(mark.len() + suffix.len());
    OsString::from_vec([cut(bytes, room), mark.as_bytes(), suffix.as_bytes()].concat())
}

/// Splits before the last dot, if there is a stem before it and a short extension behind it.
pub(crate) fn split_extension(name: &[u8]) -> (&[u8], &[u8]) {
    match name.iter().rposition(|&byte| byte == b'.') {
        Some(dot) if dot > 0 && name.len() - dot <= MAX_EXTENSION => name.split_at(dot),
        _ => (name, b""),
    }
}

/// At most `room` bytes from the start, never through the middle of a UTF-8 character.
fn cut(bytes: &[u8], room: usize) -> &[u8] {
    let head = &bytes[..bytes.len().min(room)];
    let Ok(text) = std::str::from_utf8(bytes) else { return head };
    &bytes[..text.floor_char_boundary(head.len())]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_other_programs_are_ignored() {
        for name in ["~$bilan.docx", ".DS_Store", "x.TMP", "x.pdf.part", "Thumbs.db", "@eaDir"] {
            assert!(is_ignored(OsStr::new(name)), "{name}");
        }
        for name in ["bilan.pdf", "~bilan.pdf", "part", "tmp", "x.tmp.pdf", "thumbs.db.pdf"] {
            assert!(!is_ignored(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn names_compare_in_nfc_and_keep_foreign_bytes() {
        assert_eq!(comparable(OsStr::new("e\u{301}.pdf")), comparable(OsStr::new("é.pdf")));
        let latin1 = OsStr::from_bytes(b"\xe9.pdf");
        assert_eq!(comparable(latin1), latin1);
        assert_eq!(pairing_key(OsStr::new("E\u{301}.PDF")), "é.pdf");
    }

    #[test]
    fn a_taken_name_gets_a_number_before_its_extension() {
        assert_eq!(candidate(OsStr::new("x.pdf"), 0), "x.pdf");
        assert_eq!(candidate(OsStr::new("x.pdf"), 1), "x (2).pdf");
        assert_eq!(candidate(OsStr::new("sans"), 2), "sans (3)");
        assert_eq!(candidate(OsStr::new(".pdf"), 1), ".pdf (2)");
    }

    #[test]
    fn a_name_that_is_too_long_keeps_its_extension() {
        let name = fit(&OsString::from("é".repeat(200) + ".pdf"));
        assert!(name.len() <= NAME_MAX && name.as_bytes().ends_with(b".pdf"));
        assert!(name.to_str().is_some());
        assert_eq!(fit(OsStr::new("x.pdf")), "x.pdf");
    }

    #[test]
    fn long_names_that_begin_alike_stay_apart() {
        let one = OsString::from("a".repeat(250) + "1.pdf");
        let two = OsString::from("a".repeat(250) + "2.pdf");
        let (one, two) = (with_suffix(&one, ".erreur.txt"), with_suffix(&two, ".erreur.txt"));
        assert_ne!(one, two);
        assert_eq!(one.len(), NAME_MAX);
    }

    proptest! {
        #[test]
        fn no_name_outgrows_the_limit(name in "\\PC{1,255}", n in 0u32..2000) {
            let name = OsString::from(name);
            prop_assume!(name.len() <= NAME_MAX);
            let numbered = candidate(&name, n);
            prop_assert!(numbered.len() <= NAME_MAX && numbered.to_str().is_some());
            let noted = with_suffix(&name, ".erreur.txt");
            prop_assert!(noted.len() <= NAME_MAX && noted.to_str().is_some());
        }

        #[test]
        fn numbers_keep_names_apart(name in "[a-z.]{1,255}", n in 0u32..50, m in 0u32..50) {
            prop_assume!(n != m);
            let name = OsString::from(name);
            prop_assert_ne!(candidate(&name, n), candidate(&name, m));
        }
    }
}
