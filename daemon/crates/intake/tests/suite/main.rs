//! Watched folders through the public API, in one program: in memory and virtual time, killed at every
//! boundary, and on the real disk.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod crashes;
mod folders;
mod real;
mod world;
