//! The evidence file, first form: what an auditor needs to hold against a delivered PDF.
//!
//! It is JSON that any tool reads, made from committed events alone (the same dossier always gives
//! the same bytes). It names people by id only; who they were stands in the cabinet's own records.

mod notice;
mod verify;

pub use verify::{Check, PdfDigests, original_len, verify};

use std::collections::BTreeMap;

use jiff::Timestamp;
use sceau_cabinet::{Basis, Registry};
use sceau_store::Recorded;
use sceau_workflow::machine::{Authorised, Digest, Dossier, DossierId, EffectId, Plan, StepResult};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::records::{self, UnreadableRecord};

/// The `format` of the file.
pub const FORMAT: &str = "sceau-evidence/1";

/// Why no evidence file could be made.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// An event cannot be read.
    #[error(transparent)]
    Event(#[from] UnreadableRecord),
    /// An event's time is no time.
    #[error("an event has an impossible time")]
    Time,
    /// It cannot be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// The evidence file of a dossier whose other steps are done, from its events up to the one that asked for
/// `delivery`: what happened while the delivery was under way is not told in what it delivers.
pub fn build(
    dossier: &Dossier,
    plan: &Plan,
    recorded: &[Recorded],
    delivery: &EffectId,
    authority: &Registry,
) -> Result<Vec<u8>, EvidenceError> {
    let events = read(recorded, delivery)?;
    let acts = acts(&events, authority)?;
    let received = &dossier.received;
    let societe = authority.societe(&received.societe);
    let file = File {
        account: json!(received.account),
        acts,
        document: json!({ "before": received.document, "after": dossier.document }),
        dossier: &received.dossier,
        events: events.into_iter().map(told).collect(),
        format: FORMAT,
        level: dossier.reached.as_ref().map(|reached| reached.level.as_str()),
        notice: notice::notice(dossier),
        origin: json!({
            "channel": received.origin.channel.to_string(),
            "file_name": received.origin.name,
            "owner_uid": received.owner_uid,
            "sidecar_sha256": received.sidecar,
        }),
        received_at: dossier.received_at,
        renewal: json!(dossier.renewal),
        societe: json!({
            "id": received.societe,
            "name": societe.and_then(|societe| societe.name_at(dossier.received_at)),
            "siren": societe.map(|societe| societe.siren()),
        }),
        steps: steps(dossier, plan),
        title: &received.title,
        workflow: json!({ "name": received.workflow, "definition_sha256": received.definition }),
    };
    let mut bytes = Vec::with_capacity(USUAL);
    serde_json::to_writer_pretty(&mut bytes, &file)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Bytes of most evidence files.
const USUAL: usize = 32 << 10;

/// The whole file. Invariant: in all of it names stand in the order of their letters, whatever holds them.
#[derive(Serialize)]
struct File<'a> {
    account: Value,
    acts: Vec<Value>,
    document: Value,
    dossier: &'a DossierId,
    events: Vec<Told>,
    format: &'static str,
    level: Option<&'a str>,
    notice: Value,
    origin: Value,
    received_at: Timestamp,
    renewal: Value,
    societe: Value,
    steps: Vec<Step<'a>>,
    title: &'a str,
    workflow: Value,
}

/// An event, as it was recorded.
#[derive(Serialize)]
struct Told {
    at: Timestamp,
    event: Value,
    number: u64,
}

/// A step that is done.
#[derive(Serialize)]
struct Step<'a> {
    done_at: Timestamp,
    id: Option<&'a str>,
    kind: Option<&'a str>,
    result: &'a Value,
}

fn read(recorded: &[Recorded], last: &EffectId) -> Result<Vec<Told>, EvidenceError> {
    let last = json!(last);
    let mut events = Vec::with_capacity(recorded.len());
    for recorded in recorded {
        let event = event(&recorded.bytes)?;
        let at = Timestamp::from_millisecond(recorded.at_ms).map_err(|_| EvidenceError::Time)?;
        let asked = event["event"] == "effect_asked" && event["id"] == last;
        events.push(Told { at, event, number: recorded.version.0 });
        if asked {
            break;
        }
    }
    Ok(events)
}

/// What a recorded event says, without the result of a step, which is told under `steps` and may be long.
fn event(record: &[u8]) -> Result<Value, UnreadableRecord> {
    let parts: BTreeMap<String, &RawValue> = records::decode("event", record)?;
    let is_done = parts.get("event").is_some_and(|word| word.get() == "\"step_done\"");
    let read = |(name, part): (String, &RawValue)| match is_done && name == "result" {
        true => Ok((name, Value::Null)),
        false => serde_json::from_str(part.get()).map(|value| (name, value)),
    };
    let object: Result<Map<String, Value>, _> = parts.into_iter().map(read).collect();
    let unreadable = |source| UnreadableRecord::Json { what: "event", source };
    object.map(Value::Object).map_err(unreadable)
}

/// An event as the file tells it: a step's working state only by its digest.
fn told(mut told: Told) -> Told {
    if told.event["event"] == "step_moved" {
        let digest = Digest::of(told.event["state"].to_string().as_bytes());
        told.event["state"] = json!({ "sha256": digest });
    }
    told
}

/// Each authorised act: by which right and délégation, in its exact terms of that moment.
fn acts(events: &[Told], authority: &Registry) -> Result<Vec<Value>, EvidenceError> {
    let authorised = events.iter().filter(|told| told.event["event"] == "authorised");
    let act = |told: &Told| {
        let authorised = Authorised::deserialize(&told.event)?;
        Ok(act(&authorised, told.at, authority))
    };
    authorised.map(act).collect()
}

fn act(authorised: &Authorised, at: Timestamp, authority: &Registry) -> Value {
    let delegation = match &authorised.basis {
        Basis::Own => Value::Null,
        Basis::Delegation { id, digest, .. } => {
            let snapshot = authority.delegation(*id).and_then(|d| {
                // A clock that was set back: the act was decided for the last known moment.
                d.snapshot(at).or_else(|| d.snapshot(authority.present(at)))
            });
            json!({
                "id": id,
                "sha256": hex::encode(digest),
                "canonical": snapshot.map(|snapshot| hex::encode(snapshot.canonical_bytes())),
            })
        }
    };
    json!({
        "right": authorised.right,
        "at": at,
        "basis": authorised.basis,
        "delegation": delegation,
        "signed_bytes_sha256": authorised.act,
    })
}

fn steps<'a>(dossier: &'a Dossier, plan: &'a Plan) -> Vec<Step<'a>> {
    let step = |result: &'a StepResult| {
        // A step of a workflow that was left for another brings its own name.
        let planned = plan.steps.get(result.step).filter(|_| result.named.is_none());
        let named = result.named.as_ref();
        let name = planned.map(|planned| (&planned.id, &planned.kind));
        let (id, kind) = name.or(named.map(|named| (&named.id, &named.kind))).unzip();
        Step {
            done_at: result.at,
            id: id.map(String::as_str),
            kind: kind.map(String::as_str),
            result: &result.result,
        }
    };
    dossier.results.iter().map(step).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use sceau_store::Version;
    use sceau_workflow::machine::DossierEvent;

    use super::*;

    fn recorded(number: u64, event: &DossierEvent) -> Recorded {
        let bytes = records::encode(event);
        Recorded { version: Version(number), position: number, at_ms: 1_000, bytes }
    }

    fn asked(serial: u64) -> (EffectId, DossierEvent) {
        let id = EffectId::derive(&DossierId::new(1, [0; 10]), 0, 1, serial);
        (id, DossierEvent::EffectAsked { id, lane: "a".into(), kind: "k".into() })
    }

    #[test]
    fn events_are_told_as_they_were_recorded_in_short_and_up_to_the_delivery() {
        let result = json!({ "large": "result" }).into();
        let (step, attempt, kept) = (0, 1, Vec::new());
        let state = json!({ "b": 1, "a": "working state" });
        let digest = Digest::of(state.to_string().as_bytes());
        let moved = DossierEvent::StepMoved { step, attempt, state };
        let done = DossierEvent::StepDone { step, attempt, document: None, kept, result };
        let ((delivery, last), (_, later)) = (asked(1), asked(2));
        let all = [DossierEvent::Completed, moved, done, last.clone(), later];
        let records: Vec<_> = (1..).zip(&all).map(|(n, event)| recorded(n, event)).collect();
        let told: Vec<_> = read(&records, &delivery).unwrap().into_iter().map(told).collect();
        let event = |at: usize| &told[at].event;
        assert_eq!(told.len(), 4, "what came after the delivery was asked for is not told");
        assert_eq!(*event(0), json!({ "event": "completed" }));
        let short = json!({ "event": "step_moved", "step": 0, "attempt": 1, "state": { "sha256": digest } });
        assert_eq!(*event(1), short);
        let short = json!({ "event": "step_done", "step": 0, "attempt": 1, "result": null });
        assert_eq!(*event(2), short);
        assert_eq!(*event(3), json!(last));
        assert_eq!((told[3].number, told[3].at.to_string().as_str()), (4, "1970-01-01T00:00:01Z"));
    }
}
