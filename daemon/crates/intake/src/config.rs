//! What the configuration says about one watched folder.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One watched folder. Made by the configuration's reader, which has checked it; every value is
/// taken as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderConfig {
    /// The name that delegations, dossiers and messages use.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Whether our kernel sees every writer.
    pub mode: WatchMode,
    /// How long a file must stay unchanged; `None`: 5 s on a local folder, 30 s on a network one.
    /// Zero means two scans that agree, at whatever distance (tests and the demo).
    pub stability: Option<Duration>,
    /// How long a file that stays unchanged may lack the head or tail of a PDF before it is set
    /// aside as incomplete; `None`: twelve times the stability, at least a minute.
    pub patience: Option<Duration>,
    /// How long to rest between two scans when nothing wakes the scanner; `None`: 2 s on a local
    /// folder, 10 s on a network one.
    pub poll: Option<Duration>,
    /// Whether a file that inotify saw renamed into the folder is taken at once. Only local
    /// folders see renames.
    pub take_renamed_at_once: bool,
    /// A suffix (`.ok`, say): when `<name>.ok` appears, `<name>` is taken at once, and the marker,
    /// if it is a file of at most 4096 bytes, is removed.
    pub done_marker: Option<String>,
    /// Whether a sidecar file goes with each document.
    pub sidecar: SidecarRule,
    /// The parameters that sub-folders stand for, outermost first; empty: no sub-folders.
    pub subfolders: Vec<String>,
    /// The sociétés (by their identifier) that a sidecar may name; empty: it may name none.
    pub societes: Vec<String>,
    /// The longest document that is taken, in bytes.
    pub max_file_len: u64,
    /// The names of the places beneath the folder.
    pub places: Places,
    /// The language of every text left in the folder.
    pub language: Language,
    /// Below this many free bytes on the folder's file system nothing new is taken.
    pub min_free_bytes: u64,
}

impl FolderConfig {
    /// A folder with the defaults: automatic mode, no sidecar, no sub-folders, 1 GiB at most,
    /// French, 256 MiB kept free.
    #[must_use]
    pub fn new(name: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            path: path.into(),
            mode: WatchMode::Auto,
            stability: None,
            patience: None,
            poll: None,
            take_renamed_at_once: true,
            done_marker: None,
            sidecar: SidecarRule::None,
            subfolders: Vec::new(),
            societes: Vec::new(),
            max_file_len: 1 << 30,
            places: Places::default(),
            language: Language::French,
            min_free_bytes: 256 << 20,
        }
    }
}

/// How a folder is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WatchMode {
    /// By the type of its file system: NFS, SMB and FUSE are `Network`.
    #[default]
    Auto,
    /// All writers are on this machine: inotify wakes the scanner.
    Local,
    /// Others write without our kernel knowing: polling alone.
    Network,
}

/// Whether a sidecar file goes with each document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SidecarRule {
    /// There are none; a `.toml` or `.json` file is a document like another (and no PDF).
    #[default]
    None,
    /// One may come with the document, first or after it.
    Optional {
        /// How long a whole document waits for one, and one for its document.
        wait: Duration,
    },
    /// One must come with the document, first or after it.
    Required {
        /// How long a whole document waits for it, and it for its document, before it is set
        /// aside.
        wait: Duration,
    },
}

/// The names of the places beneath a folder: single components, different from one another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// Where a source stands while its dossier is worked on.
    pub in_progress: String,
    /// Where results are put.
    pub delivered: String,
    /// Beneath `delivered`: where the untouched originals of delivered dossiers are kept.
    pub originals: String,
    /// Where what cannot be worked on is put, with a note beside it.
    pub rejected: String,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            in_progress: "en-cours".into(),
            delivered: "livres".into(),
            originals: "originaux".into(),
            rejected: "rejetes".into(),
        }
    }
}

/// The language of what people read in the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Language {
    /// French.
    #[default]
    #[serde(rename = "fr")]
    French,
    /// English.
    #[serde(rename = "en")]
    English,
}
