//! The form of a later revision, byte by byte: its cross-references (ISO 32000-2 §7.5.4, §7.5.5, §7.5.8) and
//! its objects ([`body`]).
//!
//! Readers forgive differently: where one passes over a fault, another gives up the cross-references and
//! collects whatever objects lie in the file, those among them that nobody was to see. What was signed is
//! as it is; whoever appends has to write without a fault.

mod body;
mod form;

use std::io;

use sceau_pdf::{ByteSource, ObjectId, ReadError};

use super::super::step::Step;
use super::Guard;
use crate::report::What;

/// The longest section, and the most that may stand before it, in bytes.
const MAX_SECTION: u64 = 24 << 20;
/// How much of the end holds `startxref`, the offset and `%%EOF`, with room for line ends.
const TAIL: u64 = 64;

/// Refuses a revision whose cross-references are not of the standard's form; false when it was refused.
pub(super) fn check(step: &mut Step<'_, '_>) -> Result<bool, ReadError> {
    let (start, end) = (step.old.source().len(), step.new.source().len());
    // A second section among the objects would be one that nobody looked at.
    let sound = step.new.adds_one_section_to(step.old) && is_sound(step.new.source(), start, end)?;
    Ok(sound || !step.refuse(Guard::SoundReferences, What::BrokenReferences, None, None))
}

/// Refuses objects that readers look for in different places; false when one was refused.
pub(super) fn lead_to_one_place(step: &mut Step<'_, '_>) -> Result<bool, ReadError> {
    let changed: Vec<ObjectId> = step.changed.values().copied().collect();
    for id in changed {
        if !step.new.is_sure(id)? {
            return Ok(!step.refuse(
                Guard::SoundReferences,
                What::BrokenReferences,
                Some(id),
                None,
            ));
        }
    }
    Ok(true)
}

fn is_sound(source: &dyn ByteSource, start: u64, end: u64) -> io::Result<bool> {
    let tail = bytes(source, end.saturating_sub(TAIL).max(start), end)?;
    let Some((offset, before)) = start_of(&tail) else { return Ok(false) };
    let last = end - (tail.len() - before) as u64;
    // What stands before the header is left out of the offsets, or is not.
    for offset in [Some(offset), offset.checked_add(header(source, end)?)].into_iter().flatten() {
        let within = start <= offset && offset < last && last - offset <= MAX_SECTION;
        if within && section_is_sound(&bytes(source, offset, last)?) {
            return Ok(
                offset - start <= MAX_SECTION && body::is_sound(&bytes(source, start, offset)?)
            );
        }
    }
    Ok(false)
}

fn section_is_sound(section: &[u8]) -> bool {
    match section.strip_prefix(b"xref") {
        Some(table) => table_is_sound(table),
        None => stream_is_sound(section),
    }
}

/// Where the header stands; readers look for it in the first 1024 bytes.
fn header(source: &dyn ByteSource, end: u64) -> io::Result<u64> {
    let head = bytes(source, 0, end.min(1024))?;
    Ok(head.windows(5).position(|window| window == b"%PDF-").unwrap_or(0) as u64)
}

fn bytes(source: &dyn ByteSource, from: u64, to: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(to - from).unwrap_or(0)];
    source.read_at(from, &mut bytes)?;
    Ok(bytes)
}

/// The offset behind the last `startxref`, and where that word stands; none where the end is not
/// `startxref`, digits and `%%EOF`, each on a line.
fn start_of(tail: &[u8]) -> Option<(u64, usize)> {
    let word = b"startxref";
    let at = tail.windows(word.len()).rposition(|window| window == word)?;
    let rest = without_space(&tail[at + word.len()..]);
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
    let end = without_space(&rest[digits..]).strip_prefix(b"%%EOF")?;
    without_space(end).is_empty().then_some((number, at))
}

/// White space as writers use it: no NUL, no form feed.
fn is_white(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | b' ')
}

fn without_space(bytes: &[u8]) -> &[u8] {
    let count = bytes.iter().take_while(|byte| is_white(**byte)).count();
    &bytes[count..]
}

/// Subsections whose entries have twenty bytes, and a trailer.
fn table_is_sound(table: &[u8]) -> bool {
    let (mut rest, mut ranges) = (without_space(table), Vec::new());
    loop {
        if let Some(trailer) = rest.strip_prefix(b"trailer") {
            let Some(keys) = dictionary(trailer) else { return false };
            // What only some readers look into (§7.5.8.4).
            let hybrid = keys.iter().any(|(key, _)| *key == b"/XRefStm");
            return !hybrid && are_apart(ranges);
        }
        let Some((first, after)) = number(rest) else { return false };
        let Some(after) = after.strip_prefix(b" ") else { return false };
        let Some((count, after)) = number(after) else { return false };
        let after = without_space(after);
        let Some(len) = count.checked_mul(20).filter(|len| *len <= after.len()) else {
            return false;
        };
        ranges.push((first, count));
        let (entries, behind) = after.split_at(len);
        if !entries.chunks_exact(20).all(entry_is_sound) {
            return false;
        }
        rest = without_space(behind);
    }
}

fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let value = std::str::from_utf8(&bytes[..digits]).ok()?.parse().ok()?;
    Some((value, &bytes[digits..]))
}

/// `nnnnnnnnnn ggggg n` and an end of line of two bytes.
fn entry_is_sound(entry: &[u8]) -> bool {
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    digits(&entry[..10])
        && entry[10] == b' '
        && digits(&entry[11..16])
        && entry[16] == b' '
        && matches!(entry[17], b'n' | b'f')
        && matches!(&entry[18..], b" \n" | b" \r" | b"\r\n")
}

/// `n g obj`, a dictionary, `stream`; what is in the stream is read or not.
fn stream_is_sound(section: &[u8]) -> bool {
    let head = |bytes| {
        let (_, rest) = number(bytes)?;
        let (_, rest) = number(rest.strip_prefix(b" ")?)?;
        rest.strip_prefix(b" obj")
    };
    let word = b"stream";
    let Some(rest) = head(section) else { return false };
    let end = rest.windows(word.len()).position(|window| window == word);
    let Some(keys) = end.and_then(|end| dictionary(&rest[..end])) else { return false };
    let index = keys.iter().find(|(key, _)| *key == b"/Index");
    index.is_none_or(|(_, list)| ranges(list).is_some_and(are_apart))
}

/// The pairs of `/Index`, which stands in place (table 17).
fn ranges(list: &[u8]) -> Option<Vec<(usize, usize)>> {
    let (mut rest, mut ranges) = (without_space(list.strip_prefix(b"[")?), Vec::new());
    while !rest.starts_with(b"]") {
        let (first, after) = number(rest)?;
        let (count, after) = number(without_space(after))?;
        ranges.push((first, count));
        rest = without_space(after);
    }
    Some(ranges)
}

/// Whether no number is named twice: readers differ in which of two entries counts.
fn are_apart(mut ranges: Vec<(usize, usize)>) -> bool {
    ranges.retain(|(_, count)| *count > 0);
    ranges.sort_unstable();
    let end = |(first, count): (usize, usize)| first.checked_add(count);
    ranges.windows(2).all(|pair| end(pair[0]).is_some_and(|end| end <= pair[1].0))
}

/// The keys and values of one dictionary of the standard's form, with a `/Size` and a `/Root`.
fn dictionary(bytes: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let keys = form::dictionary(bytes)?;
    let size = keys.iter().any(|(key, value)| *key == b"/Size" && number(value).is_some());
    let root = keys.iter().any(|(key, _)| *key == b"/Root");
    let once = !form::has_twice(keys.iter().map(|(key, _)| *key));
    (size && root && once).then_some(keys)
}

/// The first token and what follows it; none where it is not well-formed.
fn token(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let regular = |byte: &u8| *byte > b' ' && *byte != 0x7f && !b"()<>[]{}/%".contains(byte);
    let first = *bytes.first()?;
    let len = match first {
        b'<' | b'>' if bytes.get(1) == Some(&first) => 2,
        b'[' | b']' => 1,
        b'<' => {
            let inner = bytes[1..].iter().take_while(|b| b.is_ascii_hexdigit() || is_white(**b));
            let len = inner.count() + 2;
            (bytes.get(len - 1) == Some(&b'>')).then_some(len)?
        }
        b'(' => string(bytes)?,
        b'/' => 1 + bytes[1..].iter().take_while(|byte| regular(byte)).count(),
        _ => bytes.iter().take_while(|byte| regular(byte)).count(),
    };
    (len > 0).then(|| bytes.split_at(len))
}

/// The length of a literal string, its parentheses balanced.
fn string(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut escaped) = (0_usize, false);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "%PDF-1.7 what was signed";
    const TABLE: &str = "\n9 0 obj\n1\nendobj\nxref\n0 1\n0000000000 65535 f \n9 1\n0000000025 00000 n \n\
                         trailer\n<</Size 10/Root 1 0 R/ID[<00ff> (a\\)b)]/Prev 9>>\nstartxref\n42\n%%EOF\n";
    const STREAM: &str = "\n9 0 obj\n<</Type/XRef/Size 10/Root 1 0 R/W[1 2 1]>>stream\n....\nendstream\nendobj\n\
                          startxref\n25\n%%EOF\n";

    fn sound(tail: &str) -> bool {
        let file = format!("{OLD}{tail}").into_bytes();
        is_sound(&file, OLD.len() as u64, file.len() as u64).unwrap()
    }

    #[test]
    fn both_forms_as_writers_write_them_are_sound() {
        assert!(sound(TABLE));
        assert!(sound(STREAM));
        assert!(sound(&TABLE.replace(" \n", "\r\n").replace("%%EOF\n", "%%EOF")));
    }

    #[test]
    fn every_fault_that_a_reader_could_stop_at_is_one() {
        for (good, bad) in [
            ("<00ff>", "<0xff>"),
            ("[<00ff>", "[*00ff>"),
            ("/Prev 9", "/Prev 9/"),
            ("/Prev 9", "/Prev 9/Prev 8"),
            ("/Prev 9", "/Prev 9/XRefStm 25"),
            ("\n9 1\n", "\n0 1\n"),
            ("/Prev 9", "/Prev 9/#50rev 8"),
            ("/Size 10", "/Siz 10"),
            ("/Root", "/Roo"),
            ("/ID[", "/I\0["),
            ("00000 n \n", "00000 n\n"),
            ("65535 f", "6553\0 f"),
            ("trailer", "trailes"),
            ("startxref", "startxreg"),
            ("\n42\n", "\n12\n"),
            ("%%EOF", "%%EO"),
            (">>\nst", ">\nst"),
            ("(a\\)b)", "(a\\)b"),
        ] {
            assert!(TABLE.contains(good), "{good:?}");
            assert!(!sound(&TABLE.replace(good, bad)), "{bad:?}");
        }
        assert!(!sound(&STREAM.replace("9 0 obj", "9 0 obi")));
        assert!(!sound(&STREAM.replace("/Size 10", "/Size")));
        assert!(!sound(&STREAM.replace("/W[1 2 1]", "/W[1 2 1]/W[1 1 2]")));
        let index = |list: &str| sound(&STREAM.replace("/W", &format!("/Index{list}/W")));
        assert!(index("[0 1 4 5 9 1]") && index(" [ 7 1 0 7 ]"));
        for list in ["[0 1 9 1 9 1]", "[4 3 0 5]", "[0 1 9]", "[0 (a)]", " 9 0 R"] {
            assert!(!index(list), "{list}");
        }
    }

    #[test]
    fn offsets_may_leave_out_what_stands_before_the_header() {
        let file = format!("junk\n{OLD}{STREAM}").into_bytes();
        assert!(is_sound(&file, OLD.len() as u64 + 5, file.len() as u64).unwrap());
    }

    #[test]
    fn an_offset_into_what_was_signed_is_no_revision() {
        assert!(!sound("\nstartxref\n5\n%%EOF\n"));
    }
}
