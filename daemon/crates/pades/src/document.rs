//! Why a document takes no further revision, whatever that is for.

use std::io;

use sceau_pdf::{Fault, OpenError, ReadError, SignRefusal};

/// Why nothing can be appended to a document.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// The document cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The document cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The document, or a lock in it, forbids it; or the request does not fit it.
    #[error(transparent)]
    Refused(#[from] SignRefusal),
    /// The document's bytes cannot be read.
    #[error("the document cannot be read: {0}")]
    Source(#[from] io::Error),
}

impl DocumentError {
    /// Who is at fault.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Open(error) => error.fault(),
            Self::Read(error) => error.fault(),
            Self::Refused(error) => error.fault(),
            Self::Source(_) => Fault::Medium,
        }
    }
}

/// What the `pdf` room answers is a [`DocumentError`] within a wider error too.
macro_rules! holds_document_error {
    ($wider:ty) => {
        $crate::document::holds_document_error!(
            $wider,
            sceau_pdf::OpenError,
            sceau_pdf::ReadError,
            sceau_pdf::SignRefusal,
            std::io::Error
        );
    };
    ($wider:ty, $($narrow:ty),+) => {
        $(impl From<$narrow> for $wider {
            fn from(error: $narrow) -> Self {
                Self::Document(error.into())
            }
        })+
    };
}
pub(crate) use holds_document_error;
