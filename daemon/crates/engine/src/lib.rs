//! The loop: one writer that decides and commits, one dispatcher that runs what was decided.
//!
//! ```text
//!   folders, HTTP, admin socket, timers, runners
//!        |  Request
//!        v
//!     [Core]  decide against scratch -> one commit -> answer
//!        |  rows (committed)
//!        v
//!     [Lanes] -> [Runner] -> Request (outcome)
//! ```

pub mod audit;
pub mod authority;
pub mod backoff;
pub mod budget;
pub mod clock;
pub mod core;
pub mod dispatch;
pub mod documents;
pub mod evidence;
pub mod fetch;
pub mod handle;
pub mod intake;
pub mod keys;
pub mod ladder;
mod letters;
pub mod plugins;
pub mod queue;
pub mod records;
pub mod runner;
pub mod runners;
pub mod sentences;
pub mod timestamps;
pub mod tsa_client;
pub mod verification;
pub mod writer;
