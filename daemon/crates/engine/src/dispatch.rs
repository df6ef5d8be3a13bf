//! The dispatcher: threads that take committed rows from their lanes and run them.
//!
//! A run's result is a request like any other; the row leaves the outbox in the transaction that
//! its outcome leads to. A crash between the two runs the row again, under the same id.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::SignedDuration;
use sceau_store::StateStore;
use sceau_workflow::machine::{Command, Digest, Dossier, Failure, Fault, Outcome, Plan};

use crate::clock::{Clock, Entropy, random};
use crate::core::Request;
use crate::handle::Handle;
use crate::queue::{Lanes, Taken, Waiting};
use crate::records::{self, DOSSIERS, PLANS, UnreadableRecord};
use crate::runner::{Job, RunResult, Runners};

/// A worker looks at its lane at least this often.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Most plans that are kept read.
const MOST_PLANS: usize = 256;

/// What a worker needs.
#[derive(Clone)]
pub struct Dispatcher {
    /// Where rows wait.
    pub lanes: Arc<Lanes>,
    /// Who runs them.
    pub runners: Runners,
    /// Where dossiers are read from.
    pub store: Arc<dyn StateStore>,
    /// The plans that were read.
    pub plans: PlanShelf,
    /// The moment.
    pub clock: Arc<dyn Clock>,
    /// Jitter.
    pub entropy: Arc<dyn Entropy>,
}

impl Dispatcher {
    /// Starts `count` workers for `lane`; they end when the lanes are closed.
    pub fn start(&self, lane: &str, count: usize, handle: &Handle) -> Vec<JoinHandle<()>> {
        let worker = |_| {
            let (dispatcher, handle) = (self.clone(), handle.clone());
            let (lane, name) = (lane.to_owned(), format!("lane-{lane}"));
            let work = move || dispatcher.work(&lane, &handle);
            // Invariant: as `std::thread::spawn`, which panics where the system gives no thread.
            std::thread::Builder::new().name(name).spawn(work).expect("a thread")
        };
        (0..count).map(worker).collect()
    }

    fn work(&self, lane: &str, handle: &Handle) {
        loop {
            match self.lanes.take_or_wait(lane, self.clock.as_ref(), LONGEST_WAIT) {
                Taken::Row(waiting) => self.finish(*waiting, handle),
                Taken::Nothing(_) => {}
                Taken::Closed => return,
            }
        }
    }

    /// Takes the next due row of `lane` and takes it to its answer; tells whether there was one.
    /// For those who turn the wheel themselves.
    pub fn turn(&self, lane: &str, handle: &Handle) -> bool {
        match self.lanes.take(lane, self.clock.now()) {
            Taken::Row(waiting) => {
                self.finish(*waiting, handle);
                true
            }
            Taken::Nothing(_) | Taken::Closed => false,
        }
    }

    fn finish(&self, waiting: Waiting, handle: &Handle) {
        let lane = waiting.row.effect.lane.clone();
        let id = waiting.row.id;
        let dossier = waiting.row.dossier.clone();
        let lanes = Arc::clone(&self.lanes);
        let request = self.run(waiting);
        lanes.released(&lane, &dossier);
        sceau_disk::boundary!("engine.outcome.before-send");
        handle.send(
            request,
            Box::new(move |answer| {
                // An outcome that nobody wants any more: the row is gone from the store already.
                if let Err(error) = answer {
                    tracing::debug!(%error, effect = %id, "an outcome changed nothing");
                    lanes.finished(&lane, id);
                }
            }),
        );
    }

    /// Runs one row; answers what the writer is to be told.
    pub fn run(&self, waiting: Waiting) -> Request {
        let result = match self.job(&waiting) {
            Ok(job) => self.execute(&job),
            Err(error) => RunResult::Retry(ourselves(error.to_string())),
        };
        match result {
            RunResult::Done(value) => outcome(&waiting, Outcome::Done { value }),
            RunResult::Failed(failure) => outcome(&waiting, Outcome::Failed { failure }),
            RunResult::Retry(trouble) => self.again(waiting, trouble, SignedDuration::ZERO),
            RunResult::RetryAfter(trouble, asked) => self.again(waiting, trouble, asked),
            RunResult::Wait(reason, pause) => {
                let (code, dossier) = (&reason.code, &waiting.row.dossier);
                tracing::info!(code, detail = reason.detail, %dossier, "waits: {}", reason.en);
                let due = self.clock.now() + pause;
                Request::Again { waiting: Box::new(waiting.postponed(reason, due)) }
            }
        }
    }

    /// Once more after a pause of at least `asked`, unless it has been in trouble for too long.
    fn again(&self, waiting: Waiting, trouble: Failure, asked: SignedDuration) -> Request {
        let now = self.clock.now();
        if waiting.is_hopeless(now) {
            return outcome(&waiting, Outcome::Failed { failure: trouble });
        }
        let [jitter] = random(self.entropy.as_ref());
        tracing::warn!(
            code = trouble.code, detail = trouble.detail, dossier = %waiting.row.dossier,
            "will be tried again: {}", trouble.en
        );
        let waiting = Box::new(waiting.troubled(trouble, now, jitter, asked));
        Request::Again { waiting }
    }

    fn execute(&self, job: &Job) -> RunResult {
        let kind = &job.row.effect.kind;
        let Some(runner) = self.runners.get(kind) else {
            return RunResult::Failed(ourselves(format!("no runner for effects of kind `{kind}`")));
        };
        let run = catch_unwind(AssertUnwindSafe(|| runner.run(job)));
        run.unwrap_or_else(|panic| {
            #[cfg(feature = "fault-injection")]
            let panic = match panic.downcast::<sceau_disk::boundary::Crashed>() {
                Ok(crashed) => std::panic::resume_unwind(crashed),
                Err(panic) => panic,
            };
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("panic");
            RunResult::Retry(ourselves(format!("the runner for `{kind}` panicked: {text}")))
        })
    }

    fn job(&self, waiting: &Waiting) -> Result<Job, JobError> {
        let dossier = match &waiting.dossier {
            Some(dossier) => Arc::clone(dossier),
            None => self.read_dossier(waiting)?,
        };
        let plan = self.plans.get(dossier.received.definition, self.store.as_ref())?;
        let (row, tries) = (waiting.row.clone(), waiting.tries);
        Ok(Job { row, dossier, plan, tries, now: self.clock.now() })
    }

    fn read_dossier(&self, waiting: &Waiting) -> Result<Arc<Dossier>, JobError> {
        let key = waiting.row.dossier.as_str().as_bytes();
        let bytes = self.store.projection(DOSSIERS, key)?.ok_or(JobError::Missing("dossier"))?;
        Ok(Arc::new(records::decode("dossier", &bytes)?))
    }
}

/// Plans by the hash of their definition, which they never outgrow: each is read once.
#[derive(Clone, Debug, Default)]
pub struct PlanShelf(Arc<Mutex<HashMap<Digest, Arc<Plan>>>>);

impl PlanShelf {
    fn get(&self, hash: Digest, store: &dyn StateStore) -> Result<Arc<Plan>, JobError> {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = known().get(&hash) {
            return Ok(Arc::clone(plan));
        }
        let missing = JobError::Missing("workflow definition");
        let bytes = store.projection(PLANS, hash.bytes())?.ok_or(missing)?;
        let plan: Arc<Plan> = Arc::new(records::decode("workflow definition", &bytes)?);
        let mut plans = known();
        if plans.len() >= MOST_PLANS {
            plans.clear();
        }
        plans.insert(hash, Arc::clone(&plan));
        Ok(plan)
    }
}

#[derive(Debug, thiserror::Error)]
enum JobError {
    #[error("the {0} of an outbox row is missing")]
    Missing(&'static str),
    #[error(transparent)]
    Unreadable(#[from] UnreadableRecord),
    #[error(transparent)]
    Store(#[from] sceau_store::StoreError),
}

fn outcome(waiting: &Waiting, outcome: Outcome) -> Request {
    let row = &waiting.row;
    let command = Command::Outcome {
        effect: row.id,
        kind: row.effect.kind.clone(),
        step: row.step,
        attempt: row.attempt,
        outcome,
    };
    let actor = format!("lane/{}", row.effect.lane);
    Request::Dossier { dossier: row.dossier.clone(), command: Box::new(command), actor }
}

fn ourselves(detail: String) -> Failure {
    Failure::new(
        "internal",
        Fault::Ourselves,
        "Une erreur interne est survenue ; le document est conservé et l'étape sera relancée.",
        "An internal error happened; the document is kept and the step will be tried again.",
    )
    .with_detail(detail)
}
