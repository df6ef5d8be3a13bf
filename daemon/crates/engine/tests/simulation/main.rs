//! The whole daemon in one process, on disks that forget what was not synced, under a virtual clock:
//! killed at every boundary, revoked at every point, waiting for peers that are dead.
//!
//! `SCEAU_PROVE=1` makes the proofs long (thousands of kills).
#![allow(clippy::unwrap_used, unreachable_pub, reason = "tests")]

mod calm;
mod check;
mod crash;
mod documents;
mod genesis;
mod ladder;
mod order;
mod renewal;
mod revocation;
mod signers;
mod sources;
#[path = "../support/mod.rs"]
mod support;

mod trouble;
mod world;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The armed boundary is one for the whole process: one story at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// True when the long proofs are asked for.
fn proving() -> bool {
    std::env::var_os("SCEAU_PROVE").is_some_and(|value| value == "1")
}
