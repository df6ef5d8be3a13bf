//! Where time stamps come from: our own unit, or authorities elsewhere (RFC 3161).

mod external;
mod internal;

pub use external::{Authority, External};
pub use internal::Internal;

use sceau_pki::DigestAlgorithm;
use sceau_workflow::machine::Failure;

/// A source of time stamps.
pub trait TimeStamps: Send + Sync {
    /// The room that a token needs, in bytes of DER, found by a dry run; remembered once known.
    ///
    /// # Errors
    /// No authority answers now.
    fn token_len(&self) -> Result<usize, Failure>;

    /// A token over a digest, by the first authority that gives a good one.
    ///
    /// # Errors
    /// No authority answers now.
    fn token(&self, imprint: &[u8], algorithm: DigestAlgorithm) -> Result<Vec<u8>, Failure>;

    /// True when the tokens are our own unit's: "horodatage interne, non indépendant".
    fn is_internal(&self) -> bool;
}
