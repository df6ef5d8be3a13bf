//! What came into a document after a signature, object by object and in plain words.

use serde::{Deserialize, Serialize};

use super::words;

/// One revision that was appended after a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The end of the revision in bytes.
    pub revision_end: u64,
    /// What it adds.
    pub kind: ChangeKind,
    /// What exactly, one English phrase each.
    pub details: Vec<String>,
    /// The same, one by one, with the object and the page, in French and English.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub items: Vec<ChangeItem>,
}

impl Change {
    /// From what was told of a revision: an extension unless something in it is not permitted.
    #[must_use]
    pub fn of(revision_end: u64, items: Vec<ChangeItem>) -> Self {
        let permitted = items.iter().all(|item| item.permitted);
        let counts = |item: &&ChangeItem| permitted || !item.permitted;
        Self {
            revision_end,
            kind: if permitted { ChangeKind::Extension } else { ChangeKind::Modification },
            details: items.iter().filter(counts).map(|item| item.en.clone()).collect(),
            items,
        }
    }
}

/// What a later revision does to a signed document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Only what may follow a signature: validation data (`/DSS`), a document timestamp, a further
    /// signature in its own field, form fields and notes that nothing locks, metadata.
    Extension,
    /// Something else, or something that could not be read: the signature does not pass.
    Modification,
}

/// One thing that a later revision did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeItem {
    /// What it is.
    pub what: What,
    /// Whether the rules permit it after the signatures that stood there.
    pub permitted: bool,
    /// The indirect object, as in `12 0 R`; absent where it concerns the revision as a whole.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub object: Option<String>,
    /// The page, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub page: Option<u32>,
    /// The field, the key or the reason that the words name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subject: Option<String>,
    /// In French.
    pub fr: String,
    /// In English.
    pub en: String,
}

impl ChangeItem {
    /// With its words from the catalogue.
    #[must_use]
    pub fn new(
        what: What,
        object: Option<String>,
        page: Option<u32>,
        subject: Option<String>,
    ) -> Self {
        let (fr, en) = words::of(what, page, subject.as_deref());
        Self { what, permitted: what.is_permitted(), object, page, subject, fr, en }
    }
}

/// What a later revision can do. The first eleven are permitted where nothing locks them; all others
/// make the revision a modification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum What {
    /// Validation data in the document security store.
    ValidationDataAdded,
    /// A document timestamp.
    DocumentTimestampAdded,
    /// A further signature in a field of its own that shows nothing.
    SignatureAdded,
    /// A further signature that is shown on a page.
    VisibleSignatureAdded,
    /// A field for a signature to come.
    EmptySignatureFieldAdded,
    /// A signature in a field that had waited for it.
    SignatureFieldSigned,
    /// A text field got a value.
    TextFieldFilled,
    /// A choice was made.
    ChoiceMade,
    /// A box was ticked, or a radio button chosen.
    ButtonSet,
    /// A note or a mark was put onto a page.
    NoteAdded,
    /// The document's metadata were brought up to date.
    MetadataUpdated,

    /// The revision cannot be read.
    Unreadable,
    /// The cross-references are broken.
    BrokenReferences,
    /// A dictionary has a key twice, with another value each time.
    KeyTwice,
    /// The document is encrypted.
    Encrypted,
    /// A key of the trailer was changed.
    TrailerChanged,
    /// A key of the catalog was changed.
    CatalogChanged,
    /// The title or the author that readers show was changed.
    TitleChanged,
    /// The validation data were removed.
    ValidationDataRemoved,
    /// What calls itself validation data is none.
    ValidationDataStrange,
    /// An object was given another purpose.
    Repurposed,
    /// The form was replaced or removed.
    FormReplaced,
    /// A setting of the form was changed.
    FormChanged,
    /// Fields were removed or put into another order.
    FieldsRemoved,
    /// A field was added that is no signature field.
    FieldAdded,
    /// A field was added under a name in use.
    FieldNameTaken,
    /// An added signature is not of the standard's form.
    SignatureStrange,
    /// A signature was added where the certification forbids it.
    SignatureForbidden,
    /// A visible signature was added onto a certified document.
    SignatureOverCertified,
    /// A visible signature was added over something else.
    SignatureOverlaps,
    /// A field was filled although a signature locks it.
    FieldLocked,
    /// A field was filled although the certification forbids it.
    FieldForbidden,
    /// A field was changed otherwise than by filling it.
    FieldChanged,
    /// A field shows something else than its value.
    AppearanceSwapped,
    /// An annotation was added where none may be.
    AnnotationForbidden,
    /// An annotation was added that can hide what was signed.
    AnnotationCovers,
    /// An annotation was changed or removed.
    AnnotationChanged,
    /// The content of a page was changed.
    PageContentChanged,
    /// A page was changed.
    PageChanged,
    /// Pages were added, removed or reordered.
    PagesChanged,
    /// A font was changed.
    FontChanged,
    /// An image or a part of a page was changed.
    ImageChanged,
    /// An object was added that nothing explains.
    ObjectAdded,
    /// An object was changed that nothing explains.
    ObjectChanged,
    /// An object was removed.
    ObjectRemoved,
    /// An object was added that the signed document had mentioned without having it.
    Awaited,
    /// Too many revisions or objects to look at.
    TooMuch,
    /// Bytes follow the last revision.
    BytesFollow,
}

impl What {
    /// Whether the rules permit it.
    #[must_use]
    pub fn is_permitted(self) -> bool {
        self <= Self::MetadataUpdated
    }
}
