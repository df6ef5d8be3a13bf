//! Time-stamps (RFC 3161, RFC 5816, EN 319 422): requests, responses, tokens; made and verified.

mod imprint;
mod info;
mod prepare;
mod request;
mod response;
mod token;

pub use imprint::Imprint;
pub use info::{Accuracy, TstInfo};
pub use prepare::{PreparedToken, TokenParameters, token_len};
pub use request::{RequestError, TimeStampRequest};
pub use response::{FailureInfo, ResponseError, TimeStampResponse, granted, rejection};
pub use token::{TimestampToken, TokenError, VerifiedToken};

/// Content type of a request over HTTP (RFC 3161 §3.4).
pub const QUERY_MEDIA_TYPE: &str = "application/timestamp-query";

/// Content type of a response over HTTP (RFC 3161 §3.4).
pub const REPLY_MEDIA_TYPE: &str = "application/timestamp-reply";
