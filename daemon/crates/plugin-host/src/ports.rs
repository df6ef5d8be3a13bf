//! What a plugin can reach of the world; whoever runs one implements these. Each call has passed
//! the plugin's rights before it comes here.

use std::fmt;
use std::ops::Range;
use std::time::{Duration, Instant};

pub use crate::host::url::Target;
use crate::limits::MOST_HELD;

/// The documents of one step, and no others.
pub trait Documents: Send {
    /// Opens one of them; `None` when no document of this step has that id.
    fn open(&mut self, id: &str) -> Option<Box<dyn Document>>;
}

/// A document.
pub trait Document: Send {
    /// Name of the file as it came in.
    fn name(&self) -> String;
    /// Such as `application/pdf`.
    fn media_type(&self) -> String;
    /// Length in bytes.
    fn size(&self) -> u64;
    /// Digest of its bytes.
    fn sha256(&self) -> [u8; 32];
    /// Exactly `count` bytes from `offset`; the range lies within the document.
    fn read(&mut self, offset: u64, count: u32) -> Result<Vec<u8>, Unreadable>;
    /// How many pages it has.
    fn page_count(&mut self) -> Result<u32, Unreadable>;
    /// Text of a page, from 1; `None` when there is no such page.
    fn page_text(&mut self, page: u32) -> Result<Option<String>, Unreadable>;
    /// Where characters of a page's text stand, a box for each line; `None` when there is no such page,
    /// or its text ends before.
    fn text_places(
        &mut self,
        page: u32,
        characters: Range<usize>,
    ) -> Result<Option<Vec<PageBox>>, Unreadable>;
    /// All of a page that is shown; `None` when there is no such page.
    fn page_box(&mut self, page: u32) -> Result<Option<PageBox>, Unreadable>;
    /// An entry of the document information.
    fn metadata(&mut self, key: &str) -> Result<Option<String>, Unreadable>;
    /// The filled signature fields.
    fn signatures(&mut self) -> Result<Vec<SignatureNote>, Unreadable>;
}

/// A place on a page, in points from the lower left corner of its crop box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PageBox {
    /// From the left edge.
    pub x: f64,
    /// From the lower edge.
    pub y: f64,
    /// Its extent.
    pub width: f64,
    /// Its extent.
    pub height: f64,
}

/// The document could not be read; says why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

/// What a signature field says; not validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureNote {
    /// Name of the field.
    pub field: String,
    /// Name in the certificate.
    pub signatory: Option<String>,
    /// Claimed, milliseconds since 1970.
    pub signed_at_ms: Option<u64>,
    /// Whether nothing follows what it covers.
    pub covers_whole_document: bool,
}

/// HTTP out. It resolves the name itself, refuses addresses that are not public unless
/// `may_be_private`, connects to the very address that it checked, and follows no redirect.
pub trait Http: Send + Sync {
    /// Sends one request. Returns before `deadline`, whatever the other side does.
    fn send(&self, request: HttpRequest, deadline: Instant) -> Result<HttpResponse, HttpError>;
}

/// No network at all.
#[derive(Clone, Copy, Debug)]
pub struct NoHttp;

impl Http for NoHttp {
    fn send(&self, _request: HttpRequest, _deadline: Instant) -> Result<HttpResponse, HttpError> {
        Err(HttpError::Connect("there is no network here".to_owned()))
    }
}

/// A request that passed the plugin's rights; secrets are filled in.
pub struct HttpRequest {
    /// `GET`, `HEAD`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: String,
    /// Where to.
    pub target: Target,
    /// Whether the name may lead to a private or loopback address.
    pub may_be_private: bool,
    /// Names in lower case; no name or value could end its line.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Option<Vec<u8>>,
    /// Most bytes of the answer's body.
    pub most_body: usize,
}

impl fmt::Debug for HttpRequest {
    /// Without header values: they may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}:{}{}", self.method, self.target.host, self.target.port, self.target.path)
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpResponse {
    /// Status code.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The name leads to an address that is not public.
    #[error("{0} is not a public address")]
    Private(String),
    /// The time was over.
    #[error("the time was over")]
    Timeout,
    /// The name was not found.
    #[error("the name was not found: {0}")]
    Dns(String),
    /// No connection.
    #[error("no connection: {0}")]
    Connect(String),
    /// The other side's certificate, or another fault of TLS.
    #[error("TLS: {0}")]
    Tls(String),
    /// The answer's body is larger than this many bytes.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(u64),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

/// A plugin's memory for one société.
pub trait State: Send {
    /// Value and version.
    fn get(&mut self, key: &str) -> Result<Option<(Vec<u8>, u64)>, StateError>;
    /// Makes a change where what it expects holds and [`has_room`] says yes; the new version. Nobody else
    /// changes this memory between the look and the change.
    fn put(&mut self, change: &Change<'_>) -> Result<u64, StateError>;
    /// Keys with their size in bytes (key and value), in order. Costs as much as there are keys, however
    /// large their values.
    fn sizes(&mut self) -> Result<Vec<(String, u64)>, StateError>;
}

/// A change of a plugin's memory.
#[derive(Clone, Copy, Debug)]
pub struct Change<'c> {
    /// Which key.
    pub key: &'c str,
    /// What it shall hold; `None` removes it.
    pub value: Option<&'c [u8]>,
    /// What must hold for the change to be made.
    pub expected: Expected,
    /// Most bytes of all keys and values together.
    pub quota: u64,
}

/// Whether a memory with these keys may hold the change: at most [`MOST_HELD`] keys, and the quota's bytes.
/// What is removed has room always.
pub fn has_room(sizes: &[(String, u64)], change: &Change<'_>) -> Result<(), StateError> {
    let Some(value) = change.value else { return Ok(()) };
    let others = sizes.iter().filter(|(name, _)| name != change.key);
    let (count, bytes) =
        others.fold((0, 0_u64), |(n, sum), (_, size)| (n + 1, sum.saturating_add(*size)));
    let all = bytes.saturating_add((change.key.len() + value.len()) as u64);
    if count >= MOST_HELD || all > change.quota {
        return Err(StateError::Full(change.quota));
    }
    Ok(())
}

/// What must hold for a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Nothing.
    Anything,
    /// There is no such key.
    Absent,
    /// It is at this version.
    Version(u64),
}

impl Expected {
    /// Whether it holds for a key that is at `version`; 0 when absent.
    pub fn holds(self, version: u64) -> bool {
        match self {
            Self::Anything => true,
            Self::Absent => version == 0,
            Self::Version(wanted) => wanted == version && version != 0,
        }
    }
}

/// Why the memory did not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// It is at this version; 0 when absent.
    #[error("it is at version {0}")]
    Conflict(u64),
    /// It would hold more than it may: the quota, in bytes.
    #[error("it would hold more than {0} bytes, or too many keys")]
    Full(u64),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

/// Directories that the operator named.
pub trait Filing: Send + Sync {
    /// Puts a document there, durably, under a name where nothing stands; returns at the order's deadline,
    /// whatever the disk does. What a directory that does not answer does later, it does to the same end.
    fn put(&self, order: FilingOrder) -> Result<Filed, FilingError>;
}

/// What is to be put where. Directory and path are checked before.
pub struct FilingOrder {
    /// The document.
    pub document: Box<dyn Document>,
    /// Name of the directory, as it was granted.
    pub directory: String,
    /// Names beneath it, at least one; none is hidden or leads elsewhere.
    pub path: Vec<String>,
    /// When the run's time is over.
    pub deadline: Instant,
}

impl fmt::Debug for FilingOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.directory, self.path.join("/"))
    }
}

/// How it stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filed {
    /// It was written.
    Written,
    /// The same bytes stood there already.
    Already,
}

/// Why it does not stand there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilingError {
    /// Something else stands there.
    #[error("something else stands there")]
    Exists,
    /// The directory is away, full, or refuses.
    #[error("{0}")]
    Unavailable(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

/// No directory at all.
#[derive(Clone, Copy, Debug)]
pub struct NoFiling;

impl Filing for NoFiling {
    fn put(&self, _order: FilingOrder) -> Result<Filed, FilingError> {
        Err(FilingError::Other("there is no directory here".to_owned()))
    }
}

/// The values of secrets by name. Their names are checked before.
pub trait Secrets: Send + Sync {
    /// The secret, or why there is none (never its value).
    fn secret(&self, name: &str) -> Result<String, String>;
}

/// The moment.
pub trait Clock: Send {
    /// Milliseconds since 1970.
    fn now_ms(&self) -> u64;
    /// Since the run began.
    fn monotonic(&self) -> Duration;
}

/// Unpredictable bytes.
pub trait Random: Send {
    /// Fills `bytes`.
    fn fill(&mut self, bytes: &mut [u8]);
}
