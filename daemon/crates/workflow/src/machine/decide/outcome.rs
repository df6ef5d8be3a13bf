//! `Outcome`: an effect ended. Only the attempt that asked for it hears of it.

use super::Work;
use crate::machine::{EffectId, Outcome, Refusal, StepInput};

pub(super) fn decide(
    work: &mut Work<'_>,
    effect: EffectId,
    kind: &str,
    (step, attempt): (usize, u32),
    outcome: &Outcome,
) -> Result<(), Refusal> {
    let asked = work.dossier.pending.get(&effect);
    if asked.is_none_or(|asked| (asked.step, asked.attempt) != (step, attempt)) {
        return Err(Refusal::Stale { dossier: work.id() });
    }
    work.end(effect);
    let current = work.dossier.step == step && work.dossier.attempt == attempt;
    // The notice of a stop, or work for an attempt that is over: noted, and nothing follows.
    if !current || !work.dossier.is_at_work() {
        return Ok(());
    }
    work.input(StepInput::Outcome { kind, outcome });
    Ok(())
}
