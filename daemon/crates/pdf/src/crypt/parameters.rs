//! The encryption dictionary (ISO 32000-2, tables 20, 21 and 25).

use super::cipher::Cipher;
use crate::{Dictionary, Object, PdfString};

/// What the key is made from.
#[derive(Debug)]
pub(super) struct Parameters {
    /// `/R`: 2, 3, 4, 5 or 6.
    pub(super) revision: i64,
    /// The key's length in bytes: 5 to 16, or 32.
    pub(super) key_len: usize,
    /// `/O`: 32 bytes, or 48 from revision 5 on.
    pub(super) owner: Vec<u8>,
    /// `/U`, as `/O`.
    pub(super) user: Vec<u8>,
    /// `/UE`, from revision 5 on.
    pub(super) user_key: Vec<u8>,
    /// `/P` as 32 bits.
    pub(super) permissions: i32,
    /// `/EncryptMetadata`.
    pub(super) encrypt_metadata: bool,
    pub(super) strings: Cipher,
    pub(super) streams: Cipher,
}

impl Parameters {
    /// None where the handler is not the standard one, or what it needs is missing.
    pub(super) fn read(dictionary: &Dictionary) -> Option<Self> {
        if dictionary.name("Filter") != Some("Standard") {
            return None;
        }
        let version = dictionary.integer("V").unwrap_or(0);
        let revision = dictionary.integer("R")?;
        let (strings, streams) = ciphers(dictionary, version)?;
        let len = if revision >= 5 { 48 } else { 32 };
        let bytes = |key: &str, len: usize| {
            let bytes = dictionary.get(key)?.as_string().map(PdfString::bytes)?;
            bytes.get(..len).map(<[u8]>::to_vec)
        };
        Some(Self {
            revision: Some(revision).filter(|revision| (2..=6).contains(revision))?,
            key_len: key_len(dictionary, version)?,
            owner: bytes("O", len)?,
            user: bytes("U", len)?,
            user_key: if revision >= 5 { bytes("UE", 32)? } else { Vec::new() },
            permissions: dictionary.integer("P")? as i32,
            encrypt_metadata: dictionary.get("EncryptMetadata") != Some(&Object::Boolean(false)),
            strings,
            streams,
        })
    }
}

/// For strings and for streams.
fn ciphers(dictionary: &Dictionary, version: i64) -> Option<(Cipher, Cipher)> {
    match version {
        1 | 2 => Some((Cipher::Rc4, Cipher::Rc4)),
        4 | 5 => Some((filter(dictionary, "StrF")?, filter(dictionary, "StmF")?)),
        _ => None,
    }
}

/// The crypt filter that is named under `key`.
fn filter(dictionary: &Dictionary, key: &str) -> Option<Cipher> {
    let name = dictionary.name(key).unwrap_or("Identity");
    if name == "Identity" {
        return Some(Cipher::None);
    }
    let filters = dictionary.get("CF")?.as_dictionary()?;
    match filters.get(name)?.as_dictionary()?.name("CFM") {
        None | Some("None") => Some(Cipher::None),
        Some("V2") => Some(Cipher::Rc4),
        Some("AESV2") => Some(Cipher::Aes128),
        Some("AESV3") => Some(Cipher::Aes256),
        Some(_) => None,
    }
}

/// In bytes. Version 4 has 128 bits whatever it says: its `/Length` is often wrong.
fn key_len(dictionary: &Dictionary, version: i64) -> Option<usize> {
    match version {
        1 => Some(5),
        2 => {
            let bits = usize::try_from(dictionary.integer("Length").unwrap_or(40)).ok()?;
            Some(bits / 8).filter(|len| (5..=16).contains(len))
        }
        4 => Some(16),
        _ => Some(32),
    }
}
