//! Asking a time-stamping authority over HTTP (RFC 3161 §3.4).
//!
//! One request, one answer, no redirects, no cookies, no credentials. What comes back is bytes from
//! outside: its size, its content type and the time it may take are bounded here; what it says is
//! judged by the `pki` room.

use std::time::Duration;

use sceau_outbound::{Answer, Ask, Bounds, Fault, OutboundError, Schemes, Target, exchange};

/// The largest answer that is read, in bytes. Real ones have 1 to 12 KiB.
pub const MAX_RESPONSE: usize = 64 * 1024;

/// How long the whole exchange may take at most, name resolution and connecting included.
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
    /// The peer took longer than it was given.
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
/// The address is the operator's word, and may be of this machine or of a private network.
///
/// # Errors
/// See [`TsaError`]; nothing is retried here.
pub async fn request(url: &str, request_der: &[u8]) -> Result<Vec<u8>, TsaError> {
    request_within(url, request_der, TOTAL_TIMEOUT).await
}

/// The same with an answer within `limit`, and within [`TOTAL_TIMEOUT`] in any case.
///
/// # Errors
/// See [`TsaError`]; nothing is retried here.
pub async fn request_within(
    url: &str,
    request_der: &[u8],
    limit: Duration,
) -> Result<Vec<u8>, TsaError> {
    let bounds = Bounds {
        schemes: Schemes::HttpAndHttps,
        allow_private: true,
        redirects: 0,
        answer: MAX_RESPONSE,
        total: limit.min(TOTAL_TIMEOUT),
    };
    let headers = [("accept", REPLY), ("content-type", QUERY)];
    let ask = Ask { method: "POST", headers: &headers, body: request_der };
    let target = Target::parse(url, bounds.schemes)?;
    let answer = exchange(&target, &ask, &bounds).await?;
    checked(answer)
}

/// The body of what is a timestamp reply.
fn checked(answer: Answer) -> Result<Vec<u8>, TsaError> {
    if answer.status != 200 {
        return Err(TsaError::Status { url: answer.url, status: answer.status });
    }
    let content_type = answer.header("content-type").unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(REPLY) {
        return Ok(answer.body);
    }
    let content_type = content_type.chars().take(100).collect();
    Err(TsaError::ContentType { url: answer.url, content_type })
}

impl From<OutboundError> for TsaError {
    fn from(OutboundError { url, fault }: OutboundError) -> Self {
        match fault {
            Fault::BadUrl(reason) => Self::BadUrl { url, reason },
            Fault::NoTlsRoots(why) => Self::NoTlsRoots(why),
            Fault::TimedOut(limit) => Self::TimedOut { url, seconds: limit.as_secs() },
            Fault::TooLarge(_) => Self::TooLarge { url },
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
