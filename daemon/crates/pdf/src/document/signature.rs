//! Signature fields and what stands in them (ISO 32000-2, 12.7.5.5 and 12.8.1).

use crate::{Dictionary, ObjectId};

/// A signature field.
#[derive(Debug, Clone)]
pub struct SignatureField {
    /// The full name: the partial names from the root, joined by full stops.
    pub name: String,
    /// The field's object; none where it stands directly in an array.
    pub object: Option<ObjectId>,
    /// The field's own dictionary.
    pub dictionary: Dictionary,
    /// The signature, where the field is signed.
    pub value: Option<SignatureDictionary>,
}

/// A signature dictionary as it stands; nothing in it has been verified.
#[derive(Debug, Clone)]
pub struct SignatureDictionary {
    /// Its object; none where it stands directly in the field.
    pub object: Option<ObjectId>,
    /// `/Type`: `Sig` or `DocTimeStamp`.
    pub kind: Option<String>,
    /// `/Filter`.
    pub filter: Option<String>,
    /// `/SubFilter`.
    pub sub_filter: Option<String>,
    /// `/ByteRange`, where it is four numbers that are not negative.
    pub byte_range: Option<[u64; 4]>,
    /// `/Contents`, decoded, padding included.
    pub contents: Vec<u8>,
    /// Where `/Contents` stands: the offset of `<` and the offset after `>`. None where the
    /// dictionary lies in an object stream, where no signature can stand.
    pub contents_span: Option<(u64, u64)>,
    /// `/M` as the source writes it.
    pub m: Option<String>,
    /// `/Reason`.
    pub reason: Option<String>,
    /// `/Location`.
    pub location: Option<String>,
    /// `/ContactInfo`.
    pub contact_info: Option<String>,
    /// `/Name`.
    pub name: Option<String>,
    /// The whole dictionary, `/Contents` left out.
    pub dictionary: Dictionary,
}
