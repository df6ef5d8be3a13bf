//! What goes wrong here, and who has to do something about it.

use sceau_disk::DiskError;
use thiserror::Error;

/// Why the sink takes no (more) bytes.
#[derive(Debug, Error)]
pub enum SinkError {
    /// The daemon has too much work already; try later.
    #[error("too much work is under way")]
    Busy,
    /// The disk of the state directory is (nearly) full: the operator's to settle.
    #[error("the disk of the state directory is nearly full")]
    Full,
    /// The source could not be read; only this file waits.
    #[error("the source cannot be read")]
    Source(#[source] DiskError),
    /// The state directory fails: the operator's to settle.
    #[error("the state directory fails: {0}")]
    State(String),
}

/// Why a folder cannot be used now. Nothing is written beneath it while this lasts.
#[derive(Debug, Error)]
pub enum Unavailable {
    /// It cannot be opened.
    #[error("the folder cannot be opened")]
    Unopened(#[source] DiskError),
    /// It was adopted before and its marker file is gone: most likely a mount is missing.
    #[error("the marker file .sceau-folder is missing: is the share mounted?")]
    MarkerMissing,
    /// Its marker file names another folder of the configuration.
    #[error("the marker file .sceau-folder belongs to the folder \"{found}\"")]
    MarkerOfAnother {
        /// The name found in it.
        found: String,
    },
    /// Its file system renames over existing files even when told not to.
    #[error("the file system overwrites existing files when renaming: results would be lost")]
    Overwrites,
    /// A place beneath it cannot be made or is no directory.
    #[error("the place \"{place}\" cannot be used")]
    Place {
        /// The place's name.
        place: String,
        /// What the file system said.
        #[source]
        source: DiskError,
    },
}

/// Why an effect on a folder was not done. Doing it again is always safe.
#[derive(Debug, Error)]
pub enum EffectError {
    /// The folder is not there now.
    #[error("the folder \"{folder}\" is unavailable")]
    Unavailable {
        /// The folder's name.
        folder: String,
        /// Why.
        #[source]
        reason: Unavailable,
    },
    /// The file system refused; see [`EffectError::is_transient`].
    #[error("the file system refused")]
    Disk(#[from] DiskError),
    /// A thousand files of that name are there already.
    #[error("no free name is left for \"{name}\"")]
    NoFreeName {
        /// The wanted name.
        name: String,
    },
    /// The content ended before the length that was promised: the caller's fault.
    #[error("the content to deliver has {actual} bytes instead of {promised}")]
    ContentTooShort {
        /// The promised length.
        promised: u64,
        /// What there was.
        actual: u64,
    },
}

impl EffectError {
    /// Whether the same effect may succeed later without anything being changed in the request.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unavailable { .. } => true,
            Self::Disk(error) => error.is_transient(),
            Self::NoFreeName { .. } | Self::ContentTooShort { .. } => false,
        }
    }
}
