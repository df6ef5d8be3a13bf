//! Why there is no answer.

use std::net::IpAddr;
use std::time::Duration;

/// What went wrong, and with which address: the first one, or one that a redirect led to.
#[derive(Debug, thiserror::Error)]
#[error("{url}: {fault}")]
pub struct OutboundError {
    /// The address, without a user's name or password, of 200 characters at most.
    pub url: String,
    /// What went wrong.
    #[source]
    pub fault: Fault,
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Whoever gave the address is at fault.
    #[error("{0}")]
    BadUrl(&'static str),
    /// The caller's request is none (RFC 9110): a method, a header or a path that cannot be sent.
    #[error("it makes no request: {0}")]
    BadRequest(String),
    /// It leads to this machine or into a private network, which nobody has allowed.
    #[error("it leads to {0}, which is not a public address")]
    Private(IpAddr),
    /// This machine is at fault: there are no certification authorities to judge a peer by.
    #[error("this system has no usable certification authorities for TLS: {0}")]
    NoTlsRoots(String),
    /// The name has no address.
    #[error("its name was not found: {0}")]
    Dns(String),
    /// Nobody answers at its addresses.
    #[error("no connection: {0}")]
    Connect(String),
    /// The peer's certificate, or another fault of TLS.
    #[error("TLS: {0}")]
    Tls(String),
    /// The peer speaks no HTTP, or stopped speaking.
    #[error("{0}")]
    Broken(String),
    /// The time was over.
    #[error("no answer within {} seconds", .0.as_secs())]
    TimedOut(Duration),
    /// More redirects than are followed.
    #[error("it redirects too often")]
    Redirects,
    /// The answer's body is larger than this many bytes.
    #[error("the answer exceeds {0} bytes")]
    TooLarge(usize),
}

/// An error with its causes.
pub(crate) fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
