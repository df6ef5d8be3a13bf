//! Whether two objects say the same, however they are written: programs that write an object again
//! choose the order of its keys and the form of its strings and numbers (ISO 32000-2 §7.3).

use std::collections::BTreeMap;

use sceau_pdf::{Dictionary, Object, PdfString};

/// The same value: strings by their bytes, numbers by their value, dictionaries in any order.
pub(super) fn same(old: &Object, new: &Object) -> bool {
    equal(old, new, |old, new| old.bytes() == new.bytes())
}

/// The same value, strings as text in any encoding: of what is text by the standard.
pub(super) fn same_text(old: &Object, new: &Object) -> bool {
    equal(old, new, |old, new| old.to_text() == new.to_text())
}

/// The same entries.
pub(super) fn same_dictionary(old: &Dictionary, new: &Dictionary) -> bool {
    entries(old, new, |old, new| old.bytes() == new.bytes())
}

type Strings = fn(&PdfString, &PdfString) -> bool;

fn equal(old: &Object, new: &Object, strings: Strings) -> bool {
    match (old, new) {
        (Object::String(old), Object::String(new)) => strings(old, new),
        (Object::Array(old), Object::Array(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| equal(old, new, strings))
        }
        (Object::Dictionary(old), Object::Dictionary(new)) => entries(old, new, strings),
        (Object::Integer(_) | Object::Real(_), Object::Integer(_) | Object::Real(_)) => {
            old == new || old.as_number() == new.as_number()
        }
        (old, new) => old == new,
    }
}

fn entries(old: &Dictionary, new: &Dictionary, strings: Strings) -> bool {
    let (old, new) = (by_name(old), by_name(new));
    old.len() == new.len()
        && old
            .iter()
            .zip(&new)
            .all(|((key, old), (other, new))| key == other && equal(old, new, strings))
}

/// What a dictionary says: where a key stands twice, the last one counts.
pub(super) fn by_name(dictionary: &Dictionary) -> BTreeMap<&[u8], &Object> {
    dictionary.iter().map(|(name, value)| (name.as_bytes(), value)).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A value as it is written.
    pub(in super::super) fn parsed(text: &str) -> Object {
        let file = format!(
            "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages<</Type/Pages/Kids[]/Count 0>>/It {text}>>\nendobj\n"
        );
        let table = format!("xref\n0 2\n0000000000 65535 f \n{:010} 00000 n \n", 9);
        let rest = format!("trailer\n<</Size 2/Root 1 0 R>>\nstartxref\n{}\n%%EOF\n", file.len());
        let file = (file + &table + &rest).into_bytes();
        let document = sceau_pdf::Document::open(&file, &sceau_pdf::Limits::default()).unwrap();
        document.catalog().unwrap().get("It").unwrap().clone()
    }

    #[test]
    fn how_it_is_written_does_not_count() {
        for (old, new) in [
            ("<</A(a-b)/B 1.0>>", "<< /B 1 /A (a\\055b) >>"),
            ("[<6162> (x)]", "[(ab) <78>]"),
            ("<</A<</B[1 2]>>>>", "<</A<< /B [ 1 2.00 ] >>>>"),
        ] {
            assert!(same(&parsed(old), &parsed(new)), "{old} {new}");
        }
    }

    #[test]
    fn what_it_says_counts() {
        for (old, new) in [
            ("<</A(a)>>", "<</A(b)>>"),
            ("<</A(a)>>", "<</A(a)/B 1>>"),
            ("<</A 1/B 2>>", "<</A 1>>"),
            ("[1 2]", "[2 1]"),
            ("<</A 1>>", "<</A/1>>"),
            ("<</A 2 0 R>>", "<</A 3 0 R>>"),
            ("<</A<FEFF0061>>>", "<</A(a)>>"),
        ] {
            assert!(!same(&parsed(old), &parsed(new)), "{old} {new}");
        }
        assert!(same_text(&parsed("<</A<FEFF0061>>>"), &parsed("<</A(a)>>")));
    }
}
