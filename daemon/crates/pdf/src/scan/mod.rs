//! Looking for what acts, or reaches outside, in a document that is going to be signed.

use crate::{Document, Fault, ObjectId, ReadError};
use serde::{Deserialize, Serialize};

/// How much is looked at before the scan gives up.
#[derive(Debug, Clone)]
pub struct ScanBounds {
    /// The number of objects.
    pub objects: u64,
    /// The number of findings that are listed; the scan ends there.
    pub findings: usize,
}

impl Default for ScanBounds {
    fn default() -> Self {
        Self { objects: 2_000_000, findings: 1_000 }
    }
}

/// Something that acts or reaches outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveContent {
    /// What it is.
    pub kind: ActiveKind,
    /// The indirect object that holds it.
    pub object: ObjectId,
    /// The page that shows it, from 0, where it belongs to one.
    pub page: Option<u32>,
}

/// What was found (ISO 32000-2, 12.6.4 for the actions).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ActiveKind {
    /// A script.
    JavaScript,
    /// Starts a program or opens a file.
    Launch,
    /// Sends form data.
    SubmitForm,
    /// Fetches form data.
    ImportData,
    /// Goes to another file.
    GoToRemote,
    /// Goes into an embedded file.
    GoToEmbedded,
    /// Opens an address.
    Uri,
    /// Rich media, or an action upon it.
    RichMedia,
    /// A 3D model.
    ThreeD,
    /// A movie, or a rendition of one.
    Movie,
    /// A sound.
    Sound,
    /// An XFA form.
    Xfa,
    /// A file within the file.
    EmbeddedFile,
    /// A stream whose data lies in another file.
    ExternalStream,
    /// Something done when the document opens.
    OpenAction,
    /// Something done upon an event.
    AdditionalAction,
    /// Hides or shows fields or layers.
    Visibility,
}

/// Why a scan did not end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScanError {
    /// More objects than the bounds allow.
    #[error("the PDF file has more objects than the {limit} that are looked at")]
    TooComplex {
        /// The bound.
        limit: u64,
    },
    /// An object cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl ScanError {
    /// Who is at fault.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::TooComplex { .. } => Fault::Document,
            Self::Read(error) => error.fault(),
        }
    }
}

/// Lists what acts or reaches outside, by object.
///
/// # Errors
/// [`ScanError`] where the bounds end the scan or an object cannot be read.
pub fn active_content(
    doc: &Document<'_>,
    bounds: &ScanBounds,
) -> Result<Vec<ActiveContent>, ScanError> {
    let _ = (doc, bounds);
    Err(ReadError::damaged("scanning is not built yet").into())
}
