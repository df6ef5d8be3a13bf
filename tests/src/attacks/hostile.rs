//! Files that want a reader's time or memory: loops, depth, bombs, bogus counts.

use super::file::{base, lossy, stream, updated};

/// A name, and the file.
pub fn hostile(signed: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let one = |number, object: String| updated(signed, &[(number, Some(object))]);
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let kids = "3 0 R ".repeat(100_000);
    vec![
        (
            "a page tree that is a loop",
            one(2, "<</Type/Pages/Kids[2 0 R]/Count 9999999999>>".into()),
        ),
        ("a bogus count", one(2, "<</Type/Pages/Kids[3 0 R 6 0 R]/Count 9999999999>>".into())),
        ("a hundred thousand kids", one(2, format!("<</Type/Pages/Kids[{kids}]/Count 100000>>"))),
        ("deep arrays", one(120, deep)),
        ("a field that is its own kid", one(5, "<</T(a)/Kids[5 0 R]>>".into())),
        ("a reference to itself", one(1, "1 0 R".into())),
        (
            "an object stream within itself",
            one(120, stream("/Type/ObjStm/N 1/First 5/Extends 120 0 R", "120 0 <<>>")),
        ),
        ("cross-references in a loop", looping(signed)),
        ("a revision for every byte", many_revisions(signed)),
        ("a table of four thousand million entries", bogus_table()),
    ]
}

fn looping(signed: &[u8]) -> Vec<u8> {
    let at = signed.len();
    let tail = format!(
        "xref\n0 1\n0000000000 65535 f \ntrailer\n<</Root 1 0 R/Size 9/Prev {at}>>\nstartxref\n{at}\n%%EOF\n"
    );
    [signed, tail.as_bytes()].concat()
}

fn many_revisions(signed: &[u8]) -> Vec<u8> {
    (0..300).fold(signed.to_vec(), |file, _| updated(&file, &[(9, Some("(x)".to_owned()))]))
}

fn bogus_table() -> Vec<u8> {
    let text = lossy(&base(""));
    text.replacen("xref\n0 10", "xref\n0 4294967295", 1).into_bytes()
}
