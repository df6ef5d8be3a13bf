//! HTTP: documents in, dossiers and results out, by tokens that are bound to accounts.
//!
//! ```text
//!   TCP -> (TLS) -> hyper -> log, security headers, problems -> routes
//!     POST /api/v1/dossiers        -> Uploads (bytes) -> Handle (the writer decides) -> 201
//!     GET  /api/v1/dossiers[/{id}] -> Handle (what is committed)
//!     GET  .../document, /evidence -> Documents (bytes, streamed)
//!     POST /api/v1/verifications   -> Uploads (bytes) -> Verifier (pades) -> the report
//!     GET  /livez /readyz
//!     GET|POST /pki/*              -> PublicPki (what our own authority tells strangers)
//! ```
//!
//! Invariants:
//! - A token opens no more than its scopes and its account; another account's dossier is a 404 that
//!   cannot be told from one that never was.
//! - GET and HEAD change nothing. Unsafe requests that a browser sends from another site are refused.
//! - A document is never whole in memory, and no request is held for ever or without bound.
//! - Neither the log nor an error holds a token, a title, a file name or a name of a person.
//! - Every error is `application/problem+json` (RFC 9457) with a stable code, in French or English.
//!
//! This room knows no files, no keys and no store: what it needs of them are the ports of [`App`].

mod auth;
mod body;
mod dossiers;
mod download;
mod guard;
mod health;
mod idempotency;
mod language;
mod log;
mod pki;
mod ports;
pub mod problem;
mod router;
mod server;
mod submit;
mod view;

#[cfg(test)]
mod tests;

pub use ports::{
    App, Declared, Document, Documents, PublicPki, Readiness, Upload, UploadError, Uploads,
    Verifier, VerifyError,
};
pub use router::router;
pub use server::Server;

/// What TLS is made of, so that the daemon names no version of its own.
pub use tokio_rustls::rustls;
