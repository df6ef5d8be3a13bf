//! The evidence file, first form: what an auditor needs to hold against a delivered PDF.
//!
//! It is JSON that any tool reads, made from committed events alone (the same dossier always gives
//! the same bytes). It names people by id only; who they were stands in the cabinet's own records.

mod notice;
mod verify;

pub use verify::{Check, PdfDigests, original_len, verify};

use std::sync::Arc;

use jiff::Timestamp;
use sceau_cabinet::{Basis, Registry};
use sceau_store::Recorded;
use sceau_workflow::machine::{Authorised, Digest, Dossier, DossierEvent, EffectId, Plan};
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
    let acts = acts(&events, authority);
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
        "events": events.into_iter().map(told).collect::<Vec<_>>(),
        "notice": notice::notice(dossier),
    });
    let mut bytes = serde_json::to_vec_pretty(&value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

struct Told {
    number: u64,
    at: Timestamp,
    event: DossierEvent,
}

fn read(recorded: &[Recorded], last: &EffectId) -> Result<Vec<Told>, EvidenceError> {
    let mut events = Vec::with_capacity(recorded.len());
    for recorded in recorded {
        let event = records::decode("event", &recorded.bytes)?;
        let at = Timestamp::from_millisecond(recorded.at_ms).map_err(|_| EvidenceError::Time)?;
        let asked = matches!(&event, DossierEvent::EffectAsked { id, .. } if id == last);
        events.push(Told { number: recorded.version.0, at, event });
        if asked {
            break;
        }
    }
    Ok(events)
}

/// An event as the file tells it: a step's working state only by its digest.
fn told(told: Told) -> Value {
    json!({ "number": told.number, "at": told.at, "event": in_short(told.event) })
}

fn in_short(mut event: DossierEvent) -> DossierEvent {
    match &mut event {
        DossierEvent::StepMoved { state, .. } => {
            *state = json!({ "sha256": Digest::of(state.to_string().as_bytes()) });
        }
        // Told under `steps`.
        DossierEvent::StepDone { result, .. } => *result = Arc::default(),
        _ => {}
    }
    event
}

/// Each authorised act: by which right and délégation, in its exact terms of that moment.
fn acts(events: &[Told], authority: &Registry) -> Vec<Value> {
    events
        .iter()
        .filter_map(|told| match &told.event {
            DossierEvent::Authorised(authorised) => Some(act(authorised, told.at, authority)),
            _ => None,
        })
        .collect()
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
