//! Revocation lists (RFC 5280 §5) as received: read over their original bytes, their entries only
//! when one is looked for, so that a list of many megabytes costs one pass and no memory beside it.
//!
//! Whole lists of their issuer are used. Indirect lists, lists of some reasons only and delta lists
//! are told apart and never read as whole ones.

mod entry;
mod list;
mod scope;

pub use entry::RevokedEntry;
pub use list::{CrlError, MAX_CRL, RevocationList};
pub use scope::Scope;
