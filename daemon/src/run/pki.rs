//! The certificates of a state directory, and which key goes with which.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use sceau_cabinet::SocieteId;
use sceau_engine::authority::{AuthorityParts, HeldKey, Register};
use sceau_engine::clock::{Clock, Entropy};
use sceau_engine::keys::{KeyDoor, SealIdentity};
use sceau_pki::Certificate;
use sceau_pki::certificate::CertificateError;
use sceau_pki::chain::TrustAnchors;
use sceau_signer::{KeyId, KeyInfo, Purpose};
use sceau_store::StateStore;

use crate::config::TimeConfig;
use crate::init::{is_seal_key, is_unit_key};

/// How long before its end a certificate of ours is warned about.
const WARNING: SignedDuration = SignedDuration::from_hours(60 * 24);

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
    /// A file holds no certificate at all.
    #[error("{}: it holds no certificate", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
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
    /// The seals in force by société.
    pub(crate) seals: BTreeMap<SocieteId, SealIdentity>,
    /// The seals before them whose keys the signer still holds.
    pub(crate) earlier: BTreeMap<SocieteId, Vec<SealIdentity>>,
    /// The internal time-stamping unit, where there is one.
    pub(crate) unit: Option<SealIdentity>,
    /// What finished documents are validated against.
    pub(crate) anchors: TrustAnchors,
    issuing: Vec<Certificate>,
    root: Certificate,
    root_list: Option<Vec<u8>>,
    shelf: Arc<Shelf>,
}

/// The certificates beneath `pki/` as they lie there now: seals and units may be issued while the
/// daemon runs.
#[derive(Debug)]
pub(crate) struct Shelf {
    dir: PathBuf,
    issuing: Vec<Certificate>,
}

impl Shelf {
    /// The seal that the state has for a société, where our own authority issued it.
    pub(crate) fn seal(&self, societe: &SocieteId) -> Option<Certificate> {
        self.leaf(&self.dir.join(format!("seal-{societe}.pem")))
    }

    /// The first of the chain, where our own authority issued it.
    fn leaf(&self, path: &Path) -> Option<Certificate> {
        let chain = certificates(path);
        let chain = chain.inspect_err(|error| tracing::warn!(%error, "not answered for")).ok()?;
        let own = |one: &Certificate| self.issuing.iter().any(|ca| one.issuer() == ca.subject());
        chain.into_iter().next().filter(own)
    }
}

impl Register for Shelf {
    fn issued(&self) -> Vec<Certificate> {
        let seals = seal_files(&self.dir);
        let seals = seals.inspect_err(|error| tracing::warn!(%error, "not answered for"));
        let seals = seals.unwrap_or_default().into_iter().map(|(_, _, path)| path);
        let units = unit_files(&self.dir).unwrap_or_default();
        seals.chain(units).filter_map(|path| self.leaf(&path)).collect()
    }
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
        let first = root.first().cloned().ok_or(PkiError::Empty { path: dir.join("root.pem") })?;
        let mut pki = Self {
            seals: BTreeMap::new(),
            earlier: BTreeMap::new(),
            unit: None,
            anchors: TrustAnchors::new(root),
            shelf: Arc::new(Shelf { dir: dir.clone(), issuing: issuing.clone() }),
            issuing,
            root: first,
            root_list: std::fs::read(dir.join("root.crl")).ok(),
        };
        pki.read_seals(&dir, keys)?;
        let unit = dir.join("tsu.pem");
        if unit.exists() {
            pki.unit = Some(identity(&unit, "tsu", is_unit_key, keys, &pki.issuing)?);
        }
        if let TimeConfig::External(authorities) = time {
            for authority in authorities {
                certificates(&authority.trust)?.into_iter().for_each(|c| pki.anchors.add(c));
            }
        }
        Ok(pki)
    }

    /// What documents are judged against that somebody only asks about: our own anchors, and those of
    /// these files.
    pub(crate) fn judging(&self, trust: &[PathBuf]) -> Result<TrustAnchors, PkiError> {
        let mut anchors = self.anchors.clone();
        for file in trust {
            certificates(file)?.into_iter().for_each(|certificate| anchors.add(certificate));
        }
        Ok(anchors)
    }

    /// The seals in force, whose keys must be there, and those before, whose keys may be gone.
    fn read_seals(&mut self, dir: &Path, keys: &[KeyInfo]) -> Result<(), PkiError> {
        for (societe, current, path) in seal_files(dir)? {
            let its = |id: &KeyId| is_seal_key(id, &societe);
            let seal = match identity(&path, &format!("seal-{societe}"), its, keys, &self.issuing) {
                Err(PkiError::NoKey { .. } | PkiError::OtherKey { .. }) if !current => continue,
                outcome => outcome?,
            };
            if !seal.own_authority {
                self.trust_chain(&seal.chain);
            }
            match current {
                true => drop(self.seals.insert(societe, seal)),
                false => self.earlier.entry(societe).or_default().push(seal),
            }
        }
        Ok(())
    }

    /// What our own authority is made of.
    pub(crate) fn authority(
        &self,
        infos: &[KeyInfo],
        (keys, store): (&Arc<dyn KeyDoor>, &Arc<dyn StateStore>),
        (clock, entropy): (&Arc<dyn Clock>, &Arc<dyn Entropy>),
    ) -> Result<AuthorityParts, PkiError> {
        let path = || PathBuf::from("pki/issuing.pem");
        let certificate = self.issuing.first().ok_or(PkiError::Empty { path: path() })?;
        let held = |info: &KeyInfo| HeldKey {
            id: info.id.clone(),
            algorithm: info.algorithm,
            spki: info.spki.clone(),
        };
        let missing = |key: &str| PkiError::NoKey { path: path(), key: key.to_owned() };
        let key = infos.iter().find(|info| info.spki == certificate.spki());
        let responder = infos.iter().find(|info| info.purpose == Purpose::Ocsp);
        Ok(AuthorityParts {
            certificate: certificate.clone(),
            key: held(key.ok_or_else(|| missing("issuing"))?),
            responder: held(responder.ok_or_else(|| missing("ocsp"))?),
            register: self.shelf.clone(),
            keys: Arc::clone(keys),
            store: Arc::clone(store),
            clock: Arc::clone(clock),
            entropy: Arc::clone(entropy),
        })
    }

    /// The root's certificate, and its revocation list where the ceremony made one.
    pub(crate) fn root(&self) -> (Certificate, Option<Vec<u8>>) {
        (self.root.clone(), self.root_list.clone())
    }

    /// What our own authority issued, as it lies in the state now.
    pub(crate) fn shelf(&self) -> Arc<Shelf> {
        Arc::clone(&self.shelf)
    }

    /// The seals in force that our own authority issued.
    pub(crate) fn own_seals(&self) -> Vec<(SocieteId, Certificate)> {
        let own = self.seals.iter().filter(|(_, seal)| seal.own_authority);
        own.filter_map(|(code, seal)| Some((code.clone(), seal.chain.first()?.clone()))).collect()
    }

    /// When the certificates of ours end.
    pub(crate) fn ends(&self) -> Ends {
        let seals = self.seals.iter().map(|(societe, seal)| {
            let remedy = format!("sceau societe seal {societe} --renew");
            (format!("seal of {societe}"), seal.chain.first(), remedy)
        });
        let unit = self.unit.iter().map(|unit| {
            let remedy = "sceau ca renew-tsu, then restart the daemon".to_owned();
            ("internal time-stamping unit".to_owned(), unit.chain.first(), remedy)
        });
        let issuing = self.issuing.iter().map(|certificate| {
            let remedy = "sceau ca renew-issuing, then restart the daemon";
            ("issuing authority".to_owned(), Some(certificate), remedy.to_owned())
        });
        let root = {
            let remedy = "nothing outlives it: sceau societe seal CODE --renew --p12 FILE brings seals of \
                          a provider, [time] tsa an authority; or make a new state";
            ("root authority".to_owned(), Some(&self.root), remedy.to_owned())
        };
        let end = |(what, certificate, remedy): (String, Option<&Certificate>, String)| {
            certificate.map(|certificate| (what, certificate.not_after(), remedy))
        };
        Ends(seals.chain(unit).chain(issuing).chain([root]).filter_map(end).collect())
    }

    /// A seal that the operator brought is judged against the end of its own chain.
    fn trust_chain(&mut self, chain: &[Certificate]) {
        if let Some(last) = chain.last() {
            self.anchors.add(last.clone());
        }
    }
}

/// When certificates end: what each is for, its end, and what can be done.
#[derive(Debug)]
pub(crate) struct Ends(Vec<(String, Timestamp, String)>);

impl Ends {
    /// Warns in the log of those that end within 60 days or have ended.
    pub(crate) fn warn(&self, now: Timestamp) {
        for (what, until, remedy) in self.near(now) {
            tracing::warn!(what, %until, remedy, "a certificate ends soon, or has ended");
        }
    }

    fn near(&self, now: Timestamp) -> impl Iterator<Item = &(String, Timestamp, String)> {
        self.0.iter().filter(move |(_, until, _)| until.duration_since(now) < WARNING)
    }
}

/// A société's certificates: whether they are in force, and their file.
type SealFile = (SocieteId, bool, PathBuf);

/// `seal-CODE.pem` is in force, `seal-CODE.SERIAL.pem` was before.
fn seal_files(dir: &Path) -> Result<Vec<SealFile>, PkiError> {
    let read = |source| PkiError::Read { path: dir.to_owned(), source };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(read)? {
        let path = entry.map_err(read)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let stem = name.strip_prefix("seal-").and_then(|rest| rest.strip_suffix(".pem"));
        let Some(stem) = stem else { continue };
        let (code, current) = stem.split_once('.').map_or((stem, true), |(code, _)| (code, false));
        if let Ok(societe) = code.parse() {
            found.push((societe, current, path));
        }
    }
    found.sort();
    Ok(found)
}

/// `tsu.pem` is in force, `tsu.SERIAL.pem` was before.
fn unit_files(dir: &Path) -> std::io::Result<Vec<PathBuf>> {
    let paths = std::fs::read_dir(dir)?.map(|entry| Ok(entry?.path()));
    let paths = paths.collect::<std::io::Result<Vec<_>>>()?;
    let its = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with("tsu.") && name.ends_with(".pem")
    };
    Ok(paths.into_iter().filter(its).collect())
}

/// The identity whose key is among those that `its` tells apart; `key` names them in messages.
fn identity(
    path: &Path,
    key: &str,
    its: impl Fn(&KeyId) -> bool,
    keys: &[KeyInfo],
    issuing: &[Certificate],
) -> Result<SealIdentity, PkiError> {
    let chain = certificates(path)?;
    let (path, key) = (path.to_owned(), key.to_owned());
    let held: Vec<&KeyInfo> = keys.iter().filter(|info| its(&info.id)).collect();
    if held.is_empty() {
        return Err(PkiError::NoKey { path, key });
    }
    let own = |info: &&&KeyInfo| chain.first().is_some_and(|leaf| leaf.spki() == info.spki);
    let Some(info) = held.iter().find(own) else {
        return Err(PkiError::OtherKey { path, key });
    };
    let by = |issuer: &Certificate| {
        chain.first().is_some_and(|leaf| leaf.verify_signed_by(issuer).is_ok())
    };
    let own_authority = issuing.iter().any(by);
    Ok(SealIdentity { key: info.id.clone(), algorithm: info.algorithm, chain, own_authority })
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, PkiError> {
    let read = |source| PkiError::Read { path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(read)?;
    Certificate::from_file(&bytes)
        .map_err(|source| PkiError::Certificate { path: path.to_owned(), source })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use sceau_disk::{FileSystem, RealFs};
    use sceau_signer::{KeyStore, KeyType, Secret};

    use super::*;
    use crate::init::{self, InitOptions, Named, SealOrder, Terminal};

    const CODE: &str = "dupont";

    fn state(above: &Path) -> PathBuf {
        let options = InitOptions {
            state: Some(above.join("state")),
            secret_file: Some(above.join("secret")),
            cabinet: Some("Cabinet Dupont".into()),
            societe: Some("Dupont".into()),
            siren: Some("732829320".into()),
            admin_name: Some("Léa Dupont".into()),
            admin_email: Some("lea@dupont.example".into()),
            yes: true,
            ..InitOptions::default()
        };
        init::run(options, &mut Terminal).unwrap();
        above.join("state")
    }

    fn renew(above: &Path) {
        let order = SealOrder {
            state: above.join("state"),
            secret_file: above.join("secret"),
            societe: CODE.parse().unwrap(),
            p12: None,
            token: None,
            scheme: Default::default(),
            pki_url: None,
            renew: true,
            key_type: KeyType::P256,
            test_real_seal: false,
        };
        let siren = "732829320".parse().unwrap();
        let name = "Dupont".to_owned();
        let named = Named { name, siren, closed_since: None, daemon_runs: false };
        init::seal(&order, &named, Timestamp::now()).unwrap();
    }

    fn read(above: &Path) -> Result<StatePki, PkiError> {
        let state = above.join("state");
        let secret = Secret::from_file(&above.join("secret"), Some(&state)).unwrap();
        let keys = RealFs.open_dir(&state.join("keys")).unwrap();
        let infos = KeyStore::open(&*keys, &secret).unwrap().infos();
        let time = TimeConfig::Internal { accept_earlier_clock: false };
        StatePki::read(&state, &infos, &time)
    }

    #[test]
    fn a_renewed_seal_is_in_force_and_the_one_before_is_still_known() {
        let above = tempfile::tempdir().unwrap();
        state(above.path());
        let societe = CODE.parse().unwrap();
        let before = read(above.path()).unwrap().seals.remove(&societe).unwrap();
        renew(above.path());
        let pki = read(above.path()).unwrap();
        let (now, earlier) = (&pki.seals[&societe], &pki.earlier[&societe]);
        assert_ne!(now.key, before.key);
        assert_eq!((earlier.len(), &earlier[0].key), (1, &before.key));
        let seals = sceau_engine::keys::Seals::new(pki.seals.clone());
        let seals = seals.with_earlier(pki.earlier.clone());
        let key =
            |leaf: Option<&Certificate>| seals.begun_with(&societe, leaf).unwrap().key.clone();
        assert_eq!(key(before.chain.first()), before.key);
        assert_eq!(key(now.chain.first()), now.key);
        assert_eq!(key(None), now.key);
    }

    #[test]
    fn a_superseded_key_may_be_taken_away_and_the_one_in_force_may_not() {
        let above = tempfile::tempdir().unwrap();
        let state = state(above.path());
        renew(above.path());
        let pki = read(above.path()).unwrap();
        let key = pki.seals[&CODE.parse().unwrap()].key.clone();
        std::fs::remove_file(state.join("keys/seal-dupont.p8")).unwrap();
        assert!(read(above.path()).unwrap().earlier.is_empty());
        std::fs::remove_file(state.join(format!("keys/{key}.p8"))).unwrap();
        assert!(matches!(read(above.path()), Err(PkiError::NoKey { .. })));
    }

    #[test]
    fn certificates_are_warned_about_sixty_days_before_their_end() {
        let above = tempfile::tempdir().unwrap();
        state(above.path());
        let pki = read(above.path()).unwrap();
        let end = pki.seals[&CODE.parse().unwrap()].chain[0].not_after();
        let day = SignedDuration::from_hours(24);
        let (ends, none): (Ends, [&str; 0]) = (pki.ends(), []);
        let near = |at| ends.near(at).map(|(what, _, _)| what.as_str()).collect::<Vec<_>>();
        assert_eq!(near(end - day * 61), none);
        assert_eq!(near(end - day * 59), ["seal of dupont"]);
        assert_eq!(near(end + day * 365 * 20).len(), 3);
        let root = pki.root.not_after();
        assert!(!near(root - day * 61).contains(&"root authority"));
        assert!(near(root - day * 59).contains(&"root authority"));
    }
}
