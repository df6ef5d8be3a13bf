//! `Step`: somebody did something that the current step waits for.

use serde_json::Value;

use super::Work;
use crate::machine::{Phase, Refusal, StepInput};

pub(super) fn decide(work: &mut Work<'_>, name: &str, payload: &Value) -> Result<(), Refusal> {
    if work.dossier.phase != Phase::Running {
        return Err(Refusal::phase(&work.id(), &work.dossier.phase, "continued"));
    }
    work.input(StepInput::Command { name, payload });
    Ok(())
}
