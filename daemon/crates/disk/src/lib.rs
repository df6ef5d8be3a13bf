//! Durable files: the file-system port, its real implementation and the one that loses what was
//! not synced.
//!
//! - [`port`]: [`FileSystem`], [`Dir`], [`ReadFile`], [`WriteFile`] and their values.
//! - [`RealFs`]: Linux, beneath a directory handle, links never followed.
//! - [`SimFs`]: in memory; [`SimFs::crash`] keeps only what was synced.
//! - [`boundary!`]: the points at which the crash proofs stop the process.

pub mod boundary;
mod error;
mod names;
pub mod port;
mod real;
mod sim;

#[cfg(feature = "fault-injection")]
#[doc(hidden)]
pub use linkme;

pub use boundary::boundaries;
pub use error::DiskError;
pub use port::{
    Dir, DirEntry, FileSystem, FsType, Identity, Kind, Lock, Meta, ReadFile, Space, WriteFile,
};
pub use real::{Downgrade, DowngradedFs, RealFs};
pub use sim::{Fault, SimFs};
