//! Files that want a reader's time or memory: loops, depth, bombs, bogus counts.

use super::file::{base, lossy, stream, updated};

/// A name, and the file.
pub fn hostile(signed: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let one = |number, object: String| updated(signed, &[(number, Some(object))]);
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let kids = "3 0 R ".repeat(500_000);
    let many = |what: &str| format!("[{}]", what.repeat((15 << 20) / what.len()));
    let names = "<</FT/Tx/T 121 0 R>>".repeat(20_000);
    let named = |what: String| {
        [(5, Some(format!("<</FT/Tx/T 121 0 R/Kids[{names}]>>"))), (121, Some(what))]
    };
    let long = named(format!("({})", "a".repeat(3_000_000)));
    let named = named(format!("[{}]", "3 0 R ".repeat(400_000)));
    vec![
        (
            "a page tree that is a loop",
            one(2, "<</Type/Pages/Kids[2 0 R]/Count 9999999999>>".into()),
        ),
        ("a bogus count", one(2, "<</Type/Pages/Kids[3 0 R 6 0 R]/Count 9999999999>>".into())),
        ("half a million kids", one(2, format!("<</Type/Pages/Kids[{kids}]/Count 500000>>"))),
        ("millions of numbers", one(2, format!("<</Type/Pages/Kids{}/Count 5>>", many("0 ")))),
        ("millions of names", one(120, many("/ "))),
        ("millions of dictionaries", one(120, many("<</A 0>>"))),
        ("twenty thousand names that are one long array", updated(signed, &named)),
        ("twenty thousand names that are one long string", updated(signed, &long)),
        ("a page that is a bomb", one(4, bomb("", 1 << 30))),
        ("an object stream that is a bomb", one(120, bomb("/Type/ObjStm/N 9/First 90", 1 << 30))),
        ("cross-references that are a bomb", bomb_table(signed)),
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

/// A stream of two filters within each other that unfolds to so many bytes, written in hexadecimal.
fn bomb(keys: &str, len: usize) -> String {
    // Zeros, deflated: after its first bytes that is a pattern of thirteen bytes.
    let inner = repeated(&[0], 1, 64);
    let outer = repeated(&inner[..39], 13, len / 258 * 13 / 8 / 258);
    let hex: String = outer.iter().map(|byte| format!("{byte:02x}")).collect();
    let filters = "/Filter[/ASCIIHexDecode/FlateDecode/FlateDecode]";
    stream(&format!("{keys}{filters}"), &format!("{hex}>"))
}

/// `start`, and then `times` 258 bytes that repeat what stands `distance` before, in the zlib form: one
/// block of fixed codes (RFC 1951, 3.2.6). Distances of 1 and of 13 are known.
fn repeated(start: &[u8], distance: usize, times: usize) -> Vec<u8> {
    let mut bits = vec![true, true, false];
    let mut put = |code: u32, len: u32| bits.extend((0..len).rev().map(|at| code >> at & 1 == 1));
    for byte in start {
        match u32::from(*byte) {
            byte @ ..144 => put(0x30 + byte, 8),
            byte => put(0x190 + byte - 144, 9),
        }
    }
    for _ in 0..times {
        put(0xc5, 8);
        if distance == 1 { put(0, 5) } else { put(7 << 2, 7) }
    }
    put(0, 7);
    let byte = |bits: &[bool]| bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
    [0x78, 0x01].into_iter().chain(bits.chunks(8).map(byte)).collect()
}

fn bomb_table(signed: &[u8]) -> Vec<u8> {
    let keys = "/Type/XRef/W[1 4 1]/Root 1 0 R/Size 100000000";
    let table = format!("151 0 obj\n{}\nendobj\n", bomb(keys, 1 << 30));
    let tail = format!("{table}startxref\n{}\n%%EOF\n", signed.len());
    [signed, tail.as_bytes()].concat()
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
    text.replacen("xref\n0 14", "xref\n0 4294967295", 1).into_bytes()
}
