//! Black-box suites, their peers and fixtures.
//!
//! Nothing here uses a room of the house: the suites start the real `sceau` program
//! ([`program`], [`daemon`]) over a throw-away [`cabinet`], drop files like people and machines do
//! ([`writers`], [`fixtures`]), and ask foreign programs what they think of the result
//! ([`judges`]). The one exception looks at the house from above: [`walls`] checks who depends on
//! whom.

pub mod attacks;
pub mod bench;
pub mod cabinet;
pub mod clock;
pub mod corpus;
pub mod crash;
pub mod daemon;
pub mod differential;
pub mod exit;
pub mod fixtures;
pub mod folder;
pub mod forms;
pub mod hsm;
pub mod http;
pub mod judges;
pub mod ladder;
pub mod memory;
pub mod ports;
pub mod program;
pub mod raster;
pub mod share;
pub mod tsa;
pub mod walls;
pub mod writers;
pub mod years;

use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The root of the checkout.
pub fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .canonicalize()
        .expect("invariant: tests/ lies in the checkout")
}

/// Where `tests/peers/install.sh` put the peers: `SCEAU_PEERS`, or `.peers` of the checkout.
pub fn peers() -> PathBuf {
    std::env::var_os("SCEAU_PEERS").map_or_else(|| root().join(".peers"), PathBuf::from)
}

/// Whether the long proofs were asked for (`tests/prove.sh`).
pub fn proving() -> bool {
    std::env::var_os("SCEAU_PROVE").is_some_and(|value| value == "1")
}

/// Asks every 20 ms until there is an answer.
///
/// # Panics
/// When there is none after `limit`; the message says what was awaited.
pub fn until<T>(what: &str, limit: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(began.elapsed() < limit, "no {what} within {limit:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
