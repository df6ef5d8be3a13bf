//! Changes to an unsigned document before it is signed: stamps and attachments, in one revision.

use crate::{Document, Fault, ReadError, Revision};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A revision in the making. Nothing is written until [`finish`](Self::finish).
pub struct Update<'d, 's> {
    doc: &'d Document<'s>,
}

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

impl<'d, 's> Update<'d, 's> {
    /// Begins a revision upon `doc`.
    ///
    /// # Errors
    /// [`UpdateRefusal`] where the document is signed or encrypted.
    pub fn new(doc: &'d Document<'s>) -> Result<Self, UpdateRefusal> {
        if doc.is_encrypted() { Err(UpdateRefusal::Encrypted) } else { Ok(Self { doc }) }
    }

    /// Puts lines of text upon pages.
    ///
    /// # Errors
    /// [`UpdateRefusal`]; the update is as before then.
    pub fn stamp(&mut self, stamp: &Stamp) -> Result<&mut Self, UpdateRefusal> {
        let _ = (self.doc, stamp);
        Err(UpdateRefusal::Unsupported { what: "stamping is not built yet" })
    }

    /// Embeds a file and associates it with the document.
    ///
    /// # Errors
    /// [`UpdateRefusal`]; the update is as before then.
    pub fn attach(&mut self, attachment: &Attachment) -> Result<&mut Self, UpdateRefusal> {
        let _ = (self.doc, attachment);
        Err(UpdateRefusal::Unsupported { what: "attaching is not built yet" })
    }

    /// The revision.
    ///
    /// # Errors
    /// [`UpdateRefusal`] where it cannot be written.
    pub fn finish(self) -> Result<Revision, UpdateRefusal> {
        Err(UpdateRefusal::Unsupported { what: "updating is not built yet" })
    }
}
