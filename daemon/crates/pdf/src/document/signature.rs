//! Signature fields and what stands in them (ISO 32000-2, 12.7.5.5 and 12.8.1).

use super::{Document, Located};
use crate::{Dictionary, Object, ObjectId, PdfString, ReadError};

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
    /// dictionary lies in an object stream or in its field, where no hole can be told.
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

impl SignatureDictionary {
    /// The offset at which the part of the file ends that `/ByteRange` names.
    #[must_use]
    pub fn end(&self) -> Option<u64> {
        self.byte_range.map(|range| range[2].saturating_add(range[3]))
    }

    /// Reads `/V` of a field; none where it is null or no dictionary.
    pub(super) fn read(doc: &Document<'_>, value: &Object) -> Result<Option<Self>, ReadError> {
        let object = value.as_reference();
        let located = match object {
            Some(id) => doc.located(id)?,
            None => Located::alone(value.clone()),
        };
        let contents_span = located.span("Contents");
        let Object::Dictionary(mut dictionary) = located.object else { return Ok(None) };
        let contents = doc.get(&dictionary, "Contents")?;
        dictionary.remove("Contents");
        let text = |key: &str| -> Result<Option<String>, ReadError> {
            Ok(doc.get(&dictionary, key)?.as_string().map(PdfString::to_text))
        };
        Ok(Some(Self {
            object,
            kind: dictionary.name("Type").map(str::to_owned),
            filter: dictionary.name("Filter").map(str::to_owned),
            sub_filter: dictionary.name("SubFilter").map(str::to_owned),
            byte_range: byte_range(&doc.get(&dictionary, "ByteRange")?),
            contents: contents.as_string().map(PdfString::bytes).unwrap_or_default(),
            contents_span: contents_span.filter(|_| contents.as_string().is_some()),
            m: text("M")?,
            reason: text("Reason")?,
            location: text("Location")?,
            contact_info: text("ContactInfo")?,
            name: text("Name")?,
            dictionary,
        }))
    }
}

impl Located {
    /// Where the last value of `key` stands in the file.
    fn span(&self, key: &str) -> Option<(u64, u64)> {
        let offset = self.offset?;
        let (_, span) = self.spans.iter().rev().find(|(name, _)| *name == key)?;
        Some((offset + span.start as u64, offset + span.end as u64))
    }
}

fn byte_range(value: &Object) -> Option<[u64; 4]> {
    let items = value.as_array().filter(|items| items.len() == 4)?;
    let mut range = [0; 4];
    for (number, item) in range.iter_mut().zip(items) {
        *number = u64::try_from(item.as_integer()?).ok()?;
    }
    Some(range)
}
