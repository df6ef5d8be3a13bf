//! The walls between rooms, as rules over what cargo says of the workspace.
//!
//! `ARCHITECTURE.md` tells the walls in words; [`rules`] holds them as tables, [`graph`] is what
//! they are checked against, [`lints`] looks at the pure rooms' `clippy.toml`. Each check returns
//! the list of breaches, so that a test can both demand none of the real workspace and demand one
//! of a workspace broken on purpose.

pub mod graph;
pub mod licences;
pub mod lints;
pub mod rules;
