//! `[verify]`: who is trusted when documents are judged.

use std::path::{Path, PathBuf};

use sceau_workflow::faults::{Read, TableReader};

use super::draft::Draft;
use super::time::DraftTime;

/// `trust = ["lotl.pem", "client.pem"]`: files of certificates; the table may be left out.
pub(super) fn read(root: &TableReader<'_>, base: &Path) -> Vec<Read<PathBuf>> {
    let Some(table) = root.table("verify") else { return Vec::new() };
    let files = table.strings("trust").unwrap_or_default();
    table.finish();
    let whole = |read: Read<String>| Read { value: base.join(read.value), span: read.span };
    files.into_iter().map(whole).collect()
}

/// Whom a configuration trusts when documents are judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trusted {
    /// The files that `[verify]` and `[[time.tsa]]` name.
    pub(crate) named: Vec<PathBuf>,
    /// The root of the embedded authority, in the state directory.
    pub(crate) own_root: Option<PathBuf>,
}

impl Trusted {
    pub(super) fn of(draft: &Draft) -> Self {
        let own_root = draft.state_directory(None).map(|state| state.join("pki/root.pem"));
        let mut named: Vec<_> = draft.trust.iter().map(|read| read.value.clone()).collect();
        if let Some(DraftTime::External(list)) = &draft.time {
            named.extend(list.iter().map(|tsa| tsa.trust.value.clone()));
        }
        Self { named, own_root }
    }
}
