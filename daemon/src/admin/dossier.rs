//! Dossiers, as an operator asks about them.

use jiff::Timestamp;
use sceau_engine::core::{Answer, NotDone, Request};
use sceau_engine::handle::{Handle, NumberedEvent};
use sceau_engine::queue::Waiting;
use sceau_workflow::machine::{Command, Digest, Dossier, DossierId, Failure, Renewal};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Dossiers read in one go.
const PAGE: usize = 500;
/// Most dossiers that one list tells.
const MOST_LISTED: usize = 10_000;

/// An order or a question about dossiers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "request")]
pub(crate) enum DossierRequest {
    /// Tell dossiers, the newest first.
    List {
        /// Only those in this phase.
        phase: Option<String>,
        /// At most so many.
        limit: usize,
    },
    /// Tell all of one dossier.
    Show {
        /// Which.
        dossier: DossierId,
    },
    /// Go on after a stop, or try at once what waits for its next try.
    Retry {
        /// Which.
        dossier: DossierId,
    },
    /// End it.
    Cancel {
        /// Which.
        dossier: DossierId,
        /// Why.
        reason: String,
    },
}

/// What the daemon tells.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "response")]
pub(crate) enum DossierResponse {
    /// Dossiers.
    List {
        /// In short.
        dossiers: Vec<DossierLine>,
    },
    /// One dossier.
    Shown(Box<DossierView>),
    /// Nothing was changed.
    Refused {
        /// Why.
        why: String,
    },
}

/// A dossier in short.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DossierLine {
    /// Its name.
    pub(crate) dossier: DossierId,
    /// Where it stands.
    pub(crate) phase: String,
    /// Its workflow.
    pub(crate) workflow: String,
    /// Its société.
    pub(crate) societe: String,
    /// By which door it came.
    pub(crate) channel: String,
    /// Its title.
    pub(crate) title: String,
    /// The level that its document has reached.
    #[serde(default)]
    pub(crate) level: Option<String>,
    /// When it came.
    pub(crate) received_at: Timestamp,
    /// When something last happened.
    pub(crate) changed_at: Timestamp,
    /// What stopped it, or what the lane that it waits in met.
    pub(crate) trouble: Option<Failure>,
}

/// All of a dossier.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DossierView {
    /// In short.
    #[serde(flatten)]
    pub(crate) line: DossierLine,
    /// The account that acts.
    pub(crate) account: String,
    /// The file's name.
    pub(crate) file_name: String,
    /// Hash of the workflow's definition.
    pub(crate) definition: Digest,
    /// The document as it came.
    pub(crate) document: Digest,
    /// The step that it stands at, counted from 1, and the attempt.
    pub(crate) step: (usize, u32),
    /// How the delivered document is kept provable.
    #[serde(default)]
    pub(crate) renewal: Option<Renewal>,
    /// What the finished steps left.
    pub(crate) results: Vec<Value>,
    /// Work that has no outcome yet.
    pub(crate) waiting: Vec<WaitingView>,
    /// Everything that happened.
    pub(crate) events: Vec<Value>,
}

/// An effect without an outcome.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WaitingView {
    /// Its kind.
    pub(crate) kind: String,
    /// Its lane.
    pub(crate) lane: String,
    /// Tries that ended in trouble.
    pub(crate) tries: u32,
    /// When it is tried next.
    pub(crate) due: Timestamp,
    /// The last trouble.
    pub(crate) trouble: Option<Failure>,
}

/// Answers a request; `operator` is recorded with what he orders.
pub(crate) fn answer(handle: &Handle, operator: &str, request: DossierRequest) -> DossierResponse {
    let answered = match request {
        DossierRequest::List { phase, limit } => list(handle, phase.as_deref(), limit),
        DossierRequest::Show { dossier } => show(handle, &dossier),
        DossierRequest::Retry { dossier } => {
            let command = Command::Retry { by: operator.to_owned() };
            order(handle, operator, dossier, command)
        }
        DossierRequest::Cancel { dossier, reason } => {
            let command = Command::Cancel { by: operator.to_owned(), reason };
            order(handle, operator, dossier, command)
        }
    };
    answered.unwrap_or_else(|error| DossierResponse::Refused { why: error.to_string() })
}

fn list(handle: &Handle, phase: Option<&str>, limit: usize) -> Result<DossierResponse, NotDone> {
    let waiting = handle.waiting();
    let mut found: Vec<DossierLine> = Vec::new();
    let mut after = None;
    loop {
        let page = handle.dossiers(after.as_ref(), PAGE)?;
        let last = page.len() < PAGE;
        after = page.last().map(|dossier| dossier.received.dossier.clone());
        let wanted = |dossier: &&Dossier| phase.is_none_or(|phase| dossier.phase.word() == phase);
        found.extend(page.iter().filter(wanted).map(|dossier| line(dossier, &waiting)));
        if last {
            break;
        }
    }
    let limit = limit.clamp(1, MOST_LISTED);
    let dossiers = found.into_iter().rev().take(limit).collect();
    Ok(DossierResponse::List { dossiers })
}

fn show(handle: &Handle, id: &DossierId) -> Result<DossierResponse, NotDone> {
    let Some(dossier) = handle.dossier(id)? else {
        return Err(sceau_workflow::machine::Refusal::Unknown(id.clone()).into());
    };
    let events = handle.events(id)?;
    Ok(DossierResponse::Shown(Box::new(view(&dossier, &handle.waiting(), &events))))
}

fn order(
    handle: &Handle,
    operator: &str,
    dossier: DossierId,
    command: Command,
) -> Result<DossierResponse, NotDone> {
    let (command, actor) = (Box::new(command), operator.to_owned());
    match handle.call(Request::Dossier { dossier: dossier.clone(), command, actor })? {
        Answer::Dossier(_) => show(handle, &dossier),
        _ => Err(NotDone::Stopped),
    }
}

/// What stopped it, or what the lane that it waits in met.
fn trouble(dossier: &Dossier, waiting: &[Waiting]) -> Option<Failure> {
    let met = || {
        let mine = waiting.iter().filter(|waiting| waiting.row.dossier == dossier.received.dossier);
        mine.filter_map(|waiting| waiting.trouble.clone()).next()
    };
    let renewal = || dossier.renewal.as_ref()?.trouble.clone();
    dossier.phase.failure().cloned().or_else(met).or_else(renewal)
}

/// In short: without what a step that stopped had found.
fn line(dossier: &Dossier, waiting: &[Waiting]) -> DossierLine {
    let received = &dossier.received;
    DossierLine {
        dossier: received.dossier.clone(),
        phase: dossier.phase.word().to_owned(),
        workflow: received.workflow.clone(),
        societe: received.societe.to_string(),
        channel: received.origin.channel.to_string(),
        title: received.title.clone(),
        level: dossier.reached.as_ref().map(|reached| reached.level.clone()),
        received_at: dossier.received_at,
        changed_at: dossier.changed_at,
        trouble: trouble(dossier, waiting).map(|failure| Failure { result: None, ..failure }),
    }
}

fn view(dossier: &Dossier, waiting: &[Waiting], events: &[NumberedEvent]) -> DossierView {
    let mine = |waiting: &&Waiting| waiting.row.dossier == dossier.received.dossier;
    let waiting_view = |waiting: &Waiting| WaitingView {
        kind: waiting.row.effect.kind.clone(),
        lane: waiting.row.effect.lane.clone(),
        tries: waiting.tries,
        due: waiting.due,
        trouble: waiting.trouble.clone(),
    };
    DossierView {
        line: DossierLine { trouble: trouble(dossier, waiting), ..line(dossier, waiting) },
        account: dossier.received.account.to_string(),
        file_name: dossier.received.origin.name.clone(),
        definition: dossier.received.definition,
        document: dossier.received.document.digest,
        step: (dossier.step + 1, dossier.attempt),
        renewal: dossier.renewal.clone(),
        results: dossier.results.iter().map(|result| Value::clone(&result.result)).collect(),
        waiting: waiting.iter().filter(mine).map(waiting_view).collect(),
        events: events.iter().filter_map(|event| serde_json::to_value(event).ok()).collect(),
    }
}
