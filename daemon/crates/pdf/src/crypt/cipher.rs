//! The ciphers of the standard handler (ISO 32000-2, 7.6.3 and table 25).

use crate::ObjectId;
use aes::cipher::array::Array;
use aes::cipher::{Block, BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit};
use md5::{Digest as _, Md5};
use rc4::{Rc4, StreamCipher as _};

const BLOCK: usize = 16;

/// How strings or streams are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cipher {
    /// Not at all: `Identity`.
    None,
    /// RC4 with a key for each object: `V2`.
    Rc4,
    /// AES-128 with a key for each object: `AESV2`.
    Aes128,
    /// AES-256 with the file's key: `AESV3`.
    Aes256,
}

impl Cipher {
    pub(super) fn decrypt(self, key: &[u8], id: ObjectId, data: &[u8]) -> Vec<u8> {
        match self {
            Self::None => data.to_vec(),
            Self::Rc4 => rc4(&self.key_of(key, id), data),
            Self::Aes128 | Self::Aes256 => unpadded(decrypted(&self.key_of(key, id), data)),
        }
    }

    pub(super) fn encrypt(self, key: &[u8], id: ObjectId, data: &[u8]) -> Vec<u8> {
        match self {
            Self::None => data.to_vec(),
            Self::Rc4 => rc4(&self.key_of(key, id), data),
            Self::Aes128 | Self::Aes256 => {
                let key = self.key_of(key, id);
                let vector = vector(&key, id, data);
                let padding = BLOCK - data.len() % BLOCK;
                let padded = [data, &vec![padding as u8; padding]].concat();
                [&vector[..], &cbc_encrypt(&key, &vector, &padded)].concat()
            }
        }
    }

    /// The key of one object (7.6.3.2, algorithm 1, and 7.6.3.3, algorithm 1.A).
    fn key_of(self, key: &[u8], id: ObjectId) -> Vec<u8> {
        if self == Self::Aes256 {
            return key.to_vec();
        }
        let mut hash = Md5::new();
        hash.update(key);
        hash.update(&id.number.to_le_bytes()[..3]);
        hash.update(&id.generation.to_le_bytes()[..2]);
        if self == Self::Aes128 {
            hash.update(b"sAlT");
        }
        hash.finalize()[..(key.len() + 5).min(BLOCK)].to_vec()
    }
}

/// The same bytes of the same object get the same vector, other bytes another: what is prepared
/// twice is the same twice. Whoever has the file has its key.
fn vector(key: &[u8], id: ObjectId, data: &[u8]) -> [u8; BLOCK] {
    let mut hash = Md5::new();
    hash.update(key);
    hash.update(id.number.to_le_bytes());
    hash.update(data);
    hash.finalize().into()
}

pub(super) fn rc4(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut data = data.to_vec();
    // A key of no bytes cannot come from a digest.
    if let Ok(mut cipher) = <Rc4 as KeyInit>::new_from_slice(key) {
        cipher.apply_keystream(&mut data);
    }
    data
}

/// The blocks after the vector; an end that is no whole block is dropped, as readers do.
fn decrypted(key: &[u8], data: &[u8]) -> Vec<u8> {
    match data.split_at_checked(BLOCK) {
        Some((vector, data)) => cbc_decrypt(key, vector, data),
        None => Vec::new(),
    }
}

fn unpadded(mut data: Vec<u8>) -> Vec<u8> {
    if let Some(padding @ 1..=16) = data.last().copied() {
        data.truncate(data.len().saturating_sub(usize::from(padding)));
    }
    data
}

/// Without padding; `key` has 16 or 32 bytes, or nothing comes out.
pub(super) fn cbc_decrypt(key: &[u8], vector: &[u8], data: &[u8]) -> Vec<u8> {
    fn run<C: BlockModeDecrypt>(mode: Option<C>, mut blocks: Vec<Block<C>>) -> Vec<u8> {
        let Some(mut mode) = mode else { return Vec::new() };
        mode.decrypt_blocks(&mut blocks);
        blocks.iter().flat_map(|block| block.iter().copied()).collect()
    }
    let blocks = blocks(data);
    match key.len() {
        BLOCK => run(cbc::Decryptor::<aes::Aes128>::new_from_slices(key, vector).ok(), blocks),
        _ => run(cbc::Decryptor::<aes::Aes256>::new_from_slices(key, vector).ok(), blocks),
    }
}

/// The same the other way.
pub(super) fn cbc_encrypt(key: &[u8], vector: &[u8], data: &[u8]) -> Vec<u8> {
    fn run<C: BlockModeEncrypt>(mode: Option<C>, mut blocks: Vec<Block<C>>) -> Vec<u8> {
        let Some(mut mode) = mode else { return Vec::new() };
        mode.encrypt_blocks(&mut blocks);
        blocks.iter().flat_map(|block| block.iter().copied()).collect()
    }
    let blocks = blocks(data);
    match key.len() {
        BLOCK => run(cbc::Encryptor::<aes::Aes128>::new_from_slices(key, vector).ok(), blocks),
        _ => run(cbc::Encryptor::<aes::Aes256>::new_from_slices(key, vector).ok(), blocks),
    }
}

fn blocks(data: &[u8]) -> Vec<Array<u8, aes::cipher::consts::U16>> {
    data.as_chunks::<BLOCK>().0.iter().map(|block| Array::from(*block)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encrypted_is_decrypted() {
        let id = ObjectId::new(7, 3);
        for (cipher, len) in
            [(Cipher::None, 5), (Cipher::Rc4, 5), (Cipher::Aes128, 16), (Cipher::Aes256, 32)]
        {
            let key = vec![9; len];
            for text in [&b""[..], b"a", b"sixteen bytes ..", b"more than sixteen bytes"] {
                let closed = cipher.encrypt(&key, id, text);
                assert_eq!(cipher.decrypt(&key, id, &closed), text, "{cipher:?}");
                assert_eq!(
                    closed == text,
                    cipher == Cipher::None || text.is_empty() && cipher == Cipher::Rc4
                );
            }
        }
    }

    #[test]
    fn what_is_no_ciphertext_is_harmless() {
        let id = ObjectId::new(1, 0);
        for len in [0, 1, 15, 16, 17, 31, 33] {
            Cipher::Aes128.decrypt(&[1; 16], id, &vec![3; len]);
            Cipher::Aes256.decrypt(&[1; 32], id, &vec![3; len]);
            Cipher::Aes256.decrypt(&[1; 7], id, &vec![3; len]);
        }
    }
}
