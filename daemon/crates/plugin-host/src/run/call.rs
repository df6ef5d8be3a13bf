//! From a call to the guest's types, and back.

use serde_json::Value;
use wasmtime::Store;

use super::answer::{self, Answer};
use super::{Ready, wrong_work};
use crate::bindings::exports::sceau::after_seal::step as after_seal;
use crate::bindings::exports::sceau::notify::step as notify;
use crate::bindings::exports::sceau::prepare::step as prepare;
use crate::bindings::exports::sceau::route::step as route;
use crate::bindings::exports::sceau::self_test::self_test as own_test;
use crate::bindings::exports::sceau::validate::step as validate;
use crate::bindings::sceau::types::types::StepInput;
use crate::host::Ctx;
use crate::manifest::Kind;

/// What a plugin is asked to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Number of the dossier.
    pub dossier: String,
    /// Name of the step.
    pub step: String,
    /// From 1.
    pub attempt: u32,
    /// The same for every try of the same work.
    pub idempotency_key: String,
    /// Ids for [`crate::ports::Documents::open`].
    pub documents: Vec<String>,
    /// The step's settings, checked against the plugin's schema.
    pub settings: Value,
    /// What the kind needs besides.
    pub work: StepWork,
}

/// What a kind needs besides.
#[derive(Clone, Debug, PartialEq)]
pub enum StepWork {
    /// Nothing.
    Prepare,
    /// Nothing.
    Route,
    /// Nothing.
    Validate,
    /// What is to be told.
    Notify(Happened),
    /// What was sealed.
    AfterSeal(Sealed),
}

/// What is to be told.
#[derive(Clone, Debug, PartialEq)]
pub struct Happened {
    /// Such as `step-reached`.
    pub name: String,
    /// Milliseconds since 1970.
    pub at_ms: u64,
    /// A JSON object.
    pub data: Value,
}

/// What was sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Of the sealed document.
    pub sha256: [u8; 32],
    /// `B-B`, `B-T`, `B-LT` or `B-LTA`.
    pub level: String,
    /// Milliseconds since 1970.
    pub sealed_at_ms: u64,
}

/// Whether the linked component has what its kind exports, in the contract's types.
pub(crate) fn fits(kind: Kind, ready: &Ready) -> wasmtime::Result<()> {
    own_test::GuestIndices::new(ready)?;
    match kind {
        Kind::Prepare => prepare::GuestIndices::new(ready).map(drop),
        Kind::Route => route::GuestIndices::new(ready).map(drop),
        Kind::Validate => validate::GuestIndices::new(ready).map(drop),
        Kind::Notify => notify::GuestIndices::new(ready).map(drop),
        Kind::AfterSeal => after_seal::GuestIndices::new(ready).map(drop),
    }
}

pub(super) fn self_test(store: &mut Store<Ctx>, ready: &Ready) -> wasmtime::Result<Answer> {
    let instance = ready.instantiate(&mut *store)?;
    let guest = own_test::GuestIndices::new(ready)?.load(&mut *store, &instance)?;
    Ok(match guest.call_run(store)? {
        Ok(()) => Answer::Well,
        Err(failure) => Answer::Fault(answer::misconfigured(failure)),
    })
}

pub(super) fn call(
    store: &mut Store<Ctx>,
    ready: &Ready,
    kind: Kind,
    call: &Call,
) -> wasmtime::Result<Answer> {
    let input = StepInput {
        dossier: call.dossier.clone(),
        step: call.step.clone(),
        attempt: call.attempt,
        idempotency_key: call.idempotency_key.clone(),
        documents: call.documents.clone(),
        settings: call.settings.to_string(),
    };
    let instance = ready.instantiate(&mut *store)?;
    Ok(match (kind, &call.work) {
        (Kind::Prepare, StepWork::Prepare) => {
            let guest = prepare::GuestIndices::new(ready)?.load(&mut *store, &instance)?;
            answer::prepared(guest.call_run(store, &input)?)
        }
        (Kind::Route, StepWork::Route) => {
            let guest = route::GuestIndices::new(ready)?.load(&mut *store, &instance)?;
            answer::decision(guest.call_run(store, &input)?)
        }
        (Kind::Validate, StepWork::Validate) => {
            let guest = validate::GuestIndices::new(ready)?.load(&mut *store, &instance)?;
            answer::report(guest.call_run(store, &input)?)
        }
        (Kind::Notify, StepWork::Notify(happened)) => {
            let guest = notify::GuestIndices::new(ready)?.load(&mut *store, &instance)?;
            let event = notify::Event {
                name: happened.name.clone(),
                at_ms: happened.at_ms,
                data: happened.data.to_string(),
            };
            answer::delivery(guest.call_run(store, &input, &event)?)
        }
        (Kind::AfterSeal, StepWork::AfterSeal(sealed)) => {
            let guest = after_seal::GuestIndices::new(ready)?.load(&mut *store, &instance)?;
            let sealed = after_seal::Sealed {
                sha256: sealed.sha256.to_vec(),
                level: sealed.level.clone(),
                sealed_at_ms: sealed.sealed_at_ms,
            };
            answer::artifacts(guest.call_run(store, &input, &sealed)?)
        }
        _ => return Err(wrong_work(kind)),
    })
}
