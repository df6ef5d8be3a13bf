//! The exit codes of the commands, after sysexits(3).

/// The command line is at fault, or the key that it names.
pub(crate) const USAGE: u8 = 64;
/// The document is refused.
pub(crate) const REFUSED: u8 = 65;
/// An input does not exist, cannot be read, or is not what it should be.
pub(crate) const NO_INPUT: u8 = 66;
/// A service that is needed does not answer.
pub(crate) const UNAVAILABLE: u8 = 69;
/// Reading or writing failed underway.
pub(crate) const IO: u8 = 74;
/// Written, but at a lower level than asked for: trying again later may help (EX_TEMPFAIL).
pub(crate) const LOWER_LEVEL: u8 = 75;
/// Something in the configuration is at fault.
pub(crate) const CONFIG: u8 = 78;
