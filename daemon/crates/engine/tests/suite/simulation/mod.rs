//! The whole daemon in one process, on disks that forget what was not synced, under a virtual clock:
//! killed at every boundary, revoked at every point, waiting for peers that are dead.
//!
//! `SCEAU_PROVE=1` makes the proofs long (thousands of kills).

mod calm;
mod check;
mod crash;
mod daemon;
mod documents;
mod genesis;
mod ladder;
mod order;
mod renewal;
mod revocation;
mod signers;
mod sources;
mod trouble;
mod world;

/// True when the long proofs are asked for.
fn proving() -> bool {
    std::env::var_os("SCEAU_PROVE").is_some_and(|value| value == "1")
}
