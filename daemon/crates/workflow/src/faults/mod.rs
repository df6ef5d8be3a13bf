//! Faults of configuration: gathered all at once, each with its file, line, column, the line itself
//! and what was probably meant.
//!
//! [`Source`] is a TOML text with its name, [`TableReader`] reads its tables and notes every fault in
//! [`Faults`], and [`Fault`] renders for people and as JSON.

mod fault;
mod pages;
mod reader;
mod source;
mod suggest;
mod values;

pub use fault::{Fault, FaultCode, Faults, Spot};
pub use reader::{Read, TableReader};
pub use source::Source;
pub use suggest::nearest;
pub use values::{parse_duration, parse_size};
