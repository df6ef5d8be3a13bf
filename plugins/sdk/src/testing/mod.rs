//! A double of the host, for native tests of plugins: everything is granted unless the test says
//! otherwise, nothing is slow, and what the plugin did can be looked at afterwards.
//!
//! `sceau plugin test` then runs the component itself as the daemon would; this double is for the
//! quick tests beside the code.

#[expect(clippy::module_inception, reason = "names that the generated bindings give")]
pub(crate) mod host;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::Input;
use crate::documents::Signature;
use crate::events::EventError;
use crate::filing::{Filed, FilingError};
use crate::http::{HttpError, Request, Response};

thread_local! {
    static HOST: RefCell<TestHost> = RefCell::new(TestHost::default());
}

type Answerer = Box<dyn FnMut(&Request) -> Result<Response, HttpError>>;

/// A capability that a test can take away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capability {
    /// `documents`.
    Documents,
    /// `document-output`.
    DocumentOutput,
    /// `events`.
    Events,
    /// `state`.
    State,
    /// `http`.
    Http,
    /// `filing`.
    Filing,
}

/// The host of one test.
#[derive(Default)]
pub struct TestHost {
    documents: BTreeMap<String, TestDocument>,
    order: Vec<String>,
    settings: String,
    now_ms: u64,
    context: BTreeMap<String, String>,
    state: BTreeMap<String, (Vec<u8>, u64)>,
    denied: BTreeSet<Capability>,
    answerer: Option<Answerer>,
    writing: Option<Vec<u8>>,
    filing: Option<Result<Filed, FilingError>>,
    seen: Seen,
}

/// What a plugin did.
#[derive(Debug, Default)]
pub struct Seen {
    /// Its log lines.
    pub log: Vec<String>,
    /// Its events: name and JSON text.
    pub events: Vec<(String, String)>,
    /// Its requests, in order.
    pub requests: Vec<Request>,
    /// The documents that it put into directories: `directory/path`.
    pub filed: Vec<String>,
    /// The document that it made.
    pub written: Option<Vec<u8>>,
    /// Its memory afterwards.
    pub state: BTreeMap<String, Vec<u8>>,
}

/// A document of a test: its pages are texts.
#[derive(Clone, Debug, Default)]
pub struct TestDocument {
    name: String,
    bytes: Vec<u8>,
    pages: Vec<String>,
    metadata: BTreeMap<String, String>,
    signatures: Vec<Signature>,
}

impl TestDocument {
    /// A document with this file name, without pages.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), bytes: b"%PDF-1.7\n".to_vec(), ..Self::default() }
    }

    /// The same with one more page of this text.
    #[must_use]
    pub fn page(mut self, text: &str) -> Self {
        self.pages.push(text.to_owned());
        self
    }

    /// The same with these bytes.
    #[must_use]
    pub fn bytes(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.bytes = bytes.into();
        self
    }

    /// The same with an entry of the document information.
    #[must_use]
    pub fn metadata(mut self, key: &str, value: &str) -> Self {
        self.metadata.insert(key.to_owned(), value.to_owned());
        self
    }

    /// The same with a filled signature field.
    #[must_use]
    pub fn signature(mut self, signature: Signature) -> Self {
        self.signatures.push(signature);
        self
    }
}

impl TestHost {
    /// A host without documents, whose clock stands at 2026-01-01T00:00:00Z.
    pub fn new() -> Self {
        Self { now_ms: 1_767_225_600_000, settings: "{}".to_owned(), ..Self::default() }
    }

    /// The same with one more document; its id is its place: `document-1`, `document-2` ...
    #[must_use]
    pub fn document(mut self, document: TestDocument) -> Self {
        let id = format!("document-{}", self.order.len() + 1);
        self.order.push(id.clone());
        self.documents.insert(id, document);
        self
    }

    /// The same with these settings, JSON.
    #[must_use]
    pub fn settings(mut self, settings: &str) -> Self {
        self.settings = settings.to_owned();
        self
    }

    /// The same with a key of the context.
    #[must_use]
    pub fn context(mut self, key: &str, value: &str) -> Self {
        self.context.insert(key.to_owned(), value.to_owned());
        self
    }

    /// The same at another moment, in milliseconds since 1970.
    #[must_use]
    pub fn now_ms(mut self, now_ms: u64) -> Self {
        self.now_ms = now_ms;
        self
    }

    /// The same with something in its memory, at version 1.
    #[must_use]
    pub fn remembers(mut self, key: &str, value: impl Into<Vec<u8>>) -> Self {
        self.state.insert(key.to_owned(), (value.into(), 1));
        self
    }

    /// The same without a capability.
    #[must_use]
    pub fn deny(mut self, capability: Capability) -> Self {
        self.denied.insert(capability);
        self
    }

    /// The same with a network: `answer` answers each request.
    #[must_use]
    pub fn network(
        mut self,
        answer: impl FnMut(&Request) -> Result<Response, HttpError> + 'static,
    ) -> Self {
        self.answerer = Some(Box::new(answer));
        self
    }

    /// The same with directories that answer so; else whatever is put there is written.
    #[must_use]
    pub fn directories(mut self, answer: Result<Filed, FilingError>) -> Self {
        self.filing = Some(answer);
        self
    }

    /// Runs `act` against this host; its answer, and what it did.
    pub fn run<T>(self, act: impl FnOnce(Input) -> T) -> (T, Seen) {
        let input = Input {
            dossier: "D1".to_owned(),
            step: "test".to_owned(),
            attempt: 1,
            idempotency_key: "test-1".to_owned(),
            documents: self.order.clone(),
            settings: self.settings.clone(),
        };
        HOST.with(|host| *host.borrow_mut() = self);
        let answer = act(input);
        let mut host = HOST.with(RefCell::take);
        host.seen.state = host.state.into_iter().map(|(key, (value, _))| (key, value)).collect();
        (answer, host.seen)
    }

    fn emit(&mut self, name: &str, data: &str) -> Result<(), EventError> {
        if self.denied.contains(&Capability::Events) {
            return Err(EventError::Denied);
        }
        if serde_json::from_str::<serde_json::Value>(data).is_err() {
            return Err(EventError::Invalid("the data is no JSON".to_owned()));
        }
        self.seen.events.push((name.to_owned(), data.to_owned()));
        Ok(())
    }
}

fn with<T>(act: impl FnOnce(&mut TestHost) -> T) -> T {
    HOST.with(|host| act(&mut host.borrow_mut()))
}
