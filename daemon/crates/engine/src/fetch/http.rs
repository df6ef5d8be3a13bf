//! What certificates' addresses are asked for, and how far: the bounds of `outbound` for strangers.

use std::time::Duration;

use sceau_outbound::{Answer, Ask, Bounds, Fault, OutboundError, Schemes, Target, exchange};

/// Most redirects that are followed, of a GET only.
const MAX_REDIRECTS: usize = 3;

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
    /// More than three redirects.
    #[error("{url} redirects too often")]
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
    let ask = Ask { method: "GET", headers: &[("accept", accept)], body: &[] };
    bounded(url, &ask, limit, policy).await
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
    let headers = [("accept", accept), ("content-type", content_type)];
    let ask = Ask { method: "POST", headers: &headers, body };
    bounded(url, &ask, limit, policy).await
}

async fn bounded(
    url: &str,
    ask: &Ask<'_>,
    limit: usize,
    policy: &FetchPolicy,
) -> Result<Vec<u8>, FetchError> {
    let bounds = Bounds {
        // RFC 5280 §8: an address that needs TLS needs a certificate that needs an address.
        schemes: Schemes::Http,
        allow_private: policy.allow_private,
        redirects: MAX_REDIRECTS,
        answer: limit,
        total: policy.timeout,
    };
    let target = Target::parse(url, bounds.schemes)?;
    let Answer { url, status, body, .. } = exchange(&target, ask, &bounds).await?;
    match status {
        200 => Ok(body),
        status => Err(FetchError::Status { url, status }),
    }
}

impl From<OutboundError> for FetchError {
    fn from(OutboundError { url, fault }: OutboundError) -> Self {
        match fault {
            Fault::BadUrl(reason) => Self::BadUrl { url, reason },
            Fault::Private(address) => Self::Private { url, address },
            Fault::TimedOut(limit) => Self::TimedOut { url, seconds: limit.as_secs() },
            Fault::Redirects => Self::Redirects { url },
            Fault::TooLarge(limit) => Self::TooLarge { url, limit },
            other => Self::Unreachable { url, reason: other.to_string() },
        }
    }
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
