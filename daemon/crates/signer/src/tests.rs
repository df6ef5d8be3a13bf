//! The signer as a whole: rules, groups, sockets, the process, and crashes.

mod process;
mod rules;
mod socket;

use std::sync::Arc;

use sceau_disk::{Dir, FileSystem, RealFs};
use sceau_pki::SignatureAlgorithm;

use crate::{
    Authorisation, KeyId, KeyStore, KeyType, LocalKey, Purpose, Secret, SignRequest, Signer,
    shape::tests::signable,
};

/// The clock of these tests, in milliseconds since 1970-01-01 UTC.
pub(crate) const NOW: i64 = 1_800_000_000_000;

/// A directory with keys `seal`, `tsu`, `issuing` and `ocsp` in `keys/`, and `journal/`.
pub(crate) struct Scratch {
    pub(crate) keep: tempfile::TempDir,
    pub(crate) secret: Secret,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        let keep = tempfile::tempdir().unwrap();
        for name in ["keys", "journal"] {
            std::fs::create_dir(keep.path().join(name)).unwrap();
        }
        let scratch = Self { keep, secret: Secret::generate() };
        for (name, purpose) in [
            ("seal", Purpose::Seal),
            ("tsu", Purpose::Timestamp),
            ("issuing", Purpose::Certificate),
            ("ocsp", Purpose::Ocsp),
        ] {
            scratch.generate(name, purpose, KeyType::P256);
        }
        scratch
    }

    pub(crate) fn dir(&self, name: &str) -> Arc<dyn Dir> {
        RealFs.open_dir(&self.keep.path().join(name)).unwrap()
    }

    pub(crate) fn generate(&self, name: &str, purpose: Purpose, kind: KeyType) -> LocalKey {
        let id = KeyId::parse(name).unwrap();
        KeyStore::generate(&*self.dir("keys"), &id, purpose, kind, &self.secret).unwrap().key
    }

    pub(crate) fn store(&self) -> KeyStore {
        KeyStore::open(&*self.dir("keys"), &self.secret).unwrap()
    }

    pub(crate) fn signer(&self) -> Signer {
        Signer::open(self.store(), &*self.dir("journal")).unwrap()
    }
}

/// A request of key `seal` over a document called `content`.
pub(crate) fn seal(dossier: &str, attempt: u32, content: &str) -> SignRequest {
    request("seal", Purpose::Seal, dossier, attempt, content)
}

pub(crate) fn request(
    key: &str,
    purpose: Purpose,
    dossier: &str,
    attempt: u32,
    content: &str,
) -> SignRequest {
    SignRequest {
        request_id: [1; 16],
        key: KeyId::parse(key).unwrap(),
        purpose,
        authorisation: Authorisation {
            dossier: dossier.into(),
            step: "seal".into(),
            attempt,
            delegation_digest: None,
            expires_at_ms: NOW + 30_000,
        },
        algorithm: SignatureAlgorithm::EcdsaP256Sha256,
        to_be_signed: signable(purpose, content.as_bytes()),
    }
}
