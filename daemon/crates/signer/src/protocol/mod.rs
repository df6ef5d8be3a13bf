//! What goes over the socket: an envelope with a number, so that answers may come in any order.

mod frame;

use std::path::PathBuf;

pub use frame::{FrameError, MAX_FRAME};
pub(crate) use frame::{encode_frame, read_frame, write_frame};
use serde::{Deserialize, Serialize};

use crate::{
    journal::Opening,
    request::{KeyInfo, Refusal, SignRequest, SignatureValue},
};

/// The version of this protocol; both sides are the same executable and must agree exactly.
pub const VERSION: u16 = 1;

/// A numbered message; the answer bears the number of the question.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Envelope<T> {
    pub(crate) id: u64,
    pub(crate) body: T,
}

/// What the signer may be asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub(crate) enum Ask {
    /// First, and only once: what to open.
    Hello(Hello),
    /// Which keys there are.
    Keys,
    /// Use a key.
    Sign(SignRequest),
    /// Are you there?
    Ping,
}

/// Where the signer finds what it holds. Paths, no secrets.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hello {
    pub(crate) version: u16,
    pub(crate) keys: PathBuf,
    pub(crate) journal: PathBuf,
    pub(crate) secret: PathBuf,
    pub(crate) state: Option<PathBuf>,
    pub(crate) accept_earlier_clock: bool,
}

/// What the signer answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
pub(crate) enum Reply {
    /// To `Hello`: all is open.
    Ready { version: u16, keys: Vec<KeyInfo>, entries: u64, cut_bytes: u64 },
    /// To `Hello`: why not.
    NotOpened { why: String },
    /// To `Keys`.
    Keys { keys: Vec<KeyInfo> },
    /// To `Sign`.
    Signed { value: SignatureValue },
    /// To `Sign`.
    Refused { refusal: Refusal },
    /// To `Sign`: the journal could not be written.
    NotJournalled { why: String },
    /// To `Sign`: the key failed.
    KeyFailed { why: String },
    /// To `Ping`.
    Pong,
}

impl Reply {
    pub(crate) fn ready(keys: Vec<KeyInfo>, opening: Opening) -> Self {
        let Opening { entries, cut_bytes } = opening;
        Self::Ready { version: VERSION, keys, entries, cut_bytes }
    }
}
