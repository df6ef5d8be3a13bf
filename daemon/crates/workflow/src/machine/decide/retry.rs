//! `Retry`: somebody asks to go on after a stop. The step begins with a new attempt, and the
//! rights are asked for anew.

use super::{Entering, Work, receive};
use crate::machine::{DossierEvent, Phase, Refusal, messages};

pub(super) fn decide(work: &mut Work<'_>, by: &str) -> Result<(), Refusal> {
    if !matches!(work.dossier.phase, Phase::Rejected { .. } | Phase::NeedsPerson { .. }) {
        return Err(Refusal::phase(&work.id(), &work.dossier.phase, "retried"));
    }
    work.end_where(|_| true);
    work.emit(DossierEvent::Retried { by: by.to_owned() });
    if let Some(effect) = messages::resume_notice(&work.dossier) {
        work.ask(effect);
    }
    match receive::missing_right(work)? {
        Some(failure) => {
            work.stop(failure);
            Ok(())
        }
        None => {
            let reason = Some("retried".to_owned());
            work.enter_from(Entering { reason, ..Entering::at(work.dossier.step) })
        }
    }
}
