//! `Timer`: a timer rang. One that was set by an attempt that is over changes nothing.

use super::Work;
use crate::machine::{Phase, Refusal, StepInput};

pub(super) fn decide(
    work: &mut Work<'_>,
    (step, attempt): (usize, u32),
    name: &str,
) -> Result<(), Refusal> {
    let current = work.dossier.step == step && work.dossier.attempt == attempt;
    if !current || work.dossier.phase != Phase::Running {
        return Err(Refusal::Stale { dossier: work.id() });
    }
    work.input(StepInput::Timer { name });
    Ok(())
}
