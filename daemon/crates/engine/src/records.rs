//! How the engine's values stand in the store: a version byte, then JSON. The store does not know
//! what they mean; an auditor reads them with any tool ten years later.

use std::cell::RefCell;

use serde::{Deserialize, Serialize};

/// Version of all record encodings of this module.
const VERSION: u8 = 1;

/// Projection: dossier name to its state.
pub const DOSSIERS: &str = "dossiers";
/// Projection: what was received (folder, société, digests) to the dossier that holds it.
pub const KEYS: &str = "dossier_keys";
/// Projection: definition hash to the plan, kept for the dossiers pinned to it.
pub const PLANS: &str = "plans";
/// Projection: person to erasable details (name, address). Never part of a replay.
pub const PERSONS: &str = "persons";
/// Projection: (account, Idempotency-Key) to what was answered. Never part of a replay.
pub const IDEMPOTENCY: &str = "idempotency";
/// Projection: serial number to the revocation of a certificate of our own authority.
pub const REVOCATIONS: &str = "revocations";
/// Projection: (plugin, société, key) to what a plugin remembers. Never part of a replay.
pub const PLUGIN_STATE: &str = "plugin_state";
/// Projection: (plugin, société, key) to how many bytes key and value have: what is looked at before each
/// change. Never part of a replay.
pub const PLUGIN_SIZES: &str = "plugin_sizes";
/// Projection: subject of authority (its stream) to its version.
pub const SUBJECTS: &str = "subjects";

/// A record that this version cannot read: the store is newer, or damaged.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableRecord {
    /// No bytes at all, or another version byte.
    #[error("a {what} has record version {version:?}, this program reads {VERSION}")]
    Version {
        /// What was being read.
        what: &'static str,
        /// The byte found.
        version: Option<u8>,
    },
    /// The JSON is not what it should be.
    #[error("a {what} cannot be read: {source}")]
    Json {
        /// What was being read.
        what: &'static str,
        /// Why.
        source: serde_json::Error,
    },
}

/// The record of the list of which these are the records of the items.
pub(crate) fn list(records: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![VERSION, b'['];
    for (at, record) in records.iter().enumerate() {
        bytes.extend((at > 0).then_some(b','));
        bytes.extend(record.get(1..).unwrap_or_default());
    }
    bytes.push(b']');
    bytes
}

/// The record of `value`.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    DRAFT.with_borrow_mut(|draft| {
        draft.clear();
        draft.push(VERSION);
        // Invariant: our records have string keys and no failing serialisers.
        serde_json::to_writer(&mut *draft, value).expect("records serialise");
        let record = draft.to_vec();
        draft.shrink_to(LARGEST_DRAFT);
        record
    })
}

thread_local! {
    /// Where a record is written, so that it need not grow where it is kept.
    static DRAFT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Bytes that a thread keeps for it.
const LARGEST_DRAFT: usize = 256 << 10;

/// The value of a record.
pub fn decode<'de, T: Deserialize<'de>>(
    what: &'static str,
    bytes: &'de [u8],
) -> Result<T, UnreadableRecord> {
    match bytes.split_first() {
        Some((&VERSION, json)) => {
            serde_json::from_slice(json).map_err(|source| UnreadableRecord::Json { what, source })
        }
        other => Err(UnreadableRecord::Version { what, version: other.map(|(byte, _)| *byte) }),
    }
}

/// The stream of one dossier.
pub fn dossier_stream(dossier: &sceau_workflow::machine::DossierId) -> String {
    format!("dossier/{dossier}")
}
