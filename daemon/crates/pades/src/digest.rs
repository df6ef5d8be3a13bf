//! One pass over the bytes that a signature covers (ISO 32000-2 §12.8.1), through a fixed buffer.
//!
//! Invariant: however long the document is, no more than [`BUFFER_LEN`] of its bytes are held here.

use std::io;
use std::ops::Range;

use sceau_pdf::{ByteSource, Revision};
use sceau_pki::Hasher;

/// The size of the read buffer, in bytes: large enough that a read's cost does not show.
pub const BUFFER_LEN: usize = 256 * 1024;

/// A digest over the first `len` bytes of a document, by a caller who read them anyway.
///
/// The caller vouches for it: the hasher has taken in exactly those bytes of the very source that
/// is signed, once each and in order. A wrong one makes a signature that no validation accepts.
#[derive(Clone, Debug)]
pub struct HashedPrefix {
    /// How many bytes the hasher has taken in.
    pub len: u64,
    /// Its state after them; its algorithm is that of the signature.
    pub hasher: Hasher,
}

/// The digest of everything in the output of `revision` but its hole.
///
/// # Errors
/// What the source says where it cannot be read, and `InvalidInput` where the prefix is longer than
/// the base or the revision has no hole.
pub(crate) fn revision_digest(
    base: &dyn ByteSource,
    revision: &Revision,
    start: HashedPrefix,
) -> io::Result<Vec<u8>> {
    let (before, after) = revision.signed_tail().ok_or(io::ErrorKind::InvalidInput)?;
    if start.len > revision.base_len {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut hasher = start.hasher;
    absorb(base, start.len..revision.base_len, &mut hasher)?;
    hasher.update(before);
    hasher.update(after);
    Ok(hasher.finish())
}

/// The digest over the two parts of a `/ByteRange`.
///
/// # Errors
/// What the source says where it cannot be read, and `InvalidInput` where the range overflows.
pub(crate) fn byte_range_digest(
    source: &dyn ByteSource,
    byte_range: [u64; 4],
    mut hasher: Hasher,
) -> io::Result<Vec<u8>> {
    for part in byte_range.chunks_exact(2) {
        let end = part[0].checked_add(part[1]).ok_or(io::ErrorKind::InvalidInput)?;
        absorb(source, part[0]..end, &mut hasher)?;
    }
    Ok(hasher.finish())
}

fn absorb(source: &dyn ByteSource, range: Range<u64>, hasher: &mut Hasher) -> io::Result<()> {
    let span = range.end.saturating_sub(range.start).min(BUFFER_LEN as u64);
    let mut buffer = vec![0; span as usize];
    let mut at = range.start;
    while at < range.end {
        let n = (range.end - at).min(BUFFER_LEN as u64) as usize;
        source.read_at(at, &mut buffer[..n])?;
        hasher.update(&buffer[..n]);
        at += n as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use proptest::prelude::*;
    use sceau_pdf::Hole;
    use sceau_pki::DigestAlgorithm::Sha256;

    use super::*;

    /// A source of any length that holds nothing and remembers what was read of it.
    struct Virtual {
        len: u64,
        reads: Mutex<Vec<(u64, usize)>>,
    }

    impl ByteSource for Virtual {
        fn len(&self) -> u64 {
            self.len
        }

        fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
            self.reads.lock().unwrap().push((offset, buf.len()));
            buf.fill(offset as u8);
            Ok(())
        }
    }

    fn revision(base_len: u64) -> Revision {
        let hole = Hole { start: base_len + 2, len: 6 };
        Revision { base_len, tail: b"ab<0000>cd".to_vec(), hole: Some(hole) }
    }

    #[test]
    fn the_base_is_read_once_in_order_through_a_bounded_buffer() {
        let source = Virtual { len: 40 * BUFFER_LEN as u64 + 7, reads: Mutex::default() };
        let start = HashedPrefix { len: 0, hasher: Hasher::new(Sha256) };
        revision_digest(&source, &revision(source.len), start).unwrap();
        let reads = source.reads.into_inner().unwrap();
        let mut expected = 0;
        for (offset, len) in reads {
            assert_eq!(offset, expected);
            assert!(len <= BUFFER_LEN);
            expected += len as u64;
        }
        assert_eq!(expected, source.len);
    }

    #[test]
    fn a_hashed_prefix_is_not_read_again() {
        let base = b"%PDF-1.7 and so on".to_vec();
        let mut hasher = Hasher::new(Sha256);
        hasher.update(&base[..10]);
        let whole = HashedPrefix { len: 0, hasher: Hasher::new(Sha256) };
        let resumed = HashedPrefix { len: 10, hasher };
        let revision = revision(base.len() as u64);
        assert_eq!(
            revision_digest(&base, &revision, whole).unwrap(),
            revision_digest(&base, &revision, resumed).unwrap()
        );
    }

    #[test]
    fn a_prefix_longer_than_the_base_is_refused() {
        let base = b"short".to_vec();
        let start = HashedPrefix { len: 6, hasher: Hasher::new(Sha256) };
        assert!(revision_digest(&base, &revision(5), start).is_err());
    }

    proptest! {
        #[test]
        fn both_digests_agree_on_what_is_covered(base in proptest::collection::vec(any::<u8>(), 0..400)) {
            let revision = revision(base.len() as u64);
            let whole: Vec<u8> = [&base[..], &revision.tail[..]].concat();
            let start = HashedPrefix { len: 0, hasher: Hasher::new(Sha256) };
            let made = revision_digest(&base, &revision, start).unwrap();
            let range = revision.byte_range().unwrap();
            prop_assert_eq!(made, byte_range_digest(&whole, range, Hasher::new(Sha256)).unwrap());
        }
    }
}
