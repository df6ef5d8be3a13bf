//! Watched folders: what is dropped is taken once it is whole, and what is done comes back.
//!
//! The pure core decides from values: [`scan`] (two observations: wait, look, take, set aside),
//! [`names`] (ignored names, NFC, room for suffixes), [`shape`] (has a file the head and tail of a
//! PDF), [`sidecar`] (the note that goes with a document), [`notes`] (every text that people read).
//! The shell acts: [`FolderWatcher`] scans and hands over, [`Folder`] puts results back; both see
//! files only through the port of `sceau-disk`, and time only as an argument.
//!
//! Invariants of this room:
//! - The scanner is the source of truth; inotify ([`wake`]) only makes it look earlier.
//! - A source is moved only after its submission is committed, and never deleted. Every move is a
//!   rename that overwrites nothing.
//! - Nothing is written beneath a folder whose mount is not the one that was adopted.
//! - One file's trouble never stops the others.

mod config;
mod digest;
mod error;
mod folder;
pub mod names;
pub mod notes;
mod path;
mod ports;
pub mod scan;
pub mod shape;
pub mod sidecar;
pub mod wake;
mod watcher;

pub use config::{FolderConfig, Language, Places, SidecarRule, WatchMode};
pub use error::{EffectError, SinkError, Unavailable};
pub use folder::{
    Adoption, Companion, Content, DeliverRequest, Delivered, Folder, FolderStatus, Limitation,
    Part, RejectRequest, SetAside, SourceFate,
};
pub use path::RelPath;
pub use ports::{
    DocumentSink, DocumentWriter, DropId, Received, ReceivedSidecar, Refused, SidecarFile,
    SourceFile, Stored, Submission, SubmitOutcome,
};
pub use watcher::{FolderWatcher, IntakeEvent, Now, Tick};
