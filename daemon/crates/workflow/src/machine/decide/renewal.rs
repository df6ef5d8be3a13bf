//! Keeping a delivered document provable: planned when it is delivered, begun by a timer, run by the
//! same steps as the delivery itself. No right is asked: no key of a société is used.

use super::{Entering, Work};
use crate::machine::renewal::end_of_retention;
use crate::machine::{
    DossierEvent, Failure, Phase, PlannedStep, RENEWAL_PAUSE, RENEWAL_TIMER, TimerChange,
};

/// What the event tells of its right.
const REASON: &str = "the proofs in the document end soon; a document time stamp is added, no key \
                      of the société is used, so that no right and no délégation is asked for";

/// Whether this is the timer for which the delivered dossier rests.
pub(super) fn is_due(work: &Work<'_>, (step, attempt): (usize, u32), name: &str) -> bool {
    let dossier = &work.dossier;
    let rests = |step: usize| {
        let renewal = dossier.renewal.as_ref();
        renewal.is_some_and(|renewal| renewal.begun.is_none() && renewal.step == step)
    };
    let its = name == RENEWAL_TIMER && attempt == dossier.attempt;
    its && dossier.phase == Phase::Delivered && rests(step)
}

impl Work<'_> {
    pub(super) fn begin_renewal(&mut self, step: usize) {
        self.emit(DossierEvent::RenewalBegun { step, reason: REASON.to_owned() });
        self.enter_from(Entering {
            step,
            reason: Some("renewal".to_owned()),
            carried: Default::default(),
        });
    }

    /// In a renewal only the steps that have a part in it are entered.
    pub(super) fn is_passed_over(&self, planned: &PlannedStep) -> bool {
        self.dossier.is_renewing() && !self.kind(planned).is_some_and(|kind| kind.renews())
    }

    /// All steps are done: delivered, or renewed. What has an end is renewed before it.
    pub(super) fn complete(&mut self) {
        match self.dossier.is_renewing() {
            true => self.emit(DossierEvent::Renewed),
            false => self.emit(DossierEvent::Completed),
        }
        self.plan_renewal();
    }

    pub(super) fn fail_renewal(&mut self, failure: Failure) {
        let Some(step) = self.dossier.renewal.as_ref().map(|renewal| renewal.step) else { return };
        let due = self.situation.now + RENEWAL_PAUSE;
        self.emit(DossierEvent::RenewalFailed { failure, due });
        self.rest_until(step, due);
    }

    /// The last step that wants it renews: its proof covers those before.
    fn plan_renewal(&mut self) {
        let plan = self.plan;
        let end = |years| end_of_retention(self.dossier.received_at, years);
        let Some(until) = plan.retention_years.and_then(end) else { return };
        let wants = |(step, planned): (usize, &PlannedStep)| {
            let context = self.context(planned, &serde_json::Value::Null);
            Some((step, self.kind(planned)?.renew_at(&context, step)?))
        };
        let first = plan.steps.iter().enumerate().rev().find_map(wants);
        let Some((step, due)) = first.filter(|(_, due)| *due < until) else { return };
        self.emit(DossierEvent::RenewalPlanned { step, due, until });
        self.rest_until(step, due);
    }

    fn rest_until(&mut self, step: usize, due: jiff::Timestamp) {
        let (attempt, name) = (self.dossier.attempt, RENEWAL_TIMER.to_owned());
        self.decision.timers.push(TimerChange { step, attempt, name, due });
    }
}
