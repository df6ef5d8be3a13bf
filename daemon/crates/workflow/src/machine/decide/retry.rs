//! `Retry`: somebody asks to go on after a stop. The step begins with a new attempt, and the
//! rights are asked for anew. After a peer's failure the step finds its last state as `carried`, so
//! that what was made before the peer failed (a signature) is not made a second time.

use serde_json::Value;

use super::{Entering, Work, receive};
use crate::machine::{DossierEvent, Fault, Phase, Refusal, messages};

pub(super) fn decide(work: &mut Work<'_>, by: &str) -> Result<(), Refusal> {
    if !matches!(work.dossier.phase, Phase::Rejected { .. } | Phase::NeedsPerson { .. }) {
        return Err(Refusal::phase(&work.id(), &work.dossier.phase, "retried"));
    }
    let carried = carried(work);
    work.end_where(|_| true);
    work.emit(DossierEvent::Retried { by: by.to_owned() });
    if let Some(effect) = messages::resume_notice(&work.dossier) {
        work.ask(effect);
    }
    match receive::missing_right(work) {
        Some(failure) => work.stop(failure),
        None => {
            let reason = Some("retried".to_owned());
            work.enter_from(Entering { step: work.dossier.step, reason, carried });
        }
    }
    Ok(())
}

fn carried(work: &Work<'_>) -> Value {
    match work.dossier.phase.failure() {
        Some(failure) if failure.fault == Fault::Peer => work.dossier.state.clone(),
        _ => Value::Null,
    }
}
