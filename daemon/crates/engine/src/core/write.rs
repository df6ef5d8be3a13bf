//! Small pieces that transactions are written from.

use sceau_workflow::machine::DossierEvent;
use serde_json::Value;

/// The word by which an event is known in records (its serde tag).
pub(super) fn event_name(event: &DossierEvent) -> String {
    let value = serde_json::to_value(event).unwrap_or(Value::Null);
    value.get("event").and_then(Value::as_str).unwrap_or("unknown").to_owned()
}
