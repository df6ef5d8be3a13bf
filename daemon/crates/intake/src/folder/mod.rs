//! A watched folder as a place where results come back: its handle, its marker, its effects.
//!
//! Effects ([`Folder::deliver`], [`Folder::reject`], [`Folder::resume`], [`Folder::notice`],
//! [`Folder::trouble`]) may be called from any thread, while the watcher scans, and again after a
//! crash: what was done before is found and left as it is.

mod deliver;
mod place;
mod probe;
mod reject;
mod source;
mod status;
mod trouble;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sceau_disk::{Dir, DiskError, FileSystem, FsType, Identity};

use crate::config::{FolderConfig, WatchMode};
use crate::error::{EffectError, Unavailable};
use crate::notes::{Note, TroubleKind};
use crate::path::RelPath;
use crate::ports::SourceFile;

pub(crate) use place::{ensure_dirs, first_free, rename_into, rename_over_placeholder};
pub use probe::Limitation;
use probe::Probed;
pub(crate) use source::put_back;
pub use status::FolderStatus;
pub(crate) use status::told;

/// The file at the folder's top that tells an adopted folder from an empty mount point.
const MARKER: &str = ".sceau-folder";
/// Its first line.
const MARKER_HEAD: &str = "sceau-folder 1";

/// Whether the folder was ever used before; the caller remembers it
/// ([`FolderStatus::adopted`]) with its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adoption {
    /// Never: the marker file is made when it is missing.
    First,
    /// Before: a missing marker means that the mount is gone.
    Before,
}

/// What is put back into a folder.
#[derive(Debug)]
pub struct DeliverRequest<'a> {
    /// The dossier's identifier.
    pub dossier: String,
    /// Sub-folders beneath the delivered place; empty for none.
    pub directory: RelPath,
    /// The wanted name; a taken one gets a number, one of more than 255 bytes is cut.
    pub file_name: std::ffi::OsString,
    /// The document.
    pub content: Content<'a>,
    /// What goes beside it.
    pub companions: Vec<Companion<'a>>,
    /// The source, which then moves to the originals; `None` when there is none (HTTP).
    pub source: Option<&'a SourceFile>,
}

/// Bytes to deliver, from several parts one after the other.
#[derive(Debug)]
pub struct Content<'a> {
    /// The parts in their order.
    pub parts: Vec<Part<'a>>,
    /// Length of the whole, in bytes.
    pub len: u64,
    /// SHA-256 of the whole: by it an earlier delivery of the same is recognised.
    pub digest: [u8; 32],
}

impl<'a> Content<'a> {
    /// Bytes in memory.
    #[must_use]
    pub fn bytes(bytes: &'a [u8]) -> Self {
        let digest = crate::digest::of(bytes);
        Self { parts: vec![Part::Bytes(bytes)], len: bytes.len() as u64, digest }
    }
}

/// One part of a [`Content`].
#[derive(Debug)]
pub enum Part<'a> {
    /// Bytes in memory.
    Bytes(&'a [u8]),
    /// A range of an open file, copied inside the kernel where possible.
    File {
        /// The file.
        file: &'a dyn sceau_disk::ReadFile,
        /// Where the range begins.
        offset: u64,
        /// Its length in bytes.
        len: u64,
    },
}

/// A small file beside a delivered document, named after it.
#[derive(Debug, Clone, Copy)]
pub struct Companion<'a> {
    /// What follows the delivered document's name (`.preuve.json`, say).
    pub suffix: &'a str,
    /// Its content.
    pub bytes: &'a [u8],
}

/// What a delivery left, all from the folder's top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The document.
    pub file: RelPath,
    /// Its companions, in the request's order.
    pub companions: Vec<RelPath>,
    /// What became of the source, if there is one.
    pub source: Option<SourceFate>,
}

/// What became of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceFate {
    /// It stands there now.
    Moved(RelPath),
    /// Somebody had changed it meanwhile: it was put back as a new drop, there.
    Changed(RelPath),
    /// Somebody had taken it away. Its content is still in the blob store.
    Missing,
}

/// What is set aside, and why.
#[derive(Debug, Clone, Copy)]
pub struct RejectRequest<'a> {
    /// The source.
    pub source: &'a SourceFile,
    /// What is told beside it.
    pub note: &'a Note,
}

/// Where a source was set aside, from the folder's top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// What became of the source.
    pub source: SourceFate,
    /// The note.
    pub note: RelPath,
}

/// One watched folder. See the module's words.
#[derive(Debug)]
pub struct Folder {
    config: FolderConfig,
    fs: Arc<dyn FileSystem>,
    root: Mutex<RootState>,
    moves: Mutex<()>,
    puts: Mutex<()>,
    status: Mutex<FolderStatus>,
    shown: Mutex<BTreeMap<TroubleKind, String>>,
}

#[derive(Debug)]
struct RootState {
    adoption: Adoption,
    held: Option<Root>,
    openings: u64,
}

/// The folder's top, held open.
#[derive(Debug, Clone)]
pub(crate) struct Root {
    pub(crate) dir: Arc<dyn Dir>,
    pub(crate) identity: Identity,
    /// Counts the openings: another number means that what was observed before is void.
    pub(crate) opening: u64,
    pub(crate) limitations: Vec<Limitation>,
}

impl Folder {
    /// A folder that is opened when it is first used.
    #[must_use]
    pub fn new(config: FolderConfig, fs: Arc<dyn FileSystem>, adoption: Adoption) -> Arc<Self> {
        let status = FolderStatus::new(&config.name, adoption == Adoption::Before);
        Arc::new(Self {
            config,
            fs,
            root: Mutex::new(RootState { adoption, held: None, openings: 0 }),
            moves: Mutex::new(()),
            puts: Mutex::new(()),
            status: Mutex::new(status),
            shown: Mutex::new(BTreeMap::new()),
        })
    }

    /// Takes the directory as it is now for this folder: a missing marker file is made anew at the
    /// next use. For an operator who knows that the share is mounted.
    pub fn adopt(&self) {
        lock(&self.root).adoption = Adoption::First;
    }

    /// Its configuration.
    #[must_use]
    pub fn config(&self) -> &FolderConfig {
        &self.config
    }

    /// How it is now, for `/readyz` and people.
    #[must_use]
    pub fn status(&self) -> FolderStatus {
        lock(&self.status).clone()
    }

    pub(crate) fn update_status(&self, update: impl FnOnce(&mut FolderStatus)) {
        update(&mut lock(&self.status));
    }

    /// No source changes its place by other hands of ours while this is held.
    pub(crate) fn moves(&self) -> MutexGuard<'_, ()> {
        lock(&self.moves)
    }

    /// No other delivery of ours reserves a name while this is held.
    fn puts(&self) -> MutexGuard<'_, ()> {
        lock(&self.puts)
    }

    /// Whether writers may be unseen by our kernel.
    pub(crate) fn is_network(&self, fs: FsType) -> bool {
        match self.config.mode {
            WatchMode::Auto => fs.is_network(),
            WatchMode::Local => false,
            WatchMode::Network => true,
        }
    }

    /// The folder's top, when it is the one that was adopted; makes its places.
    pub(crate) fn root(&self) -> Result<Root, Unavailable> {
        let found = self.open_root();
        self.update_status(|status| status.set_availability(&found));
        found
    }

    fn root_for_effect(&self) -> Result<Root, EffectError> {
        let folder = self.config.name.clone();
        self.root().map_err(|reason| EffectError::Unavailable { folder, reason })
    }

    fn open_root(&self) -> Result<Root, Unavailable> {
        let mut state = lock(&self.root);
        let dir = self.fs.open_dir(&self.config.path).map_err(Unavailable::Unopened)?;
        let identity = dir.identity().map_err(Unavailable::Unopened)?;
        if let Some(held) = state.held.as_ref().filter(|held| held.identity == identity) {
            self.check_marker(held.dir.as_ref(), state.adoption)?;
            let held = held.clone();
            state.adoption = Adoption::Before;
            return Ok(held);
        }
        state.held = None;
        self.check_marker(dir.as_ref(), state.adoption)?;
        state.adoption = Adoption::Before;
        self.make_places(dir.as_ref())?;
        let probed = match probe::probe(dir.as_ref()) {
            Ok(Probed { overwrites: true, .. }) => return Err(Unavailable::Overwrites),
            Ok(probed) => probed,
            Err(DiskError::NoSpace { .. }) => Probed::default(),
            Err(error) => return Err(Unavailable::Unopened(error)),
        };
        state.openings += 1;
        let (opening, limitations) = (state.openings, probed.limitations);
        let root = Root { dir, identity, opening, limitations };
        state.held = Some(root.clone());
        Ok(root)
    }

    fn check_marker(&self, dir: &dyn Dir, adoption: Adoption) -> Result<(), Unavailable> {
        match read_marker(dir) {
            Ok(found) if found == self.config.name => Ok(()),
            Ok(found) => Err(Unavailable::MarkerOfAnother { found }),
            Err(DiskError::NotFound { .. }) if adoption == Adoption::First => {
                self.write_marker(dir).map_err(Unavailable::Unopened)
            }
            Err(DiskError::NotFound { .. }) => Err(Unavailable::MarkerMissing),
            Err(error) => Err(Unavailable::Unopened(error)),
        }
    }

    fn write_marker(&self, dir: &dyn Dir) -> Result<(), DiskError> {
        let text = format!("{MARKER_HEAD}\n{}\n", self.config.name);
        place::write_replacing(dir, &RelPath::default(), MARKER.as_ref(), text.as_bytes())
    }

    fn make_places(&self, dir: &dyn Dir) -> Result<(), Unavailable> {
        for path in [self.in_progress(), self.originals(), self.rejected()] {
            ensure_dirs(dir, &path).map_err(|source| {
                let place = path.to_string();
                Unavailable::Place { place, source }
            })?;
        }
        Ok(())
    }

    pub(crate) fn in_progress(&self) -> RelPath {
        RelPath::from(self.config.places.in_progress.as_str())
    }

    pub(crate) fn delivered(&self) -> RelPath {
        RelPath::from(self.config.places.delivered.as_str())
    }

    pub(crate) fn originals(&self) -> RelPath {
        self.delivered().join(&self.config.places.originals)
    }

    pub(crate) fn rejected(&self) -> RelPath {
        RelPath::from(self.config.places.rejected.as_str())
    }
}

/// The folder's name in the marker file.
fn read_marker(dir: &dyn Dir) -> Result<String, DiskError> {
    let file = dir.open(Path::new(MARKER))?;
    let mut bytes = vec![0; 4096];
    let read = file.read_at(0, &mut bytes)?;
    let text = String::from_utf8_lossy(&bytes[..read]).into_owned();
    let mut lines = text.lines();
    match (lines.next(), lines.next()) {
        (Some(MARKER_HEAD), Some(name)) => Ok(name.to_owned()),
        _ => Ok(String::new()),
    }
}

/// A simulated crash unwinds through our locks; what they guard is a cache of the disk's truth.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
