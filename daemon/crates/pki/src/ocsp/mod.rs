//! The status of a certificate, asked of a responder (RFC 6960): requests, responses as received,
//! and who may speak for an authority.
//!
//! A response is kept as it was received and verified over its original bytes. What it says is
//! weighed in [`revocation`](crate::revocation).

mod cert_id;
mod request;
mod responder;
mod response;
mod single;

pub use cert_id::{CertId, CertIdHash};
pub use request::OcspRequest;
pub use responder::{Responder, ResponderId};
pub(crate) use response::successful;
pub use response::{MAX_OCSP, OcspError, OcspResponse, ResponseStatus};
pub use single::{CertificateStatus, SingleResponse};
