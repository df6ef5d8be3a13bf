//! Watched folders over a file system in memory, in virtual time, through the public API.
#![allow(clippy::unwrap_used)]

mod effects;
mod setting_aside;
mod sidecars;
mod taking;
mod world;
mod writers;
