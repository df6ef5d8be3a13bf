//! The state of a dossier: what its events add up to.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Authorised, DocumentRef, DossierEvent, EffectId, Failure, LevelReached, Received, Renewal,
    Settled, StepName,
};

/// Where a dossier stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum Phase {
    /// A step is at work or waits for its outcome.
    Running,
    /// Sent back: the document or a right is at fault.
    Rejected {
        /// Why.
        failure: Failure,
    },
    /// Somebody inside must act before it goes on.
    NeedsPerson {
        /// Why.
        failure: Failure,
    },
    /// All steps are done.
    Delivered,
    /// Ended by somebody.
    Cancelled,
}

impl Phase {
    /// The phase as a word for lists and the API.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Rejected { .. } => "rejected",
            Self::NeedsPerson { .. } => "needs-person",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
        }
    }

    /// The failure that stopped the dossier.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Rejected { failure } | Self::NeedsPerson { failure } => Some(failure),
            _ => None,
        }
    }

    /// True while the same document again is the same dossier (design: living or delivered).
    pub fn holds_its_key(&self) -> bool {
        matches!(self, Self::Running | Self::NeedsPerson { .. } | Self::Delivered)
    }
}

/// What a finished step left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepResult {
    /// Index of the step in the workflow.
    pub step: usize,
    /// When it was done.
    pub at: Timestamp,
    /// What the evidence file keeps of it; it never changes any more, and copies of the dossier share it.
    pub result: Settled<Value>,
    /// What it was called, once its workflow was left for another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named: Option<StepName>,
}

/// An effect that has no outcome yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingEffect {
    /// The lane it queues in.
    pub lane: String,
    /// Its kind.
    pub kind: String,
    /// The step that asked for it.
    pub step: usize,
    /// The attempt that asked for it.
    pub attempt: u32,
}

/// One run of a workflow over a document. Built only by [`Dossier::begin`] and [`Dossier::apply`],
/// so that replaying the events gives the same value again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dossier {
    /// Number of events so far.
    pub version: u64,
    /// What was received; its workflow, definition and société are those that it was last routed to.
    pub received: Settled<Received>,
    /// When it was received.
    pub received_at: Timestamp,
    /// When the last event happened.
    pub changed_at: Timestamp,
    /// Where it stands.
    pub phase: Phase,
    /// Index of the current step.
    pub step: usize,
    /// Attempt of the current step; never goes back.
    pub attempt: u32,
    /// The current step's own state; `null` before it has one.
    pub state: Value,
    /// The document as it is now.
    pub document: DocumentRef,
    /// The last authorisation.
    pub authorised: Option<Settled<Authorised>>,
    /// Effects without an outcome yet.
    pub pending: BTreeMap<EffectId, PendingEffect>,
    /// How many effects were asked for so far.
    pub effects_asked: u64,
    /// What the finished steps left.
    pub results: Vec<StepResult>,
    /// How often it was handed to another workflow.
    #[serde(default)]
    pub routed: u32,
    /// The level that the document has reached, and the copy at that level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<LevelReached>,
    /// How the delivered document is kept provable, where it has an end to be kept from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal: Option<Renewal>,
}

impl Dossier {
    /// The first state, from the first event.
    pub fn begin(received: Received, at: Timestamp) -> Self {
        Self {
            version: 1,
            document: received.document.clone(),
            received: received.into(),
            received_at: at,
            changed_at: at,
            phase: Phase::Running,
            step: 0,
            attempt: 0,
            state: Value::Null,
            authorised: None,
            pending: BTreeMap::new(),
            effects_asked: 0,
            results: Vec::new(),
            routed: 0,
            reached: None,
            renewal: None,
        }
    }

    /// Whether a step may be at work: before the delivery, and while a delivered document is
    /// renewed.
    pub fn is_at_work(&self) -> bool {
        match self.phase {
            Phase::Running => true,
            Phase::Delivered => self.is_renewing(),
            _ => false,
        }
    }

    /// Whether the delivered document is being renewed.
    pub fn is_renewing(&self) -> bool {
        self.renewal.as_ref().is_some_and(|renewal| renewal.begun.is_some())
    }

    /// The state after one more event.
    pub fn apply(&mut self, event: &DossierEvent, at: Timestamp) {
        self.version += 1;
        self.changed_at = at;
        match event {
            // Invariant: `Received` is the first event only, and `begin` took it.
            DossierEvent::Received(_) => self.version -= 1,
            DossierEvent::StepEntered { step, attempt, .. } => self.enter(*step, *attempt),
            DossierEvent::StepMoved { state, .. } => self.state = state.clone(),
            DossierEvent::Authorised(authorised) => {
                self.authorised = Some(Settled::from(authorised.as_ref().clone()));
            }
            DossierEvent::EffectAsked { id, lane, kind } => {
                let (step, attempt) = (self.step, self.attempt);
                let pending =
                    PendingEffect { lane: lane.clone(), kind: kind.clone(), step, attempt };
                self.pending.insert(*id, pending);
                self.effects_asked += 1;
            }
            DossierEvent::EffectEnded { id } => {
                self.pending.remove(id);
            }
            DossierEvent::LevelReached { step, level, document, .. } => {
                let (level, document) = (level.clone(), document.clone());
                let kept = self.is_renewing();
                self.reached = Some(LevelReached { step: *step, level, document, at, kept });
            }
            DossierEvent::StepDone { step, document, result, .. } => {
                self.finish_step(*step, document.as_ref(), result, at);
            }
            DossierEvent::Routed { workflow, definition, steps, societe, .. } => {
                self.received.replace(|received| {
                    received.workflow.clone_from(workflow);
                    received.definition = *definition;
                    if let Some(societe) = societe {
                        received.societe.clone_from(societe);
                    }
                });
                self.routed += 1;
                self.name_results(steps);
            }
            DossierEvent::Stopped { failure } => self.stop(failure.clone()),
            DossierEvent::Retried { .. } => self.phase = Phase::Running,
            DossierEvent::Cancelled { .. } => self.phase = Phase::Cancelled,
            DossierEvent::Completed => self.phase = Phase::Delivered,
            DossierEvent::RenewalPlanned { step, due, until } => {
                let rounds = self.renewal.as_ref().map_or(0, |renewal| renewal.rounds);
                self.renewal = Some(Renewal::planned(*step, *due, *until, rounds));
            }
            DossierEvent::RenewalBegun { .. } => self.renew(|renewal| renewal.begun = Some(at)),
            DossierEvent::RenewalFailed { failure, due } => {
                self.renew(|renewal| renewal.fail(failure, *due));
            }
            DossierEvent::Renewed => self.renew(Renewal::succeed),
        }
    }

    fn renew(&mut self, change: impl FnOnce(&mut Renewal)) {
        if let Some(renewal) = self.renewal.as_mut() {
            change(renewal);
        }
    }

    /// Replays `events` (each with its time) from the beginning.
    pub fn replay<'e>(
        events: impl IntoIterator<Item = (&'e DossierEvent, Timestamp)>,
    ) -> Option<Self> {
        let mut events = events.into_iter();
        let (DossierEvent::Received(received), at) = events.next()? else { return None };
        let mut dossier = Self::begin(*received.clone(), at);
        for (event, at) in events {
            dossier.apply(event, at);
        }
        Some(dossier)
    }

    fn enter(&mut self, step: usize, attempt: u32) {
        // An attempt that is given up gives up the level that it reached on its way.
        self.reached = self.reached.take().filter(|reached| reached.kept || reached.step != step);
        self.step = step;
        self.attempt = attempt;
        self.state = Value::Null;
    }

    fn finish_step(
        &mut self,
        step: usize,
        document: Option<&DocumentRef>,
        result: &Settled<Value>,
        at: Timestamp,
    ) {
        if let Some(document) = document {
            self.document = document.clone();
        }
        if let Some(reached) = self.reached.as_mut() {
            reached.kept |= reached.step == step;
        }
        self.results.push(StepResult { step, at, result: result.clone(), named: None });
        self.state = Value::Null;
    }

    /// The steps of a workflow that is left can no longer be found by their index.
    fn name_results(&mut self, steps: &[StepName]) {
        for result in self.results.iter_mut().filter(|result| result.named.is_none()) {
            result.named = steps.get(result.step).cloned();
        }
    }

    fn stop(&mut self, failure: Failure) {
        self.phase = if failure.is_rejection() {
            Phase::Rejected { failure }
        } else {
            Phase::NeedsPerson { failure }
        };
    }
}
