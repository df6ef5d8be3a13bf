//! `Receive`: a document came in. The rights that the workflow needs are asked for at once, so
//! that nobody waits for a refusal that is known already; they are asked again before each act.

use sceau_cabinet::Right;

use super::{Entering, Situation, Work};
use crate::machine::{Decision, Dossier, DossierEvent, Failure, Received, Refusal, may};

pub(super) fn decide(
    received: &Received,
    situation: &Situation<'_>,
) -> Result<(Decision, Dossier), Refusal> {
    let mut work = Work::on(Dossier::begin(received.clone(), situation.now), situation);
    work.decision.events.push(DossierEvent::Received(Box::new(received.clone())));
    match missing_right(&work) {
        Some(failure) => work.stop(failure),
        None => work.enter_from(Entering::at(0)),
    }
    Ok(work.done())
}

/// The first right that a step of the plan needs and the account lacks.
pub(super) fn missing_right(work: &Work<'_>) -> Option<Failure> {
    let mut rights: Vec<Right> = Vec::new();
    for planned in &work.plan.steps {
        let needed = work.kind(planned).map(|kind| kind.rights(&planned.settings));
        rights.extend(needed.unwrap_or_default());
    }
    let ask = |right| may(&work.dossier, work.situation.authority, right, work.situation.now);
    rights.into_iter().find_map(|right| ask(right).err())
}
