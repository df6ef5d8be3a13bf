//! Components out of core modules in text form, and a world to run them in.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sceau_plugin_host::grant::{Asked, Effective, Granted, HostGrant};
use sceau_plugin_host::ports::{
    Change, Clock, Document, Documents, Filed, Filing, FilingError, FilingOrder, Http, HttpError,
    HttpRequest, HttpResponse, PageBox, Random, Secrets, SignatureNote, State, StateError,
    Unreadable, has_room,
};
use sceau_plugin_host::{Call, Manifest, StepWork, World};
use sceau_workflow::faults::{Faults, Source};
use serde_json::json;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};

/// One line of what was measured, for whoever reads the tests' output.
macro_rules! tell {
    ($($what:tt)*) => { $crate::support::line(format_args!($($what)*)) };
}
pub(crate) use tell;

pub(crate) fn line(line: std::fmt::Arguments<'_>) {
    // Invariant: a test says what it found by its assertions; this is for the eye.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// The bytes of the only document.
pub(crate) const DOCUMENT: &[u8] = b"%PDF-1.7 the document of this step";
/// A secret that is granted.
pub(crate) const SECRET: &str = "tres-secret-0123456789";

pub(crate) fn manifest(kind: &str) -> Manifest {
    let text = format!(
        "id = \"hostile\"\nversion = \"1.0.0\"\ncontract = \"1.1.0\"\nkind = \"{kind}\"\n\
         [limits]\nmemory = \"16MiB\"\ntime = \"300ms\"\n"
    );
    let faults = Faults::default();
    let manifest = Manifest::parse(Source::new("plugin.toml", &text), &faults);
    manifest.unwrap_or_else(|| panic!("{}", Faults::render(&faults.into_sorted())))
}

/// A step that grows as far as it may, writes to all of it, and traps.
pub(crate) const BOMB: &str = "(loop $l (br_if $l (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) \
    (memory.fill (i32.const 131072) (i32.const 1) \
        (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 131072))) unreachable";

/// What every component has besides its step.
pub(crate) struct Frame<'a> {
    /// How memory is given to the host for what it hands over.
    pub(crate) allocate: &'a str,
    /// The self-test.
    pub(crate) self_test: &'a str,
}

/// One that does what it should.
pub(crate) const GOOD: Frame<'static> = Frame {
    allocate: "(local $at i32)
        (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
        (global.set $next (i32.add (local.get $at) (local.get 3)))
        (block $room
            (br_if $room (i32.lt_u (global.get $next) (i32.shl (memory.size) (i32.const 16))))
            (drop (memory.grow (i32.add (i32.const 1) (i32.shr_u (local.get 3) (i32.const 16))))))
        (local.get $at)",
    self_test: "(i32.const 1024)",
};

/// A component of `kind` out of a core module: `text` is its body, after memory and allocator.
pub(crate) fn component(kind: &str, text: &str) -> Vec<u8> {
    framed(kind, &GOOD, text)
}

/// The same in another frame.
pub(crate) fn framed(kind: &str, frame: &Frame<'_>, text: &str) -> Vec<u8> {
    let module = format!(
        r#"(module
            {imports}
            (memory (export "memory") 2)
            (global $next (mut i32) (i32.const 65536))
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) {allocate})
            (func (export "sceau:self-test/self-test@1.0.0#run") (result i32) {self_test})
            {body}
        )"#,
        allocate = frame.allocate,
        self_test = frame.self_test,
        imports = imports(text),
        body = body(text),
    );
    let mut module = wat::parse_str(&module).unwrap_or_else(|error| panic!("{error}\n{module}"));
    let mut resolve = wit_parser::Resolve::default();
    let wit = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../plugins/wit/1.1.0");
    let (package, _) = resolve.push_dir(wit).expect("the contract");
    let world = resolve.select_world(&[package], Some(kind)).expect("a world");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("embedded");
    let encoder = ComponentEncoder::default();
    let encoded = encoder.validate(true).module(&module).and_then(|mut encoder| encoder.encode());
    encoded.unwrap_or_else(|error| panic!("{error:#}"))
}

/// Imports come before everything else in a module; a body writes them first, one a line.
fn imports(text: &str) -> String {
    text.lines()
        .filter(|line| line.trim_start().starts_with("(import"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn body(text: &str) -> String {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("(import"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The step of a kind whose input is the common one: `code` leaves the address of the answer.
pub(crate) fn step(kind: &str, code: &str) -> String {
    let more = match kind {
        "notify" => "i32 i32 i64 i32 i32",
        "after-seal" => "i32 i32 i32 i32 i64",
        _ => "",
    };
    let params = format!("(param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 {more})");
    format!("(func (export \"sceau:{kind}/step@1.0.0#run\") {params} (result i32)\n{code}\n)")
}

pub(crate) fn call(work: StepWork) -> Call {
    Call {
        dossier: "D1".into(),
        step: "trial".into(),
        attempt: 1,
        idempotency_key: "key".into(),
        documents: vec!["document".into()],
        settings: json!({}),
        work,
    }
}

/// Everything is granted: documents, output, events, a kilobyte of state, one public host, one
/// private one, one secret.
pub(crate) fn all() -> Effective {
    let word = |text: &str| [text.to_owned()].into();
    let asked = Asked {
        documents: true,
        document_output: true,
        events: true,
        state: Some(1024),
        hosts: word("*"),
        secrets: word("token"),
        directories: word("ged"),
    };
    let granted = Granted {
        documents: true,
        document_output: true,
        events: true,
        state: Some(1024),
        hosts: ["allowed.example.fr", "http://allowed.example.fr"]
            .iter()
            .filter_map(|host| HostGrant::parse(host, false))
            .collect(),
        secrets: word("token"),
        directories: word("ged"),
    };
    Effective::of(&asked, &granted)
}

/// A request in short, and its headers.
type Asking = (String, Vec<(String, String)>);

/// What an HTTP port was asked, and what it answers.
pub(crate) struct Recorder {
    pub(crate) asked: Mutex<Vec<Asking>>,
    pub(crate) answer: fn(&HttpRequest, Instant) -> Result<HttpResponse, HttpError>,
}

impl Recorder {
    pub(crate) fn new(
        answer: fn(&HttpRequest, Instant) -> Result<HttpResponse, HttpError>,
    ) -> Arc<Self> {
        Arc::new(Self { asked: Mutex::default(), answer })
    }
}

impl Http for Recorder {
    fn send(&self, request: HttpRequest, deadline: Instant) -> Result<HttpResponse, HttpError> {
        let answer = (self.answer)(&request, deadline);
        self.asked.lock().expect("alone").push((format!("{request:?}"), request.headers));
        answer
    }
}

pub(crate) fn ok(_: &HttpRequest, _: Instant) -> Result<HttpResponse, HttpError> {
    Ok(HttpResponse { status: 200, headers: Vec::new(), body: b"fine".to_vec() })
}

pub(crate) fn world(http: Arc<dyn Http>) -> World {
    World {
        documents: Box::new(OneDocument),
        http,
        filing: Arc::new(Shelves),
        state: Box::new(Memory::default()),
        secrets: Arc::new(OneSecret),
        clock: Box::new(StoppedClock),
        random: Box::new(Sevens),
        context: BTreeMap::from([("societe".into(), "dupont".into())]),
        explain: true,
    }
}

struct OneDocument;

impl Documents for OneDocument {
    fn open(&mut self, id: &str) -> Option<Box<dyn Document>> {
        (id == "document").then(|| Box::new(Bytes) as Box<dyn Document>)
    }
}

struct Bytes;

impl Document for Bytes {
    fn name(&self) -> String {
        "lettre.pdf".into()
    }

    fn media_type(&self) -> String {
        "application/pdf".into()
    }

    fn size(&self) -> u64 {
        DOCUMENT.len() as u64
    }

    fn sha256(&self) -> [u8; 32] {
        [7; 32]
    }

    fn read(&mut self, offset: u64, count: u32) -> Result<Vec<u8>, Unreadable> {
        let from = usize::try_from(offset).map_err(|e| Unreadable(e.to_string()))?;
        Ok(DOCUMENT[from..from + count as usize].to_vec())
    }

    fn page_count(&mut self) -> Result<u32, Unreadable> {
        Ok(1)
    }

    fn page_text(&mut self, page: u32) -> Result<Option<String>, Unreadable> {
        Ok((page == 1).then(|| "Bonjour".into()))
    }

    fn text_places(
        &mut self,
        page: u32,
        characters: Range<usize>,
    ) -> Result<Option<Vec<PageBox>>, Unreadable> {
        let at = PageBox { x: 72.0, y: 700.0, width: 40.0, height: 12.0 };
        Ok((page == 1 && characters.end <= "Bonjour".len()).then(|| vec![at]))
    }

    fn page_box(&mut self, page: u32) -> Result<Option<PageBox>, Unreadable> {
        Ok((page == 1).then_some(PageBox { x: 0.0, y: 0.0, width: 595.0, height: 842.0 }))
    }

    fn metadata(&mut self, _key: &str) -> Result<Option<String>, Unreadable> {
        Ok(None)
    }

    fn signatures(&mut self) -> Result<Vec<SignatureNote>, Unreadable> {
        Ok(Vec::new())
    }
}

/// Takes everything, and writes nothing.
struct Shelves;

impl Filing for Shelves {
    fn put(&self, order: FilingOrder) -> Result<Filed, FilingError> {
        assert!(order.document.size() > 0 && order.directory == "ged");
        Ok(Filed::Written)
    }
}

#[derive(Default)]
struct Memory(BTreeMap<String, (Vec<u8>, u64)>);

impl State for Memory {
    fn get(&mut self, key: &str) -> Result<Option<(Vec<u8>, u64)>, StateError> {
        Ok(self.0.get(key).cloned())
    }

    fn put(&mut self, change: &Change<'_>) -> Result<u64, StateError> {
        let found = self.0.get(change.key).map_or(0, |(_, version)| *version);
        if !change.expected.holds(found) {
            return Err(StateError::Conflict(found));
        }
        has_room(&self.sizes()?, change)?;
        match change.value {
            Some(value) => drop(self.0.insert(change.key.into(), (value.to_vec(), found + 1))),
            None => drop(self.0.remove(change.key)),
        }
        Ok(found + 1)
    }

    fn sizes(&mut self) -> Result<Vec<(String, u64)>, StateError> {
        let size =
            |(k, (v, _)): (&String, &(Vec<u8>, u64))| (k.clone(), (k.len() + v.len()) as u64);
        Ok(self.0.iter().map(size).collect())
    }
}

struct OneSecret;

impl Secrets for OneSecret {
    fn secret(&self, name: &str) -> Result<String, String> {
        (name == "token").then(|| SECRET.into()).ok_or_else(|| "no such secret".into())
    }
}

struct StoppedClock;

impl Clock for StoppedClock {
    fn now_ms(&self) -> u64 {
        1_000
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

struct Sevens;

impl Random for Sevens {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}
