//! The certificates of a state directory, and which key goes with which.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sceau_cabinet::SocieteId;
use sceau_engine::keys::SealIdentity;
use sceau_pki::Certificate;
use sceau_pki::certificate::CertificateError;
use sceau_pki::chain::TrustAnchors;
use sceau_signer::{KeyId, KeyInfo};

use crate::config::TimeConfig;

/// Why the certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PkiError {
    /// A file cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file holds no certificates.
    #[error("{}: {source}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: CertificateError,
    },
    /// The signer holds no key that goes with a certificate.
    #[error("{}: the signer holds no key `{key}`", path.display())]
    NoKey {
        /// The certificate's file.
        path: PathBuf,
        /// The key that was looked for.
        key: String,
    },
    /// A key is not the certificate's.
    #[error("{}: the certificate is not that of the key `{key}`", path.display())]
    OtherKey {
        /// The certificate's file.
        path: PathBuf,
        /// The key.
        key: String,
    },
}

/// The certificates of a state directory.
#[derive(Debug)]
pub(crate) struct StatePki {
    /// The seals by société.
    pub(crate) seals: BTreeMap<SocieteId, SealIdentity>,
    /// The internal time-stamping unit, where there is one.
    pub(crate) unit: Option<SealIdentity>,
    /// What finished documents are validated against.
    pub(crate) anchors: TrustAnchors,
}

impl StatePki {
    /// Reads `pki/` of the state directory, and the anchors of outside authorities.
    pub(crate) fn read(
        state: &Path,
        keys: &[KeyInfo],
        time: &TimeConfig,
    ) -> Result<Self, PkiError> {
        let dir = state.join("pki");
        let root = certificates(&dir.join("root.pem"))?;
        let issuing = certificates(&dir.join("issuing.pem"))?;
        let mut pki =
            Self { seals: BTreeMap::new(), unit: None, anchors: TrustAnchors::new(root.clone()) };
        for (societe, path) in seal_files(&dir)? {
            let seal = identity(&path, &format!("seal-{societe}"), keys, &issuing)?;
            if !seal.own_authority {
                pki.trust_chain(&seal.chain);
            }
            pki.seals.insert(societe, seal);
        }
        let unit = dir.join("tsu.pem");
        if unit.exists() {
            pki.unit = Some(identity(&unit, "tsu", keys, &issuing)?);
        }
        if let TimeConfig::External(authorities) = time {
            for authority in authorities {
                certificates(&authority.trust)?.into_iter().for_each(|c| pki.anchors.add(c));
            }
        }
        Ok(pki)
    }

    /// A seal that the operator brought is judged against the end of its own chain.
    fn trust_chain(&mut self, chain: &[Certificate]) {
        if let Some(last) = chain.last() {
            self.anchors.add(last.clone());
        }
    }
}

fn seal_files(dir: &Path) -> Result<Vec<(SocieteId, PathBuf)>, PkiError> {
    let read = |source| PkiError::Read { path: dir.to_owned(), source };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(read)? {
        let path = entry.map_err(read)?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let pem = path.extension().is_some_and(|extension| extension == "pem");
        if let Some(Ok(societe)) = stem.strip_prefix("seal-").map(str::parse).filter(|_| pem) {
            found.push((societe, path));
        }
    }
    found.sort();
    Ok(found)
}

fn identity(
    path: &Path,
    key: &str,
    keys: &[KeyInfo],
    issuing: &[Certificate],
) -> Result<SealIdentity, PkiError> {
    let chain = certificates(path)?;
    let path = path.to_owned();
    let missing = || PkiError::NoKey { path: path.clone(), key: key.to_owned() };
    let id = KeyId::parse(key).map_err(|_| missing())?;
    let info = keys.iter().find(|info| info.id == id).ok_or_else(missing)?;
    let own = chain.first().is_some_and(|certificate| certificate.spki() == info.spki);
    if !own {
        return Err(PkiError::OtherKey { path, key: key.to_owned() });
    }
    let own_authority = chain.iter().any(|certificate| issuing.contains(certificate));
    Ok(SealIdentity { key: id, algorithm: info.algorithm, chain, own_authority })
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, PkiError> {
    let read = |source| PkiError::Read { path: path.to_owned(), source };
    let pem = std::fs::read(path).map_err(read)?;
    Certificate::from_pem_bundle(&pem)
        .map_err(|source| PkiError::Certificate { path: path.to_owned(), source })
}
