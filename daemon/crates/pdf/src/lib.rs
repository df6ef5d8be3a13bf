//! Reading a PDF lazily and within bounds, and appending a revision to it.
//!
//! The room is pure: it takes bytes through [`ByteSource`] and gives a [`Revision`], never a whole
//! file. It knows nothing of CMS, keys, files or the clock; the time and any randomness are
//! arguments. Whatever a document says, every loop and allocation is held by [`Limits`].

mod content;
mod crypt;
mod document;
mod error;
mod filter;
mod limits;
mod object;
mod reader;
mod revision;
mod scan;
mod sign;
mod source;
mod store;
mod syntax;
mod text;
mod update;
mod write;
mod xref;

pub use content::{Operation, operations};
pub use document::{DocMdp, Document, Field, Locks, Page, SignatureDictionary, SignatureField};
pub use error::{Fault, OpenError, ReadError};
pub use limits::{Allowance, Limits};
pub use object::{Dictionary, Name, Object, ObjectId, PdfString, Real, Stream};
pub use revision::{Hole, HoleTooSmall, Revision};
pub use scan::{
    ActiveContent, ActiveKind, CoveredText, Danger, HiddenKind, HiddenObject, InspectedField,
    Inspection, KeyTwice, Layer, LeftOut, MissingFont, NotLookedAt, Overlay, Permissions,
    ScanBounds, ScanError, Twofold, Way, active_content, inspect, twofold,
};
pub use sign::{
    Appearance, FieldTarget, Lock, OnOverlap, PageChoice, Picture, Place, SignRefusal,
    SignatureRequest, SubFilter, append_signature,
};
pub use source::{Appended, ByteSource, Prefix};
pub use store::{SecurityStore, append_security_store};
pub use text::{FormText, Matrix};
pub use update::{Attachment, Corner, Relationship, Stamp, StampPage, Update, UpdateRefusal};
