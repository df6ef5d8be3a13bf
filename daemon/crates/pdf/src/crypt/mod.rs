//! Encryption by the standard security handler (ISO 32000-2, 7.6), for documents that open without
//! a password.
//!
//! Strings and streams are decrypted as they are read and encrypted as they are written, so that
//! the rest of the room never sees the difference. What needs a password, or another handler, stays
//! closed.

mod cipher;
mod key;
mod parameters;

use crate::{Dictionary, Object, ObjectId, PdfString};
use cipher::Cipher;
use parameters::Parameters;

/// Why a document stays closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closed {
    /// It asks for a password.
    Password,
    /// Its way of encryption is not one of the standard's, or is broken.
    Unsupported,
}

/// What an open encrypted document is read and written with.
#[derive(Debug, Clone)]
pub(crate) struct Crypt {
    key: Vec<u8>,
    strings: Cipher,
    streams: Cipher,
    metadata: bool,
    permissions: Permissions,
}

/// `/P` (ISO 32000-2, table 22): what whoever opens without a password may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Permissions(i32);

impl Permissions {
    fn bit(self, number: u32) -> bool {
        self.0 >> (number - 1) & 1 == 1
    }

    /// A signature into an existing empty field.
    pub(crate) fn fill_fields(self) -> bool {
        self.bit(6) || self.bit(9)
    }

    /// A signature into a new field.
    pub(crate) fn create_fields(self) -> bool {
        self.bit(6) && self.bit(4)
    }
}

impl Crypt {
    /// Opens with the empty user password. `dictionary` is `/Encrypt`, with nothing indirect in it
    /// that counts; `id` is the first half of the file's `/ID`.
    pub(crate) fn open(dictionary: &Dictionary, id: &[u8]) -> Result<Self, Closed> {
        let parameters = Parameters::read(dictionary).ok_or(Closed::Unsupported)?;
        let key = key::without_password(&parameters, id).ok_or(Closed::Password)?;
        Ok(Self {
            key,
            strings: parameters.strings,
            streams: parameters.streams,
            metadata: parameters.encrypt_metadata,
            permissions: Permissions(parameters.permissions),
        })
    }

    pub(crate) fn permissions(&self) -> Permissions {
        self.permissions
    }

    /// `object` of number `id` with its strings readable.
    pub(crate) fn decrypt(&self, id: ObjectId, object: Object) -> Object {
        map_strings(object, &|bytes| self.strings.decrypt(&self.key, id, bytes))
    }

    /// `object` of number `id` with its strings as they have to stand in the file.
    pub(crate) fn encrypt(&self, id: ObjectId, object: Object) -> Object {
        map_strings(object, &|bytes| self.strings.encrypt(&self.key, id, bytes))
    }

    /// The data of the stream `id` as its filters want it.
    pub(crate) fn decrypt_data(
        &self,
        id: ObjectId,
        dictionary: &Dictionary,
        data: Vec<u8>,
    ) -> Vec<u8> {
        match self.of_stream(dictionary) {
            Cipher::None => data,
            cipher => cipher.decrypt(&self.key, id, &data),
        }
    }

    /// The data of the stream `id` as it has to stand in the file.
    pub(crate) fn encrypt_data(
        &self,
        id: ObjectId,
        dictionary: &Dictionary,
        data: &[u8],
    ) -> Vec<u8> {
        self.of_stream(dictionary).encrypt(&self.key, id, data)
    }

    /// Cross-reference streams are never encrypted (7.5.8.2), metadata where the document says so,
    /// and a stream with a filter `Crypt` of its own by that, of which only `Identity` is known here.
    fn of_stream(&self, dictionary: &Dictionary) -> Cipher {
        let kind = dictionary.name("Type");
        let own = match dictionary.get("Filter") {
            Some(Object::Array(filters)) => filters.first().and_then(Object::as_name),
            Some(filter) => filter.as_name(),
            None => None,
        };
        let plain = kind == Some("XRef")
            || own == Some("Crypt")
            || (kind == Some("Metadata") && !self.metadata);
        if plain { Cipher::None } else { self.streams }
    }
}

/// `/Contents` of a signature is the one string that is not encrypted (7.6.2).
fn is_signature(dictionary: &Dictionary) -> bool {
    dictionary.contains("ByteRange") && dictionary.contains("Contents")
}

fn map_strings(object: Object, map: &dyn Fn(&[u8]) -> Vec<u8>) -> Object {
    match object {
        Object::String(string) => Object::String(PdfString::hexadecimal(&map(&string.bytes()))),
        Object::Array(items) => {
            Object::Array(items.into_iter().map(|item| map_strings(item, map)).collect())
        }
        Object::Dictionary(dictionary) => Object::Dictionary(map_dictionary(dictionary, map)),
        Object::Stream(mut stream) => {
            stream.dictionary = map_dictionary(stream.dictionary, map);
            Object::Stream(stream)
        }
        other => other,
    }
}

fn map_dictionary(dictionary: Dictionary, map: &dyn Fn(&[u8]) -> Vec<u8>) -> Dictionary {
    let signature = is_signature(&dictionary);
    let entry = |(key, value): (crate::Name, Object)| {
        let kept = signature && key == "Contents";
        let value = if kept { value } else { map_strings(value, map) };
        (key, value)
    };
    Dictionary(dictionary.0.into_iter().map(entry).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_bits_counted_from_one() {
        assert!(Permissions(-4).create_fields() && Permissions(-4).fill_fields());
        assert!(!Permissions(1 << 5).create_fields() && Permissions(1 << 5).fill_fields());
        assert!(Permissions(1 << 8).fill_fields() && !Permissions(1 << 3).fill_fields());
        assert!(Permissions(1 << 5 | 1 << 3).create_fields());
    }

    #[test]
    fn the_contents_of_a_signature_are_left_alone() {
        let signature = Dictionary::new()
            .with("ByteRange", vec![Object::from(0)])
            .with("Contents", PdfString::literal(b"aa"))
            .with("Reason", PdfString::literal(b"aa"));
        let mapped = map_strings(signature.into(), &|_| b"b".to_vec());
        let mapped = mapped.as_dictionary().unwrap();
        assert_eq!(mapped.get("Contents").unwrap().as_string().unwrap().bytes(), b"aa");
        assert_eq!(mapped.get("Reason").unwrap().as_string().unwrap().bytes(), b"b");
    }
}
