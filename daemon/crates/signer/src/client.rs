//! The client's end of the socket: blocking calls from any number of threads, answers matched by
//! number.

use std::{
    collections::HashMap,
    io::Write as _,
    net::Shutdown,
    os::unix::net::UnixStream,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use crate::{
    protocol::{Ask, Envelope, Reply, encode_frame, read_frame},
    request::{KeyInfo, SignError, SignRequest, SignatureValue},
};

/// How long an answer is waited for, in seconds: a group of 64 RSA-4096 signatures and a sync on a
/// slow disk stay far below.
const PATIENCE_S: u64 = 30;

/// A connection to a signer; clones share it. The last one dropped closes it, and the signer ends.
#[derive(Debug, Clone)]
pub struct SignerClient {
    shared: Arc<Shared>,
}

/// What the clones hold; the reading thread holds only the inner part, so that it does not keep the
/// connection open.
#[derive(Debug)]
struct Shared {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    stream: UnixStream,
    writing: Mutex<()>,
    pending: Mutex<Pending>,
}

#[derive(Debug, Default)]
struct Pending {
    next: u64,
    gone: bool,
    waiting: HashMap<u64, SyncSender<Reply>>,
}

impl SignerClient {
    /// Speaks to a signer that has been told what to open.
    pub fn new(stream: UnixStream) -> std::io::Result<Self> {
        let reading = stream.try_clone()?;
        stream.set_write_timeout(Some(Duration::from_secs(PATIENCE_S)))?;
        let (writing, pending) = (Mutex::default(), Mutex::default());
        let inner = Arc::new(Inner { stream, writing, pending });
        let listener = Arc::clone(&inner);
        thread::Builder::new()
            .name("signer-client".into())
            .spawn(move || listener.listen(reading))?;
        Ok(Self { shared: Arc::new(Shared { inner }) })
    }

    /// Asks for a signature and waits for it. The same request may be asked again after
    /// [`SignError::Gone`] and [`SignError::Late`]: the same bytes give the same signature.
    pub fn sign(&self, request: SignRequest) -> Result<SignatureValue, SignError> {
        match self.ask(Ask::Sign(request))? {
            Reply::Signed { value } => Ok(value),
            Reply::Refused { refusal } => Err(SignError::Refused(refusal)),
            Reply::NotJournalled { why } => Err(SignError::Journal(why)),
            Reply::KeyFailed { why } => Err(SignError::Key(why)),
            _ => Err(self.confused()),
        }
    }

    /// The keys that the signer holds.
    pub fn keys(&self) -> Result<Vec<KeyInfo>, SignError> {
        match self.ask(Ask::Keys)? {
            Reply::Keys { keys } => Ok(keys),
            _ => Err(self.confused()),
        }
    }

    /// Whether the signer answers.
    pub fn ping(&self) -> Result<(), SignError> {
        match self.ask(Ask::Ping)? {
            Reply::Pong => Ok(()),
            _ => Err(self.confused()),
        }
    }

    /// True when the signer has ended or its socket failed: every further call is
    /// [`SignError::Gone`].
    pub fn is_gone(&self) -> bool {
        self.shared.inner.pending().gone
    }

    /// Closes the connection for all clones; the signer answers what it has begun, and ends.
    pub fn close(&self) {
        let _ = self.shared.inner.stream.shutdown(Shutdown::Write);
    }

    fn ask(&self, body: Ask) -> Result<Reply, SignError> {
        let inner = &self.shared.inner;
        let (sender, receiver) = sync_channel(1);
        let id = inner.expect_answer(sender)?;
        let frame = encode_frame(&Envelope { id, body }).map_err(|_| SignError::TooLarge);
        let sent = frame.and_then(|frame| inner.send(&frame));
        if let Err(error) = sent {
            inner.pending().waiting.remove(&id);
            return Err(error);
        }
        receiver.recv_timeout(Duration::from_secs(PATIENCE_S)).map_err(|error| {
            inner.pending().waiting.remove(&id);
            match error {
                std::sync::mpsc::RecvTimeoutError::Timeout => SignError::Late(PATIENCE_S),
                std::sync::mpsc::RecvTimeoutError::Disconnected => SignError::Gone,
            }
        })
    }

    /// An answer of another kind than the question: the peer cannot be relied on any more.
    fn confused(&self) -> SignError {
        let _ = self.shared.inner.stream.shutdown(Shutdown::Both);
        SignError::Gone
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let _ = self.inner.stream.shutdown(Shutdown::Both);
    }
}

impl Inner {
    /// A panic elsewhere leaves the map usable: every change to it is one call.
    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn expect_answer(&self, sender: SyncSender<Reply>) -> Result<u64, SignError> {
        let mut pending = self.pending();
        if pending.gone {
            return Err(SignError::Gone);
        }
        pending.next += 1;
        let id = pending.next;
        pending.waiting.insert(id, sender);
        Ok(id)
    }

    /// A frame that was written in part cannot be taken back: the connection ends with it.
    fn send(&self, frame: &[u8]) -> Result<(), SignError> {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut stream = &self.stream;
        stream.write_all(frame).map_err(|_| {
            let _ = stream.shutdown(Shutdown::Both);
            SignError::Gone
        })
    }

    fn listen(&self, mut stream: UnixStream) {
        while let Ok(Some(Envelope { id, body })) = read_frame::<Envelope<Reply>>(&mut stream) {
            if let Some(sender) = self.pending().waiting.remove(&id) {
                let _ = sender.try_send(body);
            }
        }
        let mut pending = self.pending();
        pending.gone = true;
        // Dropping the senders wakes every caller.
        pending.waiting.clear();
    }
}
