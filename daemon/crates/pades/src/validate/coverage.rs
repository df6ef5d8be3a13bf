//! The `/ByteRange` of a signature against the file it stands in (ISO 32000-2 §12.8.1).

use std::io;

use sceau_pdf::{ByteSource, SignatureDictionary};

use super::guards::{Guard, Guards};
use crate::report::Coverage;

/// Why a ByteRange covers nothing that one could rely on. The document is at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum RangeFault {
    #[error("the signature has no usable /ByteRange of four numbers")]
    Absent,
    #[error("the /Contents is no hexadecimal string of its own in the file")]
    NoContents,
    #[error("the /ByteRange starts at byte {0}, not at the start of the file")]
    Start(u64),
    #[error("the /ByteRange leaves out bytes {found:?}, but /Contents stands at {expected:?}")]
    Gap { found: (u64, u64), expected: (u64, u64) },
    #[error("the /ByteRange ends at byte {end}, beyond the {len} bytes of the file")]
    BeyondEnd { end: u64, len: u64 },
    #[error("the /ByteRange ends at byte {0}, where no revision of the file ends")]
    NoRevision(u64),
    #[error("what the /ByteRange leaves out is more than hexadecimal digits")]
    Stuffed,
}

/// The range when it starts at 0, leaves out exactly the `<..>` of `/Contents`, and ends where a
/// revision ends. `ends` are the revisions' ends, in order.
pub(super) fn check(
    source: &dyn ByteSource,
    signature: &SignatureDictionary,
    ends: &[u64],
    guards: Guards,
) -> io::Result<Result<[u64; 4], RangeFault>> {
    let range = match shape(signature, source.len(), guards) {
        Ok(range) => range,
        Err(fault) => return Ok(Err(fault)),
    };
    let end = range[2] + range[3];
    if guards.hold(Guard::RangeEnd) && !ends_a_revision(source, end, ends)? {
        return Ok(Err(RangeFault::NoRevision(end)));
    }
    if guards.hold(Guard::RangeDigits) && !only_digits(source, range[1], range[2])? {
        return Ok(Err(RangeFault::Stuffed));
    }
    Ok(Ok(range))
}

fn shape(
    signature: &SignatureDictionary,
    len: u64,
    guards: Guards,
) -> Result<[u64; 4], RangeFault> {
    let range = signature.byte_range.ok_or(RangeFault::Absent)?;
    let expected = signature.contents_span.ok_or(RangeFault::NoContents)?;
    let [start, before, resume, after] = range;
    if start != 0 {
        return Err(RangeFault::Start(start));
    }
    let exact = (before, resume) == expected || !guards.hold(Guard::RangeShape);
    if !exact || before >= resume {
        return Err(RangeFault::Gap { found: (before, resume), expected });
    }
    let end = resume.saturating_add(after);
    if end > len {
        return Err(RangeFault::BeyondEnd { end, len });
    }
    Ok(range)
}

/// An end of line after the last `%%EOF` may stand inside or outside of the range.
fn ends_a_revision(source: &dyn ByteSource, end: u64, ends: &[u64]) -> io::Result<bool> {
    for &revision_end in ends {
        let (low, high) = (end.min(revision_end), end.max(revision_end));
        if is_line_end(source, low, high)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the bytes from `low` to `high` are nothing, or one end of line.
pub(super) fn is_line_end(source: &dyn ByteSource, low: u64, high: u64) -> io::Result<bool> {
    let mut buffer = [0; 2];
    match high.saturating_sub(low) {
        0 => return Ok(true),
        n @ 1..=2 => source.read_at(low, &mut buffer[..n as usize])?,
        _ => return Ok(false),
    }
    Ok(matches!(&buffer, b"\n\0" | b"\r\0" | b"\r\n"))
}

/// Whether `<`, hexadecimal digits and `>` are all that stands between `start` and `end`: white
/// space there would be room for what no digest covers.
fn only_digits(source: &dyn ByteSource, start: u64, end: u64) -> io::Result<bool> {
    let mut buffer = [0; 4096];
    let mut at = start;
    while at < end {
        let n = (end - at).min(buffer.len() as u64) as usize;
        source.read_at(at, &mut buffer[..n])?;
        let fits = buffer[..n].iter().enumerate().all(|(i, byte)| match at + i as u64 {
            place if place == start => *byte == b'<',
            place if place + 1 == end => *byte == b'>',
            _ => byte.is_ascii_hexdigit(),
        });
        if !fits {
            return Ok(false);
        }
        at += n as u64;
    }
    Ok(true)
}

/// What a range with a checked shape covers.
pub(super) fn coverage(source: &dyn ByteSource, range: [u64; 4]) -> io::Result<Coverage> {
    let end = range[2] + range[3];
    if is_line_end(source, end, source.len())? {
        return Ok(Coverage::WholeFile);
    }
    Ok(Coverage::Revision { end })
}

#[cfg(test)]
mod tests {
    use sceau_pdf::Dictionary;

    use super::*;

    const FILE: &[u8] = b"%PDF-head<30a5>tail%%EOF\nmore%%EOF";

    fn signature(byte_range: Option<[u64; 4]>) -> SignatureDictionary {
        SignatureDictionary {
            object: None,
            kind: None,
            filter: None,
            sub_filter: None,
            byte_range,
            contents: vec![0x30, 0xa5],
            contents_span: Some((9, 15)),
            m: None,
            reason: None,
            location: None,
            contact_info: None,
            name: None,
            dictionary: Dictionary::new(),
        }
    }

    fn judge(range: [u64; 4]) -> Result<[u64; 4], RangeFault> {
        check(&FILE, &signature(Some(range)), &[25, 34], Guards::default()).unwrap()
    }

    #[test]
    fn an_exact_range_over_a_revision_or_the_file_is_accepted() {
        assert_eq!(judge([0, 9, 15, 19]), Ok([0, 9, 15, 19]));
        assert_eq!(coverage(&FILE, [0, 9, 15, 19]).unwrap(), Coverage::WholeFile);
        assert_eq!(judge([0, 9, 15, 10]), Ok([0, 9, 15, 10]));
        assert_eq!(judge([0, 9, 15, 9]), Ok([0, 9, 15, 9]), "the end of line may stand outside");
        assert_eq!(coverage(&FILE, [0, 9, 15, 10]).unwrap(), Coverage::Revision { end: 25 });
    }

    #[test]
    fn every_other_range_names_its_fault() {
        assert_eq!(judge([1, 8, 15, 19]), Err(RangeFault::Start(1)));
        for gap in [[0, 8, 15, 19], [0, 9, 16, 18], [0, 15, 9, 25], [0, 10, 14, 20]] {
            assert!(matches!(judge(gap), Err(RangeFault::Gap { .. })), "{gap:?}");
        }
        assert_eq!(judge([0, 9, 15, 20]), Err(RangeFault::BeyondEnd { end: 35, len: 34 }));
        assert!(matches!(judge([0, 9, 15, u64::MAX]), Err(RangeFault::BeyondEnd { .. })));
        assert_eq!(judge([0, 9, 15, 5]), Err(RangeFault::NoRevision(20)));
        let absent = check(&FILE, &signature(None), &[34], Guards::default()).unwrap();
        assert_eq!(absent, Err(RangeFault::Absent));
    }

    #[test]
    fn white_space_in_the_gap_is_a_fault() {
        let file = b"%PDF-head<30 5>tail%%EOF";
        let verdict =
            check(&&file[..], &signature(Some([0, 9, 15, 9])), &[24], Guards::default()).unwrap();
        assert_eq!(verdict, Err(RangeFault::Stuffed));
    }
}
