//! Whether a document is encrypted, and what it is read with then.

use super::{DEPTH, Document, Located};
use crate::crypt::{Closed, Crypt};
use crate::{Dictionary, Object, ObjectId, PdfString};

/// How deep `/Encrypt` is looked into: its crypt filters, and what they refer to.
const NESTED: u8 = 3;

impl Document<'_> {
    /// Whether it is encrypted so that it cannot be read: it asks for a password, or is encrypted
    /// in a way that is not supported. A document that opens without a password is not.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        matches!(self.crypt, Some(Err(_)))
    }

    /// What a document that opens without a password is encrypted with.
    pub(crate) fn crypt(&self) -> Option<&Crypt> {
        self.crypt.as_ref()?.as_ref().ok()
    }

    /// Why it cannot be read.
    pub(crate) fn closed(&self) -> Option<Closed> {
        self.crypt.as_ref()?.as_ref().err().copied()
    }

    /// Opens with the empty password, where the trailer has `/Encrypt`. A damaged document stays
    /// closed: what lies in its object streams would be lost.
    pub(super) fn unlocked(&self) -> Option<Result<Crypt, Closed>> {
        let stated = self.trailer().get("Encrypt").filter(|stated| **stated != Object::Null)?;
        if self.is_repaired() {
            return Some(Err(Closed::Unsupported));
        }
        let Object::Dictionary(dictionary) = self.flat(stated, NESTED) else {
            return Some(Err(Closed::Unsupported));
        };
        Some(Crypt::open(&dictionary, &self.first_id()))
    }

    fn first_id(&self) -> Vec<u8> {
        let id = self.trailer().get("ID").map_or(Object::Null, |id| self.flat(id, 2));
        let first = id.as_array().and_then(|halves| halves.first()).and_then(Object::as_string);
        first.map(PdfString::bytes).unwrap_or_default()
    }

    /// `object` as it stands in the file, with what it refers to in its place; what cannot be read
    /// is null.
    fn flat(&self, object: &Object, depth: u8) -> Object {
        let Some(below) = depth.checked_sub(1) else { return Object::Null };
        match object {
            Object::Reference(id) => {
                let found = self.locate_open(*id, DEPTH).map(|located| located.object);
                self.flat(&found.unwrap_or(Object::Null), below)
            }
            Object::Dictionary(dictionary) => {
                let entry = |(key, value): (&crate::Name, &Object)| {
                    let nested = matches!(value, Object::Reference(_) | Object::Dictionary(_));
                    (key.clone(), if nested { self.flat(value, depth) } else { value.clone() })
                };
                Object::Dictionary(Dictionary(dictionary.iter().map(entry).collect()))
            }
            other => other.clone(),
        }
    }

    /// The object with its strings readable. `/Encrypt` itself is never encrypted (7.6.2).
    pub(super) fn decrypted(&self, id: ObjectId, located: Located) -> Located {
        let own = self.trailer().get("Encrypt").and_then(Object::as_reference) == Some(id);
        match self.crypt() {
            Some(crypt) if !own => Located { object: crypt.decrypt(id, located.object), ..located },
            _ => located,
        }
    }
}
