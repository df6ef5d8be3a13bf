//! The evidence file, first form: what an auditor needs to hold against a delivered PDF.
//!
//! It is JSON that any tool reads, made from committed events alone (the same dossier always gives
//! the same bytes). It names people by id only; who they were stands in the cabinet's own records.

mod notice;
mod verify;

pub use verify::{Check, PdfDigests, original_len, verify};

use jiff::Timestamp;
use sceau_cabinet::{Basis, Registry};
use sceau_store::Recorded;
use sceau_workflow::machine::{Authorised, Digest, Dossier, EffectId, Plan};
use serde::Deserialize;
use serde_json::{Value, json};

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
    let value = json!({
        "format": FORMAT,
        "dossier": received.dossier,
        "title": received.title,
        "societe": {
            "id": received.societe,
            "name": societe.and_then(|societe| societe.name_at(dossier.received_at)),
            "siren": societe.map(|societe| societe.siren()),
        },
        "account": received.account,
        "received_at": dossier.received_at,
        "origin": {
            "channel": received.origin.channel.to_string(),
            "file_name": received.origin.name,
            "owner_uid": received.owner_uid,
            "sidecar_sha256": received.sidecar,
        },
        "workflow": { "name": received.workflow, "definition_sha256": received.definition },
        "level": dossier.reached.as_ref().map(|reached| &reached.level),
        "renewal": dossier.renewal,
        "document": { "before": received.document, "after": dossier.document },
        "acts": acts,
        "steps": steps(dossier, plan),
        "notice": notice::notice(dossier),
    });
    let value = with(value, "events", events.into_iter().map(told).collect());
    let mut bytes = serde_json::to_vec_pretty(&value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// An event, as it was recorded.
struct Told {
    number: u64,
    at: Timestamp,
    event: Value,
}

fn read(recorded: &[Recorded], last: &EffectId) -> Result<Vec<Told>, EvidenceError> {
    let last = json!(last);
    let mut events = Vec::with_capacity(recorded.len());
    for recorded in recorded {
        let event: Value = records::decode("event", &recorded.bytes)?;
        let at = Timestamp::from_millisecond(recorded.at_ms).map_err(|_| EvidenceError::Time)?;
        let asked = event["event"] == "effect_asked" && event["id"] == last;
        events.push(Told { number: recorded.version.0, at, event });
        if asked {
            break;
        }
    }
    Ok(events)
}

/// An event as the file tells it: a step's working state only by its digest.
fn told(told: Told) -> Value {
    let Told { number, at, mut event } = told;
    match event["event"].as_str() {
        Some("step_moved") => {
            let digest = Digest::of(event["state"].to_string().as_bytes());
            event["state"] = json!({ "sha256": digest });
        }
        // Told under `steps`.
        Some("step_done") => event["result"] = Value::Null,
        _ => {}
    }
    with(json!({ "number": number, "at": at }), "event", event)
}

/// What is large is moved into its place; the macro would copy it.
fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
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

fn steps(dossier: &Dossier, plan: &Plan) -> Vec<Value> {
    let step = |result: &sceau_workflow::machine::StepResult| {
        // A step of a workflow that was left for another brings its own name.
        let planned = plan.steps.get(result.step).filter(|_| result.named.is_none());
        let named = result.named.as_ref();
        json!({
            "id": planned.map(|planned| &planned.id).or(named.map(|named| &named.id)),
            "kind": planned.map(|planned| &planned.kind).or(named.map(|named| &named.kind)),
            "done_at": result.at,
            "result": result.result.as_ref(),
        })
    };
    dossier.results.iter().map(step).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use sceau_store::Version;
    use sceau_workflow::machine::{DossierEvent, DossierId};

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
        let result = std::sync::Arc::new(json!({ "large": "result" }));
        let (step, attempt, kept) = (0, 1, Vec::new());
        let state = json!({ "b": 1, "a": "working state" });
        let digest = Digest::of(state.to_string().as_bytes());
        let moved = DossierEvent::StepMoved { step, attempt, state };
        let done = DossierEvent::StepDone { step, attempt, document: None, kept, result };
        let ((delivery, last), (_, later)) = (asked(1), asked(2));
        let all = [DossierEvent::Completed, moved, done, last.clone(), later];
        let records: Vec<_> = (1..).zip(&all).map(|(n, event)| recorded(n, event)).collect();
        let told: Vec<_> = read(&records, &delivery).unwrap().into_iter().map(told).collect();
        let event = |at: usize| &told[at]["event"];
        assert_eq!(told.len(), 4, "what came after the delivery was asked for is not told");
        assert_eq!(*event(0), json!({ "event": "completed" }));
        let short = json!({ "event": "step_moved", "step": 0, "attempt": 1, "state": { "sha256": digest } });
        assert_eq!(*event(1), short);
        let short = json!({ "event": "step_done", "step": 0, "attempt": 1, "result": null });
        assert_eq!(*event(2), short);
        assert_eq!(*event(3), json!(last));
        assert_eq!(
            (&told[3]["number"], &told[3]["at"]),
            (&json!(4), &json!("1970-01-01T00:00:01Z"))
        );
    }
}
