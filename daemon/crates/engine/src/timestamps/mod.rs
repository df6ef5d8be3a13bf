//! Where time stamps come from: our own unit, or authorities elsewhere (RFC 3161).

mod external;
mod in_order;
mod internal;

pub use external::External;
pub use in_order::{Authority, InOrder, Stranger, Terms, Trouble, ask_in_order};
pub use internal::Internal;

use sceau_pki::DigestAlgorithm;
use sceau_workflow::machine::Failure;

/// What is wished of a good token: why this one (DER) is not so, in English.
pub type Wish<'w> = &'w dyn Fn(&[u8]) -> Result<(), String>;

/// Any good token is as wished.
///
/// # Errors
/// None.
pub fn any(_token: &[u8]) -> Result<(), String> {
    Ok(())
}

/// A token, and what was said on the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// In DER.
    pub token: Vec<u8>,
    /// Why others were passed over, and why it is not as wished, one English phrase each.
    pub passed_over: Vec<String>,
}

/// A source of time stamps.
pub trait TimeStamps: Send + Sync {
    /// The room that a token needs, in bytes of DER, found by a dry run; remembered once known.
    ///
    /// # Errors
    /// No authority answers now.
    fn token_len(&self) -> Result<usize, Failure>;

    /// A token over a digest, by the first authority that gives a good one as wished; else by the first
    /// that gives a good one.
    ///
    /// # Errors
    /// No authority gives a good one now.
    fn token(
        &self,
        imprint: &[u8],
        algorithm: DigestAlgorithm,
        wish: Wish<'_>,
    ) -> Result<Granted, Failure>;

    /// True when the tokens are our own unit's: "horodatage interne, non indépendant".
    fn is_internal(&self) -> bool;
}
