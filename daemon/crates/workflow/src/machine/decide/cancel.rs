//! `Cancel`: somebody ends the dossier. What was signed stays signed; nothing more is done.

use super::Work;
use crate::machine::{DossierEvent, Phase, Refusal, messages};

pub(super) fn decide(work: &mut Work<'_>, by: &str, reason: &str) -> Result<(), Refusal> {
    if matches!(work.dossier.phase, Phase::Delivered | Phase::Cancelled) {
        return Err(Refusal::phase(&work.id(), &work.dossier.phase, "cancelled"));
    }
    work.drop_pending();
    let notice = messages::stop_notice(&work.dossier, &messages::cancelled(reason));
    work.emit(DossierEvent::Cancelled { by: by.to_owned(), reason: reason.to_owned() });
    if let Some(effect) = notice {
        work.ask(effect);
    }
    Ok(())
}
