//! One exchange: a request, the redirects that it may follow, an answer within its bounds.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1;
use hyper::header::{HOST, LOCATION, USER_AGENT};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;

use crate::address::is_public;
use crate::bounds::{Bounds, MOST_HEADERS};
use crate::connect::{Judge, Roots, anywhere, connect, system_roots};
use crate::error::{Fault, OutboundError, causes};
use crate::target::{Target, told};

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The method (RFC 9110 §9).
    pub method: &'a str,
    /// Headers; `Host` and `User-Agent` are added.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body, empty for none.
    pub body: &'a [u8],
}

/// What came back, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The address that answered: the last of the redirects.
    pub url: String,
    /// Status code.
    pub status: u16,
    /// Names in lower case; what is no UTF-8 in a value is replaced.
    pub headers: Vec<(String, String)>,
    /// Body, within its bound.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of this name, which is in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let named = self.headers.iter().find(|(own, _)| own == name);
        named.map(|(_, value)| value.as_str())
    }
}

/// Asks `target` and gives back what it answers.
///
/// # Errors
/// [`OutboundError`]; nothing is tried again here.
pub async fn exchange(
    target: &Target,
    ask: &Ask<'_>,
    bounds: &Bounds,
) -> Result<Answer, OutboundError> {
    Exchange { ask, bounds, roots: system_roots, is_public }.with(target).await
}

/// What is asked, within which bounds, which authorities of TLS are trusted, and which addresses are public.
struct Exchange<'e> {
    ask: &'e Ask<'e>,
    bounds: &'e Bounds,
    roots: Roots,
    is_public: Judge,
}

impl Exchange<'_> {
    async fn with(&self, target: &Target) -> Result<Answer, OutboundError> {
        match tokio::time::timeout(self.bounds.total, self.follow(target)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(failed(target, Fault::TimedOut(self.bounds.total))),
        }
    }

    async fn follow(&self, first: &Target) -> Result<Answer, OutboundError> {
        let mut target = first.clone();
        for _ in 0..=self.bounds.redirects {
            let response = self.send(&target).await.map_err(|fault| failed(&target, fault))?;
            match redirect(&response) {
                Some(location) if self.bounds.redirects > 0 && self.ask.method == "GET" => {
                    target = next(&target, &location, self.bounds)?;
                }
                _ => return answer(&target, response, self.bounds).await,
            }
        }
        Err(failed(first, Fault::Redirects))
    }

    async fn send(&self, target: &Target) -> Result<Response<Incoming>, Fault> {
        let request = request(target, self.ask)?;
        let may = if self.bounds.allow_private { anywhere } else { self.is_public };
        let stream = connect(target, may, self.roots).await?;
        let broken = |error: hyper::Error| Fault::Broken(causes(&error));
        let (mut sender, connection) = http1::Builder::new()
            .max_headers(MOST_HEADERS)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(broken)?;
        // It ends with the exchange: whoever drops the answer drops the connection.
        tokio::spawn(connection);
        sender.send_request(request).await.map_err(broken)
    }
}

fn redirect(response: &Response<Incoming>) -> Option<String> {
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    response.status().is_redirection().then(|| location.to_owned())
}

/// Where a redirect leads: by a reference that may be relative (RFC 9110 §10.2.2), and never from https to
/// http.
fn next(from: &Target, location: &str, bounds: &Bounds) -> Result<Target, OutboundError> {
    let target = from.refer(location, bounds.schemes)?;
    match from.tls && !target.tls {
        true => Err(failed(&target, Fault::BadUrl("it leads from https to http"))),
        false => Ok(target),
    }
}

fn request(target: &Target, ask: &Ask<'_>) -> Result<Request<Full<Bytes>>, Fault> {
    let bad = |error: &dyn std::fmt::Display| Fault::BadRequest(error.to_string());
    let method = Method::from_bytes(ask.method.as_bytes()).map_err(|error| bad(&error))?;
    let mut request = Request::builder()
        .method(method)
        .uri(target.path.as_str())
        .header(HOST, target.authority())
        .header(USER_AGENT, concat!("sceau/", env!("CARGO_PKG_VERSION")));
    for (name, value) in ask.headers {
        request = request.header(*name, *value);
    }
    let body = Full::new(Bytes::copy_from_slice(ask.body));
    request.body(body).map_err(|error| bad(&error))
}

async fn answer(
    target: &Target,
    response: Response<Incoming>,
    bounds: &Bounds,
) -> Result<Answer, OutboundError> {
    let (head, body) = response.into_parts();
    let text =
        |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = head.headers.iter().map(|(name, value)| (name.to_string(), text(value)));
    let (status, headers) = (head.status.as_u16(), headers.collect());
    let body = read(body, bounds.answer).await.map_err(|fault| failed(target, fault))?;
    Ok(Answer { url: told(&target.to_string()), status, headers, body })
}

/// The body is held once, and never more of it than `limit`; one that announces more is not read.
async fn read(mut body: Incoming, limit: usize) -> Result<Vec<u8>, Fault> {
    let announced = body.size_hint().lower();
    if usize::try_from(announced).is_ok_and(|announced| announced > limit) {
        return Err(Fault::TooLarge(limit));
    }
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Fault::Broken(causes(&error)))?;
        let Ok(data) = frame.into_data() else { continue };
        if data.len() > limit - bytes.len() {
            return Err(Fault::TooLarge(limit));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

fn failed(target: &Target, fault: Fault) -> OutboundError {
    OutboundError { url: told(&target.to_string()), fault }
}

#[cfg(test)]
mod tests;
