//! Revocation data and issuers' certificates from the addresses that certificates name.
//!
//! Those addresses come from whoever made the certificate: a stranger. Hence bounds on size, time
//! and redirects, plain http only (RFC 5280 §8: an address that needs TLS needs a certificate that
//! needs an address), and no address of this machine or its network unless the operator allows it.

mod http;
mod own;
mod sources;

pub use http::{FetchError, FetchPolicy, get, post};
pub use own::Own;
pub use sources::{Answer, Gathered, MAX_GATHERED, Network, RevocationSource, gather};
