//! What is asked of an update, and why it may be refused.

use crate::write::WriteError;
use crate::{Fault, ReadError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Lines of text put upon pages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stamp {
    /// The lines, top down; characters of Windows code page 1252 only.
    pub lines: Vec<String>,
    /// Which pages.
    pub page: StampPage,
    /// Where on the page as it is shown.
    pub corner: Corner,
    /// The size of the letters in points.
    pub size: f64,
}

/// The pages that a stamp goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StampPage {
    /// The first.
    First,
    /// The last.
    Last,
    /// Every one.
    All,
}

/// A corner of the page as it is shown, rotation applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Corner {
    /// Top left.
    TopLeft,
    /// Top right.
    TopRight,
    /// Bottom left.
    BottomLeft,
    /// Bottom right.
    BottomRight,
}

/// A file to embed (ISO 32000-2, 7.11.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The name shown, without a path.
    pub file_name: String,
    /// The media type, such as `application/json`.
    pub media_type: String,
    /// A description.
    pub description: Option<String>,
    /// The content.
    #[serde(with = "crate::revision::text")]
    pub bytes: Vec<u8>,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
    /// What it is to the document.
    pub relationship: Relationship,
}

/// `/AFRelationship` (ISO 32000-2, table 43).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relationship {
    /// The source of the document.
    Source,
    /// Data that the document shows.
    Data,
    /// Another form of the same content.
    Alternative,
    /// Something more.
    Supplement,
    /// None of these.
    Unspecified,
}

/// Why a change was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateRefusal {
    /// The document is encrypted.
    #[error("the PDF file is encrypted")]
    Encrypted,
    /// The document is signed: a change would break the signature.
    #[error("the PDF file is already signed: it cannot be changed any more")]
    Signed,
    /// The document claims PDF/A, and the change would break the claim.
    #[error("the PDF file claims PDF/A-{part}: {why}")]
    PdfA {
        /// The part of ISO 19005.
        part: u8,
        /// Why it cannot be.
        why: &'static str,
    },
    /// A character of a stamp that its font does not have.
    #[error("the character {character:?} cannot be stamped")]
    Character {
        /// The character.
        character: char,
    },
    /// There is no page.
    #[error("the PDF file has no page")]
    NoPage,
    /// The document needs something that is not supported.
    #[error("the PDF file cannot be changed: {what}")]
    Unsupported {
        /// What.
        what: &'static str,
    },
    /// The request itself makes no sense.
    #[error("the request is wrong: {what}")]
    Request {
        /// What.
        what: &'static str,
    },
    /// An object on the way cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl UpdateRefusal {
    /// Who is at fault.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Read(error) => error.fault(),
            Self::Request { .. } | Self::Character { .. } => Fault::Caller,
            _ => Fault::Document,
        }
    }
}

impl From<WriteError> for UpdateRefusal {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Unsupported(what) => Self::Unsupported { what },
            WriteError::Read(ReadError::Encrypted) => Self::Encrypted,
            WriteError::Read(error) => Self::Read(error),
        }
    }
}
