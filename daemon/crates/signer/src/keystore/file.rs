//! One key file: a few header lines, then an encrypted PKCS#8 key in PEM, or nothing where the key
//! stays in a PKCS#11 token and the header names it.
//!
//! RFC 7468 §2 lets text stand before the PEM armour, so that `openssl pkey -passin file:SECRET`
//! reads the file as it is. The header tells what the key is for without the secret; an
//! HMAC-SHA-256 under a key derived from the secret covers the header and the encrypted key, so that
//! neither purpose, name nor key can be exchanged. It is verified before anything is decrypted.

use std::fmt::Write as _;

use aws_lc_rs::{
    hmac,
    rand::{SecureRandom, SystemRandom},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use pkcs8::{
    EncryptedPrivateKeyInfoOwned, LineEnding, SecretDocument,
    der::{Decode, Encode, asn1::OctetString},
    pkcs5::{pbes2::Parameters, scrypt},
};

use sceau_pki::SignatureAlgorithm;

use super::{KeyStoreError, StoredKey, TOKEN};
use crate::{
    key::{KeyError, KeyType, LocalKey},
    pkcs11,
    request::{KeyId, KeyInfo, Purpose},
    secret::Secret,
};

const PEM_LABEL: &str = "ENCRYPTED PRIVATE KEY";
const MAC_USE: &str = "sceau key file v1";
/// scrypt cost: N = 2^12, r = 8, p = 1, 4 MiB. The secret has 256 bits of entropy, so that no cost
/// is needed against guessing; this one keeps a weak hand-made secret from being tried for free.
const SCRYPT_LOG_N: u8 = 12;

/// The file's text for a key.
pub(super) fn seal(
    id: &KeyId,
    purpose: Purpose,
    (key, algorithm): (&LocalKey, SignatureAlgorithm),
    secret: &Secret,
) -> Result<(KeyInfo, String), KeyStoreError> {
    let failed = |source| KeyStoreError::Key { id: id.clone(), source };
    let kind = key.kind();
    if !kind.suits(algorithm) {
        return Err(failed(KeyError::WrongAlgorithm { kind, algorithm }));
    }
    let spki = key.spki().map_err(failed)?;
    let info = KeyInfo { id: id.clone(), purpose, algorithm, spki };
    let mut text = header(&info, kind);
    if let Some(reference) = key.token() {
        text.push_str(&pkcs11::fields(reference));
        let mac = hmac::sign(&mac_key(secret), &covered(&text, &[]));
        let _ = writeln!(text, "Mac: {}", hex::encode(mac));
        return Ok((info, text));
    }
    let encrypted = encrypt(key, secret).map_err(failed)?;
    let mac = hmac::sign(&mac_key(secret), &covered(&text, encrypted.as_bytes()));
    let armour = encrypted
        .to_pem(PEM_LABEL, LineEnding::LF)
        .map_err(|_| failed(KeyError::Library("encode a key")))?;
    // Writing to a String cannot fail.
    let _ = write!(text, "Mac: {}\n\n{}", hex::encode(mac), armour.as_str());
    Ok((info, text))
}

/// The key of a file's text. `id` is the name under which the file was found; the header must agree.
pub(super) fn open(id: &KeyId, text: &str, secret: &Secret) -> Result<StoredKey, KeyStoreError> {
    let malformed = |why| KeyStoreError::Malformed { file: format!("{id}.p8"), why };
    let parts = split(text).ok_or_else(|| malformed("its parts are not where they belong"))?;
    hmac::verify(&mac_key(secret), &covered(parts.header, &parts.encrypted), &parts.mac)
        .map_err(|_| KeyStoreError::WrongSecret(id.clone()))?;
    let field = |name| field(parts.header, name);
    if field("Id") != Some(id.as_str()) {
        return Err(malformed("it holds the key of another name"));
    }
    let purpose =
        field("Purpose").and_then(Purpose::parse).ok_or_else(|| malformed("no purpose"))?;
    let failed = |source| KeyStoreError::Key { id: id.clone(), source };
    let key = decrypt(&parts.encrypted, secret).map_err(failed)?;
    let spki = key.spki().map_err(failed)?;
    let algorithm = algorithm(&key, field("Algorithm")).map_err(failed)?;
    Ok(StoredKey { info: KeyInfo { id: id.clone(), purpose, algorithm, spki }, key })
}

/// The key of a token's file: which one, and where. Nothing of it is believed, and no module loaded,
/// before its authentication code is verified; the token must hold the very key that it names.
pub(super) fn open_token_file(
    id: &KeyId,
    text: &str,
    secret: &Secret,
) -> Result<StoredKey, KeyStoreError> {
    let malformed = |why| KeyStoreError::Malformed { file: format!("{id}.{TOKEN}"), why };
    let (header, mac) = text.split_once("Mac: ").ok_or_else(|| malformed("no code"))?;
    let lower = !mac.bytes().any(|byte| byte.is_ascii_uppercase());
    let mac = mac.strip_suffix('\n').filter(|_| lower).and_then(|mac| hex::decode(mac).ok());
    let mac = mac.ok_or_else(|| malformed("no code"))?;
    hmac::verify(&mac_key(secret), &covered(header, &[]), &mac)
        .map_err(|_| KeyStoreError::WrongSecret(id.clone()))?;
    let field = |name: &str| field(header, name);
    if field("Id") != Some(id.as_str()) {
        return Err(malformed("it holds the key of another name"));
    }
    let purpose =
        field("Purpose").and_then(Purpose::parse).ok_or_else(|| malformed("no purpose"))?;
    let reference = pkcs11::from_fields(field).ok_or_else(|| malformed("it names no key"))?;
    let token = |source| KeyStoreError::Token { id: id.clone(), source };
    let key = pkcs11::open_token(&reference).map_err(token)?.key;
    let failed = |source| KeyStoreError::Key { id: id.clone(), source };
    let spki = key.spki().map_err(failed)?;
    if field("Public-Key") != Some(STANDARD.encode(&spki).as_str()) {
        return Err(failed(KeyError::Token(format!("{reference} is another key than before"))));
    }
    let algorithm = algorithm(&key, field("Algorithm")).map_err(failed)?;
    Ok(StoredKey { info: KeyInfo { id: id.clone(), purpose, algorithm, spki }, key })
}

fn algorithm(key: &LocalKey, word: Option<&str>) -> Result<SignatureAlgorithm, KeyError> {
    let algorithm = match word {
        None => Some(key.kind().default_algorithm()),
        Some(word) => SignatureAlgorithm::parse(word),
    };
    algorithm.filter(|one| key.kind().suits(*one)).ok_or(KeyError::Unsupported)
}

struct Parts<'t> {
    header: &'t str,
    mac: Vec<u8>,
    encrypted: Vec<u8>,
}

/// Only the exact form that [`seal`] writes is taken; any other byte makes it fail.
fn split(text: &str) -> Option<Parts<'_>> {
    let (header, rest) = text.split_at(text.find("Mac: ")?);
    let (mac, armour) = rest.strip_prefix("Mac: ")?.split_once("\n\n")?;
    let (label, document) = SecretDocument::from_pem(armour).ok()?;
    let exact = document.to_pem(PEM_LABEL, LineEnding::LF).ok()?.as_str() == armour;
    let lower = mac.bytes().all(|byte| !byte.is_ascii_uppercase());
    (label == PEM_LABEL && exact && lower && header.starts_with("Sceau-Key: 1\n")).then_some(())?;
    Some(Parts { header, mac: hex::decode(mac).ok()?, encrypted: document.as_bytes().to_vec() })
}

fn header(info: &KeyInfo, kind: KeyType) -> String {
    let KeyInfo { id, purpose, algorithm, spki } = info;
    let public = STANDARD.encode(spki);
    let word = kind.as_str();
    let text =
        format!("Sceau-Key: 1\nId: {id}\nPurpose: {purpose}\nType: {word}\nPublic-Key: {public}\n");
    match *algorithm == kind.default_algorithm() {
        true => text,
        false => format!("{text}Algorithm: {}\n", algorithm.as_str()),
    }
}

fn field<'h>(header: &'h str, name: &str) -> Option<&'h str> {
    header.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// The header ends with a newline and has no zero byte, so that the two cannot be shifted.
fn covered(header: &str, encrypted: &[u8]) -> Vec<u8> {
    [header.as_bytes(), b"\0", encrypted].concat()
}

fn mac_key(secret: &Secret) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret.derive(MAC_USE).as_ref())
}

fn encrypt(key: &LocalKey, secret: &Secret) -> Result<SecretDocument, KeyError> {
    let failed = || KeyError::Library("encrypt a key");
    let (mut salt, mut iv) = ([0u8; 16], [0u8; 16]);
    let random = SystemRandom::new();
    random.fill(&mut salt).and_then(|()| random.fill(&mut iv)).map_err(|_| failed())?;
    let cost = scrypt::Params::new(SCRYPT_LOG_N, 8, 1).map_err(|_| failed())?;
    let parameters =
        Parameters::generate_scrypt_aes256cbc(cost, &salt, iv).map_err(|_| failed())?;
    let sealed = parameters.encrypt(secret.password(), &key.to_pkcs8()?).map_err(|_| failed())?;
    let info = EncryptedPrivateKeyInfoOwned {
        encryption_algorithm: parameters.into(),
        encrypted_data: OctetString::new(sealed).map_err(|_| failed())?,
    };
    let der = info.to_der().map_err(|_| failed())?;
    SecretDocument::try_from(der.as_slice()).map_err(|_| failed())
}

fn decrypt(der: &[u8], secret: &Secret) -> Result<LocalKey, KeyError> {
    let info = EncryptedPrivateKeyInfoOwned::from_der(der).map_err(|_| KeyError::Unsupported)?;
    let plain = info.decrypt(secret.password()).map_err(|_| KeyError::Library("decrypt a key"))?;
    LocalKey::from_pkcs8(plain.as_bytes())
}
