//! The registry and the trigger, present only with the feature `fault-injection`.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::{Mutex, MutexGuard, PoisonError};

use linkme::distributed_slice;
use rustix::process::{Signal, getpid, kill_process};
use thiserror::Error;

/// Every boundary of the linked program, in no particular order.
#[distributed_slice]
pub static REGISTERED: [Site];

/// One marked place in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Site {
    /// The boundary's name, `room.point`.
    pub name: &'static str,
    /// The source file.
    pub file: &'static str,
    /// The line in it.
    pub line: u32,
}

/// What an armed boundary does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Unwinds the hitting thread with a [`Crashed`] payload, for simulations in one process.
    Unwind,
    /// Kills the process with SIGKILL: no destructor runs, nothing is flushed.
    Kill,
}

/// The panic payload of [`Action::Unwind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crashed {
    /// The boundary that was hit.
    pub name: &'static str,
}

/// Why a boundary could not be armed: the caller's fault.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ArmError {
    /// No boundary of the linked program has that name.
    #[error("no crash boundary is called {0:?}")]
    Unknown(String),
    /// Not of the form `name:n` with n at least 1.
    #[error("SCEAU_CRASH_AT must be name:n with n at least 1, not {0:?}")]
    Malformed(String),
}

#[derive(Default)]
struct State {
    armed: Option<Armed>,
    hits: BTreeMap<&'static str, u64>,
}

struct Armed {
    name: String,
    remaining: u64,
    action: Action,
    hook: Option<Hook>,
}

/// What runs at the boundary before anything unwinds.
type Hook = Box<dyn FnOnce() + Send>;

static STATE: Mutex<State> = Mutex::new(State { armed: None, hits: BTreeMap::new() });

/// Arms one boundary, replacing what was armed before: its `nth` hit from now on (1 is the next)
/// does `action`, once.
///
/// # Errors
/// An unknown name, or `nth` 0.
pub fn arm(name: &str, nth: u64, action: Action) -> Result<(), ArmError> {
    arm_with(name, nth, action, None)
}

/// Arms like [`arm`] with [`Action::Unwind`], and runs `hook` at the boundary before the unwinding
/// begins. A simulation takes its picture of the disks there: destructors that run while unwinding
/// would not have run in a process that was killed.
///
/// # Errors
/// As [`arm`].
pub fn arm_unwind(
    name: &str,
    nth: u64,
    hook: impl FnOnce() + Send + 'static,
) -> Result<(), ArmError> {
    arm_with(name, nth, Action::Unwind, Some(Box::new(hook)))
}

fn arm_with(name: &str, nth: u64, action: Action, hook: Option<Hook>) -> Result<(), ArmError> {
    if nth == 0 {
        return Err(ArmError::Malformed(format!("{name}:0")));
    }
    if !REGISTERED.iter().any(|site| site.name == name) {
        return Err(ArmError::Unknown(name.to_owned()));
    }
    state().armed = Some(Armed { name: name.to_owned(), remaining: nth, action, hook });
    Ok(())
}

/// Disarms and forgets all counted hits.
pub fn disarm() {
    *state() = State::default();
}

/// How often each boundary was hit since the start or the last [`disarm`].
#[must_use]
pub fn hits() -> BTreeMap<&'static str, u64> {
    state().hits.clone()
}

/// Arms [`Action::Kill`] from `SCEAU_CRASH_AT=name:n`, when that variable is set. Reads the
/// environment once; called by `main`.
///
/// # Errors
/// A value that is malformed or names no boundary.
pub fn arm_from_environment() -> Result<(), ArmError> {
    let Some(value) = std::env::var_os("SCEAU_CRASH_AT") else { return Ok(()) };
    let value = value.to_string_lossy();
    let malformed = || ArmError::Malformed(value.to_string());
    let (name, nth) = value.rsplit_once(':').ok_or_else(malformed)?;
    arm(name, nth.parse().map_err(|_| malformed())?, Action::Kill)
}

/// Counts a hit and acts when it is the armed one. Called by [`boundary!`](crate::boundary!).
pub fn hit(name: &'static str) {
    let Some(armed) = count(name) else { return };
    if let Some(hook) = armed.hook {
        hook();
    }
    match armed.action {
        Action::Unwind => resume_unwind(Box::new(Crashed { name })),
        Action::Kill => die(),
    }
}

/// The names of all registered sites, sorted, one for each site (a doubled name shows twice).
pub(super) fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = REGISTERED.iter().map(|site| site.name).collect();
    names.sort_unstable();
    names
}

fn count(name: &'static str) -> Option<Armed> {
    let mut state = state();
    *state.hits.entry(name).or_default() += 1;
    let armed = state.armed.as_mut().filter(|armed| armed.name == name)?;
    armed.remaining -= 1;
    if armed.remaining > 0 {
        return None;
    }
    state.armed.take()
}

/// SIGKILL cannot be caught; the loop only bridges the moment until it is delivered.
fn die() -> ! {
    loop {
        let _ = kill_process(getpid(), Signal::KILL);
        std::thread::yield_now();
    }
}

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}
