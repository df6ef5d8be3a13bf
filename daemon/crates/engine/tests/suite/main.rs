//! The engine without its threads, in one program: the seam between engine and step, and the whole daemon
//! simulated.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod seam;
mod simulation;
mod support;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The armed boundary is one for the whole process, and every commit comes by one: one story at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
