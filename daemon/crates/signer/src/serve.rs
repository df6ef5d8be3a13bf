//! The serving loop: reads requests, gathers what waits into groups, answers.

use std::{
    collections::VecDeque,
    io::Write as _,
    os::unix::net::UnixStream,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

use jiff::Timestamp;
use thiserror::Error;

use crate::{
    journal::MAX_GROUP,
    protocol::{Ask, Envelope, FrameError, Reply, encode_frame, read_frame},
    request::{SignError, SignRequest},
    signer::{Answer, Signer},
};

/// How many requests may wait inside the signer; more wait in the socket.
const QUEUE: usize = 2 * MAX_GROUP;

/// Why the serving loop ended otherwise than by the end of its stream.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The peer spoke wrongly, or the socket failed.
    #[error("the signer's peer: {0}")]
    Peer(#[from] FrameError),
    /// The peer said `Hello` twice.
    #[error("the signer's peer said hello twice")]
    SecondHello,
    /// The journal's state on the disk is unknown.
    #[error("the signer's journal must be opened anew")]
    Journal,
}

type Incoming = Result<Envelope<Ask>, FrameError>;

/// Serves one peer until it closes the stream; what was asked before that is still answered (or the
/// answers are lost with the peer). `now` is asked once for each group.
pub fn serve(
    stream: UnixStream,
    mut signer: Signer,
    now: &dyn Fn() -> Timestamp,
) -> Result<(), ServeError> {
    let reading = stream.try_clone().map_err(FrameError::Io)?;
    thread::scope(|scope| {
        // Dropped in this order, by an error and by a panic alike: the reader waits neither for
        // room in the queue nor for a frame that nobody would answer.
        let closing = Closing(&stream);
        let (sender, receiver) = sync_channel(QUEUE);
        scope.spawn(|| read_all(reading, sender));
        serve_groups(closing.0, &mut signer, &receiver, now)
    })
}

/// Closes the stream for both sides when dropped.
struct Closing<'s>(&'s UnixStream);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        let _ = self.0.shutdown(std::net::Shutdown::Both);
    }
}

fn read_all(mut stream: UnixStream, sender: SyncSender<Incoming>) {
    loop {
        let incoming = match read_frame(&mut stream) {
            Ok(Some(envelope)) => Ok(envelope),
            Ok(None) => return,
            Err(error) => Err(error),
        };
        let last = incoming.is_err();
        if sender.send(incoming).is_err() || last {
            return;
        }
    }
}

fn serve_groups(
    stream: &UnixStream,
    signer: &mut Signer,
    receiver: &Receiver<Incoming>,
    now: &dyn Fn() -> Timestamp,
) -> Result<(), ServeError> {
    let mut waiting: VecDeque<(u64, SignRequest)> = VecDeque::new();
    loop {
        let mut replies = Vec::new();
        if waiting.is_empty() {
            match receiver.recv() {
                Ok(incoming) => sort_in(incoming?, signer, &mut waiting, &mut replies)?,
                Err(_) => return Ok(()),
            }
        }
        while waiting.len() < MAX_GROUP
            && let Ok(incoming) = receiver.try_recv()
        {
            sort_in(incoming?, signer, &mut waiting, &mut replies)?;
        }
        answer_group(signer, &mut waiting, &mut replies, now().as_millisecond())?;
        let mut stream = stream;
        stream.write_all(&replies).map_err(FrameError::Io)?;
        if signer.is_broken() {
            return Err(ServeError::Journal);
        }
    }
}

/// What needs no key is answered at once; the rest waits for its group.
fn sort_in(
    envelope: Envelope<Ask>,
    signer: &Signer,
    waiting: &mut VecDeque<(u64, SignRequest)>,
    replies: &mut Vec<u8>,
) -> Result<(), ServeError> {
    let reply = match envelope.body {
        Ask::Sign(request) => {
            waiting.push_back((envelope.id, request));
            return Ok(());
        }
        Ask::Keys => Reply::Keys { keys: signer.keys() },
        Ask::Ping => Reply::Pong,
        Ask::Hello(_) => return Err(ServeError::SecondHello),
    };
    put(replies, envelope.id, reply)
}

fn answer_group(
    signer: &mut Signer,
    waiting: &mut VecDeque<(u64, SignRequest)>,
    replies: &mut Vec<u8>,
    now_ms: i64,
) -> Result<(), ServeError> {
    let (ids, group): (Vec<u64>, Vec<SignRequest>) = waiting.drain(..).unzip();
    let answers = signer.answer(&group, now_ms);
    for ((id, request), answer) in ids.into_iter().zip(group).zip(answers) {
        match answer {
            Some(answer) => put(replies, id, reply_to(answer))?,
            None => waiting.push_back((id, request)),
        }
    }
    Ok(())
}

fn reply_to(answer: Answer) -> Reply {
    match answer {
        Ok(value) => Reply::Signed { value },
        Err(SignError::Refused(refusal)) => Reply::Refused { refusal },
        Err(SignError::Key(why)) => Reply::KeyFailed { why },
        Err(other) => Reply::NotJournalled { why: other.to_string() },
    }
}

fn put(replies: &mut Vec<u8>, id: u64, body: Reply) -> Result<(), ServeError> {
    replies.extend(encode_frame(&Envelope { id, body })?);
    Ok(())
}
