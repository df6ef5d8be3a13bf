//! For tests (feature `testing`): a store in memory, a disk that loses what was not synced, and
//! the suite that every implementation of the port is held to.

pub mod conformance;
mod lossy;
mod memory;
mod snapshot;

pub use lossy::{LossyBackend, LossyDisk};
pub use memory::MemoryStore;
pub use snapshot::{Snapshot, snapshot};
