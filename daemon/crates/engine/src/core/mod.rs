//! The one writer: it decides a batch of requests against its own uncommitted state, commits them
//! together, and only then answers and lets runners see what was decided.
//!
//! Invariants:
//! - One [`Core`] at a time writes to a store; preconditions name the versions all the same, so
//!   that a second writer would be found out and not believed.
//! - The scratch state of a batch is thrown away when its commit fails; nobody was answered.
//! - What runners see ([`Lanes`]) was committed before.

mod cabinet;
mod dossier;
mod load;
mod outbox;
mod plans;
mod revoke;
mod scratch;
mod submit;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use sceau_cabinet::{
    Actor, CabinetCommand, CabinetEvent, ImportRefusal, PersonDetails, PersonId, Registry,
};
use sceau_pki::revocation::RevocationReason;
use sceau_store::{StateStore, StoreError, Transaction};
use sceau_workflow::machine::{
    Command, Digest, Dossier, DossierId, EffectId, Failure, Plan, Refusal, StepKinds,
};

pub use load::LoadError;
pub(crate) use load::stream;
pub use revoke::{CertificateEvent, revocation, revocations};
pub use submit::{Idempotency, Submission, Submitted};

use crate::clock::{Clock, Entropy};
use crate::queue::{Lanes, Waiting};
use crate::records;
use plans::Plans;
use scratch::Scratch;

/// Something asked of the writer.
#[derive(Debug)]
pub enum Request {
    /// A document came in.
    Submit(Box<Submission>),
    /// A command for one dossier.
    Dossier {
        /// The dossier.
        dossier: DossierId,
        /// What is asked.
        command: Box<Command>,
        /// Who asks, for the audit log.
        actor: String,
    },
    /// A timer rings.
    Ring {
        /// The timer.
        id: Vec<u8>,
        /// Its record.
        payload: Vec<u8>,
    },
    /// Changes of authority: all of them or none.
    Cabinet {
        /// The changes, in order.
        commands: Vec<CabinetCommand>,
        /// Who orders them.
        actor: Actor,
        /// Details of people that the erasable table gets in the same commit.
        details: Vec<(PersonId, Option<PersonDetails>)>,
    },
    /// A certificate of our own authority is worth nothing from now on.
    Revoke {
        /// Content octets of its serial number.
        serial: Vec<u8>,
        /// Why.
        reason: RevocationReason,
        /// Who orders it.
        actor: Actor,
    },
    /// The workflows as configured from now on; dossiers that have begun stay with theirs.
    Workflows(BTreeMap<String, (Digest, Plan)>),
    /// A runner could not do its work this time.
    Again {
        /// The row as it waits from now on.
        waiting: Box<Waiting>,
    },
}

/// What was done.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The document is kept, in this dossier.
    Submitted(Submitted),
    /// The dossier as it is now.
    Dossier(Arc<Dossier>),
    /// What changed.
    Cabinet(Vec<CabinetEvent>),
    /// Nothing to tell.
    Done,
}

/// The request was not carried out; nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    /// The dossier does not allow it.
    #[error(transparent)]
    Dossier(#[from] Refusal),
    /// The authority does not allow it: every refused order.
    #[error("{}", .0.first().map(|first| first.refusal.to_string()).unwrap_or_default())]
    Import(Vec<ImportRefusal>),
    /// No workflow has that name.
    #[error("there is no workflow `{0}`")]
    UnknownWorkflow(String),
    /// The certificate is revoked already.
    #[error("this certificate is revoked already")]
    AlreadyRevoked,
    /// The same idempotency key came with another request (HTTP).
    #[error("this idempotency key was used for another request")]
    KeyReused,
    /// A newer dossier carries the same document.
    #[error("dossier {newer} carries the same document and took its place")]
    Superseded {
        /// The newer one.
        newer: DossierId,
    },
    /// The store failed; the daemon stops taking requests.
    #[error("the state could not be read or written: {0}")]
    Store(#[from] Arc<StoreError>),
    /// A stored record cannot be read.
    #[error("the state cannot be read: {0}")]
    Unreadable(String),
    /// The engine has stopped.
    #[error("the engine has stopped")]
    Stopped,
}

/// What the writer is made of.
#[derive(Clone)]
pub struct CoreParts {
    /// Where state is kept.
    pub store: Arc<dyn StateStore>,
    /// The moment.
    pub clock: Arc<dyn Clock>,
    /// Randomness for names.
    pub entropy: Arc<dyn Entropy>,
    /// The kinds of step.
    pub kinds: StepKinds,
    /// The workflows as configured now: name to (hash of the definition, plan).
    pub workflows: BTreeMap<String, (Digest, Plan)>,
    /// The lanes that runners take from.
    pub lanes: Arc<Lanes>,
}

/// The writer.
pub struct Core {
    parts: CoreParts,
    authority: Arc<Registry>,
    plans: Plans,
    cache: scratch::Cache,
}

impl From<StoreError> for NotDone {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl From<records::UnreadableRecord> for NotDone {
    fn from(error: records::UnreadableRecord) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl Core {
    /// Decides and commits a batch; answers in its order.
    ///
    /// # Errors
    /// The commit failed: nothing of the batch happened, and the store must be opened anew.
    pub fn process(
        &mut self,
        batch: Vec<Request>,
    ) -> Result<Vec<Result<Answer, NotDone>>, StoreError> {
        let now = self.parts.clock.now();
        let mut scratch = Scratch::new(Arc::clone(&self.authority));
        let mut transactions = Vec::with_capacity(batch.len());
        let mut answers = Vec::with_capacity(batch.len());
        for request in batch {
            let outcome = self.decide(&mut scratch, request, now);
            let answer = outcome.map(|(answer, transaction)| {
                transactions.extend(transaction);
                answer
            });
            answers.push(answer);
        }
        self.commit(scratch, &transactions)?;
        Ok(answers)
    }

    fn decide(
        &mut self,
        scratch: &mut Scratch,
        request: Request,
        now: Timestamp,
    ) -> Result<(Answer, Option<Transaction>), NotDone> {
        match request {
            Request::Submit(submission) => self.submit(scratch, *submission, now),
            Request::Dossier { dossier, command, actor } => {
                self.command(scratch, &dossier, &command, &actor, now)
            }
            Request::Ring { id, payload } => Ok(self.ring(scratch, id, &payload, now)),
            Request::Cabinet { commands, actor, details } => {
                self.change_authority(scratch, commands, actor, details, now)
            }
            Request::Revoke { serial, reason, actor } => {
                self.revoke(scratch, (serial, reason), actor, now)
            }
            Request::Workflows(workflows) => {
                // Invariant: if the commit fails this writer ends, and what it holds with it.
                let store = self.parts.store.as_ref();
                let kept = self.plans.exchange(&workflows, store, now.as_millisecond())?;
                Ok((Answer::Done, kept))
            }
            Request::Again { waiting } => self.again(scratch, *waiting, now),
        }
    }

    /// One durable commit, then everything that may be seen afterwards.
    fn commit(&mut self, scratch: Scratch, transactions: &[Transaction]) -> Result<(), StoreError> {
        if !transactions.is_empty() {
            sceau_disk::boundary!("engine.before-commit");
            for result in self.parts.store.commit(transactions)? {
                // Invariant: this is the only writer, and it decided on the versions it wrote.
                result.map_err(|conflict| {
                    StoreError::Damaged(format!("another writer is at work: {conflict}"))
                })?;
            }
            sceau_disk::boundary!("engine.after-commit");
        }
        let Scratch { dossiers, authority, aftermath, .. } = scratch;
        self.authority = authority;
        dossiers.into_values().for_each(|dossier| self.cache.put(dossier));
        aftermath.show(&self.parts.lanes);
        Ok(())
    }

    /// Who may do what, as committed.
    pub fn authority(&self) -> Arc<Registry> {
        Arc::clone(&self.authority)
    }

    /// The dossier as committed.
    pub fn dossier(&mut self, id: &DossierId) -> Result<Option<Arc<Dossier>>, NotDone> {
        self.cache.get(id, self.parts.store.as_ref())
    }

    /// The plan that a dossier is pinned to.
    pub fn plan(&mut self, definition: &Digest) -> Result<Arc<Plan>, NotDone> {
        self.plans.get(definition, self.parts.store.as_ref())
    }

    /// Requests for the timers that are due.
    pub fn due(&self) -> Result<Vec<Request>, StoreError> {
        outbox::due_timers(self.parts.store.as_ref(), self.parts.clock.now())
    }

    /// When the next timer rings (milliseconds since 1970).
    pub fn next_timer(&self) -> Result<Option<i64>, StoreError> {
        self.parts.store.next_timer()
    }
}

/// What becomes visible to runners once the commit is durable.
#[derive(Debug, Default)]
struct Aftermath {
    put: Vec<Waiting>,
    withdrawn: Vec<(String, EffectId)>,
    hurried: Vec<DossierId>,
}

impl Aftermath {
    fn show(self, lanes: &Lanes) {
        for (lane, id) in self.withdrawn {
            lanes.withdraw(&lane, id);
            lanes.finished(&lane, id);
        }
        for waiting in self.put {
            lanes.finished(&waiting.row.effect.lane, waiting.row.id);
            lanes.put(waiting);
        }
        for dossier in self.hurried {
            lanes.hurry(&dossier, Timestamp::MIN);
        }
    }
}

/// The row waits for its next try, with the trouble that the last one met.
impl Waiting {
    /// The row after a try that met `trouble` and asked for a pause (zero: none).
    #[must_use]
    pub fn troubled(
        mut self,
        trouble: Failure,
        now: Timestamp,
        jitter: u8,
        asked: SignedDuration,
    ) -> Self {
        self.tries += 1;
        self.troubled_since.get_or_insert(now);
        self.trouble = Some(trouble);
        self.due = now + crate::backoff::pause_of(self.tries, jitter, asked);
        self
    }

    /// The row after a look that came too early: nobody is asked to mend anything, however long it
    /// takes.
    #[must_use]
    pub fn postponed(mut self, reason: Failure, due: Timestamp) -> Self {
        self.tries += 1;
        self.troubled_since = None;
        self.trouble = Some(reason);
        self.due = due;
        self
    }

    /// True when it has been in trouble for longer than anybody should wait unasked.
    pub fn is_hopeless(&self, now: Timestamp) -> bool {
        let since = |since: Timestamp| now.duration_since(since) > crate::backoff::PATIENCE;
        self.troubled_since.is_some_and(since)
    }
}
