//! An open document: what it says about itself, read only where it is asked.

mod signature;

pub use signature::{SignatureDictionary, SignatureField};

use crate::{ByteSource, Dictionary, Limits, Object, ObjectId, OpenError, ReadError};

/// A PDF file held open. Objects are read from the source when they are asked for.
pub struct Document<'s> {
    source: &'s dyn ByteSource,
    limits: Limits,
}

/// A page and what it inherits (ISO 32000-2, 7.7.3.4).
#[derive(Debug, Clone)]
pub struct Page {
    /// Its place, from 0.
    pub index: u32,
    /// The page object.
    pub object: ObjectId,
    /// Its own dictionary.
    pub dictionary: Dictionary,
    /// `/Resources`, own or inherited, unresolved.
    pub resources: Object,
    /// `/MediaBox` as x0, y0, x1, y1 with x0 <= x1 and y0 <= y1, in points.
    pub media_box: [f64; 4],
    /// `/CropBox` cut to the media box, in points.
    pub crop_box: [f64; 4],
    /// `/Rotate`: 0, 90, 180 or 270, clockwise.
    pub rotate: u16,
}

/// What a certification allows (ISO 32000-2, table 257).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocMdp {
    /// `/P 1`: nothing.
    NoChange,
    /// `/P 2`: filling in forms and signing.
    FillForms,
    /// `/P 3`: the same and annotations.
    Annotate,
}

impl<'s> Document<'s> {
    /// Opens a document: reads its tail and its chain of cross-references, and no more.
    ///
    /// An encrypted document opens, so that its trailer can be read; its objects do not.
    ///
    /// # Errors
    /// [`OpenError`] where it is no PDF, or cut off, or damaged beyond repair, or beyond `limits`.
    pub fn open(source: &'s dyn ByteSource, limits: &Limits) -> Result<Self, OpenError> {
        let _ = Self { source, limits: limits.clone() };
        Err(OpenError::Damaged { what: "reading is not built yet", offset: 0 })
    }

    /// The bytes that it was opened from.
    #[must_use]
    pub fn source(&self) -> &'s dyn ByteSource {
        self.source
    }

    /// The limits that it was opened with.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The version: the catalog's where it is higher than the header's, as major and minor.
    #[must_use]
    pub fn version(&self) -> (u8, u8) {
        (1, 0)
    }

    /// The newest trailer, or the dictionary of the newest cross-reference stream.
    #[must_use]
    pub fn trailer(&self) -> &Dictionary {
        unreachable!("no document opens yet")
    }

    /// Whether the trailer has `/Encrypt`.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.trailer().contains("Encrypt")
    }

    /// Whether the cross-references were broken and the objects found by scanning.
    #[must_use]
    pub fn is_repaired(&self) -> bool {
        false
    }

    /// An indirect object; `Null` where there is none (ISO 32000-2, 7.3.10).
    ///
    /// # Errors
    /// [`ReadError`] where it is broken, encrypted or beyond a limit.
    pub fn object(&self, id: ObjectId) -> Result<Object, ReadError> {
        Err(ReadError::damaged_at(id, "reading is not built yet"))
    }

    /// `object`, or what it refers to.
    ///
    /// # Errors
    /// As [`object`](Self::object).
    pub fn resolve(&self, object: &Object) -> Result<Object, ReadError> {
        match object {
            Object::Reference(id) => self.object(*id),
            other => Ok(other.clone()),
        }
    }

    /// The catalog (ISO 32000-2, 7.7.2).
    ///
    /// # Errors
    /// [`ReadError`] where it is missing or broken.
    pub fn catalog(&self) -> Result<Dictionary, ReadError> {
        Err(ReadError::damaged("reading is not built yet"))
    }

    /// The number of pages, counted by walking the page tree; `/Count` is not believed.
    ///
    /// # Errors
    /// [`ReadError`] where the tree is broken or beyond a limit.
    pub fn page_count(&self) -> Result<u32, ReadError> {
        Err(ReadError::damaged("reading is not built yet"))
    }

    /// Page `index`, from 0; none past the last.
    ///
    /// # Errors
    /// As [`page_count`](Self::page_count).
    pub fn page(&self, index: u32) -> Result<Option<Page>, ReadError> {
        let _ = index;
        Err(ReadError::damaged("reading is not built yet"))
    }

    /// All signature fields in the form's order, signed or empty.
    ///
    /// # Errors
    /// [`ReadError`] where the form is broken or beyond a limit.
    pub fn signature_fields(&self) -> Result<Vec<SignatureField>, ReadError> {
        Err(ReadError::damaged("reading is not built yet"))
    }

    /// The ends of the revisions, oldest first, in bytes: each is a length at which the file was
    /// once complete.
    ///
    /// # Errors
    /// [`ReadError`] where the medium fails.
    pub fn revisions(&self) -> Result<Vec<u64>, ReadError> {
        Err(ReadError::damaged("reading is not built yet"))
    }

    /// What the certification allows, where the document is certified.
    ///
    /// # Errors
    /// [`ReadError`] where `/Perms` is broken.
    pub fn doc_mdp(&self) -> Result<Option<DocMdp>, ReadError> {
        Err(ReadError::damaged("reading is not built yet"))
    }
}
