//! What executes effects. A runner touches the world for one committed row and says how that
//! ended; it never changes a dossier itself.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use sceau_workflow::machine::{Dossier, EffectRow, Failure, Plan, Settled};
use serde_json::Value;

/// What a runner is given.
#[derive(Clone, Debug)]
pub struct Job {
    /// The row.
    pub row: Settled<EffectRow>,
    /// The dossier as it was when the row was taken.
    pub dossier: Arc<Dossier>,
    /// The workflow that it is pinned to.
    pub plan: Arc<Plan>,
    /// Tries of this row so far that ended in trouble.
    pub tries: u32,
    /// Now.
    pub now: Timestamp,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum RunResult {
    /// Done, with what the step wants to know.
    Done(Value),
    /// Over without success; trying again would not help.
    Failed(Failure),
    /// Not this time: the row stays in its lane and is tried again later.
    Retry(Failure),
    /// The same, and not before this long has passed, or [`crate::backoff::LONGEST_ASKED`].
    RetryAfter(Failure, SignedDuration),
    /// Not yet, and nobody can hasten it: the row is looked at again after a pause, for as long as it
    /// takes, and is shown with the reason meanwhile.
    Wait(Failure, SignedDuration),
}

/// Executes one kind of effect.
pub trait Runner: Send + Sync {
    /// Runs the job to its end. May be called again for the same row after a crash: what it did
    /// the first time must be found again, not done twice.
    fn run(&self, job: &Job) -> RunResult;
}

/// The runners by kind of effect.
#[derive(Clone, Default)]
pub struct Runners(HashMap<&'static str, Arc<dyn Runner>>);

impl Runners {
    /// The set with one more runner.
    #[must_use]
    pub fn with(mut self, kind: &'static str, runner: impl Runner + 'static) -> Self {
        self.0.insert(kind, Arc::new(runner));
        self
    }

    /// The runner for effects of `kind`.
    pub fn get(&self, kind: &str) -> Option<Arc<dyn Runner>> {
        self.0.get(kind).cloned()
    }
}

impl fmt::Debug for Runners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
