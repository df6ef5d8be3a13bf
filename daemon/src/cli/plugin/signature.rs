//! The detached signature of a plugin: Ed25519 over a short text that names the digests of manifest
//! and component. `openssl pkeyutl -sign -rawin` makes one, and whoever reads it can check it.

use std::path::PathBuf;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sceau_plugin_host::Parcel;

/// What precedes the 32 bytes of an Ed25519 key in its SubjectPublicKeyInfo (RFC 8410 §4).
const PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// What is signed.
pub(super) fn signed_text(parcel: &Parcel) -> String {
    let manifest = &parcel.manifest;
    format!(
        "sceau plugin 1\n{} {}\n{}\n",
        manifest.id,
        manifest.version,
        hex::encode(parcel.digest())
    )
}

/// Whether one of the pinned keys has signed it.
pub(super) fn check(parcel: &Parcel, keys: &[PathBuf]) -> Result<(), String> {
    let signature = parcel.signature.as_deref().ok_or(
        "it is not signed (no plugin.sig), and the configuration takes signed plugins only",
    )?;
    let signature = raw(signature);
    let text = signed_text(parcel);
    let mut faults = Vec::new();
    for file in keys {
        match key(file) {
            Ok(key) => {
                let key = UnparsedPublicKey::new(&ED25519, key);
                if key.verify(text.as_bytes(), &signature).is_ok() {
                    return Ok(());
                }
            }
            Err(fault) => faults.push(fault),
        }
    }
    faults.insert(0, "its signature is by none of the pinned keys".to_owned());
    Err(faults.join("; "))
}

/// 64 bytes as they are, or in base64.
fn raw(signature: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(signature);
    match STANDARD.decode(text.trim()) {
        Ok(bytes) if bytes.len() == 64 => bytes,
        _ => signature.to_vec(),
    }
}

fn key(file: &PathBuf) -> Result<Vec<u8>, String> {
    let bad = || format!("{} holds no Ed25519 public key in PEM", file.display());
    let text =
        std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let inner: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = STANDARD.decode(inner.trim()).map_err(|_| bad())?;
    match der.strip_prefix(&PREFIX) {
        Some(key) if key.len() == 32 => Ok(key.to_vec()),
        _ => Err(bad()),
    }
}
