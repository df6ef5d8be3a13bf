//! `Timer`: a timer rang. One that was set by an attempt that is over changes nothing.

use super::{Work, renewal};
use crate::machine::{Refusal, StepInput};

pub(super) fn decide(
    work: &mut Work<'_>,
    (step, attempt): (usize, u32),
    name: &str,
) -> Result<(), Refusal> {
    if renewal::is_due(work, (step, attempt), name) {
        work.begin_renewal(step);
        return Ok(());
    }
    let current = work.dossier.step == step && work.dossier.attempt == attempt;
    if !current || !work.dossier.is_at_work() {
        return Err(Refusal::Stale { dossier: work.id() });
    }
    work.input(StepInput::Timer { name });
    Ok(())
}
