//! What every request passes: no unsafe request from another site, a bound on time, headers that
//! keep browsers from doing more with an answer than reading it.

use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::language::Language;
use crate::problem::{self, Code, Problem};

/// How long the answer to anything but an upload may take to begin.
const LONGEST: Duration = Duration::from_secs(30);

const HEADERS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Writes problems in the caller's language, and the security headers on every answer.
pub(crate) async fn dress(request: Request, next: Next) -> Response {
    let language = Language::asked(request.headers());
    let mut response = problem::tell(language, next.run(request).await);
    for (name, value) in HEADERS {
        let headers = response.headers_mut();
        // What may be kept says so itself.
        if name != header::CACHE_CONTROL || !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    response
}

/// Refuses what changes something and comes from a page of another site. Tokens are not sent by
/// browsers on their own, so this is a second line behind them.
pub(crate) async fn same_site(request: Request, next: Next) -> Response {
    if request.method().is_safe() || is_same_site(&request) {
        return next.run(request).await;
    }
    Problem::new(Code::CrossSite).into_response()
}

/// `Sec-Fetch-Site` (W3C Fetch Metadata), with `Origin` as the fall-back of older browsers; what
/// sends neither is no browser.
fn is_same_site(request: &Request) -> bool {
    let headers = request.headers();
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let origin = origin.to_str().ok().and_then(|text| Some(text.split_once("://")?.1));
    origin.is_some() && origin == host(request, headers)
}

/// The host as the caller named it (HTTP/2: `:authority`).
fn host<'r>(request: &'r Request, headers: &'r HeaderMap) -> Option<&'r str> {
    let authority = request.uri().authority().map(axum::http::uri::Authority::as_str);
    authority.or_else(|| headers.get(header::HOST)?.to_str().ok())
}

/// Bounds the time of a handler that reads no body.
pub(crate) async fn in_time(request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(LONGEST, next.run(request)).await;
    answer.unwrap_or_else(|_| Problem::new(Code::Busy).into_response())
}
