//! Exit codes of `sceau`, as its documentation tells them.

/// All is well.
pub const PASSED: i32 = 0;

/// It cannot be said.
pub const INDETERMINATE: i32 = 3;

/// It is not what it should be.
pub const FAILED: i32 = 4;

/// The command was called wrongly.
pub const USAGE: i32 = 64;

/// What was handed in is refused.
pub const REFUSED: i32 = 65;

/// What was named is not there, or cannot be read.
pub const NO_INPUT: i32 = 66;

/// What it takes is not there.
pub const UNAVAILABLE: i32 = 69;

/// The disk or the output failed.
pub const IO: i32 = 74;

/// A lower level than was asked for was reached.
pub const LOWER_LEVEL: i32 = 75;

/// The configuration has faults.
pub const BAD_CONFIG: i32 = 78;
