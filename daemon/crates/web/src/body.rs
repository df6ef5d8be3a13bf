//! The body of a request as bytes that come in their own time: bounded in length, in pace and in
//! what is held in memory.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};

/// How much of a refused body is read, so that its sender hears the answer (bytes).
const LINGER_BYTES: u64 = 4 << 20;
/// How long its connection is kept for that.
const LINGER: Duration = Duration::from_secs(2);

/// A shared view of the body: a form's reader and the one who drains it read the same bytes.
#[derive(Clone)]
pub(crate) struct Tap(Arc<Mutex<Inner>>);

struct Inner {
    stream: BodyDataStream,
    /// How many more bytes may come before somebody allows more.
    allowed: u64,
    /// The next poll waits, whatever is there.
    rest: bool,
}

/// Why no more bytes come.
#[derive(Debug)]
pub(crate) enum Dry {
    /// More came than allowed.
    TooMuch,
    /// The connection broke.
    Broken,
}

impl std::fmt::Display for Dry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TooMuch => "the body is longer than allowed",
            Self::Broken => "the connection broke",
        })
    }
}

impl std::error::Error for Dry {}

impl Tap {
    /// The body, of which at most `allowed` bytes are read.
    pub(crate) fn new(body: Body, allowed: u64) -> Self {
        let stream = body.into_data_stream();
        Self(Arc::new(Mutex::new(Inner { stream, allowed, rest: false })))
    }

    /// From now on at most `bytes` more are read.
    pub(crate) fn allow(&self, bytes: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).allowed = bytes;
    }

    /// How many more bytes may come.
    #[cfg(test)]
    pub(crate) fn allowed(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).allowed
    }

    /// Reads on for a while, beside the answer, what nobody wants: a connection that is closed (or a
    /// stream that is reset) over unread bytes may take the answer with it. Where the sender waits
    /// for `100 Continue` nothing is read, as reading would ask for the body.
    pub(crate) async fn linger(mut self, headers: HeaderMap) {
        self.allow(LINGER_BYTES);
        let drain = async {
            while !headers.contains_key(header::EXPECT) {
                match self.next().await {
                    None => return,
                    Some(Ok(_)) => {}
                    Some(Err(_)) => break,
                }
            }
            // What is left stays where it is until the answer is out.
            std::future::pending::<()>().await;
        };
        let _ = tokio::time::timeout(LINGER, drain).await;
    }
}

/// One piece each time it is polled: who reads "all that is there" (as readers of forms do) gets no
/// more than one piece before he has worked on it.
impl Stream for Tap {
    type Item = Result<Bytes, Dry>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::take(&mut inner.rest) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let piece = match inner.stream.poll_next_unpin(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(None) => return Poll::Ready(None),
            Poll::Ready(Some(Err(_))) => return Poll::Ready(Some(Err(Dry::Broken))),
            Poll::Ready(Some(Ok(piece))) => piece,
        };
        let Some(left) = inner.allowed.checked_sub(piece.len() as u64) else {
            return Poll::Ready(Some(Err(Dry::TooMuch)));
        };
        inner.allowed = left;
        inner.rest = true;
        Poll::Ready(Some(Ok(piece)))
    }
}

/// The length that the caller announces, in bytes.
pub(crate) fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn pieces_come_one_by_one_and_no_more_than_allowed() {
        let pieces = futures_util::stream::iter(
            [&b"abc"[..], b"def", b"gh"].map(|piece| Ok::<_, std::io::Error>(piece.to_vec())),
        );
        let mut tap = Tap::new(Body::from_stream(pieces), 6);
        assert_eq!(tap.next().await.unwrap().unwrap(), "abc");
        assert!(tap.next().now_or_never().is_none(), "two pieces in one go");
        assert_eq!(tap.next().await.unwrap().unwrap(), "def");
        assert_eq!(tap.allowed(), 0);
        assert!(matches!(tap.next().await, Some(Err(Dry::TooMuch))));
    }
}
