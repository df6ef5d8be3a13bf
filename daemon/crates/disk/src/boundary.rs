//! Crash boundaries: the named points between two durable effects, enumerated from the code.
//!
//! `boundary!("room.point")` compiles to nothing unless the cargo feature `fault-injection` is on.
//! With it, every mark in the linked program registers itself ([`boundaries`]) and may be armed:
//! by a test in the same process (`arm`, `arm_unwind`, which unwinds with a `Crashed` payload or kills), or
//! by the environment variable `SCEAU_CRASH_AT=name:n` (`arm_from_environment`, which kills the
//! process with SIGKILL at the n-th hit, n counted from 1).
//!
//! Invariant: a name marks one place only, and stands *between* two effects: what comes before it
//! is done, what comes after is not begun.

#[cfg(feature = "fault-injection")]
mod armed;
#[cfg(feature = "fault-injection")]
#[doc(hidden)]
pub use armed::hit;
#[cfg(feature = "fault-injection")]
pub use armed::{
    Action, ArmError, Crashed, REGISTERED, Site, arm, arm_from_environment, arm_unwind, disarm,
    hits,
};

/// The names of all boundaries in the linked program, sorted; empty without the feature.
#[must_use]
pub fn boundaries() -> Vec<&'static str> {
    #[cfg(feature = "fault-injection")]
    return armed::names();
    #[cfg(not(feature = "fault-injection"))]
    Vec::new()
}

/// Marks a crash boundary (see [the module](mod@crate::boundary)).
#[cfg(feature = "fault-injection")]
#[macro_export]
macro_rules! boundary {
    ($name:literal) => {{
        #[$crate::linkme::distributed_slice($crate::boundary::REGISTERED)]
        #[linkme(crate = $crate::linkme)]
        static SITE: $crate::boundary::Site =
            $crate::boundary::Site { name: $name, file: file!(), line: line!() };
        $crate::boundary::hit($name);
    }};
}

/// Marks a crash boundary (see [the module](mod@crate::boundary)).
#[cfg(not(feature = "fault-injection"))]
#[macro_export]
macro_rules! boundary {
    ($name:literal) => {{}};
}
