//! Frames of the journal: `SJF1`, length of the body (u32, big-endian), digest of the previous
//! frame, digest of this one (SHA-256 over length, previous digest and body), body. The body is a
//! version byte and the entries of one group in JSON.

use aws_lc_rs::digest::{Context, SHA256};
use sceau_disk::ReadFile;

use super::{Entry, JournalError};

/// The first bytes of the file.
pub(super) const HEADER: &[u8] = b"sceau-journal-1\n";
/// The previous digest of the first frame.
pub(super) const FIRST: Digest = [0; 32];
/// Longest frame, in bytes: 64 entries of at most 4 KiB each, twice.
pub(super) const MAX_LEN: usize = 512 * 1024;

const MAGIC: &[u8; 4] = b"SJF1";
const PREFIX: usize = 4 + 4 + 32 + 32;
const VERSION: u8 = 1;

/// A SHA-256 digest.
pub(super) type Digest = [u8; 32];

/// A whole frame.
pub(super) struct Frame {
    pub(super) previous: Digest,
    pub(super) digest: Digest,
    /// Of the frame, in bytes.
    pub(super) length: u64,
    pub(super) entries: Vec<Entry>,
}

/// What stands at an offset.
pub(super) enum Found {
    Frame(Frame),
    Damage(&'static str),
}

/// The bytes of a frame, and its digest.
pub(super) fn encode(previous: &Digest, entries: &[Entry]) -> (Vec<u8>, Digest) {
    let mut body = vec![VERSION];
    serde_json::to_writer(&mut body, entries).expect("invariant: entries are plain JSON values");
    let length = (body.len() as u32).to_be_bytes();
    let digest = digest(&length, previous, &body);
    let frame = [MAGIC, length.as_slice(), previous, &digest, &body].concat();
    debug_assert!(frame.len() <= MAX_LEN);
    (frame, digest)
}

/// Reads the frame at `offset` of a file that is `end` bytes long.
pub(super) fn read(reader: &dyn ReadFile, offset: u64, end: u64) -> Result<Found, JournalError> {
    let left = end.saturating_sub(offset);
    if left < PREFIX as u64 {
        return Ok(Found::Damage("a group ends within its prefix"));
    }
    let mut prefix = [0; PREFIX];
    reader.read_exact_at(offset, &mut prefix)?;
    let (magic, rest) = prefix.split_at(4);
    let length: [u8; 4] = rest[..4].try_into().expect("invariant: four bytes");
    let body_len = u32::from_be_bytes(length) as usize;
    if magic != MAGIC || body_len > MAX_LEN - PREFIX {
        return Ok(Found::Damage("no group begins here"));
    }
    if left < (PREFIX + body_len) as u64 {
        return Ok(Found::Damage("a group ends before its length"));
    }
    let mut body = vec![0; body_len];
    reader.read_exact_at(offset + PREFIX as u64, &mut body)?;
    Ok(parse(&prefix, &body))
}

fn parse(prefix: &[u8; PREFIX], body: &[u8]) -> Found {
    let part = |from: usize| <Digest>::try_from(&prefix[from..from + 32]).expect("invariant: 32");
    let length: [u8; 4] = prefix[4..8].try_into().expect("invariant: four bytes");
    let (previous, digest) = (part(8), part(40));
    if self::digest(&length, &previous, body) != digest {
        return Found::Damage("a group does not match its digest");
    }
    match body.split_first() {
        Some((&VERSION, json)) => match serde_json::from_slice(json) {
            Ok(entries) => {
                let length = (PREFIX + body.len()) as u64;
                Found::Frame(Frame { previous, digest, length, entries })
            }
            Err(_) => Found::Damage("a group holds no entries"),
        },
        _ => Found::Damage("a group of a later version of Sceau"),
    }
}

/// Refuses a file that is not a journal of this version.
pub(super) fn check_header(reader: &dyn ReadFile) -> Result<(), JournalError> {
    let mut header = [0; HEADER.len()];
    reader.read_exact_at(0, &mut header)?;
    if header != HEADER {
        return Err(JournalError::Damaged { offset: 0, why: "this is no journal" });
    }
    Ok(())
}

/// The offsets from `from` on at which a frame might begin. The caller has bounded the distance.
pub(super) fn candidates(
    reader: &dyn ReadFile,
    from: u64,
    end: u64,
) -> Result<Vec<u64>, JournalError> {
    let mut tail = vec![0; end.saturating_sub(from) as usize];
    reader.read_exact_at(from, &mut tail)?;
    let begins = tail.windows(MAGIC.len()).enumerate().filter(|(_, window)| window == MAGIC);
    Ok(begins.map(|(at, _)| from + at as u64).collect())
}

fn digest(length: &[u8; 4], previous: &Digest, body: &[u8]) -> Digest {
    let mut context = Context::new(&SHA256);
    context.update(length);
    context.update(previous);
    context.update(body);
    context.finish().as_ref().try_into().expect("invariant: SHA-256 gives 32 bytes")
}
