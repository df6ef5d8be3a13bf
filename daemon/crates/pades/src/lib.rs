//! The staged signing session, PAdES levels, and validation with its report.
//!
//! Pure: bytes and values in, bytes and values out. A document is read through
//! [`ByteSource`](sceau_pdf::ByteSource), keys sign elsewhere, timestamps are fetched elsewhere, and
//! `now` is an argument.
//!
//! - [`begin`] starts a session that ends in a [`Sealed`] revision: EN 319 142-1 levels B-B, B-T.
//! - [`missing`], [`ageing`], [`next`], [`store_material`] and [`Stamping`] extend it to B-LT and B-LTA.
//! - [`validate`] judges a document and gives a [`Report`](report::Report): EN 319 102-1.

mod digest;
mod document;
mod level;
mod ltv;
pub mod policy;
pub mod report;
mod session;
mod stored;
mod token_room;
mod validate;

pub use digest::{BUFFER_LEN, HashedPrefix};
pub use document::DocumentError;
pub use level::{Level, UnknownLevel};
pub use ltv::{
    DocumentTimestamp, ExtendError, Extended, Look, Missing, Next, Patience, Stamp, Stamping,
    Wanted, ageing, begin_document_timestamp, missing, next, outlasts, proven_until,
    store_material, stored_material, token_proven_until,
};
pub use session::{
    BeginError, CertificateFault, MessageFault, OpaqueAttribute, SealRequest, Sealed, Signed,
    TOKEN_VARIATION, TimestampError, ToBeSigned, UnsealedError, WrongSignature, begin,
    begin_hashed, may_sign,
};
pub use token_room::{TokenRoom, TokensGrow};
pub use validate::{
    Guard, Guards, ReadError, ValidationOptions, claimed_time, judge_token, validate,
};
