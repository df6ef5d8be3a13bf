//! What our own authority tells the world: status of certificates (OCSP, RFC 6960 appendix A),
//! revocation lists and certificates (RFC 5280 §4.2.1.13, §4.2.2.1), time stamps (RFC 3161 §3.4).
//!
//! Strangers ask here, without a token: every request is short, every answer bounded, and what may be
//! kept by a cache says for how long.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::ports::PublicPki;
use crate::problem::{Code, Problem};

/// Largest request read, in bytes.
const MOST_BYTES: usize = 4096;
/// How long an answer may take.
const LONGEST: Duration = Duration::from_secs(10);
/// How long what changes seldom may be kept, in seconds.
const KEEP: &str = "public, max-age=3600";

/// The routes beneath `/pki`.
pub(crate) fn routes(pki: Arc<dyn PublicPki>) -> Router {
    Router::new()
        .route("/pki/ocsp", post(ocsp))
        .route("/pki/ocsp/", post(ocsp))
        .route("/pki/ocsp/{*request}", get(ocsp_by_get))
        .route("/pki/issuing.crl", get(list))
        .route("/pki/issuing.cer", get(issuing))
        .route("/pki/root.cer", get(root))
        .route("/pki/root.crl", get(root_list))
        .route("/pki/tsa", post(timestamp))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .with_state(pki)
}

type Pki = State<Arc<dyn PublicPki>>;
type Body = Result<Bytes, BytesRejection>;

async fn ocsp(State(pki): Pki, headers: HeaderMap, body: Body) -> Response {
    let request = match short(&headers, "application/ocsp-request", body) {
        Ok(request) => request,
        Err(problem) => return problem.into_response(),
    };
    let answer = off_thread(move || pki.ocsp(&request)).await;
    answer.map_or_else(busy, |der| told("application/ocsp-response", None, der))
}

/// `GET {url}/{url-encoding of base64 of the request}` (RFC 6960 appendix A.1); the path comes decoded.
async fn ocsp_by_get(State(pki): Pki, Path(request): Path<String>) -> Response {
    let Ok(request) = STANDARD.decode(request.trim_start_matches('/')) else {
        return Problem::new(Code::RequestMalformed).into_response();
    };
    let answer = off_thread(move || pki.ocsp(&request)).await;
    answer.map_or_else(busy, |der| told("application/ocsp-response", Some(KEEP), der))
}

async fn list(State(pki): Pki) -> Response {
    match off_thread(move || pki.list()).await.flatten() {
        Some(der) => told("application/pkix-crl", Some(KEEP), der),
        None => busy(),
    }
}

async fn issuing(State(pki): Pki) -> Response {
    told("application/pkix-cert", Some(KEEP), pki.issuing())
}

async fn root(State(pki): Pki) -> Response {
    told("application/pkix-cert", Some(KEEP), pki.root())
}

async fn root_list(State(pki): Pki) -> Response {
    match pki.root_list() {
        Some(der) => told("application/pkix-crl", Some(KEEP), der),
        None => Problem::new(Code::NotFound).into_response(),
    }
}

async fn timestamp(State(pki): Pki, headers: HeaderMap, body: Body) -> Response {
    let request = match short(&headers, "application/timestamp-query", body) {
        Ok(request) => request,
        Err(problem) => return problem.into_response(),
    };
    match off_thread(move || pki.timestamp(&request)).await {
        Some(Some(der)) => told("application/timestamp-reply", None, der),
        Some(None) => Problem::new(Code::NotFound).into_response(),
        None => busy(),
    }
}

/// A body of this media type, within its bound.
fn short(headers: &HeaderMap, kind: &str, body: Body) -> Result<Bytes, Problem> {
    let said = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let said = said.and_then(|text| text.split(';').next());
    if said.is_none_or(|text| text.trim() != kind) {
        return Err(Problem::new(Code::MediaTypeUnsupported));
    }
    body.map_err(|_| Problem::new(Code::TooLarge))
}

/// The signer and the state are asked on a thread that may block.
async fn off_thread<T: Send + 'static>(ask: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let asked = tokio::task::spawn_blocking(ask);
    tokio::time::timeout(LONGEST, asked).await.ok()?.ok()
}

fn busy() -> Response {
    Problem::new(Code::Busy).into_response()
}

fn told(kind: &'static str, keep: Option<&'static str>, der: Vec<u8>) -> Response {
    let mut response = der.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Some(keep) = keep {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    }
    response
}
