//! The key store: a directory of encrypted key files, opened once.

mod file;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use sceau_disk::{Dir, DiskError};
use sceau_pki::SignatureAlgorithm;
use thiserror::Error;

use crate::{
    key::{KeyError, KeyType, LocalKey},
    pkcs11::TokenFault,
    request::{KeyId, KeyInfo, Purpose},
    secret::Secret,
};

/// Largest key file read, in bytes; RSA of 4096 bits takes some 4,000.
const MAX_KEY_FILE: u64 = 16 * 1024;
/// The ending of a file with an encrypted key.
const ENCRYPTED: &str = "p8";
/// The ending of a file that names a token's key.
const TOKEN: &str = "p11";
/// Most keys in one store.
const MAX_KEYS: usize = 1000;

/// Why a key store, or one key of it, could not be opened or written.
#[derive(Debug, Error)]
pub enum KeyStoreError {
    /// The file system failed, or a key of that name exists already.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The file's authentication code does not match: another secret made it, or it was changed.
    #[error(
        "the secret does not open key {0}: it is not the one that made it, or the file was changed"
    )]
    WrongSecret(KeyId),
    /// Not a key file of ours.
    #[error("{file} is no key file: {why}")]
    Malformed {
        /// Its name.
        file: String,
        /// What is wrong.
        why: &'static str,
    },
    /// There is no key of that name.
    #[error("there is no key {0}")]
    Unknown(KeyId),
    /// More than 1000 key files.
    #[error("more than {MAX_KEYS} keys in one store")]
    TooMany,
    /// The key itself is at fault.
    #[error("key {id}: {source}")]
    Key {
        /// Its name.
        id: KeyId,
        /// What is wrong with it.
        source: KeyError,
    },
    /// The token that holds the key cannot be used.
    #[error("key {id}: {source}")]
    Token {
        /// Its name.
        id: KeyId,
        /// What is wrong.
        source: TokenFault,
    },
}

/// A key with what its file says, and authenticates, about it.
#[derive(Debug)]
pub struct StoredKey {
    /// Name, purpose, algorithm and public key.
    pub info: KeyInfo,
    /// The private key.
    pub key: LocalKey,
}

/// The keys of one directory, all opened. `Debug` shows names and public keys only.
#[derive(Debug)]
pub struct KeyStore {
    keys: BTreeMap<KeyId, StoredKey>,
}

impl KeyStore {
    /// Opens every `*.p8` and `*.p11` file of `dir` with the secret: some 10 ms a key. One key that does not
    /// open fails the whole: a signer with half its keys would fail later and at night.
    pub fn open(dir: &dyn Dir, secret: &Secret) -> Result<Self, KeyStoreError> {
        let mut keys = BTreeMap::new();
        for entry in dir.list(Path::new(""))? {
            let parts = entry.name.to_str().and_then(|name| name.rsplit_once('.'));
            let Some((id, ENCRYPTED | TOKEN)) =
                parts.filter(|(id, _)| !id.is_empty() && !id.starts_with('.'))
            else {
                continue;
            };
            let Ok(id) = KeyId::parse(id) else {
                let file = entry.name.to_string_lossy().into_owned();
                return Err(KeyStoreError::Malformed { file, why: "the name cannot name a key" });
            };
            if keys.len() == MAX_KEYS {
                return Err(KeyStoreError::TooMany);
            }
            let key = Self::open_one(dir, &id, secret)?;
            if keys.insert(id.clone(), key).is_some() {
                let file = format!("{id}.{TOKEN}");
                return Err(KeyStoreError::Malformed { file, why: "two files bear one name" });
            }
        }
        Ok(Self { keys })
    }

    /// Opens one key without the others.
    pub fn open_one(
        dir: &dyn Dir,
        id: &KeyId,
        secret: &Secret,
    ) -> Result<StoredKey, KeyStoreError> {
        match read_text(dir, &format!("{id}.{ENCRYPTED}"))? {
            Some(text) => file::open(id, &text, secret),
            None => match read_text(dir, &format!("{id}.{TOKEN}"))? {
                Some(text) => file::open_token_file(id, &text, secret),
                None => Err(KeyStoreError::Unknown(id.clone())),
            },
        }
    }

    /// Opens one encrypted key that lies in a file of another name, as a copy kept elsewhere may.
    pub fn open_file(
        dir: &dyn Dir,
        file: &str,
        id: &KeyId,
        secret: &Secret,
    ) -> Result<StoredKey, KeyStoreError> {
        let text = read_text(dir, file)?.ok_or_else(|| KeyStoreError::Unknown(id.clone()))?;
        file::open(id, &text, secret)
    }

    /// Writes a key under a new name, encrypted, durable when this returns. Fails with
    /// [`DiskError::Exists`] when the name is taken.
    pub fn add(
        dir: &dyn Dir,
        id: &KeyId,
        purpose: Purpose,
        key: &LocalKey,
        secret: &Secret,
    ) -> Result<KeyInfo, KeyStoreError> {
        Self::add_with(dir, id, purpose, (key, key.kind().default_algorithm()), secret)
    }

    /// As [`KeyStore::add`], with the algorithm that the key signs with.
    pub fn add_with(
        dir: &dyn Dir,
        id: &KeyId,
        purpose: Purpose,
        (key, algorithm): (&LocalKey, SignatureAlgorithm),
        secret: &Secret,
    ) -> Result<KeyInfo, KeyStoreError> {
        let (info, text) = file::seal(id, purpose, (key, algorithm), secret)?;
        let other = if key.token().is_some() { ENCRYPTED } else { TOKEN };
        let path = PathBuf::from(format!("{id}.{other}"));
        if dir.stat(&path).is_ok() {
            return Err(DiskError::Exists { op: "add a key", path }.into());
        }
        let temporary = PathBuf::from(format!(".{id}.tmp"));
        remove_if_there(dir, &temporary)?;
        let mut file = dir.create(&temporary, 0o600)?;
        file.write_all(text.as_bytes())?;
        file.sync()?;
        dir.rename_no_replace(&temporary, &key_file(id, key))?;
        dir.sync_dir(Path::new(""))?;
        Ok(info)
    }

    /// Makes a key of the given kind and adds it to the store.
    pub fn generate(
        dir: &dyn Dir,
        id: &KeyId,
        purpose: Purpose,
        kind: KeyType,
        secret: &Secret,
    ) -> Result<StoredKey, KeyStoreError> {
        let failed = |source| KeyStoreError::Key { id: id.clone(), source };
        let key = LocalKey::generate(kind).map_err(failed)?;
        let info = Self::add(dir, id, purpose, &key, secret)?;
        Ok(StoredKey { info, key })
    }

    /// The key of that name.
    pub fn get(&self, id: &KeyId) -> Option<&StoredKey> {
        self.keys.get(id)
    }

    /// What is known about each key, ordered by name.
    pub fn infos(&self) -> Vec<KeyInfo> {
        self.keys.values().map(|key| key.info.clone()).collect()
    }
}

/// The file of a key within its store.
pub fn key_file(id: &KeyId, key: &LocalKey) -> PathBuf {
    let ending = if key.token().is_some() { TOKEN } else { ENCRYPTED };
    PathBuf::from(format!("{id}.{ending}"))
}

fn remove_if_there(dir: &dyn Dir, path: &Path) -> Result<(), DiskError> {
    match dir.remove(path) {
        Err(DiskError::NotFound { .. }) => Ok(()),
        other => other,
    }
}

fn read_text(dir: &dyn Dir, name: &str) -> Result<Option<String>, KeyStoreError> {
    let malformed = |why| KeyStoreError::Malformed { file: name.to_owned(), why };
    let file = match dir.open(Path::new(name)) {
        Ok(file) => file,
        Err(DiskError::NotFound { .. }) => return Ok(None),
        Err(other) => return Err(other.into()),
    };
    let length = file.meta()?.len;
    if length > MAX_KEY_FILE {
        return Err(malformed("it is too long"));
    }
    let mut bytes = vec![0; length as usize];
    file.read_exact_at(0, &mut bytes)?;
    String::from_utf8(bytes).map(Some).map_err(|_| malformed("it is not text"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use sceau_disk::{FileSystem, RealFs};

    use super::*;

    fn scratch() -> (tempfile::TempDir, Arc<dyn Dir>) {
        let temporary = tempfile::tempdir().unwrap();
        let dir = RealFs.open_dir(temporary.path()).unwrap();
        (temporary, dir)
    }

    fn id(name: &str) -> KeyId {
        KeyId::parse(name).unwrap()
    }

    #[test]
    fn keys_open_again_with_their_purpose() {
        let (_keep, dir) = scratch();
        let secret = Secret::generate();
        let seal =
            KeyStore::generate(&*dir, &id("seal"), Purpose::Seal, KeyType::P256, &secret).unwrap();
        KeyStore::generate(&*dir, &id("tsu"), Purpose::Timestamp, KeyType::P384, &secret).unwrap();
        let store = KeyStore::open(&*dir, &secret).unwrap();
        assert_eq!(store.infos().len(), 2);
        assert_eq!(store.get(&id("seal")).unwrap().info, seal.info);
        assert_eq!(store.get(&id("tsu")).unwrap().info.purpose, Purpose::Timestamp);
        assert!(store.get(&id("other")).is_none());
    }

    #[test]
    fn a_name_is_never_taken_twice() {
        let (_keep, dir) = scratch();
        let secret = Secret::generate();
        let make = || KeyStore::generate(&*dir, &id("k"), Purpose::Seal, KeyType::P256, &secret);
        let first = make().unwrap();
        assert!(matches!(make(), Err(KeyStoreError::Disk(DiskError::Exists { .. }))));
        assert_eq!(KeyStore::open_one(&*dir, &id("k"), &secret).unwrap().info, first.info);
    }

    #[test]
    fn another_secret_opens_nothing() {
        let (_keep, dir) = scratch();
        let made = Secret::generate();
        KeyStore::generate(&*dir, &id("k"), Purpose::Seal, KeyType::P256, &made).unwrap();
        let refusal = KeyStore::open(&*dir, &Secret::generate()).unwrap_err();
        assert!(matches!(refusal, KeyStoreError::WrongSecret(_)));
    }

    #[test]
    fn a_changed_purpose_or_a_renamed_file_is_found() {
        let (keep, dir) = scratch();
        let secret = Secret::generate();
        KeyStore::generate(&*dir, &id("k"), Purpose::Seal, KeyType::P256, &secret).unwrap();
        let path = keep.path().join("k.p8");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("Purpose: seal") && !text.contains("BEGIN PRIVATE KEY"));
        std::fs::write(&path, text.replace("Purpose: seal", "Purpose: certificate")).unwrap();
        assert!(matches!(KeyStore::open(&*dir, &secret), Err(KeyStoreError::WrongSecret(_))));
        std::fs::write(&path, &text).unwrap();
        std::fs::rename(&path, keep.path().join("other.p8")).unwrap();
        assert!(KeyStore::open(&*dir, &secret).is_err());
    }

    #[test]
    fn every_cut_and_every_flipped_byte_of_a_key_file_is_refused() {
        let (keep, dir) = scratch();
        let secret = Secret::generate();
        KeyStore::generate(&*dir, &id("k"), Purpose::Seal, KeyType::P256, &secret).unwrap();
        let path = keep.path().join("k.p8");
        let good = std::fs::read(&path).unwrap();
        for at in 0..good.len() - 1 {
            let mut bad = good.clone();
            bad[at] ^= 1;
            std::fs::write(&path, &bad).unwrap();
            assert!(KeyStore::open(&*dir, &secret).is_err(), "byte {at}");
            std::fs::write(&path, &good[..at]).unwrap();
            assert!(KeyStore::open(&*dir, &secret).is_err(), "cut at {at}");
        }
    }
}
