//! The world of a case: its document, a recorded network, a clock that stands, a memory, secrets.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sceau_engine::plugins::PdfDocument;
use sceau_plugin_host::World;
use sceau_plugin_host::ports::{
    Change, Clock, Document, Documents, Filed, Filing, FilingError, FilingOrder, Http, HttpError,
    HttpRequest, HttpResponse, Random, Secrets, State, StateError, has_room,
};
use serde_json::{Value, json};

use super::case::{Case, Exchange};

/// The id of a case's document.
pub(super) const DOCUMENT: &str = "document";

/// What of the world can be looked at afterwards.
pub(super) struct Traces {
    pub(super) network: Arc<Recorded>,
    pub(super) memory: Memory,
    pub(super) directories: Arc<Directories>,
}

pub(super) fn world(case: &Case, folder: &Path, explain: bool) -> Result<(World, Traces), String> {
    let document = case.document.as_ref().map(|file| bytes(&folder.join(file))).transpose()?;
    let file = case.document.as_ref().and_then(|file| file.file_name()?.to_str());
    let name = case.file_name.clone().or_else(|| file.map(str::to_owned)).unwrap_or_default();
    let network = Arc::new(Recorded::new(&case.http));
    let memory = Memory::new(&case.state);
    let directories = Arc::new(Directories::new(&case.stands));
    let world = World {
        documents: Box::new(OneDocument { bytes: document.map(Arc::new), name: name.clone() }),
        http: network.clone(),
        filing: directories.clone(),
        state: Box::new(memory.clone()),
        secrets: Arc::new(Named(case.secrets.clone())),
        clock: Box::new(Still(case.now)),
        random: Box::new(Counted(0)),
        context: context(case, name),
        explain,
    };
    Ok((world, Traces { network, memory, directories }))
}

fn bytes(file: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))
}

fn context(case: &Case, name: String) -> BTreeMap<String, String> {
    let always = [
        ("societe", "exemple"),
        ("workflow", "essai"),
        ("channel", "folder"),
        ("folder", "essai"),
        ("language", "fr"),
        ("host-version", env!("CARGO_PKG_VERSION")),
    ];
    let mut context: BTreeMap<String, String> =
        always.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    context.insert("file-name".to_owned(), name);
    context.extend(case.context.clone());
    context
}

struct OneDocument {
    bytes: Option<Arc<Vec<u8>>>,
    name: String,
}

impl Documents for OneDocument {
    fn open(&mut self, id: &str) -> Option<Box<dyn Document>> {
        let bytes = self.bytes.clone().filter(|_| id == DOCUMENT)?;
        Some(Box::new(PdfDocument::hashed(bytes, self.name.clone())))
    }
}

/// Answers what was recorded, in order, and nothing else.
pub(super) struct Recorded {
    left: Mutex<VecDeque<Exchange>>,
    seen: Mutex<Vec<Value>>,
}

impl Recorded {
    fn new(exchanges: &[Exchange]) -> Self {
        Self { left: Mutex::new(exchanges.iter().cloned().collect()), seen: Mutex::default() }
    }

    /// The requests that came, with what their secrets were filled with.
    pub(super) fn seen(&self) -> Vec<Value> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The recorded ones that nobody asked.
    pub(super) fn left(&self) -> Vec<String> {
        let left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.iter().map(|exchange| format!("{} {}", exchange.method, exchange.url)).collect()
    }
}

impl Http for Recorded {
    fn send(&self, request: HttpRequest, _: Instant) -> Result<HttpResponse, HttpError> {
        let url = url(&request);
        let body = request.body.as_deref().map(told);
        let headers: BTreeMap<_, _> = request.headers.iter().cloned().collect();
        let seen =
            json!({ "method": request.method, "url": url, "headers": headers, "body": body });
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
        let next = self.left.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let same = |next: &Exchange| {
            sceau_plugin_host::ports::Target::parse(&next.url) == Some(request.target.clone())
                && next.method == request.method
        };
        let Some(exchange) = next.filter(same) else {
            return Err(HttpError::Other(format!("nothing is recorded for {request:?}")));
        };
        match exchange.fails.as_deref() {
            None => Ok(HttpResponse {
                status: exchange.status,
                headers: exchange.headers.into_iter().collect(),
                body: exchange.body.into_bytes(),
            }),
            Some("timeout") => Err(HttpError::Timeout),
            Some("dns") => Err(HttpError::Dns(request.target.host)),
            Some(other) => Err(HttpError::Connect(other.to_owned())),
        }
    }
}

/// Notes what would be written, and answers as the case says.
pub(super) struct Directories {
    stands: BTreeMap<String, String>,
    seen: Mutex<Vec<Value>>,
}

impl Directories {
    fn new(stands: &BTreeMap<String, String>) -> Self {
        Self { stands: stands.clone(), seen: Mutex::default() }
    }

    /// What was asked for, with how it was answered.
    pub(super) fn seen(&self) -> Vec<Value> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn answer(&self, directory: &str, path: &str) -> Result<Filed, FilingError> {
        let says = |key: &str| self.stands.get(key).map(String::as_str);
        if says(directory) == Some("away") {
            return Err(FilingError::Unavailable("the directory is away".to_owned()));
        }
        match says(&format!("{directory}/{path}")) {
            None => Ok(Filed::Written),
            Some("same") => Ok(Filed::Already),
            Some(_) => Err(FilingError::Exists),
        }
    }
}

impl Filing for Directories {
    fn put(&self, order: FilingOrder) -> Result<Filed, FilingError> {
        let path = order.path.join("/");
        let answer = self.answer(&order.directory, &path);
        let (bytes, digest) = (order.document.size(), hex::encode(order.document.sha256()));
        let told = match &answer {
            Ok(filed) => format!("{filed:?}").to_lowercase(),
            Err(error) => error.to_string(),
        };
        let seen = json!({
            "directory": order.directory, "path": path, "bytes": bytes, "sha256": digest, "was": told,
        });
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
        answer
    }
}

fn url(request: &HttpRequest) -> String {
    let target = &request.target;
    let (scheme, usual) = if target.cleartext { ("http", 80) } else { ("https", 443) };
    let port = if target.port == usual { String::new() } else { format!(":{}", target.port) };
    format!("{scheme}://{}{port}{}", target.host, target.path)
}

/// A body as text, or its length and digest where it is none.
fn told(body: &[u8]) -> String {
    match std::str::from_utf8(body) {
        Ok(text) if text.len() <= 4_096 => text.to_owned(),
        _ => format!("{} bytes, SHA-256 {}", body.len(), hex::encode(super::sha256(body))),
    }
}

/// Values with their versions, by key.
type Held = BTreeMap<String, (Vec<u8>, u64)>;

/// The plugin's memory; whoever clones it sees the same.
#[derive(Clone)]
pub(super) struct Memory(Arc<Mutex<Held>>);

impl Memory {
    fn new(state: &BTreeMap<String, String>) -> Self {
        let entry =
            |(key, value): (&String, &String)| (key.clone(), (value.clone().into_bytes(), 1));
        Self(Arc::new(Mutex::new(state.iter().map(entry).collect())))
    }

    pub(super) fn told(&self) -> BTreeMap<String, String> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.iter().map(|(key, (value, _))| (key.clone(), told(value))).collect()
    }
}

impl State for Memory {
    fn get(&mut self, key: &str) -> Result<Option<(Vec<u8>, u64)>, StateError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned())
    }

    fn put(&mut self, change: &Change<'_>) -> Result<u64, StateError> {
        let Change { key, value, expected, .. } = *change;
        let sizes = self.sizes()?;
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = held.get(key).map_or(0, |(_, version)| *version);
        if !expected.holds(found) {
            return Err(StateError::Conflict(found));
        }
        has_room(&sizes, change)?;
        match value {
            Some(value) => drop(held.insert(key.to_owned(), (value.to_vec(), found + 1))),
            None => drop(held.remove(key)),
        }
        Ok(found + 1)
    }

    fn sizes(&mut self) -> Result<Vec<(String, u64)>, StateError> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(held.iter().map(|(k, (v, _))| (k.clone(), (k.len() + v.len()) as u64)).collect())
    }
}

struct Named(BTreeMap<String, String>);

impl Secrets for Named {
    fn secret(&self, name: &str) -> Result<String, String> {
        self.0.get(name).cloned().ok_or_else(|| format!("the case has no secret `{name}`"))
    }
}

struct Still(jiff::Timestamp);

impl Clock for Still {
    fn now_ms(&self) -> u64 {
        u64::try_from(self.0.as_millisecond()).unwrap_or_default()
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

/// 0, 1, 2 ...: the same in every run.
struct Counted(u8);

impl Random for Counted {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.0;
            self.0 = self.0.wrapping_add(1);
        }
    }
}
