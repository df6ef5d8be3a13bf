//! What the engine gives to this room and takes from it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sceau_disk::ReadFile;
use serde::{Deserialize, Serialize};

use crate::error::SinkError;
use crate::path::RelPath;
use crate::sidecar::Sidecar;

/// Where the bytes of a document are kept (the blob store, through the engine).
pub trait DocumentSink: Send + Sync {
    /// Makes room for a document of about `len` bytes. [`SinkError::Busy`] and
    /// [`SinkError::Full`] stop the taking of new files until a later scan.
    fn begin(&self, len: u64) -> Result<Box<dyn DocumentWriter>, SinkError>;
}

/// One document on its way into the sink; dropped unfinished, it leaves nothing behind.
pub trait DocumentWriter: Send {
    /// Copies and hashes, in one pass, up to `len` bytes of `src` from `offset` on; tells how many
    /// there were.
    fn copy_from(&mut self, src: &dyn ReadFile, offset: u64, len: u64) -> Result<u64, SinkError>;
    /// Makes it durable. After this a crash loses nothing of it.
    fn finish(self: Box<Self>) -> Result<Stored, SinkError>;
}

/// A document that the sink holds durably.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
    /// Its length in bytes.
    pub len: u64,
}

/// Where a document goes once its bytes are safe: the engine's commit.
pub trait Submission: Send + Sync {
    /// Decides and commits each of them, in order; as many outcomes as documents. Nobody is
    /// answered before the commit.
    ///
    /// The same [`Received::drop_id`] again (after a crash) is the same submission and gets the
    /// first answer again, with the `in_progress` place that was committed then, unless its
    /// dossier has ended meanwhile; another drop of the same content is a
    /// [`SubmitOutcome::Duplicate`].
    fn submit(&self, batch: Vec<Received>) -> Vec<SubmitOutcome>;
}

/// Names one drop: SHA-256 over folder, path, inode, mtime, length, and the digests of document
/// and sidecar. The same file seen again after a crash has the same; a new copy has another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DropId(#[serde(with = "crate::digest")] pub [u8; 32]);

/// A whole document whose bytes are in the sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The folder's name.
    pub folder: String,
    /// Which drop this is.
    pub drop_id: DropId,
    /// Where the source stands, will stand, and what it holds. The engine keeps this with the
    /// dossier: [`Folder::deliver`](crate::Folder::deliver) and
    /// [`Folder::reject`](crate::Folder::reject) need it again.
    pub source: SourceFile,
    /// The name for people: NFC, U+FFFD for what is no UTF-8.
    pub display_name: String,
    /// The parameters from sub-folders and from the sidecar.
    pub parameters: BTreeMap<String, String>,
    /// User id of the file's owner. Behind SMB this is the share's word, not proof.
    pub owner_uid: u32,
    /// What the sidecar says; its société is within the folder's allow-list.
    pub sidecar: Option<ReceivedSidecar>,
    /// When it was taken.
    pub observed: Timestamp,
}

/// The sidecar of a received document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceivedSidecar {
    /// What it says.
    pub content: Sidecar,
    /// SHA-256 of its bytes.
    #[serde(with = "crate::digest")]
    pub digest: [u8; 32],
}

/// A source file: where it was dropped, where it stands meanwhile, and what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// Where it was dropped, from the folder's top.
    pub original: RelPath,
    /// Where it stands while its dossier is worked on, from the folder's top.
    pub in_progress: RelPath,
    /// Its length in bytes.
    pub len: u64,
    /// Last change of its content, in nanoseconds since 1970-01-01T00:00:00Z: while this and the
    /// length stay, it is not hashed again.
    pub mtime_ns: i64,
    /// Its inode: tells a source that was changed from a stranger of the same name.
    pub ino: u64,
    /// SHA-256 of its bytes.
    #[serde(with = "crate::digest")]
    pub digest: [u8; 32],
    /// The sidecar that goes where it goes.
    pub sidecar: Option<SidecarFile>,
}

/// The sidecar as a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SidecarFile {
    /// Where it was dropped.
    pub original: RelPath,
    /// Where it stands while its dossier is worked on.
    pub in_progress: RelPath,
    /// Its length in bytes.
    pub len: u64,
    /// SHA-256 of its bytes.
    #[serde(with = "crate::digest")]
    pub digest: [u8; 32],
}

/// What became of a submission. All but `Busy` are committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubmitOutcome {
    /// A dossier works on it (a new one, or the one of this same drop).
    Accepted {
        /// The dossier's identifier.
        dossier: String,
        /// Where the committed [`SourceFile`] says that the source goes.
        in_progress: RelPath,
    },
    /// Another drop of the same content in this folder has a living or delivered dossier.
    Duplicate {
        /// That dossier's identifier.
        dossier: String,
    },
    /// It cannot be worked on; the source is set aside with this note.
    Rejected(Refused),
    /// Not now: the same file is submitted again at a later scan.
    Busy,
}

/// Why a submission was rejected, for the people at the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Stable code of the reason.
    pub code: String,
    /// The note in both languages; `note.dossier` names the dossier, if there is one.
    pub note: crate::notes::Note,
}
