//! What is asked of a signature, and why it may be refused.

use super::Appearance;
use crate::crypt::Closed;
use crate::{Fault, ReadError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The signature to append.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignatureRequest {
    /// The field that takes it.
    pub field: FieldTarget,
    /// How it is seen; not at all where absent.
    #[serde(default)]
    pub appearance: Option<Appearance>,
    /// The form of what goes into the hole.
    pub sub_filter: SubFilter,
    /// `/M`, written to the second in UTC; EN 319 142-1 wants it for a signature.
    pub signing_time: Option<Timestamp>,
    /// `/Reason`.
    pub reason: Option<String>,
    /// `/Location`.
    pub location: Option<String>,
    /// `/ContactInfo`.
    pub contact_info: Option<String>,
    /// `/Name`: the signatory's or the legal person's.
    pub name: Option<String>,
    /// The size of the hole in bytes of DER; at least one.
    pub contents_len: usize,
    /// The new second half of `/ID`; derived from the content where absent.
    pub file_id: Option<[u8; 16]>,
}

impl SignatureRequest {
    /// A signature into a new field named `field`, with a hole of `contents_len` bytes of DER.
    #[must_use]
    pub fn new(field: &str, sub_filter: SubFilter, contents_len: usize) -> Self {
        Self {
            field: FieldTarget::New { name: field.to_owned() },
            appearance: None,
            sub_filter,
            signing_time: None,
            reason: None,
            location: None,
            contact_info: None,
            name: None,
            contents_len,
            file_id: None,
        }
    }
}

/// The field that takes a signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "target", rename_all = "snake_case")]
pub enum FieldTarget {
    /// A new field, invisible and on page 1 where no appearance is asked for. Where the name is taken, `-2`, `-3`… is added to it.
    New {
        /// The wished partial name: not empty, without a full stop.
        name: String,
    },
    /// An empty signature field of the document.
    Existing {
        /// Its full name.
        name: String,
    },
}

/// `/SubFilter` of a signature (ISO 32000-2, 12.8.3.4 and 12.8.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubFilter {
    /// `ETSI.CAdES.detached`: a PAdES signature.
    EtsiCadesDetached,
    /// `ETSI.RFC3161`: a document timestamp.
    EtsiRfc3161,
}

impl SubFilter {
    /// The name in the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EtsiCadesDetached => "ETSI.CAdES.detached",
            Self::EtsiRfc3161 => "ETSI.RFC3161",
        }
    }
}

/// What in a document forbids a change (ISO 32000-2, 12.8.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lock {
    /// A certification with `/P 1`: no change at all.
    DocMdp,
    /// A signature locks the field.
    Field {
        /// The field whose signature holds the lock.
        by: String,
    },
}

/// Why a signature was refused, before anything was signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignRefusal {
    /// The document asks for a password.
    #[error(
        "the PDF file is encrypted and asks for a password; its author can save it without one"
    )]
    Encrypted,
    /// The document is encrypted in a way that is not supported, or encrypted and damaged.
    #[error("the PDF file is encrypted in a way that is not supported, or encrypted and damaged")]
    UnknownEncryption,
    /// The document is encrypted, and what it permits does not include signing.
    #[error("the PDF file is protected: its permissions do not allow a signature")]
    Forbidden,
    /// The document's author or an earlier signature forbids it.
    #[error("the PDF file is locked: {}", lock_text(.lock))]
    Locked {
        /// By what.
        lock: Lock,
    },
    /// There is no page to put the field on.
    #[error("the PDF file has no page")]
    NoPage,
    /// The document is damaged and signed: repairing it would break the signature.
    #[error("the PDF file is damaged and already signed: it cannot be repaired")]
    DamagedAndSigned,
    /// The existing field cannot take this signature.
    #[error("the signature field {name:?} cannot be used: {why}")]
    Field {
        /// The field asked for.
        name: String,
        /// Why not.
        why: &'static str,
    },
    /// There is no place for the appearance.
    #[error("the signature cannot be shown: {why}")]
    Place {
        /// Why not.
        why: String,
    },
    /// A character of the appearance that its font does not have.
    #[error("the character {character:?} cannot be shown in a signature")]
    Character {
        /// The character.
        character: char,
    },
    /// The picture of the appearance cannot be used.
    #[error("the picture of the signature cannot be used: {why}")]
    Picture {
        /// Why not.
        why: &'static str,
    },
    /// The document needs something that is not supported.
    #[error("the PDF file cannot be signed: {what}")]
    Unsupported {
        /// What.
        what: &'static str,
    },
    /// The request itself makes no sense.
    #[error("the signature request is wrong: {what}")]
    Request {
        /// What.
        what: &'static str,
    },
    /// An object on the way cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl From<Closed> for SignRefusal {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::Password => Self::Encrypted,
            Closed::Unsupported => Self::UnknownEncryption,
        }
    }
}

impl SignRefusal {
    /// Who is at fault.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Read(error) => error.fault(),
            Self::Request { .. }
            | Self::Field { .. }
            | Self::Character { .. }
            | Self::Picture { .. } => Fault::Caller,
            _ => Fault::Document,
        }
    }
}

fn lock_text(lock: &Lock) -> String {
    match lock {
        Lock::DocMdp => "it is certified and allows no change".to_owned(),
        Lock::Field { by } => format!("the signature {by:?} locks its fields"),
    }
}
