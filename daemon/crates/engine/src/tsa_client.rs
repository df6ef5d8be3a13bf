//! Asking a time-stamping authority over HTTP (RFC 3161 §3.4).
//!
//! One request, one answer, no redirects, no cookies, no credentials. What comes back is bytes from
//! outside: its size, its content type and the time it may take are bounded here; what it says is
//! judged by the `pki` room.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_rustls::{ConfigBuilderExt, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::TokioExecutor;
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;

/// The largest answer that is read, in bytes. Real ones have 1 to 12 KiB.
pub const MAX_RESPONSE: usize = 64 * 1024;

/// How long connecting may take.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long the whole exchange may take, name resolution and connecting included.
pub const TOTAL_TIMEOUT: Duration = Duration::from_secs(20);

const QUERY: &str = "application/timestamp-query";
const REPLY: &str = "application/timestamp-reply";

/// Why no answer was had from a time-stamping authority.
#[derive(Debug, thiserror::Error)]
pub enum TsaError {
    /// The configuration or the caller is at fault: the address cannot be used.
    #[error("the address `{url}` of the time-stamping authority cannot be used: {reason}")]
    BadUrl {
        /// The address as given.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// This machine is at fault: no certification authorities to judge a TLS peer by.
    #[error("this system has no usable certification authorities for TLS: {0}")]
    NoTlsRoots(String),
    /// The peer or the network is at fault.
    #[error("the time-stamping authority at {url} could not be reached: {reason}")]
    Unreachable {
        /// The address.
        url: String,
        /// The chain of causes.
        reason: String,
    },
    /// The peer took longer than [`TOTAL_TIMEOUT`].
    #[error("the time-stamping authority at {url} did not answer within {seconds} seconds")]
    TimedOut {
        /// The address.
        url: String,
        /// The bound in seconds.
        seconds: u64,
    },
    /// The peer answered with another status than 200.
    #[error("the time-stamping authority at {url} answered with HTTP status {status}")]
    Status {
        /// The address.
        url: String,
        /// The status code.
        status: u16,
    },
    /// The peer answered with something that is no timestamp reply.
    #[error("the time-stamping authority at {url} answered with `{content_type}`, not {REPLY}")]
    ContentType {
        /// The address.
        url: String,
        /// What it sent instead; empty when it named nothing.
        content_type: String,
    },
    /// The peer's answer is longer than [`MAX_RESPONSE`].
    #[error("the answer of the time-stamping authority at {url} exceeds {MAX_RESPONSE} bytes")]
    TooLarge {
        /// The address.
        url: String,
    },
}

impl TsaError {
    /// True when trying again later may help without anybody changing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::BadUrl { .. } | Self::NoTlsRoots(_) => false,
            Self::Status { status, .. } => *status >= 500 || *status == 429 || *status == 408,
            _ => true,
        }
    }
}

/// Sends the DER of a `TimeStampReq` to `url` and returns the DER of the `TimeStampResp`.
///
/// `http` and `https` are spoken: a token carries its own signature, so that TLS adds privacy only.
///
/// # Errors
/// See [`TsaError`]; nothing is retried here.
pub async fn request(url: &str, request_der: &[u8]) -> Result<Vec<u8>, TsaError> {
    let uri = parse_url(url)?;
    match tokio::time::timeout(TOTAL_TIMEOUT, exchange(url, uri, request_der)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(TsaError::TimedOut { url: url.to_owned(), seconds: TOTAL_TIMEOUT.as_secs() }),
    }
}

fn parse_url(url: &str) -> Result<Uri, TsaError> {
    let bad = |reason| TsaError::BadUrl { url: redacted(url), reason };
    let uri: Uri = url.parse().map_err(|_| bad("it is not a URL"))?;
    let authority = uri.authority().ok_or_else(|| bad("it names no host"))?;
    if authority.as_str().contains('@') {
        return Err(bad("it holds a user name or password"));
    }
    match uri.scheme_str() {
        Some("http" | "https") => Ok(uri),
        _ => Err(bad("only http and https are spoken")),
    }
}

/// The address without what stands before an `@`: a password never reaches a log.
fn redacted(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 <= at => {
            format!("{}…{}", &url[..scheme + 3], &url[at..])
        }
        _ => url.to_owned(),
    }
}

async fn exchange(url: &str, uri: Uri, request_der: &[u8]) -> Result<Vec<u8>, TsaError> {
    let mut http = HttpConnector::new();
    http.set_connect_timeout(Some(CONNECT_TIMEOUT));
    if uri.scheme_str() == Some("http") {
        return send(http, url, uri, request_der).await;
    }
    http.enforce_http(false);
    let tls = HttpsConnectorBuilder::new()
        .with_tls_config(tls_config()?.as_ref().clone())
        .https_only()
        .enable_http1()
        .wrap_connector(http);
    send(tls, url, uri, request_der).await
}

/// The TLS configuration of this process, with the system's certification authorities, read once.
fn tls_config() -> Result<Arc<ClientConfig>, TsaError> {
    static CONFIG: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(config) = CONFIG.get() {
        return Ok(config.clone());
    }
    let failed = |error: &dyn std::fmt::Display| TsaError::NoTlsRoots(error.to_string());
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(&error))?
        .with_native_roots()
        .map_err(|error| failed(&error))?
        .with_no_client_auth();
    Ok(CONFIG.get_or_init(|| Arc::new(config)).clone())
}

async fn send<C>(connector: C, url: &str, uri: Uri, body: &[u8]) -> Result<Vec<u8>, TsaError>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
    let response = client
        .request(http_request(url, uri, body)?)
        .await
        .map_err(|error| unreachable_peer(url, &error))?;
    check_head(url, &response)?;
    read_body(url, response.into_body()).await
}

fn http_request(url: &str, uri: Uri, body: &[u8]) -> Result<Request<Full<Bytes>>, TsaError> {
    Request::builder()
        .method(Method::POST)
        .uri(uri)
        .header(CONTENT_TYPE, QUERY)
        .header(ACCEPT, REPLY)
        .header(USER_AGENT, concat!("sceau/", env!("CARGO_PKG_VERSION")))
        .body(Full::new(Bytes::copy_from_slice(body)))
        .map_err(|_| TsaError::BadUrl { url: url.to_owned(), reason: "it makes no request" })
}

fn check_head(url: &str, response: &Response<Incoming>) -> Result<(), TsaError> {
    if response.status() != StatusCode::OK {
        let status = response.status().as_u16();
        return Err(TsaError::Status { url: url.to_owned(), status });
    }
    let given = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = given.unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(REPLY) {
        return Ok(());
    }
    let content_type = content_type.chars().take(100).collect();
    Err(TsaError::ContentType { url: url.to_owned(), content_type })
}

async fn read_body(url: &str, body: Incoming) -> Result<Vec<u8>, TsaError> {
    match Limited::new(body, MAX_RESPONSE).collect().await {
        Ok(collected) => Ok(collected.to_bytes().to_vec()),
        Err(error) if error.downcast_ref::<LengthLimitError>().is_some() => {
            Err(TsaError::TooLarge { url: url.to_owned() })
        }
        Err(error) => Err(unreachable_peer(url, error.as_ref())),
    }
}

fn unreachable_peer(url: &str, error: &(dyn std::error::Error + 'static)) -> TsaError {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let reason = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    TsaError::Unreachable { url: url.to_owned(), reason }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// Serves one connection: reads the request's head and body, answers with `response`.
    async fn serve_once(response: Vec<u8>) -> (String, tokio::task::JoinHandle<Vec<u8>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/tsa", listener.local_addr().unwrap());
        let task = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut seen = Vec::new();
            while !seen.ends_with(b"QUERY") {
                let mut chunk = [0; 1024];
                let n = stream.read(&mut chunk).await.unwrap();
                assert!(n > 0, "the request ended early");
                seen.extend_from_slice(&chunk[..n]);
            }
            // The client may close before it has read all of a refused answer.
            let _ = stream.write_all(&response).await;
            seen
        });
        (url, task)
    }

    fn reply(content_type: &str, body: &[u8]) -> Vec<u8> {
        let mut out = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        out.extend_from_slice(body);
        out
    }

    #[tokio::test]
    async fn sends_a_query_and_returns_the_reply() {
        let (url, task) = serve_once(reply("application/timestamp-reply; x=y", b"TOKEN")).await;
        assert_eq!(request(&url, b"QUERY").await.unwrap(), b"TOKEN");
        let seen = String::from_utf8(task.await.unwrap()).unwrap().to_ascii_lowercase();
        assert!(seen.starts_with("post /tsa http/1.1\r\n"));
        assert!(seen.contains("content-type: application/timestamp-query\r\n"));
    }

    #[tokio::test]
    async fn another_content_type_is_refused() {
        let (url, _task) = serve_once(reply("text/html", b"<p>portal</p>")).await;
        let error = request(&url, b"QUERY").await.unwrap_err();
        assert!(matches!(error, TsaError::ContentType { .. }), "{error}");
        assert!(error.is_transient());
    }

    #[tokio::test]
    async fn a_long_answer_is_refused() {
        let (url, _task) = serve_once(reply(REPLY, &vec![0x30; MAX_RESPONSE + 1])).await;
        let error = request(&url, b"QUERY").await.unwrap_err();
        assert!(matches!(error, TsaError::TooLarge { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_status_other_than_200_is_refused() {
        let head =
            b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
        let (url, _task) = serve_once(head.to_vec()).await;
        let error = request(&url, b"QUERY").await.unwrap_err();
        assert!(matches!(error, TsaError::Status { status: 302, .. }), "{error}");
        assert!(!error.is_transient());
    }

    #[tokio::test]
    async fn nobody_there_is_transient() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        drop(listener);
        let error = request(&url, b"QUERY").await.unwrap_err();
        assert!(matches!(error, TsaError::Unreachable { .. }), "{error}");
        assert!(error.is_transient());
    }

    #[tokio::test]
    async fn addresses_that_cannot_be_used_are_named_without_their_password() {
        for url in ["ftp://tsa.example/", "tsa", "/etc/passwd", "http://u:secret@tsa.example/"] {
            let error = request(url, b"QUERY").await.unwrap_err();
            assert!(matches!(error, TsaError::BadUrl { .. }), "{error}");
            assert!(!error.to_string().contains("secret"));
            assert!(!error.is_transient());
        }
    }
}
