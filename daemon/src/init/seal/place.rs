//! The parts of a state directory that a seal concerns: `keys/` and `pki/`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sceau_cabinet::SocieteId;
use sceau_disk::{Dir, DiskError, FileSystem, Lock, RealFs};
use sceau_pki::Certificate;
use sceau_signer::{KeyId, KeyInfo, KeyStore, Secret, StoredKey};

use super::super::{InitError, ceremony, uid};
use super::{SealError, UNIT};

/// Largest file of certificates read, in bytes.
const MAX_PEM: u64 = 1 << 20;
/// Held while a seal is made, so that two do not take one place.
const LOCK: &str = ".seal.lock";
/// Bytes of a public key's digest that make a key's name its own.
const NAME_BYTES: usize = 8;

/// `keys/` and `pki/`, and the secret that opens the one.
pub(super) struct Place {
    pub(super) keys: Arc<dyn Dir>,
    pub(super) secret: Secret,
    infos: Vec<KeyInfo>,
    pki: Arc<dyn Dir>,
    path: PathBuf,
    _lock: Lock,
}

impl Place {
    /// Opens both, and every key as the signer will: a wrong secret is found out here.
    pub(super) fn open(path: &Path, secret_file: &Path) -> Result<Self, SealError> {
        let state = RealFs.open_dir(path).map_err(InitError::from)?;
        let owner = state.stat(Path::new("")).map_err(InitError::from)?.uid;
        if owner != uid() {
            return Err(SealError::OtherUser { path: path.to_owned(), owner });
        }
        let secret = Secret::from_file(secret_file, Some(path));
        let secret = secret.map_err(InitError::from)?;
        let keys = state.open_dir(Path::new("keys")).map_err(InitError::from)?;
        let pki = state.open_dir(Path::new("pki")).map_err(InitError::from)?;
        let lock = pki.try_lock(Path::new(LOCK)).map_err(|error| match error {
            DiskError::Busy { .. } => SealError::Busy,
            other => InitError::from(other).into(),
        })?;
        let infos = KeyStore::open(&*keys, &secret).map_err(InitError::from)?.infos();
        Ok(Self { keys, secret, infos, pki, path: path.join("pki"), _lock: lock })
    }

    /// One key, opened.
    pub(super) fn key(&self, id: &str) -> Result<StoredKey, SealError> {
        let id = KeyId::parse(id).expect("invariant: an id of ours");
        Ok(KeyStore::open_one(&*self.keys, &id, &self.secret).map_err(InitError::from)?)
    }

    /// The key of this société that has that public key (DER of SubjectPublicKeyInfo).
    pub(super) fn key_of(&self, societe: &SocieteId, public: &[u8]) -> Option<KeyId> {
        let its = |info: &&KeyInfo| info.spki == public && is_seal_key(&info.id, societe);
        self.infos.iter().find(its).map(|info| info.id.clone())
    }

    /// A name for a new key: `first` (`seal-CODE`, `tsu`) for the first one, `first_DIGITS` from then
    /// on. No code holds a `_`, so that no two sociétés' names meet.
    pub(super) fn free_id(&self, first: &str, public: &[u8]) -> KeyId {
        let taken = self.infos.iter().any(|info| info.id.as_str() == first);
        let digest = &sceau_pki::DigestAlgorithm::Sha256.digest(public)[..NAME_BYTES];
        let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let id = if taken { format!("{first}_{digits}") } else { first.to_owned() };
        KeyId::parse(&id).expect("invariant: at most 62 of the letters of keys")
    }

    /// The internal time-stamping unit, where there is one.
    pub(super) fn unit(&self) -> Result<Option<(StoredKey, Vec<Certificate>)>, SealError> {
        let Some(chain) = self.chain(&format!("{UNIT}.pem"))? else { return Ok(None) };
        let its = |info: &&KeyInfo| is_unit_key(&info.id) && info.spki == chain[0].spki();
        let id = self.infos.iter().find(its).map_or(UNIT, |info| info.id.as_str());
        Ok(Some((self.key(id)?, chain)))
    }

    /// The first certificate of a file that must be there.
    pub(super) fn one(&self, name: &str) -> Result<Certificate, SealError> {
        let chain = self.chain(name)?.unwrap_or_default();
        chain.into_iter().next().ok_or_else(|| self.fault(name, "there is no such file"))
    }

    /// The certificates of a file, at least one; `None` where there is no file.
    pub(super) fn chain(&self, name: &str) -> Result<Option<Vec<Certificate>>, SealError> {
        let Some(bytes) = self.read(name)? else { return Ok(None) };
        match Certificate::from_pem_bundle(&bytes) {
            Ok(chain) if chain.is_empty() => Err(self.fault(name, "it holds no certificate")),
            Ok(chain) => Ok(Some(chain)),
            Err(error) => Err(self.fault(name, &error.to_string())),
        }
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, SealError> {
        let file = match self.pki.open(Path::new(name)) {
            Ok(file) => file,
            Err(DiskError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(InitError::from(error).into()),
        };
        let length = file.meta().map_err(InitError::from)?.len;
        if length > MAX_PEM {
            return Err(self.fault(name, "it is too long"));
        }
        let mut bytes = vec![0; length as usize];
        file.read_exact_at(0, &mut bytes).map_err(InitError::from)?;
        Ok(Some(bytes))
    }

    /// Puts the certificates in force. Those before are kept as `STEM.SERIAL.pem` first, and the name
    /// `STEM.pem` is never without a whole file. Tells where they were kept.
    pub(super) fn publish(
        &self,
        stem: &str,
        before: Option<&[Certificate]>,
        chain: &[Certificate],
    ) -> Result<Option<PathBuf>, SealError> {
        let earlier = match before {
            None => None,
            Some(before) => Some(self.archive(stem, &before[0])?),
        };
        self.put(&format!("{stem}.pem"), ceremony::pem(chain).as_bytes(), before.is_some())
            .map_err(InitError::from)?;
        Ok(earlier.map(|name| self.path.join(name)))
    }

    fn archive(&self, stem: &str, before: &Certificate) -> Result<String, SealError> {
        let kept = format!("{stem}.{}.pem", before.serial_hex());
        let bytes = self.read(&format!("{stem}.pem"))?.unwrap_or_default();
        match self.put(&kept, &bytes, false) {
            // An earlier run came as far as this, or this certificate was in force before.
            Err(DiskError::Exists { .. }) => Ok(kept),
            outcome => Ok(outcome.map(|()| kept).map_err(InitError::from)?),
        }
    }

    /// Puts the root's next list in the place of the one before.
    pub(super) fn put_root_list(&self, list: &[u8]) -> Result<(), SealError> {
        Ok(self.put("root.crl", list, true).map_err(InitError::from)?)
    }

    /// A certificate file of the state that is not what it must be.
    pub(super) fn fault(&self, name: &str, why: &str) -> SealError {
        SealError::Certificate { path: self.path.join(name), why: why.to_owned() }
    }

    /// Writes a whole file under its name, durable when this returns.
    fn put(&self, name: &str, bytes: &[u8], replace: bool) -> Result<(), DiskError> {
        let temporary = PathBuf::from(format!(".{name}.tmp"));
        match self.pki.remove(&temporary) {
            Ok(()) | Err(DiskError::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
        let mut file = self.pki.create(&temporary, 0o600)?;
        file.write_all(bytes)?;
        file.sync()?;
        let renamed = match replace {
            true => self.pki.rename(&temporary, Path::new(name)),
            false => self.pki.rename_no_replace(&temporary, Path::new(name)),
        };
        if let Err(error) = renamed {
            let _ = self.pki.remove(&temporary);
            return Err(error);
        }
        self.pki.sync_dir(Path::new(""))
    }
}

/// The stem of a société's first key, and of the file of its certificates in force.
pub(super) fn seal_stem(societe: &SocieteId) -> String {
    format!("seal-{societe}")
}

/// The file of the certificates in force, beneath `pki/`.
pub(super) fn seal_file(societe: &SocieteId) -> String {
    format!("{}.pem", seal_stem(societe))
}

/// Whether a key is one of the time-stamping unit's: `tsu`, or `tsu_` and what tells it from those
/// before.
pub(crate) fn is_unit_key(id: &KeyId) -> bool {
    let rest = id.as_str().strip_prefix(UNIT);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

/// Whether a key is one of the société's seals: `seal-CODE`, or `seal-CODE_` and what tells it from
/// those before.
pub(crate) fn is_seal_key(id: &KeyId, societe: &SocieteId) -> bool {
    let rest =
        id.as_str().strip_prefix("seal-").and_then(|rest| rest.strip_prefix(societe.as_str()));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}
