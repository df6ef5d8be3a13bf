//! Black-box suites, their peers and fixtures.
//!
//! Nothing here uses a room of the house: the suites start the real `sceau` program, drop files
//! like a person would, and ask foreign programs what they think of the result. The one exception
//! looks at the house from above: [`walls`] checks who depends on whom.

pub mod walls;

use std::path::PathBuf;

/// The root of the checkout.
pub fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .canonicalize()
        .expect("invariant: tests/ lies in the checkout")
}
