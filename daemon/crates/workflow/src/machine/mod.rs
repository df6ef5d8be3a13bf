//! The state machine of a dossier.
//!
//! ```text
//!              Receive                       last step done
//!   (nothing) ---------> Running --------------------------> Delivered
//!                |        ^  | \
//!   right missing|  Retry |  |  \ Cancel
//!                v        |  v   `--------------------------> Cancelled
//!             Rejected / NeedsPerson ------- Cancel ---------^
//! ```
//!
//! [`decide`] is a pure function of the dossier, the authority (who may do what), a command and
//! the moment. It answers with events, effects and timers that the caller commits together before
//! anything touches the world; every outcome comes back as a new command.
//!
//! Invariants:
//! - The state is what the events add up to ([`Dossier::replay`]); nothing else is kept.
//! - An outcome names (step, attempt, effect); one that is out of date changes nothing.
//! - A delivered document may be renewed, by the same steps in the phase `Delivered`; whatever comes
//!   of it, the dossier stays delivered.
//! - An [`Authorised`] event is emitted only in the decision that asked [`Registry`] for the right.
//!
//! [`Registry`]: sceau_cabinet::Registry

mod command;
mod decide;
mod dossier;
mod event;
mod failure;
mod ids;
pub mod kinds;
pub mod messages;
mod plan;
mod renewal;
mod settled;
mod step;

pub use command::{Command, Decision, EffectRow, Refusal, TimerChange};
pub use decide::{Situation, decide};
pub use dossier::{Dossier, PendingEffect, Phase, StepResult};
pub use event::{Authorised, DocumentRef, DossierEvent, Origin, Received, StepName};
pub use failure::{Failure, Fault};
pub use ids::{Digest, DossierId, EffectId, NotADigest, NotADossierId};
pub use plan::{Plan, PlannedStep, Routes};
pub use renewal::{LevelReached, RENEWAL_PAUSE, RENEWAL_TIMER, Renewal};
pub use settled::Settled;
pub use step::{
    AUTHORISATION_LIFE, Effect, Next, Outcome, Reaction, StepContext, StepInput, StepKind,
    StepKinds, Timer, may,
};
