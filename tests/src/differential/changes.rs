//! What is done to a signed file, byte by byte. Each change is at a place of its own, whatever the keys.

use crate::attacks::hole;

/// A name, and what is done.
pub(super) type Change = (&'static str, fn(&[u8]) -> Vec<u8>);

/// Changes of bytes. The first two are honest.
pub(super) const BYTES: &[Change] = &[
    ("an end of line behind", |file| [file, b"\n"].concat()),
    ("digits in upper case", |file| in_hole(file, |digits| digits.make_ascii_uppercase())),
    ("a comment behind", |file| [file, b"% more\n"].concat()),
    ("junk before", |file| [b"% junk\n", file].concat()),
    ("another version in the header", |file| changed(file, 7)),
    ("a byte at a quarter", |file| changed(file, before(file) / 4)),
    ("a byte at a half", |file| changed(file, before(file) / 2)),
    ("a byte near the end", |file| changed(file, file.len() - 12)),
    ("a digit early in the CMS", |file| in_hole(file, |digits| turn(&mut digits[21]))),
    ("a digit late in the CMS", |file| in_hole(file, late)),
    (PADDING, |file| in_hole(file, |digits| turn(last(digits)))),
    ("no signature value", |file| in_hole(file, |digits| digits.fill(b'0'))),
    ("cut in half", |file| file[..file.len() / 2].to_vec()),
    ("the last line cut", |file| file[..file.len() - 7].to_vec()),
];

const PADDING: &str = "a digit of the padding";

/// Whether the file has the place that a change is for: a hole may have been filled to its last digit.
pub(super) fn has_place(change: &str, file: &[u8]) -> bool {
    let hole = hole(file);
    change != PADDING || file[hole.start + 1..hole.end - 1].ends_with(b"00")
}

/// Edits in a revision of their own, which pyHanko writes. `touched` is honest: an object again as it
/// was.
pub(super) const EDITS: &[&str] =
    &["touched", "content", "note", "field", "script", "title", "turned"];

/// How much stands before the newest signature's value.
fn before(file: &[u8]) -> usize {
    hole(file).start
}

fn changed(file: &[u8], at: usize) -> Vec<u8> {
    let mut file = file.to_vec();
    file[at] ^= 1;
    file
}

/// A change of the digits of the newest signature's `/Contents`.
fn in_hole(file: &[u8], change: impl Fn(&mut [u8])) -> Vec<u8> {
    let mut file = file.to_vec();
    let hole = hole(&file);
    change(&mut file[hole.start + 1..hole.end - 1]);
    file
}

fn last(digits: &mut [u8]) -> &mut u8 {
    digits.last_mut().expect("digits")
}

fn turn(digit: &mut u8) {
    *digit = if *digit == b'0' { b'1' } else { b'0' };
}

/// Within the last value: that of the signature, or of the timestamp's.
fn late(digits: &mut [u8]) {
    let used = digits.iter().rposition(|digit| *digit != b'0').unwrap_or(0);
    turn(&mut digits[used.saturating_sub(40)]);
}
