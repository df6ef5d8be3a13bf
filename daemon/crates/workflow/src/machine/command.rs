//! What may be asked of a dossier, and what a decision is made of.

use jiff::Timestamp;
use sceau_cabinet::Subject;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{DossierEvent, DossierId, Effect, EffectId, Outcome, Phase, Received};

/// Something asked of one dossier.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// A document came in.
    Receive(Box<Received>),
    /// An effect ended.
    Outcome {
        /// The effect.
        effect: EffectId,
        /// Its kind.
        kind: String,
        /// The step that asked for it.
        step: usize,
        /// The attempt that asked for it.
        attempt: u32,
        /// How it ended.
        outcome: Outcome,
    },
    /// A timer rang.
    Timer {
        /// The step that set it.
        step: usize,
        /// The attempt that set it.
        attempt: u32,
        /// Its name.
        name: String,
    },
    /// Somebody did something that the current step waits for.
    Step {
        /// Its name within the step.
        name: String,
        /// What came with it.
        payload: Value,
    },
    /// Somebody asks to go on after a stop.
    Retry {
        /// Who, as the channel recorded it.
        by: String,
    },
    /// Somebody ends the dossier.
    Cancel {
        /// Who, as the channel recorded it.
        by: String,
        /// Why, in his words.
        reason: String,
    },
}

/// The command cannot be carried out; nothing changes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No dossier has that name (or it is not the caller's to see).
    #[error("there is no dossier {0}")]
    Unknown(DossierId),
    /// A dossier of that name exists already.
    #[error("dossier {0} exists already")]
    Exists(DossierId),
    /// The dossier stands where the command has no meaning.
    #[error("dossier {dossier} is {phase}: it cannot be {verb}")]
    WrongPhase {
        /// The dossier.
        dossier: DossierId,
        /// Where it stands.
        phase: &'static str,
        /// What was asked.
        verb: &'static str,
    },
    /// The outcome or timer belongs to an attempt that is over: it is dropped.
    #[error("dossier {dossier}: the answer belongs to an attempt that is over")]
    Stale {
        /// The dossier.
        dossier: DossierId,
    },
}

impl Refusal {
    pub(super) fn phase(dossier: &DossierId, phase: &Phase, verb: &'static str) -> Self {
        Self::WrongPhase { dossier: dossier.clone(), phase: phase.word(), verb }
    }
}

/// An outbox row: the effect, and the attempt that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectRow {
    /// Its id.
    pub id: EffectId,
    /// The dossier that asked for it.
    pub dossier: DossierId,
    /// The step that asked for it.
    pub step: usize,
    /// The attempt that asked for it.
    pub attempt: u32,
    /// What is to be done.
    pub effect: Effect,
}

/// A timer to be set or cancelled; its name is unique within (dossier, step, attempt).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimerChange {
    /// The step that waits.
    pub step: usize,
    /// Its attempt.
    pub attempt: u32,
    /// Its name.
    pub name: String,
    /// When it rings.
    pub due: Timestamp,
}

/// What a command leads to. The caller commits all of it in one transaction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decision {
    /// What happened, in order.
    pub events: Vec<DossierEvent>,
    /// Outbox rows to put.
    pub effects: Vec<EffectRow>,
    /// Outbox rows to remove: (lane, id).
    pub ended: Vec<(String, EffectId)>,
    /// Timers to set.
    pub timers: Vec<TimerChange>,
    /// What the authorisations stand on: the commit must name these versions.
    pub stands_on: Vec<(Subject, u64)>,
}
