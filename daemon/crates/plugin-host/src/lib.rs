//! WebAssembly plugins: manifest, grants, limits, and the host of the contract in `plugins/wit`.
//!
//! The only room that knows wasmtime. It knows no store, no key and no network: what a plugin may
//! reach comes in through the ports of [`ports`], and each call passes [`grant::Effective`] first.
//!
//! ```text
//! plugin.toml -> Manifest --asked--.
//! sceau.toml  -> Granted ----------+-> Effective (asked AND granted)
//! plugin.wasm -> compile (a process of its own) -> cache -> Plugin (checked, linked)
//! Plugin + Call + World -> a fresh store -> Answer | PluginError
//! ```
//!
//! Invariants:
//! - A component imports nothing outside the contract's packages, and has at most [`limits::MOST_COMPONENT`] bytes.
//! - A store lives for one call; nothing of one step is seen by another but what `state` keeps.
//! - Native code is only ever loaded from a cache that its owner alone can write, under a name
//!   that holds the digest of the component, of wasmtime's version and of its settings.

mod bindings;
mod cache;
mod check;
mod compile;
mod componentize;
mod error;
pub mod grant;
mod home;
mod host;
pub mod limits;
mod machine;
pub mod manifest;
pub mod ports;
mod run;
pub mod schema;
mod shelf;
mod ticker;

pub use cache::{Cache, CacheError};
pub use check::NotOfTheContract;
pub use compile::{CompileError, Compiler, compile_here};
pub use componentize::{NoComponent, componentize};
pub use error::{Cause, Panic, PluginError};
pub use host::LogLine;
pub use host::trace::{HostCall, Spent};
#[doc(hidden)]
pub use host::{documents::Opened, output::Writer};
pub use machine::{Execution, Machine, MachineError, Plugin, Settings};
pub use manifest::{Kind, Manifest};
pub use run::{
    Answer, Artifact, Call, Decision, Delivery, Finding, Happened, Prepared, Region, Rejection,
    Report, Ruling, Run, Sealed, Severity, StepFault, StepWork, Verdict, World,
};
pub use shelf::{Parcel, SIGNATURE, Shelf, ShelfError};
