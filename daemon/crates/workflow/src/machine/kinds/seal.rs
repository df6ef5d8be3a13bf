//! `seal`: the seal of the société, in three effects; above B-T it climbs ([`super::climb`]).
//!
//! ```text
//! enter -> preparing --prepare--> signing --sign--> finishing --finish--> done, or climbing
//!    ^         |                   |   ^ expired: asks for the right anew |
//!    |         | délégation changed|___|                                   |
//!    `-- Again (new attempt) <-----'<------- time stamp larger than hole --'
//! ```
//!
//! Invariants: the exact bytes to be signed (the session) are in the state, committed with the
//! authorisation, before a key is used; the signature value is in the state before a time stamp is
//! asked for, so that a dead time-stamping authority never causes a second use of the key (not even
//! where patience ended and somebody asks to go on: the signature is carried over). The délégation
//! stands in the signed attributes, so another one means another attempt.

use jiff::Timestamp;
use sceau_cabinet::{Basis, Right};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::climb::{self, Climb};
use super::{CPU_LANE, KEY_LANE, TSA_LANE};
use crate::definition::SealLevel;
use crate::machine::{
    Digest, DocumentRef, Effect, Failure, Outcome, Reaction, StepContext, StepInput, StepKind,
    messages,
};

/// Kind of the effect that reads the document and computes what is to be signed.
pub const SEAL_PREPARE: &str = "seal.prepare";
/// Kind of the effect that asks the signer.
pub const SEAL_SIGN: &str = "seal.sign";
/// Kind of the effect that asks for a time stamp, writes the document and validates it.
pub const SEAL_FINISH: &str = "seal.finish";

/// The kind `seal`.
#[derive(Clone, Copy, Debug)]
pub struct Seal;

/// The reducer's state. `session` is the staged signing session, opaque here.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub(super) enum State {
    Preparing { basis: Basis },
    Signing { basis: Basis, act: Digest, session: Value },
    Finishing { session: Value, signature: String },
    Climbing(Climb),
}

/// What comes back from the three runners.
#[derive(Deserialize)]
struct Prepared {
    act: Digest,
    session: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Signed {
    /// Hexadecimal.
    Signature(String),
    /// The signer refused because the authorisation was no longer good.
    Expired,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Finished {
    Sealed {
        document: DocumentRef,
        result: Value,
    },
    /// The time stamp needs this many bytes.
    HoleTooSmall {
        timestamp_len: usize,
    },
}

impl StepKind for Seal {
    fn kind(&self) -> &'static str {
        "seal"
    }

    fn rights(&self, _settings: &Value) -> Vec<Right> {
        vec![Right::Sceller]
    }

    fn renew_at(&self, context: &StepContext<'_>, step: usize) -> Option<Timestamp> {
        climb::renew_at(context, step)
    }

    fn renews(&self) -> bool {
        true
    }

    fn enter(&self, context: &StepContext<'_>) -> Reaction {
        if context.dossier.is_renewing() {
            return climb::renew(context);
        }
        match State::deserialize(context.carried) {
            Ok(State::Finishing { session, signature }) => {
                return finish(context, session, signature);
            }
            Ok(State::Climbing(climb)) => return climb.resume(),
            _ => {}
        }
        let basis = match context.right(Right::Sceller) {
            Ok(basis) => basis,
            Err(failure) => return Reaction::failed(failure),
        };
        let payload = json!({
            "settings": context.settings,
            "basis": basis,
            "timestamp_len": context.carried.get("timestamp_len"),
        });
        ask(&State::Preparing { basis }, CPU_LANE, SEAL_PREPARE, payload)
    }

    fn on(&self, context: &StepContext<'_>, state: &Value, input: StepInput<'_>) -> Reaction {
        let outcome = match input {
            StepInput::Outcome { outcome, .. } => outcome,
            StepInput::Timer { name } => return look(state, name),
            StepInput::Command { .. } => return Reaction::wait(state.clone(), Vec::new()),
        };
        let value = match outcome {
            Outcome::Done { value } => value,
            Outcome::Failed { failure } => return Reaction::failed(failure.clone()),
        };
        continue_from(context, state, value).unwrap_or_else(|stop| match stop {
            Stop::Failure(failure) => Reaction::failed(failure),
            Stop::Unreadable(error) => {
                Reaction::failed(messages::unexpected(context.step_id, error.to_string()))
            }
        })
    }
}

enum Stop {
    Failure(Failure),
    Unreadable(serde_json::Error),
}

impl From<serde_json::Error> for Stop {
    fn from(error: serde_json::Error) -> Self {
        Self::Unreadable(error)
    }
}

fn continue_from(
    context: &StepContext<'_>,
    state: &Value,
    value: &Value,
) -> Result<Reaction, Stop> {
    Ok(match serde_json::from_value(state.clone())? {
        State::Preparing { basis } => {
            let Prepared { act, session } = serde_json::from_value(value.clone())?;
            sign(context, basis, act, session)?
        }
        State::Signing { basis, act, session } => match serde_json::from_value(value.clone())? {
            Signed::Signature(signature) => finish(context, session, signature),
            Signed::Expired => sign(context, basis, act, session)?,
        },
        State::Finishing { .. } => match serde_json::from_value(value.clone())? {
            Finished::Sealed { document, result } => {
                let level = SealLevel::deserialize(&result["level"])?;
                climb::sealed(context, level, document, result)
            }
            Finished::HoleTooSmall { timestamp_len } => Reaction::again(
                "the time stamp needs more room",
                json!({ "timestamp_len": timestamp_len }),
            ),
        },
        State::Climbing(climb) => climb.climbed(context, value)?,
    })
}

fn look(state: &Value, timer: &str) -> Reaction {
    match State::deserialize(state) {
        Ok(State::Climbing(climb)) => climb.look(timer),
        _ => Reaction::wait(state.clone(), Vec::new()),
    }
}

/// Asks for the right once more, right before the act, and commits it with the request.
fn sign(
    context: &StepContext<'_>,
    basis: Basis,
    act: Digest,
    session: Value,
) -> Result<Reaction, Stop> {
    let authorised = context.authorise(Right::Sceller, act).map_err(Stop::Failure)?;
    if authorised.basis != basis {
        return Ok(Reaction::again("another délégation applies now", json!({})));
    }
    let payload = json!({ "authorised": authorised });
    let state = State::Signing { basis, act, session };
    Ok(ask(&state, KEY_LANE, SEAL_SIGN, payload).authorised(authorised))
}

fn finish(context: &StepContext<'_>, session: Value, signature: String) -> Reaction {
    let lane = match context.settings.get("level").and_then(Value::as_str) {
        Some("B-B") => CPU_LANE,
        _ => TSA_LANE,
    };
    ask(&State::Finishing { session, signature }, lane, SEAL_FINISH, context.settings.clone())
}

fn ask(state: &State, lane: &str, kind: &str, payload: Value) -> Reaction {
    let state = serde_json::to_value(state).unwrap_or(Value::Null);
    Reaction::ask(state, Effect { lane: lane.to_owned(), kind: kind.to_owned(), payload })
}
