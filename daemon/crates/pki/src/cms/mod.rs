//! CMS SignedData (RFC 5652 §5) as PAdES and RFC 3161 use it: written in DER with exactly one
//! SignerInfo; read as slices of the original bytes, over which alone signatures are verified.

mod assemble;
mod embedded;
mod parse;
mod signed_attributes;
mod signer_info;

pub use assemble::{Assembly, Content, add_unsigned_attribute};
pub use parse::{CmsError, MAX_CMS, SignedData};
pub use signed_attributes::SignedAttributes;
pub use signer_info::{SignerId, SignerInfo, SignerInfoError};
