//! Watched folders over a file system in memory, in virtual time, through the public API.

mod effects;
mod setting_aside;
mod sidecars;
mod taking;
mod writers;
