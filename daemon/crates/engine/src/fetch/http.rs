//! One bounded exchange over plain HTTP, with an address that was judged before it is connected to.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST, LOCATION, USER_AGENT};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::address::is_public;

/// Most redirects that are followed, of a GET only.
const MAX_REDIRECTS: usize = 3;

/// Longest address that is used, in bytes.
const MAX_URL: usize = 2048;

/// What fetching may do.
#[derive(Clone, Copy, Debug)]
pub struct FetchPolicy {
    /// Whether addresses of this machine and of private networks may be asked.
    pub allow_private: bool,
    /// How long one exchange may take, its redirects included.
    pub timeout: Duration,
}

impl Default for FetchPolicy {
    fn default() -> Self {
        Self { allow_private: false, timeout: Duration::from_secs(20) }
    }
}

/// Why nothing was had from an address.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The certificate that names it, or the configuration, is at fault.
    #[error("{url} cannot be used: {reason}")]
    BadUrl {
        /// The address.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// It leads to this machine or into a private network, which nobody has allowed.
    #[error("{url} leads to {address}, in a private network, which is not allowed")]
    Private {
        /// The address.
        url: String,
        /// Where it leads.
        address: std::net::IpAddr,
    },
    /// The peer or the network is at fault.
    #[error("{url} could not be reached: {reason}")]
    Unreachable {
        /// The address.
        url: String,
        /// Why.
        reason: String,
    },
    /// No answer in time.
    #[error("{url} did not answer within {seconds} seconds")]
    TimedOut {
        /// The address.
        url: String,
        /// The bound in seconds.
        seconds: u64,
    },
    /// Another status than 200.
    #[error("{url} answered with HTTP status {status}")]
    Status {
        /// The address.
        url: String,
        /// The status.
        status: u16,
    },
    /// More than three redirects, or one that leads nowhere.
    #[error("{url} redirects too often, or nowhere")]
    Redirects {
        /// The first address.
        url: String,
    },
    /// A longer answer than what it is good for.
    #[error("the answer of {url} exceeds {limit} bytes")]
    TooLarge {
        /// The address.
        url: String,
        /// The bound in bytes.
        limit: usize,
    },
}

/// What is sent.
struct Query<'q> {
    method: Method,
    body: &'q [u8],
    content_type: Option<&'q str>,
    accept: &'q str,
    limit: usize,
}

/// Fetches an address, whose answer has at most `limit` bytes.
///
/// # Errors
/// [`FetchError`]; nothing is retried here.
pub async fn get(
    url: &str,
    accept: &str,
    limit: usize,
    policy: &FetchPolicy,
) -> Result<Vec<u8>, FetchError> {
    let query = Query { method: Method::GET, body: &[], content_type: None, accept, limit };
    bounded(url, &query, policy).await
}

/// Sends a body and returns the answer, of at most `limit` bytes. Redirects are not followed.
///
/// # Errors
/// [`FetchError`]; nothing is retried here.
pub async fn post(
    url: &str,
    body: &[u8],
    content_type: &str,
    accept: &str,
    limit: usize,
    policy: &FetchPolicy,
) -> Result<Vec<u8>, FetchError> {
    let content_type = Some(content_type);
    let query = Query { method: Method::POST, body, content_type, accept, limit };
    bounded(url, &query, policy).await
}

async fn bounded(
    url: &str,
    query: &Query<'_>,
    policy: &FetchPolicy,
) -> Result<Vec<u8>, FetchError> {
    let seconds = policy.timeout.as_secs();
    let outcome = tokio::time::timeout(policy.timeout, follow(url, query, policy)).await;
    outcome.unwrap_or_else(|_| Err(FetchError::TimedOut { url: url.to_owned(), seconds }))
}

async fn follow(
    first: &str,
    query: &Query<'_>,
    policy: &FetchPolicy,
) -> Result<Vec<u8>, FetchError> {
    let mut url = first.to_owned();
    for _ in 0..=MAX_REDIRECTS {
        let response = exchange(&url, query, policy).await?;
        match redirect(&response) {
            Some(next) if query.method == Method::GET => url = next,
            _ => return answer(&url, response, query.limit).await,
        }
    }
    Err(FetchError::Redirects { url: first.to_owned() })
}

/// Where a redirect leads; a relative one leads nowhere.
fn redirect(response: &Response<Incoming>) -> Option<String> {
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    response.status().is_redirection().then(|| location.to_owned())
}

async fn answer(
    url: &str,
    response: Response<Incoming>,
    limit: usize,
) -> Result<Vec<u8>, FetchError> {
    if response.status() != StatusCode::OK {
        return Err(FetchError::Status { url: url.to_owned(), status: response.status().as_u16() });
    }
    match Limited::new(response.into_body(), limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes().to_vec()),
        Err(error) if error.downcast_ref::<LengthLimitError>().is_some() => {
            Err(FetchError::TooLarge { url: url.to_owned(), limit })
        }
        Err(error) => Err(unreachable_peer(url, error.as_ref())),
    }
}

async fn exchange(
    url: &str,
    query: &Query<'_>,
    policy: &FetchPolicy,
) -> Result<Response<Incoming>, FetchError> {
    let uri = parse_url(url)?;
    let address = resolve(url, &uri, policy).await?;
    let stream = TcpStream::connect(address).await.map_err(|e| unreachable_peer(url, &e))?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|e| unreachable_peer(url, &e))?;
    // It ends with the exchange: whoever drops the answer drops the connection.
    tokio::spawn(connection);
    let request = request(url, &uri, query)?;
    sender.send_request(request).await.map_err(|error| unreachable_peer(url, &error))
}

fn parse_url(url: &str) -> Result<Uri, FetchError> {
    let bad = |reason| FetchError::BadUrl { url: url.chars().take(200).collect(), reason };
    if url.len() > MAX_URL {
        return Err(bad("it is too long"));
    }
    let uri: Uri = url.parse().map_err(|_| bad("it is not a URL"))?;
    let authority = uri.authority().ok_or_else(|| bad("it names no host"))?;
    if authority.as_str().contains('@') {
        return Err(bad("it holds a user name or password"));
    }
    match uri.scheme_str() {
        Some("http") => Ok(uri),
        _ => Err(bad("only http is spoken")),
    }
}

/// The address to connect to: every one that the name has is judged, and none is asked for again.
async fn resolve(url: &str, uri: &Uri, policy: &FetchPolicy) -> Result<SocketAddr, FetchError> {
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let found = tokio::net::lookup_host((host, uri.port_u16().unwrap_or(80))).await;
    let found: Vec<SocketAddr> = found.map_err(|e| unreachable_peer(url, &e))?.collect();
    if let Some(own) = found.iter().find(|one| !policy.allow_private && !is_public(one.ip())) {
        return Err(FetchError::Private { url: url.to_owned(), address: own.ip() });
    }
    let nowhere = || FetchError::Unreachable {
        url: url.to_owned(),
        reason: "its name has no address".to_owned(),
    };
    // Version 4 first: many networks announce version 6 without having it.
    let first = found.iter().find(|one| one.is_ipv4()).or(found.first());
    first.copied().ok_or_else(nowhere)
}

fn request(url: &str, uri: &Uri, query: &Query<'_>) -> Result<Request<Full<Bytes>>, FetchError> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let host = uri.authority().map_or("", |authority| authority.as_str());
    let mut request = Request::builder()
        .method(query.method.clone())
        .uri(path)
        .header(HOST, host)
        .header(ACCEPT, query.accept)
        .header(USER_AGENT, concat!("sceau/", env!("CARGO_PKG_VERSION")));
    if let Some(content_type) = query.content_type {
        request = request.header(CONTENT_TYPE, content_type);
    }
    let bad = |_| FetchError::BadUrl { url: url.to_owned(), reason: "it makes no request" };
    request.body(Full::new(Bytes::copy_from_slice(query.body))).map_err(bad)
}

fn unreachable_peer(url: &str, error: &(dyn std::error::Error + 'static)) -> FetchError {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let reason = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    FetchError::Unreachable { url: url.to_owned(), reason }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const LOCAL: FetchPolicy = FetchPolicy { allow_private: true, timeout: Duration::from_secs(5) };

    /// Serves every connection with the same answer, and then nothing more.
    async fn serve(answer: Vec<u8>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/a", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let answer = answer.clone();
                tokio::spawn(async move {
                    let mut seen = [0; 4096];
                    let _ = stream.read(&mut seen).await;
                    let _ = stream.write_all(&answer).await;
                    if answer.is_empty() {
                        tokio::time::sleep(Duration::from_secs(60)).await;
                    }
                });
            }
        });
        url
    }

    fn reply(head: &str, body: &[u8]) -> Vec<u8> {
        [format!("HTTP/1.1 {head}\r\n\r\n").as_bytes(), body].concat()
    }

    #[tokio::test]
    async fn an_answer_is_fetched_within_its_bound() {
        let url = serve(reply("200 OK\r\nContent-Length: 5", b"bytes")).await;
        assert_eq!(get(&url, "*/*", 5, &LOCAL).await.unwrap(), b"bytes");
        let error = get(&url, "*/*", 4, &LOCAL).await.unwrap_err();
        assert!(matches!(error, FetchError::TooLarge { limit: 4, .. }), "{error}");
    }

    #[tokio::test]
    async fn an_endless_answer_is_cut_off() {
        let endless = reply("200 OK\r\nContent-Length: 99999999999", &vec![0; 100_000]);
        let url = serve(endless).await;
        let error = get(&url, "*/*", 50_000, &LOCAL).await.unwrap_err();
        assert!(matches!(error, FetchError::TooLarge { .. }), "{error}");
    }

    #[tokio::test]
    async fn this_machine_is_not_asked_unless_allowed() {
        let url = serve(reply("200 OK\r\nContent-Length: 0", b"")).await;
        let strict = FetchPolicy::default();
        let error = get(&url, "*/*", 5, &strict).await.unwrap_err();
        assert!(matches!(error, FetchError::Private { .. }), "{error}");
        let by_name = url.replace("127.0.0.1", "localhost");
        let error = get(&by_name, "*/*", 5, &strict).await.unwrap_err();
        assert!(matches!(error, FetchError::Private { .. }), "{error}");
    }

    #[tokio::test]
    async fn redirects_are_bounded_and_judged_again() {
        let target = serve(reply("200 OK\r\nContent-Length: 2", b"ok")).await;
        let head = format!("302 Found\r\nLocation: {target}\r\nContent-Length: 0");
        let url = serve(reply(&head, b"")).await;
        assert_eq!(get(&url, "*/*", 5, &LOCAL).await.unwrap(), b"ok");
        let posted = post(&url, b"q", "a/b", "*/*", 5, &LOCAL).await.unwrap_err();
        assert!(matches!(posted, FetchError::Status { status: 302, .. }), "{posted}");
        let elsewhere =
            reply("302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0", b"");
        let url = serve(elsewhere).await;
        let error = get(&url, "*/*", 5, &LOCAL).await.unwrap_err();
        assert!(matches!(error, FetchError::BadUrl { .. }), "{error}");
    }

    #[tokio::test]
    async fn whoever_never_answers_is_given_up() {
        let url = serve(Vec::new()).await;
        let hasty = FetchPolicy { timeout: Duration::from_millis(200), ..LOCAL };
        let error = get(&url, "*/*", 5, &hasty).await.unwrap_err();
        assert!(matches!(error, FetchError::TimedOut { .. }), "{error}");
    }
}
