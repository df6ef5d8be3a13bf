//! A cabinet in memory: a file system that loses what was not synced, an engine that remembers
//! what it committed, and a clock that stands still until told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use sceau_disk::{FileSystem, ReadFile, SimFs};
use sceau_intake::notes::{Note, Text};
use sceau_intake::wake::Hints;
use sceau_intake::{
    Adoption, Companion, Content, DeliverRequest, Delivered, DocumentSink, DocumentWriter,
    EffectError, Folder, FolderConfig, FolderWatcher, IntakeEvent, Now, Received, Refused,
    RejectRequest, RelPath, SinkError, SourceFile, Stored, Submission, SubmitOutcome, Tick,
};
use sha2::{Digest, Sha256};

pub(crate) const TOP: &str = "/srv/depot";

/// A PDF as far as this room looks.
pub(crate) fn pdf(body: &str) -> Vec<u8> {
    format!("%PDF-1.7\n{body}\nstartxref\n9\n%%EOF\n").into_bytes()
}

pub(crate) fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// What survives every crash: the committed dossiers and blobs.
#[derive(Default)]
pub(crate) struct Engine {
    pub(crate) state: Mutex<State>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) blobs: BTreeMap<[u8; 32], Vec<u8>>,
    pub(crate) dossiers: Vec<Dossier>,
    pub(crate) answer: Answer,
    pub(crate) before_copy: Option<Box<dyn FnOnce() + Send>>,
    pub(crate) during_copy: Option<Box<dyn FnOnce() + Send>>,
    pub(crate) during_submit: Option<Box<dyn FnOnce() + Send>>,
    /// Copies that were begun, and what happens during the second.
    pub(crate) copies: usize,
    pub(crate) during_second_copy: Option<Box<dyn FnOnce() + Send>>,
    /// The sink has room for documents shorter than that.
    pub(crate) room: Option<u64>,
    /// The sink fails without knowing why, when a source cannot be read.
    pub(crate) sink_confused: bool,
}

#[derive(Default, Clone, PartialEq)]
pub(crate) enum Answer {
    #[default]
    Accept,
    Reject,
    Busy,
}

#[derive(Debug, Clone)]
pub(crate) struct Dossier {
    pub(crate) id: String,
    pub(crate) received: Received,
    /// How many of its effects are committed as done.
    pub(crate) done: usize,
    pub(crate) ended: bool,
}

impl Engine {
    pub(crate) fn sources(&self) -> Vec<SourceFile> {
        let state = self.state.lock().unwrap();
        state.dossiers.iter().map(|dossier| dossier.received.source.clone()).collect()
    }

    fn at_second_copy(&self) -> Option<Box<dyn FnOnce() + Send>> {
        let mut state = self.state.lock().unwrap();
        state.copies += 1;
        if state.copies == 2 { state.during_second_copy.take() } else { None }
    }

    pub(crate) fn dossiers(&self) -> Vec<Dossier> {
        self.state.lock().unwrap().dossiers.clone()
    }

    pub(crate) fn content(&self, source: &SourceFile) -> Vec<u8> {
        self.state.lock().unwrap().blobs[&source.digest].clone()
    }
}

/// The engine as the watcher sees it (a foreign trait for a foreign pointer needs a name).
#[derive(Clone)]
pub(crate) struct Port(pub(crate) Arc<Engine>);

impl DocumentSink for Port {
    fn begin(&self, len: u64) -> Result<Box<dyn DocumentWriter>, SinkError> {
        match self.0.state.lock().unwrap().room {
            Some(room) if len >= room => Err(SinkError::Full),
            _ => Ok(Box::new(Writer { engine: Arc::clone(&self.0), bytes: Vec::new() })),
        }
    }
}

struct Writer {
    engine: Arc<Engine>,
    bytes: Vec<u8>,
}

impl DocumentWriter for Writer {
    fn copy_from(&mut self, src: &dyn ReadFile, offset: u64, len: u64) -> Result<u64, SinkError> {
        let mut bytes = vec![0; len as usize];
        let mut done = 0;
        if let Some(act) = self.engine.state.lock().unwrap().before_copy.take() {
            act();
        }
        if let Some(act) = self.engine.at_second_copy() {
            act();
        }
        while done < bytes.len() {
            let read = src.read_at(offset + done as u64, &mut bytes[done..]);
            let confused = self.engine.state.lock().unwrap().sink_confused;
            let told = |error: sceau_disk::DiskError| match confused {
                true => SinkError::State(error.to_string()),
                false => SinkError::Source(error),
            };
            match read.map_err(told)? {
                0 => break,
                read => done += read,
            }
            if let Some(act) = self.engine.state.lock().unwrap().during_copy.take() {
                act();
            }
        }
        self.bytes.extend_from_slice(&bytes[..done]);
        Ok(done as u64)
    }

    fn finish(self: Box<Self>) -> Result<Stored, SinkError> {
        let digest: [u8; 32] = Sha256::digest(&self.bytes).into();
        let len = self.bytes.len() as u64;
        self.engine.state.lock().unwrap().blobs.insert(digest, self.bytes);
        Ok(Stored { digest, len })
    }
}

impl Submission for Port {
    fn submit(&self, batch: Vec<Received>) -> Vec<SubmitOutcome> {
        let mut state = self.0.state.lock().unwrap();
        if let Some(act) = state.during_submit.take() {
            act();
        }
        batch.into_iter().map(|received| decide(&mut state, received)).collect()
    }
}

fn decide(state: &mut State, received: Received) -> SubmitOutcome {
    assert!(state.blobs.contains_key(&received.source.digest), "submitted before stored");
    let known = state.dossiers.iter().find(|d| d.received.drop_id == received.drop_id);
    if let Some(Dossier { id, received, ended: false, .. }) = known {
        let in_progress = received.source.in_progress.clone();
        return SubmitOutcome::Accepted { dossier: id.clone(), in_progress };
    }
    let key =
        |r: &Received| (r.folder.clone(), r.source.digest, r.sidecar.as_ref().map(|s| s.digest));
    let same = state.dossiers.iter().find(|d| key(&d.received) == key(&received));
    if let Some(Dossier { id, .. }) = same {
        return SubmitOutcome::Duplicate { dossier: id.clone() };
    }
    match state.answer {
        Answer::Busy => SubmitOutcome::Busy,
        Answer::Reject => SubmitOutcome::Rejected(Refused {
            code: "right-missing".into(),
            note: note("right-missing", None),
        }),
        Answer::Accept => {
            let id = format!("D-{}", state.dossiers.len() + 1);
            let in_progress = received.source.in_progress.clone();
            state.dossiers.push(Dossier { id: id.clone(), received, done: 0, ended: false });
            SubmitOutcome::Accepted { dossier: id, in_progress }
        }
    }
}

pub(crate) fn note(code: &str, dossier: Option<&str>) -> Note {
    let text = |text: &str| Text::new(text, text);
    Note {
        code: code.into(),
        what: text("quoi"),
        why: text("le droit « sceller » manque"),
        remedy: text("demandez une délégation"),
        dossier: dossier.map(str::to_owned),
    }
}

pub(crate) struct World {
    pub(crate) fs: SimFs,
    pub(crate) engine: Arc<Engine>,
    pub(crate) config: FolderConfig,
    pub(crate) folder: Arc<Folder>,
    pub(crate) hints: Arc<Hints>,
    pub(crate) watcher: FolderWatcher,
    pub(crate) clock: Duration,
    pub(crate) events: Vec<IntakeEvent>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(configure: impl FnOnce(&mut FolderConfig)) -> Self {
        let fs = SimFs::new();
        fs.make_dirs(Path::new(TOP)).unwrap();
        let mut config = FolderConfig::new("attestations", TOP);
        config.min_free_bytes = 1000;
        configure(&mut config);
        Self::over(fs, Arc::new(Engine::default()), config, Adoption::First, secs(0))
    }

    fn over(
        fs: SimFs,
        engine: Arc<Engine>,
        config: FolderConfig,
        adoption: Adoption,
        clock: Duration,
    ) -> Self {
        let port: Arc<dyn FileSystem> = Arc::new(fs.clone());
        let folder = Folder::new(config.clone(), port, adoption);
        let hints = Hints::new();
        let ports = Arc::new(Port(Arc::clone(&engine)));
        let watcher =
            FolderWatcher::new(Arc::clone(&folder), ports.clone(), ports, Arc::clone(&hints));
        let mut world =
            Self { fs, engine, config, folder, hints, watcher, clock, events: Vec::new() };
        world.pass(secs(1));
        world
    }

    /// The process dies and starts again; with a seed, by a power cut.
    pub(crate) fn restart(self, seed: Option<u64>) -> Self {
        let adoption = match self.folder.status().adopted {
            true => Adoption::Before,
            false => Adoption::First,
        };
        let fs = match seed {
            Some(seed) => self.fs.crash(seed),
            None => self.fs.clone(),
        };
        Self::over(fs, self.engine, self.config, adoption, self.clock)
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.clock += time;
        self.fs.set_time_ns(self.clock.as_nanos() as i128);
    }

    pub(crate) fn now(&self) -> Now {
        let wall = Timestamp::from_second(1_750_000_000).unwrap() + self.clock;
        Now { wall, steady: self.clock }
    }

    pub(crate) fn tick(&mut self) -> Tick {
        let tick = self.watcher.tick(self.now());
        self.events.extend(tick.events.iter().cloned());
        tick
    }

    /// Scans at every second for that long.
    pub(crate) fn run(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.tick();
            self.pass(secs(1));
        }
        self.tick();
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        Path::new(TOP).join(path)
    }

    pub(crate) fn put(&self, path: &str, bytes: &[u8]) {
        let at = self.at(path);
        self.fs.make_dirs(at.parent().unwrap()).unwrap();
        self.fs.write_file(&at, bytes).unwrap();
    }

    /// As [`World::put`], and everything is on the disk.
    pub(crate) fn drop_durably(&self, path: &str, bytes: &[u8]) {
        self.put(path, bytes);
        self.fs.sync_all();
    }

    pub(crate) fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.fs.read_file(&self.at(path))
    }

    pub(crate) fn text(&self, path: &str) -> String {
        let bytes =
            self.read(path).unwrap_or_else(|| panic!("{path} is missing: {:?}", self.names()));
        String::from_utf8(bytes).unwrap()
    }

    /// Every file beneath the folder but the marker, by its path from the top.
    pub(crate) fn names(&self) -> Vec<String> {
        let files = self.fs.files().into_keys();
        let names = files.filter_map(|path| {
            let path = path.strip_prefix(TOP).ok()?.to_string_lossy().into_owned();
            (path != ".sceau-folder").then_some(path)
        });
        names.collect()
    }

    /// Another hand moves a file while the second document of a scan is copied.
    pub(crate) fn rename_at_second_copy(&self, from: &'static str, to: &'static str) {
        let fs = self.fs.clone();
        let act = move || {
            let top = fs.open_dir(Path::new(TOP)).unwrap();
            top.rename(Path::new(from), Path::new(to)).unwrap();
        };
        self.engine.state.lock().unwrap().during_second_copy = Some(Box::new(act));
    }

    pub(crate) fn rename(&self, from: &str, to: &str) {
        let top = self.fs.open_dir(Path::new(TOP)).unwrap();
        top.rename(Path::new(from), Path::new(to)).unwrap();
    }

    /// Delivers a dossier as the engine would.
    pub(crate) fn deliver(&self, source: &SourceFile) -> Result<Delivered, EffectError> {
        let sealed = sealed(&self.engine.content(source));
        self.folder.deliver(&DeliverRequest {
            dossier: "D-1".into(),
            directory: source.original.parent(),
            file_name: source.original.name().to_owned(),
            content: Content::bytes(&sealed),
            companions: vec![Companion { suffix: ".preuve.json", bytes: b"{}" }],
            source: Some(source),
        })
    }

    pub(crate) fn reject(&self, source: &SourceFile) -> RelPath {
        let note = note("right-missing", Some("D-1"));
        self.folder.reject(RejectRequest { source, note: &note }).unwrap().note
    }
}

pub(crate) fn sealed(content: &[u8]) -> Vec<u8> {
    [content, b"sealed"].concat()
}
