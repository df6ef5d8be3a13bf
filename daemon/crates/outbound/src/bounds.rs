//! What an exchange may cost, and where it may lead.

use std::time::Duration;

use crate::target::Schemes;

/// How long connecting to one address may take, the agreement about TLS apart.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Most addresses of one name that are tried, one after the other.
pub const MOST_ADDRESSES: usize = 4;

/// Most headers of an answer that are read; one with more is no answer.
pub const MOST_HEADERS: usize = 100;

/// The bounds of one exchange. There is no default: each caller says what it is after.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Which schemes are spoken, by a redirect's target too.
    pub schemes: Schemes,
    /// Whether addresses of this machine and of private networks may be asked.
    pub allow_private: bool,
    /// Most redirects that are followed, of a `GET` only.
    pub redirects: usize,
    /// Largest body of an answer, in bytes.
    pub answer: usize,
    /// How long all of it may take: names, connections, redirects and the whole body.
    pub total: Duration,
}
