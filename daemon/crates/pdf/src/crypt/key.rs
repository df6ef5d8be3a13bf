//! The file's key from the empty user password (ISO 32000-2, 7.6.4.3 and 7.6.4.4).

use super::cipher::{cbc_decrypt, cbc_encrypt, rc4};
use super::parameters::Parameters;
use md5::{Digest as _, Md5};
use sha2::{Sha256, Sha384, Sha512};

/// What an empty password is padded to (algorithm 2).
const PADDING: [u8; 32] = [
    0x28, 0xbf, 0x4e, 0x5e, 0x4e, 0x75, 0x8a, 0x41, 0x64, 0x00, 0x4e, 0x56, 0xff, 0xfa, 0x01, 0x08,
    0x2e, 0x2e, 0x00, 0xb6, 0xd0, 0x68, 0x3e, 0x80, 0x2f, 0x0c, 0xa9, 0xfe, 0x64, 0x53, 0x69, 0x7a,
];

/// The key; none where the document asks for a password.
pub(super) fn without_password(parameters: &Parameters, id: &[u8]) -> Option<Vec<u8>> {
    if parameters.revision >= 5 { modern(parameters) } else { classic(parameters, id) }
}

/// Revisions 2 to 4: algorithm 2, held against `/U` by algorithms 4 to 6.
fn classic(parameters: &Parameters, id: &[u8]) -> Option<Vec<u8>> {
    let key = classic_key(parameters, id);
    let (made, compared) = if parameters.revision == 2 {
        (rc4(&key, &PADDING), 32)
    } else {
        let hash = Md5::new().chain_update(PADDING).chain_update(id).finalize();
        let rounds = 0..20u8;
        let round = |text: Vec<u8>, round: u8| {
            rc4(&key.iter().map(|byte| byte ^ round).collect::<Vec<_>>(), &text)
        };
        (rounds.fold(hash.to_vec(), round), 16)
    };
    (made[..compared] == parameters.user[..compared]).then_some(key)
}

fn classic_key(parameters: &Parameters, id: &[u8]) -> Vec<u8> {
    let mut hash = Md5::new();
    hash.update(PADDING);
    hash.update(&parameters.owner);
    hash.update(parameters.permissions.to_le_bytes());
    hash.update(id);
    if parameters.revision >= 4 && !parameters.encrypt_metadata {
        hash.update([0xff; 4]);
    }
    let mut key: [u8; 16] = hash.finalize().into();
    if parameters.revision >= 3 {
        for _ in 0..50 {
            key = Md5::digest(&key[..parameters.key_len]).into();
        }
    }
    key[..parameters.key_len].to_vec()
}

/// Revisions 5 and 6: algorithm 2.A. `/U` is a hash, a salt to validate and a salt of the key.
fn modern(parameters: &Parameters) -> Option<Vec<u8>> {
    let (hash, salts) = parameters.user.split_at(32);
    let hashed = |salt: &[u8]| match parameters.revision {
        5 => Sha256::digest(salt).to_vec(),
        _ => hardened(salt),
    };
    let fits = hashed(&salts[..8]) == hash;
    fits.then(|| cbc_decrypt(&hashed(&salts[8..]), &[0; 16], &parameters.user_key))
}

/// Algorithm 2.B with an empty password and no owner.
fn hardened(salt: &[u8]) -> Vec<u8> {
    let mut key = Sha256::digest(salt).to_vec();
    let mut round = 0;
    loop {
        let text = key.repeat(64);
        let closed = cbc_encrypt(&key[..16], &key[16..32], &text);
        let rest: u32 = closed[..16].iter().map(|byte| u32::from(*byte)).sum();
        key = match rest % 3 {
            0 => Sha256::digest(&closed).to_vec(),
            1 => Sha384::digest(&closed).to_vec(),
            _ => Sha512::digest(&closed).to_vec(),
        };
        round += 1;
        let last = closed.last().copied().unwrap_or(0);
        if round >= 64 && u32::from(last) <= round - 32 {
            key.truncate(32);
            return key;
        }
    }
}
