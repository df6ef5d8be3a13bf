//! What an entry of the audit log tells people.

use sceau_store::AuditRecord;
use serde::Serialize;
use serde_json::Value;

use crate::records;

/// An entry, read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its number, from 1.
    pub position: u64,
    /// When it was written: milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
    /// Who caused it: `uid/0` at the socket, `account/ID`, `lane/NAME` of the daemon's own work.
    pub actor: String,
    /// What it is about: `dossier/ID`, `delegation/ID`, `account/ID`, ...
    pub streams: Vec<String>,
    /// What happened.
    pub events: Vec<String>,
    /// SHA-256 of the events' record, in hexadecimal.
    pub digest: String,
    /// The chain's link in hexadecimal, this entry included.
    pub link: String,
}

/// What an entry tells. What a later version wrote stays empty, as far as this one cannot read it.
#[must_use]
pub fn told(record: &AuditRecord) -> Entry {
    let value: Value = records::decode("audit entry", &record.bytes).unwrap_or_default();
    let mut streams = texts(&value["streams"], "");
    streams.extend(value["stream"].as_str().map(str::to_owned));
    Entry {
        position: record.position,
        at_ms: record.at_ms,
        actor: actor(&value["actor"]),
        streams,
        events: texts(&value["events"], "type"),
        digest: value["digest"].as_str().unwrap_or_default().to_owned(),
        link: hex::encode(record.link),
    }
}

fn actor(value: &Value) -> String {
    match (value["uid"].as_u64(), value["person"].as_str(), value.as_str()) {
        (Some(uid), ..) => format!("uid/{uid}"),
        (_, Some(person), _) => format!("account/{person}"),
        (.., text) => text.unwrap_or_default().to_owned(),
    }
}

/// The texts of a list; of objects, the one under `key`.
fn texts(value: &Value, key: &str) -> Vec<String> {
    let text = |one: &Value| one.as_str().or_else(|| one[key].as_str()).map(str::to_owned);
    value.as_array().into_iter().flatten().filter_map(text).collect()
}
