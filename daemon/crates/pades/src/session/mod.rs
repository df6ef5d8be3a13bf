//! The staged signing session: each stage is a value that consumes the one before.
//!
//! ```text
//! begin ──▶ ToBeSigned ──signed(signature)──▶ Signed ──timestamped(token)────▶ Sealed
//!                                               └──────without_timestamp()──▶
//! ```
//!
//! Every stage is a stored value: the process may end between two of them and another go on, days
//! later. Invariants: the bytes to be signed never change once [`begin`] returned them; a signature
//! is accepted only when it verifies with the certificate's key over exactly those bytes; the token
//! only when it is over that signature.

mod begin;
mod message;
mod request;
mod stages;

use sceau_pdf::Revision;
use sceau_pki::cms::SignedAttributes;
use sceau_pki::{Certificate, SignatureAlgorithm};
use serde::{Deserialize, Serialize};

pub use begin::{BeginError, begin, begin_hashed};
pub use message::MessageFault;
pub use request::{CertificateFault, OpaqueAttribute, SealRequest, TOKEN_VARIATION, may_sign};
pub use stages::{Sealed, Signed, TimestampError, ToBeSigned, UnsealedError, WrongSignature};

use crate::Level;
use crate::stored::SessionVersion;

/// What all stages know.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Session {
    version: SessionVersion,
    level: Level,
    algorithm: SignatureAlgorithm,
    /// The signing certificate first; never empty (held by `begin`).
    chain: Vec<Certificate>,
    /// SignedAttributes in DER as a SET OF: the exact bytes to be signed (RFC 5652 §5.4).
    attributes: SignedAttributes,
    revision: Revision,
}
