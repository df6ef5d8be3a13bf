//! The audit log over the administration socket, page by page.

use sceau_engine::audit::Line;
use sceau_store::{AuditHead, AuditRecord, StateStore, StoreError};
use serde::{Deserialize, Serialize};

/// Most entries of a page.
const MOST_ENTRIES: usize = 200;
/// Bytes of entries after which a page ends.
const MOST_PAGE: usize = 4 << 20;

/// A question about the audit log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AuditRequest {
    /// The entries after this one; 0 for all.
    pub(crate) after: u64,
}

/// Some entries.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AuditPage {
    /// The chain's end, as it was before the entries were read: how many there are, and the last
    /// one's link.
    pub(crate) head: (u64, [u8; 32]),
    /// The entries, oldest first; none at the end, else at least one.
    pub(crate) lines: Vec<Line>,
}

impl AuditPage {
    /// The chain's end.
    pub(crate) fn head(&self) -> AuditHead {
        AuditHead { position: self.head.0, link: self.head.1 }
    }
}

/// The next entries of a chain that only ever grows.
pub(crate) fn page(
    store: &dyn StateStore,
    request: &AuditRequest,
) -> Result<AuditPage, StoreError> {
    let head = store.audit_head()?;
    let records = store.audit(request.after, MOST_ENTRIES)?;
    let lines = records[..fitting(&records)].iter().map(Line::from).collect();
    Ok(AuditPage { head: (head.position, head.link), lines })
}

/// How many of the records one page takes.
fn fitting(records: &[AuditRecord]) -> usize {
    let mut bytes = 0;
    let within = records.iter().take_while(|record| {
        bytes += record.bytes.len();
        bytes <= MOST_PAGE
    });
    within.count().max(1).min(records.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_with_its_size_and_is_never_empty_before_the_end() {
        let record = |len: usize| AuditHead::GENESIS.append(0, &vec![b'a'; len]);
        let (small, large) = (record(10), record(MOST_PAGE));
        assert_eq!(fitting(&[]), 0);
        assert_eq!(fitting(&[large.clone(), small.clone()]), 1);
        assert_eq!(fitting(&[small.clone(), large]), 1);
        assert_eq!(fitting(&[small.clone(), small]), 2);
    }
}
