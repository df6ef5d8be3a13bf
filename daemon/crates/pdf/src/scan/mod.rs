//! Looking for what acts, or reaches outside, in a document that is going to be signed.

mod covered;
mod fonts;
mod hidden;
mod inspect;
mod layers;
mod listed;
mod overlaps;
mod pages;
mod rules;
mod twice;

pub use self::covered::CoveredText;
pub use self::hidden::{HiddenKind, HiddenObject};
pub use self::inspect::{
    Danger, InspectedField, Inspection, MissingFont, NotLookedAt, Overlay, Permissions, inspect,
};
pub use self::layers::Layer;
pub use self::listed::LeftOut;
pub use self::twice::{KeyTwice, Twofold, Way, twofold};

use self::listed::Listed;
use crate::xref::Entry;
use crate::{Document, Fault, ObjectId, ReadError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How much is looked at before the scan gives up.
#[derive(Debug, Clone)]
pub struct ScanBounds {
    /// The number of objects.
    pub objects: u64,
    /// How many findings of one kind are listed; the scan goes on, and counts the others.
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
    /// The page that shows it, from 1, where it belongs to one.
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
    /// An object that cannot be read here: what another reader makes of it is not known.
    Unreadable,
}

impl ActiveKind {
    /// Its word in settings and reports, as in `javascript`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::JavaScript => "javascript",
            Self::Launch => "launch",
            Self::SubmitForm => "submit-form",
            Self::ImportData => "import-data",
            Self::GoToRemote => "go-to-remote",
            Self::GoToEmbedded => "go-to-embedded",
            Self::Uri => "uri",
            Self::RichMedia => "rich-media",
            Self::ThreeD => "three-d",
            Self::Movie => "movie",
            Self::Sound => "sound",
            Self::Xfa => "xfa",
            Self::EmbeddedFile => "embedded-file",
            Self::ExternalStream => "external-stream",
            Self::OpenAction => "open-action",
            Self::AdditionalAction => "additional-action",
            Self::Visibility => "visibility",
            Self::Unreadable => "unreadable",
        }
    }

    /// Whether it can change what is seen, or reach outside, without a click on a plain link. Links,
    /// embedded files (Factur-X), a page to open at and events of viewing are ordinary.
    #[must_use]
    pub fn is_dangerous(self) -> bool {
        !matches!(
            self,
            Self::Uri
                | Self::EmbeddedFile
                | Self::OpenAction
                | Self::AdditionalAction
                | Self::Visibility
        )
    }
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

/// Lists what acts or reaches outside, by object number.
///
/// Every object that the cross-references name is looked at, whether anything refers to it or not:
/// one changed byte may make it reachable. The contents of streams are not looked into. Of every kind so
/// many are listed as the bounds allow: a thousand links hide no script.
///
/// # Errors
/// [`ScanError`] where the bounds end the scan, or the document is encrypted.
pub fn active_content(
    doc: &Document<'_>,
    bounds: &ScanBounds,
) -> Result<Vec<ActiveContent>, ScanError> {
    active(doc, bounds, &mut Vec::new())
}

fn active(
    doc: &Document<'_>,
    bounds: &ScanBounds,
    left_out: &mut Vec<LeftOut>,
) -> Result<Vec<ActiveContent>, ScanError> {
    if doc.is_encrypted() {
        return Err(ReadError::Encrypted.into());
    }
    let mut found = Listed::new(bounds);
    for object in in_order(doc, bounds)? {
        let kinds = match doc.object(object) {
            Ok(value) => rules::kinds(doc, &value)?,
            Err(ReadError::Damaged { .. }) => [ActiveKind::Unreadable].into(),
            Err(error) => return Err(error.into()),
        };
        for kind in kinds {
            found.add(kind.word(), kind.is_dangerous(), || (object, kind));
        }
    }
    Ok(placed(doc, found.end(left_out).into_iter().collect())?)
}

/// All objects in use, as they follow each other in the file.
fn in_order(doc: &Document<'_>, bounds: &ScanBounds) -> Result<Vec<ObjectId>, ScanError> {
    let mut entries = doc.in_use(bounds.objects).map_err(|error| match error {
        ReadError::TooComplex { limit: "objects" } => {
            ScanError::TooComplex { limit: bounds.objects }
        }
        other => other.into(),
    })?;
    entries.sort_by_key(|(_, entry)| match entry {
        Entry::InFile { offset, .. } => (0, *offset, 0),
        Entry::InStream { container, index } => (1, u64::from(*container), *index),
        Entry::Free => (2, 0, 0),
    });
    let id = |(number, entry)| match entry {
        Entry::InFile { generation, .. } => ObjectId::new(number, generation),
        _ => ObjectId::new(number, 0),
    };
    Ok(entries.into_iter().map(id).collect())
}

/// Adds the page to what stands on one.
fn placed(
    doc: &Document<'_>,
    found: BTreeSet<(ObjectId, ActiveKind)>,
) -> Result<Vec<ActiveContent>, ReadError> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let pages = pages::of_objects(doc)?;
    let place = |(object, kind)| {
        let page = pages.get(&object).map(|index| index + 1);
        ActiveContent { kind, object, page }
    };
    Ok(found.into_iter().map(place).collect())
}
