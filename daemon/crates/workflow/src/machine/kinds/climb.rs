//! `seal` above B-T: the sealed document climbs to its workflow's level, and is renewed later.
//!
//! ```text
//! B-T --(timer)--> extending --extend--> B-LT --> stamping --stamp--> B-LTA --> done
//!                      ^                             |                   |
//!                      |<-- what was told has ended --'                   |
//!                      `------- renewal, years later, by a timer ---------'
//! ```
//!
//! Invariants: each level is committed with its document before the next is asked for, so that a
//! crash costs a revision and never a seal. What is lacking is waited for in its lane, for as long as
//! it takes; a document never goes on at less than its workflow's level. No key of a société is used
//! here, and no right is asked for.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{REVOCATION_LANE, TSA_LANE};
use crate::definition::SealLevel;
use crate::machine::{DocumentRef, Effect, Reaction, StepContext, StepResult, Timer};

/// Kind of the effect that asks about revocation and stores the answers in the document.
pub const SEAL_EXTEND: &str = "seal.extend";
/// Kind of the effect that puts a document time stamp over all of it.
pub const SEAL_STAMP: &str = "seal.stamp";

/// Name of the timer of the first look.
const LOOK: &str = "look";

/// Answers of the same second as the time stamp are not known to be newer: they tell whole seconds.
const FIRST_LOOK: SignedDuration = SignedDuration::from_secs(2);

/// A renewal comes so long before the end of what it renews; earlier where that lives shortly.
const MARGIN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What is done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    Extending,
    Stamping,
}

/// A document on its way up.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Climb {
    next: Stage,
    document: DocumentRef,
    level: SealLevel,
    result: Value,
    renewal: bool,
    /// When revocation was last asked about.
    #[serde(default)]
    extended: Option<Timestamp>,
}

/// What comes back from both runners.
#[derive(Deserialize)]
#[serde(untagged)]
enum Told {
    /// The answers about revocation ended before there was a time stamp over them.
    Stale {
        #[serde(rename = "stale")]
        _stale: bool,
    },
    /// One level further.
    Step(Step),
}

#[derive(Deserialize)]
struct Step {
    document: DocumentRef,
    level: SealLevel,
    /// What the step's result tells from now on.
    result: Map<String, Value>,
}

/// The level that the workflow wants.
pub(super) fn wanted(settings: &Value) -> SealLevel {
    let level = settings.get("level").map(SealLevel::deserialize);
    level.and_then(Result::ok).unwrap_or(SealLevel::BT)
}

/// A sealed document that has just come into being: it goes on, or begins to climb.
pub(super) fn sealed(
    context: &StepContext<'_>,
    level: SealLevel,
    document: DocumentRef,
    result: Value,
) -> Reaction {
    let climb = Climb::new(document, level, result, false);
    if level >= wanted(context.settings) {
        return climb.done();
    }
    let timer = Timer { name: LOOK.to_owned(), due: context.now + FIRST_LOOK };
    let reaction = Reaction::wait(climb.state(), vec![timer]);
    reaction.reached(name(level), climb.document)
}

/// A delivered document that is to be renewed; one that was renewed already, and whose delivery did
/// not come to its end, is only delivered. Its own plan says when it was due, not the clock alone: that
/// may have been set back since.
pub(super) fn renew(context: &StepContext<'_>) -> Reaction {
    let step = context.dossier.step;
    let planned = context.dossier.renewal.as_ref().map(|renewal| renewal.due);
    let reached = planned.map_or(context.now, |due| due.max(context.now));
    if renew_at(context, step).is_some_and(|due| due > reached) {
        return Reaction::done(None, json!({ "renewal": true, "renewed_before": true }));
    }
    let document = context.dossier.document.clone();
    let result = json!({ "renewal": true, "before": document });
    let climb = Climb::new(document, SealLevel::BLta, result, true);
    climb.ask(last_end(context, step).map(|(end, _)| end))
}

/// When a step's time stamp is to be renewed: well before its proof ends.
pub(super) fn renew_at(context: &StepContext<'_>, step: usize) -> Option<Timestamp> {
    let (end, stamped) = last_end(context, step)?;
    let margin = (end.duration_since(stamped) / 2).min(MARGIN);
    Some(end - margin)
}

/// Until when the step's last time stamp proves, and when it was made.
fn last_end(context: &StepContext<'_>, step: usize) -> Option<(Timestamp, Timestamp)> {
    let moment = |value: &Value| value.as_str()?.parse::<Timestamp>().ok();
    let of =
        |result: &Value| Some((moment(&result["renew_before"])?, moment(&result["stamped_at"])?));
    let results = context.dossier.results.iter().rev();
    let own = |one: &&StepResult| one.step == step && one.named.is_none();
    results.filter(own).find_map(|one| of(&one.result))
}

impl Climb {
    fn new(document: DocumentRef, level: SealLevel, result: Value, renewal: bool) -> Self {
        Self { next: Stage::Extending, document, level, result, renewal, extended: None }
    }

    /// Goes on from where an attempt stood that a peer stopped.
    pub(super) fn resume(self) -> Reaction {
        let (level, document) = (name(self.level), self.document.clone());
        self.ask(None).reached(level, document)
    }

    /// The timer rang.
    pub(super) fn look(self, timer: &str) -> Reaction {
        match (timer, self.next) {
            (LOOK, Stage::Extending) => self.ask(None),
            _ => Reaction::wait(self.state(), Vec::new()),
        }
    }

    /// A runner has come one level further.
    ///
    /// # Errors
    /// What it answered cannot be read.
    pub(super) fn climbed(
        mut self,
        context: &StepContext<'_>,
        value: &Value,
    ) -> Result<Reaction, serde_json::Error> {
        let end = last_end(context, context.dossier.step).map(|(end, _)| end);
        let Step { document, level, result } = match Told::deserialize(value)? {
            Told::Step(step) => step,
            Told::Stale { .. } => {
                self.next = Stage::Extending;
                return Ok(self.ask(end));
            }
        };
        if let Value::Object(told) = &mut self.result {
            told.extend(result);
        }
        (self.document, self.level) = (document, level);
        let wanted = if self.renewal { SealLevel::BLta } else { wanted(context.settings) };
        let (stamped, enough) = (self.next == Stage::Stamping, level >= wanted);
        if stamped || (enough && !self.renewal) {
            return Ok(self.done());
        }
        let (level, document) = (name(self.level), self.document.clone());
        (self.next, self.extended) = (Stage::Stamping, Some(context.now));
        Ok(self.ask(end).reached(level, document))
    }

    fn done(self) -> Reaction {
        let (level, document) = (name(self.level), self.document.clone());
        Reaction::done(Some(self.document), self.result).reached(level, document)
    }

    /// Asks for the next level; a renewal tells what it has to outlast.
    fn ask(self, outlast: Option<Timestamp>) -> Reaction {
        let (lane, kind) = match self.next {
            Stage::Extending => (REVOCATION_LANE, SEAL_EXTEND),
            Stage::Stamping => (TSA_LANE, SEAL_STAMP),
        };
        let outlast = outlast.filter(|_| self.renewal);
        let payload = json!({
            "document": self.document, "outlast": outlast, "extended": self.extended,
        });
        let effect = Effect { lane: lane.to_owned(), kind: kind.to_owned(), payload };
        Reaction::ask(self.state(), effect)
    }

    fn state(&self) -> Value {
        let state = super::seal::State::Climbing(self.clone());
        serde_json::to_value(state).unwrap_or(Value::Null)
    }
}

fn name(level: SealLevel) -> &'static str {
    match level {
        SealLevel::BB => "B-B",
        SealLevel::BT => "B-T",
        SealLevel::BLt => "B-LT",
        SealLevel::BLta => "B-LTA",
    }
}
