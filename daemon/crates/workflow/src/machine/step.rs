//! The seam between the machine and a kind of step: a reducer, never an async function.
//!
//! A kind says what it wants when it is entered and when something comes back; the machine turns
//! that into events, timers and outbox rows. Native work and plugins are effects that runners
//! execute; a human step only waits. A new kind is one value in [`StepKinds`].

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use sceau_cabinet::{Answer, Basis, Question, Registry, Right, Subject};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::definition::Destination;

use super::{Authorised, Digest, DocumentRef, Dossier, Failure, messages};

/// Longest life of an authorisation (design: "expires within a minute").
pub const AUTHORISATION_LIFE: SignedDuration = SignedDuration::from_secs(60);

/// Work for a runner: at least once, under an id that never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// The lane it queues in; one lane's trouble stops no other.
    pub lane: String,
    /// Which runner executes it.
    pub kind: String,
    /// What the runner needs beyond the dossier itself.
    pub payload: Value,
}

/// What a step waits for, beside outcomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timer {
    /// Its name within the step.
    pub name: String,
    /// When it rings.
    pub due: Timestamp,
}

/// What a step does next.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Waits for an outcome, a command or a timer, with this state.
    Wait {
        /// The reducer's state from now on.
        state: Value,
        /// Timers to set (the same name replaces).
        timers: Vec<Timer>,
    },
    /// Begins again under a new attempt: what was prepared no longer holds.
    Again {
        /// Why, for the event.
        reason: String,
        /// State that `enter` finds as `carried`.
        carried: Value,
    },
    /// The step is done.
    Done {
        /// The new document, where there is one.
        document: Option<DocumentRef>,
        /// Other files that the dossier keeps from now on (the evidence file).
        kept: Vec<DocumentRef>,
        /// What the evidence file tells of the step.
        result: Value,
    },
    /// The step is done, and the dossier goes on at the first step of another workflow.
    Route {
        /// The other workflow, and in whose name the dossier goes on there.
        to: Destination,
        /// What the evidence file tells of the step.
        result: Value,
    },
    /// The step stopped.
    Failed(Failure),
}

/// A step's answer to being entered or to an input.
#[derive(Clone, Debug, PartialEq)]
pub struct Reaction {
    /// What it does next.
    pub next: Next,
    /// Work to be committed with it.
    pub effects: Vec<Effect>,
    /// The right to make an act, committed with it.
    pub authorised: Option<Authorised>,
    /// A level that the document has reached, committed with it: its name, and the document.
    pub reached: Option<(String, DocumentRef)>,
}

impl Reaction {
    /// Waits with `state` for the outcome of `effect`.
    pub fn ask(state: Value, effect: Effect) -> Self {
        let next = Next::Wait { state, timers: Vec::new() };
        Self { effects: vec![effect], ..Self::only(next) }
    }

    /// Waits with `state` for a command or for `timers`.
    pub fn wait(state: Value, timers: Vec<Timer>) -> Self {
        Self::only(Next::Wait { state, timers })
    }

    /// Begins again with a new attempt.
    pub fn again(reason: impl Into<String>, carried: Value) -> Self {
        Self::only(Next::Again { reason: reason.into(), carried })
    }

    /// Is done.
    pub fn done(document: Option<DocumentRef>, result: Value) -> Self {
        Self::done_keeping(document, Vec::new(), result)
    }

    /// Is done, and the dossier keeps other files beside its document.
    pub fn done_keeping(
        document: Option<DocumentRef>,
        kept: Vec<DocumentRef>,
        result: Value,
    ) -> Self {
        Self::only(Next::Done { document, kept, result })
    }

    /// Is done, and hands the dossier to another workflow.
    pub fn route(to: Destination, result: Value) -> Self {
        Self::only(Next::Route { to, result })
    }

    /// Stops.
    pub fn failed(failure: Failure) -> Self {
        Self::only(Next::Failed(failure))
    }

    fn only(next: Next) -> Self {
        Self { next, effects: Vec::new(), authorised: None, reached: None }
    }

    /// The same reaction, with the right to make an act.
    #[must_use]
    pub fn authorised(mut self, authorised: Authorised) -> Self {
        self.authorised = Some(authorised);
        self
    }

    /// The same reaction, with a level that the document has reached.
    #[must_use]
    pub fn reached(mut self, level: impl Into<String>, document: DocumentRef) -> Self {
        self.reached = Some((level.into(), document));
        self
    }
}

/// How an effect ended. A runner that may be tried again later does not end: it stays in its lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Done, with what it found or made.
    Done {
        /// The runner's answer.
        value: Value,
    },
    /// Ended without success.
    Failed {
        /// Why.
        failure: Failure,
    },
}

/// What comes back to a waiting step.
#[derive(Clone, Copy, Debug)]
pub enum StepInput<'a> {
    /// An effect ended.
    Outcome {
        /// Kind of the effect.
        kind: &'a str,
        /// How it ended.
        outcome: &'a Outcome,
    },
    /// Somebody did something (signed, refused, approved).
    Command {
        /// Its name within the step.
        name: &'a str,
        /// What came with it.
        payload: &'a Value,
    },
    /// A timer rang.
    Timer {
        /// Its name within the step.
        name: &'a str,
    },
}

/// What a step may know when it decides.
#[derive(Clone, Copy, Debug)]
pub struct StepContext<'a> {
    /// The dossier as it is now.
    pub dossier: &'a Dossier,
    /// The step's settings, as its definition holds them.
    pub settings: &'a Value,
    /// Name of the step in its workflow.
    pub step_id: &'a str,
    /// Who may do what, now and before.
    pub authority: &'a Registry,
    /// Now.
    pub now: Timestamp,
    /// What an earlier attempt carried over; `null` at the first.
    pub carried: &'a Value,
}

impl StepContext<'_> {
    /// Asks whether the dossier's account has `right` now, and by what.
    pub fn right(&self, right: Right) -> Result<Basis, Failure> {
        may(self.dossier, self.authority, right, self.now).map(|(basis, _)| basis)
    }

    /// The right to make the act with the digest `act`, or why not.
    pub fn authorise(&self, right: Right, act: Digest) -> Result<Authorised, Failure> {
        let (basis, stands_on) = may(self.dossier, self.authority, right, self.now)?;
        Ok(Authorised {
            step: self.dossier.step,
            attempt: self.dossier.attempt,
            right,
            basis,
            stands_on,
            act,
            expires_at: self.now + AUTHORISATION_LIFE,
        })
    }
}

/// Whether the dossier's account has `right` at `now`, by what, and what that stands on.
pub fn may(
    dossier: &Dossier,
    authority: &Registry,
    right: Right,
    now: Timestamp,
) -> Result<(Basis, Vec<(Subject, u64)>), Failure> {
    let received = &dossier.received;
    let question = Question {
        who: received.account,
        right,
        societe: received.societe.clone(),
        workflow: Some(received.workflow.clone()),
        channel: Some(received.origin.channel.clone()),
        // Invariant: a clock that was set back brings no revoked right back.
        at: authority.present(now),
    };
    match authority.may(&question) {
        Answer::Yes { basis, stands_on } => Ok((basis, stands_on)),
        Answer::No { reasons } => Err(messages::right_missing(right, &reasons)),
    }
}

/// A kind of step.
pub trait StepKind: Send + Sync {
    /// The word after `kind =` in a workflow file.
    fn kind(&self) -> &'static str;

    /// The rights that the dossier's account needs; asked at intake, and again before the act.
    fn rights(&self, settings: &Value) -> Vec<Right> {
        let _ = settings;
        Vec::new()
    }

    /// When the step is to renew what it did for a document that is delivered now; never, unless its
    /// proofs have an end.
    fn renew_at(&self, context: &StepContext<'_>, step: usize) -> Option<Timestamp> {
        let _ = (context, step);
        None
    }

    /// Whether the step is entered when a delivered document is renewed.
    fn renews(&self) -> bool {
        false
    }

    /// The step begins (each attempt anew; [`Dossier::is_renewing`] tells a renewal).
    fn enter(&self, context: &StepContext<'_>) -> Reaction;

    /// Something came back while it waits with `state`.
    fn on(&self, context: &StepContext<'_>, state: &Value, input: StepInput<'_>) -> Reaction;
}

/// The kinds that this daemon knows.
#[derive(Clone, Default)]
pub struct StepKinds(BTreeMap<&'static str, Arc<dyn StepKind>>);

impl StepKinds {
    /// The set with one more kind.
    #[must_use]
    pub fn with(mut self, kind: impl StepKind + 'static) -> Self {
        self.0.insert(kind.kind(), Arc::new(kind));
        self
    }

    /// The kind of that name.
    pub fn get(&self, kind: &str) -> Option<&dyn StepKind> {
        self.0.get(kind).map(AsRef::as_ref)
    }
}

impl std::fmt::Debug for StepKinds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
