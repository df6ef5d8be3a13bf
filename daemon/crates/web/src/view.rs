//! Dossiers as callers see them.

use sceau_engine::handle::NumberedEvent;
use sceau_engine::queue::Waiting;
use sceau_workflow::machine::{
    Digest, DocumentRef, Dossier, DossierEvent, DossierId, Phase, Renewal,
};
use serde_json::{Value, json};

use crate::problem::failure_view;
use crate::router::DOSSIERS;

/// A step's results that are longer than this are told by their digest (bytes of JSON).
const LONGEST_RESULT: usize = 8 << 10;

/// Where a dossier is.
pub(crate) fn dossier_path(dossier: &DossierId) -> String {
    format!("{DOSSIERS}/{dossier}")
}

/// A dossier in short.
pub(crate) fn summary(dossier: &Dossier) -> Value {
    let received = &dossier.received;
    json!({
        "id": received.dossier,
        "state": dossier.phase.word(),
        "workflow": received.workflow,
        "societe": received.societe,
        "title": received.title,
        "name": received.origin.name,
        "channel": received.origin.channel.to_string(),
        "received_at": dossier.received_at,
        "changed_at": dossier.changed_at,
        "level": dossier.reached.as_ref().map(|reached| &reached.level),
        "renewal": dossier.renewal.as_ref().map(renewal),
        "failure": dossier.phase.failure().map(failure_view),
        "links": links(dossier),
    })
}

/// All of a dossier. `waiting` may hold rows of others.
pub(crate) fn whole(dossier: &Dossier, events: &[NumberedEvent], waiting: &[Waiting]) -> Value {
    let mine = waiting.iter().filter(|row| row.row.dossier == dossier.received.dossier);
    let trouble = mine.filter_map(|row| row.trouble.as_ref()).next();
    let mut value = summary(dossier);
    value["definition_sha256"] = json!(dossier.received.definition);
    value["step"] = json!({ "number": dossier.step + 1, "attempt": dossier.attempt });
    value["document"] = json!({
        "before": dossier.received.document,
        "after": (dossier.phase == Phase::Delivered).then_some(&dossier.document),
    });
    value["trouble"] = json!(trouble.map(failure_view));
    value["events"] = events.iter().map(event).collect();
    value
}

/// How a delivered document is kept provable.
fn renewal(renewal: &Renewal) -> Value {
    json!({
        "due": renewal.due,
        "until": renewal.until,
        "under_way_since": renewal.begun,
        "rounds": renewal.rounds,
        "trouble": renewal.trouble.as_ref().map(failure_view),
    })
}

fn links(dossier: &Dossier) -> Value {
    let own = dossier_path(&dossier.received.dossier);
    let mut links = json!({ "self": own });
    if dossier.phase == Phase::Delivered {
        links["document"] = json!(format!("{own}/document"));
    }
    if evidence(dossier).is_some() {
        links["evidence"] = json!(format!("{own}/evidence"));
    }
    links
}

/// The evidence file of a delivered dossier: what its last delivery kept.
pub(crate) fn evidence(dossier: &Dossier) -> Option<DocumentRef> {
    if dossier.phase != Phase::Delivered {
        return None;
    }
    let kept = |result: &Value| serde_json::from_value(result.get("evidence")?.clone()).ok();
    dossier.results.iter().rev().find_map(|step| kept(&step.result))
}

/// An event without what only the inside needs: the step's own state, and places of files.
fn event(numbered: &NumberedEvent) -> Value {
    let mut value = serde_json::to_value(numbered).unwrap_or(Value::Null);
    match &numbered.event {
        DossierEvent::StepMoved { state, .. } => value["state"] = by_digest(state),
        DossierEvent::StepDone { result, .. } if result.to_string().len() > LONGEST_RESULT => {
            value["result"] = by_digest(result);
        }
        DossierEvent::Received(_) => {
            value["origin"]["source"] = Value::Null;
        }
        DossierEvent::Stopped { failure } | DossierEvent::RenewalFailed { failure, .. } => {
            value["failure"] = failure_view(failure);
        }
        _ => {}
    }
    value
}

fn by_digest(value: &Value) -> Value {
    json!({ "sha256": Digest::of(value.to_string().as_bytes()) })
}
