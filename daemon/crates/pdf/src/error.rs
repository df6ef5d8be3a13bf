//! What can go wrong while a document is opened and read, and whose fault it is.

use crate::ObjectId;
use std::io;

/// Who has to do something about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The document is damaged, locked, or beyond what is supported: another one is needed.
    Document,
    /// What was asked of the document makes no sense: the caller is wrong.
    Caller,
    /// The medium under the [`ByteSource`](crate::ByteSource) failed: trying again may help.
    Medium,
}

/// Why a document does not open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// No `%PDF-` header near the start (ISO 32000-2, 7.5.2).
    #[error("this is not a PDF file: no %PDF- header in its first kilobyte")]
    NotPdf,
    /// The end of the file is missing: neither a trailer nor a cross-reference stream closes it.
    #[error("the PDF file is cut off: {what}")]
    Truncated {
        /// What was looked for.
        what: &'static str,
    },
    /// The structure is broken beyond what scanning can repair.
    #[error("the PDF file is damaged: {what} (at byte {offset})")]
    Damaged {
        /// What was found or missed.
        what: &'static str,
        /// Where, in bytes from the start of the file.
        offset: u64,
    },
    /// The document passes one of the [`Limits`](crate::Limits).
    #[error("the PDF file is too complex: more than the allowed {limit}")]
    TooComplex {
        /// The limit's name.
        limit: &'static str,
    },
    /// The medium failed.
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// Why an object of an open document cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The document is encrypted: its strings and streams are not readable.
    #[error("the PDF file is encrypted")]
    Encrypted,
    /// The object, or one on the way to it, is broken.
    #[error("the PDF file is damaged: {what}{}", at_object(.object))]
    Damaged {
        /// The object at fault, where there is one.
        object: Option<ObjectId>,
        /// What was found or missed.
        what: &'static str,
    },
    /// A limit was passed.
    #[error("the PDF file is too complex: more than the allowed {limit}")]
    TooComplex {
        /// The limit's name.
        limit: &'static str,
    },
    /// The medium failed.
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
}

fn at_object(object: &Option<ObjectId>) -> String {
    object.map(|id| format!(" (object {id})")).unwrap_or_default()
}

impl OpenError {
    /// Who is at fault.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Io(_) => Fault::Medium,
            _ => Fault::Document,
        }
    }
}

impl ReadError {
    /// Who is at fault.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Io(_) => Fault::Medium,
            _ => Fault::Document,
        }
    }

    pub(crate) fn damaged(what: &'static str) -> Self {
        Self::Damaged { object: None, what }
    }

    /// The same, of object `id` where it names none yet.
    pub(crate) fn of(self, id: ObjectId) -> Self {
        match self {
            Self::Damaged { object: None, what } => Self::Damaged { object: Some(id), what },
            other => other,
        }
    }

    pub(crate) fn damaged_at(object: ObjectId, what: &'static str) -> Self {
        Self::Damaged { object: Some(object), what }
    }
}

impl From<ReadError> for OpenError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Encrypted => {
                Self::Damaged { what: "an encrypted part is needed", offset: 0 }
            }
            ReadError::Damaged { what, .. } => Self::Damaged { what, offset: 0 },
            ReadError::TooComplex { limit } => Self::TooComplex { limit },
            ReadError::Io(error) => Self::Io(error),
        }
    }
}
