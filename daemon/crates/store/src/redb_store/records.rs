//! The bytes of keys and values.
//!
//! Integers are big-endian, so that keys sort as their numbers do; a due time has its sign bit
//! flipped for the same reason. Names before a further part carry their length in front, so that
//! no name is the prefix of another. Every value begins with [`FORMAT`].
//!
//! | table | key | value after the version byte |
//! |---|---|---|
//! | `meta` | name | |
//! | `events` | position | len16 ‖ stream ‖ version ‖ at ‖ bytes |
//! | `streams` | len16 ‖ stream ‖ version | position |
//! | `projections` | len8 ‖ table ‖ key | value |
//! | `timers` | id | due ‖ payload |
//! | `timers_due` | due ‖ id | |
//! | `outbox` | len8 ‖ lane ‖ id | due ‖ payload |
//! | `outbox_due` | len8 ‖ lane ‖ due ‖ id | |
//! | `blobs` | digest ‖ owner | |
//! | `audit` | position | at ‖ link ‖ bytes |

use redb::TableDefinition;

use super::fault::Fault;
use crate::audit::AuditRecord;
use crate::{BlobId, Recorded, StreamId, Version};

/// The version byte of every value.
pub(super) const FORMAT: u8 = 1;

/// A value without content.
pub(super) const MARK: [u8; 1] = [FORMAT];

pub(super) type Bytes = &'static [u8];
pub(super) type Definition = TableDefinition<'static, Bytes, Bytes>;

pub(super) const META: Definition = TableDefinition::new("meta");
pub(super) const EVENTS: Definition = TableDefinition::new("events");
pub(super) const STREAMS: Definition = TableDefinition::new("streams");
pub(super) const PROJECTIONS: Definition = TableDefinition::new("projections");
pub(super) const TIMERS: Definition = TableDefinition::new("timers");
pub(super) const TIMERS_DUE: Definition = TableDefinition::new("timers_due");
pub(super) const OUTBOX: Definition = TableDefinition::new("outbox");
pub(super) const OUTBOX_DUE: Definition = TableDefinition::new("outbox_due");
pub(super) const BLOBS: Definition = TableDefinition::new("blobs");
pub(super) const AUDIT: Definition = TableDefinition::new("audit");

/// The key in `meta` whose value tells the format of the whole file.
pub(super) const META_FORMAT: &[u8] = b"format";

pub(super) fn stream_key(id: &StreamId, version: u64) -> Vec<u8> {
    let mut key = stream_prefix(id);
    key.extend(version.to_be_bytes());
    key
}

pub(super) fn stream_prefix(id: &StreamId) -> Vec<u8> {
    let id = id.as_str().as_bytes();
    let mut key = Vec::with_capacity(id.len() + 10);
    key.extend((id.len() as u16).to_be_bytes());
    key.extend(id);
    key
}

pub(super) fn version_of_stream_key(key: &[u8]) -> Result<u64, Fault> {
    key.last_chunk().map(|bytes| u64::from_be_bytes(*bytes)).ok_or(Fault::damaged("streams"))
}

/// `len8 ‖ name`: how projection tables and lanes begin their keys.
pub(super) fn name_prefix(name: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() + 32);
    key.push(name.len() as u8);
    key.extend(name.as_bytes());
    key
}

pub(super) fn named_key(name: &str, key: &[u8]) -> Vec<u8> {
    let mut bytes = name_prefix(name);
    bytes.extend(key);
    bytes
}

/// Bytes that sort as the signed number does.
pub(super) fn due_bytes(due_ms: i64) -> [u8; 8] {
    (due_ms as u64 ^ (1 << 63)).to_be_bytes()
}

pub(super) fn due_of(bytes: [u8; 8]) -> i64 {
    (u64::from_be_bytes(bytes) ^ (1 << 63)) as i64
}

pub(super) fn timer_due_key(due_ms: i64, id: &[u8]) -> Vec<u8> {
    let mut key = due_bytes(due_ms).to_vec();
    key.extend(id);
    key
}

pub(super) fn outbox_due_key(lane: &str, due_ms: i64, id: &[u8; 16]) -> Vec<u8> {
    let mut key = name_prefix(lane);
    key.extend(due_bytes(due_ms));
    key.extend(id);
    key
}

pub(super) fn blob_key(id: &BlobId, owner: &str) -> Vec<u8> {
    let mut key = id.0.to_vec();
    key.extend(owner.as_bytes());
    key
}

/// Puts the value that holds `bytes` into `value`.
pub(super) fn value(value: &mut Vec<u8>, bytes: &[u8]) {
    value.clear();
    value.push(FORMAT);
    value.extend_from_slice(bytes);
}

pub(super) fn position_value(position: u64) -> [u8; 9] {
    let mut value = [FORMAT; 9];
    value[1..].copy_from_slice(&position.to_be_bytes());
    value
}

pub(super) fn due_value(due_ms: i64, payload: &[u8]) -> Vec<u8> {
    let mut value = Vec::with_capacity(payload.len() + 9);
    value.push(FORMAT);
    value.extend(due_bytes(due_ms));
    value.extend(payload);
    value
}

/// Puts the value of the event with that key of its stream into `value`.
pub(super) fn event_value(value: &mut Vec<u8>, stream_key: &[u8], at_ms: i64, bytes: &[u8]) {
    value.clear();
    value.push(FORMAT);
    value.extend_from_slice(stream_key);
    value.extend_from_slice(&at_ms.to_be_bytes());
    value.extend_from_slice(bytes);
}

pub(super) fn audit_value(record: &AuditRecord) -> Vec<u8> {
    let mut value = Vec::with_capacity(record.bytes.len() + 41);
    value.push(FORMAT);
    value.extend(record.at_ms.to_be_bytes());
    value.extend(record.link);
    value.extend(&record.bytes);
    value
}

/// Takes a value apart from its front.
pub(super) struct Reader<'v> {
    rest: &'v [u8],
    table: &'static str,
}

impl<'v> Reader<'v> {
    /// # Errors
    /// A version byte that is not ours.
    pub(super) fn new(table: &'static str, value: &'v [u8]) -> Result<Self, Fault> {
        match value {
            [FORMAT, rest @ ..] => Ok(Self { rest, table }),
            [other, ..] => Err(Fault::Damaged(format!("{table} has a record of version {other}"))),
            [] => Err(Fault::damaged(table)),
        }
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (head, rest) = self.rest.split_first_chunk().ok_or(Fault::damaged(self.table))?;
        self.rest = rest;
        Ok(*head)
    }

    fn take(&mut self, len: usize) -> Result<&'v [u8], Fault> {
        let (head, rest) = self.rest.split_at_checked(len).ok_or(Fault::damaged(self.table))?;
        self.rest = rest;
        Ok(head)
    }

    pub(super) fn u64(&mut self) -> Result<u64, Fault> {
        self.array().map(u64::from_be_bytes)
    }

    pub(super) fn due(&mut self) -> Result<i64, Fault> {
        self.array().map(due_of)
    }

    pub(super) fn rest(self) -> Vec<u8> {
        self.rest.to_vec()
    }
}

pub(super) fn position_of(key: &[u8], table: &'static str) -> Result<u64, Fault> {
    key.try_into().map(u64::from_be_bytes).map_err(|_| Fault::damaged(table))
}

pub(super) fn read_event(position: u64, value: &[u8]) -> Result<(StreamId, Recorded), Fault> {
    let mut reader = Reader::new("events", value)?;
    let len = u16::from_be_bytes(reader.array()?);
    let id = std::str::from_utf8(reader.take(usize::from(len))?);
    let id = StreamId::new(id.map_err(|_| Fault::damaged("events"))?);
    let version = Version(reader.u64()?);
    let at_ms = i64::from_be_bytes(reader.array()?);
    Ok((id, Recorded { version, position, at_ms, bytes: reader.rest() }))
}

pub(super) fn read_audit(position: u64, value: &[u8]) -> Result<AuditRecord, Fault> {
    let mut reader = Reader::new("audit", value)?;
    let at_ms = i64::from_be_bytes(reader.array()?);
    let link = reader.array()?;
    Ok(AuditRecord { position, at_ms, link, bytes: reader.rest() })
}

/// The least key that is greater than every key beginning with `prefix`; none when there is none.
pub(super) fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let keep = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut end = prefix[..=keep].to_vec();
    end[keep] += 1;
    Some(end)
}
