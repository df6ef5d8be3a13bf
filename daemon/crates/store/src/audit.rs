//! The audit chain: what was written, in which order, and nothing cut out.
//!
//! Record `n` (from 1) carries `link(n) = SHA-256(link(n-1) ‖ n ‖ at ‖ bytes)`, where `link(0)` is
//! 32 zero bytes, `n` the position as an unsigned and `at` the time in milliseconds since
//! 1970-01-01T00:00:00Z as a two's-complement 64-bit big-endian integer, and `bytes` the entry as
//! given. The prefix has a fixed length, so no two different records give the same input.

use sha2::{Digest, Sha256};
use thiserror::Error;

/// An entry of the audit log with its link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its number, from 1, without gaps.
    pub position: u64,
    /// The transaction's time: milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
    /// The chain's link, this entry included.
    pub link: [u8; 32],
    /// The entry as given.
    pub bytes: Vec<u8>,
}

/// The end of a chain: all that is needed to continue or to compare it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AuditHead {
    /// The number of the last entry; 0 for an empty chain.
    pub position: u64,
    /// Its link; zeros for an empty chain.
    pub link: [u8; 32],
}

impl AuditHead {
    /// The head of the empty chain.
    pub const GENESIS: Self = Self { position: 0, link: [0; 32] };

    /// The record that follows this head.
    #[must_use]
    pub fn append(&self, at_ms: i64, bytes: &[u8]) -> AuditRecord {
        let position = self.position + 1;
        let link = link(&self.link, position, at_ms, bytes);
        AuditRecord { position, at_ms, link, bytes: bytes.to_vec() }
    }
}

/// The link of an entry (see the module's formula).
#[must_use]
pub fn link(previous: &[u8; 32], position: u64, at_ms: i64, bytes: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(previous);
    hasher.update(position.to_be_bytes());
    hasher.update(at_ms.to_be_bytes());
    hasher.update(bytes);
    hasher.finalize().into()
}

/// Where a chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AuditFault {
    /// An entry is missing, doubled or out of order.
    #[error("audit entry {expected} is missing: entry {found} stands in its place")]
    Gap {
        /// The position that should have come.
        expected: u64,
        /// The position that came.
        found: u64,
    },
    /// An entry's content, time or place was changed after it was written, or one before it was.
    #[error("audit entry {position} does not match its link")]
    WrongLink {
        /// The entry.
        position: u64,
    },
}

impl AuditFault {
    /// The first entry that does not hold.
    #[must_use]
    pub const fn position(&self) -> u64 {
        match self {
            Self::Gap { expected, .. } => *expected,
            Self::WrongLink { position } => *position,
        }
    }
}

/// Checks that `records` continue the chain from `from` on without a gap, and returns its end.
///
/// # Errors
/// The first entry that does not hold.
pub fn verify<'r>(
    from: AuditHead,
    records: impl IntoIterator<Item = &'r AuditRecord>,
) -> Result<AuditHead, AuditFault> {
    records.into_iter().try_fold(from, |head, record| follow(&head, record))
}

fn follow(head: &AuditHead, record: &AuditRecord) -> Result<AuditHead, AuditFault> {
    let expected = head.position + 1;
    if record.position != expected {
        return Err(AuditFault::Gap { expected, found: record.position });
    }
    if link(&head.link, record.position, record.at_ms, &record.bytes) != record.link {
        return Err(AuditFault::WrongLink { position: record.position });
    }
    Ok(AuditHead { position: record.position, link: record.link })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain() -> Vec<AuditRecord> {
        let mut head = AuditHead::GENESIS;
        let mut records = Vec::new();
        for n in 0..4u8 {
            let record = head.append(i64::from(n) * 1000, &[n; 3]);
            head = AuditHead { position: record.position, link: record.link };
            records.push(record);
        }
        records
    }

    #[test]
    fn an_untouched_chain_holds() {
        let records = chain();
        let head = verify(AuditHead::GENESIS, &records).unwrap();
        assert_eq!((head.position, head.link), (4, records[3].link));
        assert_eq!(verify(AuditHead::GENESIS, []), Ok(AuditHead::GENESIS));
    }

    #[test]
    fn the_formula_is_the_documented_one() {
        let mut input = vec![0u8; 32];
        input.extend([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2]);
        input.extend(b"entry");
        let expected: [u8; 32] = Sha256::digest(&input).into();
        assert_eq!(AuditHead::GENESIS.append(2, b"entry").link, expected);
    }

    #[test]
    fn a_changed_entry_is_found() {
        for change in [
            |r: &mut AuditRecord| r.bytes[0] ^= 1,
            |r: &mut AuditRecord| r.at_ms += 1,
            |r: &mut AuditRecord| r.link[31] ^= 1,
        ] {
            let mut records = chain();
            change(&mut records[2]);
            let fault = verify(AuditHead::GENESIS, &records);
            assert_eq!(fault, Err(AuditFault::WrongLink { position: 3 }));
        }
    }

    #[test]
    fn a_missing_entry_is_found() {
        let mut records = chain();
        records.remove(1);
        let fault = verify(AuditHead::GENESIS, &records);
        assert_eq!(fault, Err(AuditFault::Gap { expected: 2, found: 3 }));
    }
}
