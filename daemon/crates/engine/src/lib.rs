//! The loop: one writer that decides and commits, one dispatcher that runs what was decided.

pub mod tsa_client;
