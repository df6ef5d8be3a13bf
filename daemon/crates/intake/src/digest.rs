//! SHA-256 digests: of files through the port, and as lower-case hexadecimal in JSON.

use sceau_disk::{Dir, DiskError, ReadFile};
use serde::{Deserialize, Deserializer, Serializer};
use sha2::{Digest as _, Sha256};

use crate::path::RelPath;

/// How much is read at a time, in bytes.
const CHUNK: usize = 256 * 1024;

pub(crate) fn serialize<S: Serializer>(digest: &[u8; 32], out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(&hex::encode(digest))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 32], D::Error> {
    let text = String::deserialize(from)?;
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest).map_err(serde::de::Error::custom)?;
    Ok(digest)
}

/// The digest of some bytes.
pub(crate) fn of(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The digest of several fields, each preceded by its length, so that no two lists agree.
pub(crate) fn of_fields(fields: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for field in fields {
        hasher.update((field.len() as u64).to_be_bytes());
        hasher.update(field);
    }
    hasher.finalize().into()
}

/// The digest of an open file, from its start to its end.
pub(crate) fn of_file(file: &dyn ReadFile) -> Result<[u8; 32], DiskError> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; CHUNK];
    let mut offset = 0;
    loop {
        match file.read_at(offset, &mut buffer)? {
            0 => return Ok(hasher.finalize().into()),
            read => {
                hasher.update(&buffer[..read]);
                offset += read as u64;
            }
        }
    }
}

/// Whether a regular file of that length and content stands there.
pub(crate) fn stands(
    dir: &dyn Dir,
    at: &RelPath,
    len: u64,
    digest: &[u8; 32],
) -> Result<bool, DiskError> {
    let file = match dir.open(at.as_path()) {
        Ok(file) => file,
        Err(DiskError::NotFound { .. } | DiskError::NotRegular { .. }) => return Ok(false),
        Err(error) => return Err(error),
    };
    Ok(file.meta()?.len == len && of_file(file.as_ref())? == *digest)
}
