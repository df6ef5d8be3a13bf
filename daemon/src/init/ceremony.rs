//! The key ceremony: keys and certificates of the embedded authority, the seal, the time-stamping
//! unit, written into a draft of the state directory.

use std::path::Path;

use jiff::{SignedDuration, Span, Timestamp, tz::TimeZone};
use sceau_disk::Dir;
use sceau_pades::may_sign;
use sceau_pki::{
    Certificate, SignatureAlgorithm,
    profile::{
        self, AuthorityName, Issuance, Issuer, LegalPerson, ProfileError, Services, TbsCertificate,
        UnitName,
    },
};
use sceau_signer::{
    Identity, KeyId, KeyStore, KeyType, LocalKey, Purpose, Secret, StoredKey, TokenIdentity,
    open_p12, read_password,
};

use super::{
    InitError,
    plan::{Plan, SealSource},
    probe::Bench,
    state_dir::Draft,
};
use crate::authority::{root_services, services};
use crate::keys::TokenArgs;

/// Years for which the certificates last. The root outlives what it issues; a seal of three years
/// is renewed long before its documents' ten years of keeping end.
const ROOT_YEARS: i64 = 25;
const ISSUING_YEARS: i64 = 15;
const UNIT_YEARS: i64 = 10;
const SEAL_YEARS: i64 = 3;

/// Certificates begin a little before they are made, so that a time-stamping authority whose clock is
/// behind ours does not find them not yet valid.
const BACKDATED: SignedDuration = SignedDuration::from_mins(10);

/// Key ids, which are also the stems of the key files.
pub(super) const ROOT: &str = "root";
pub(super) const ISSUING: &str = "issuing";
pub(super) const UNIT: &str = "tsu";

/// What the ceremony made.
#[derive(Debug)]
pub(super) struct Ceremony {
    pub(super) root: Certificate,
    pub(super) issuing: Certificate,
    /// The seal's certificate, then its issuers without the root.
    pub(super) seal: Vec<Certificate>,
    /// The unit's certificate, then its issuer; none where the time comes from outside.
    pub(super) unit: Option<Vec<Certificate>>,
    /// The key with which the TEST document is sealed, and its chain.
    pub(super) test_seal: (LocalKey, Vec<Certificate>, SignatureAlgorithm),
    pub(super) test_unit: Option<LocalKey>,
}

/// The authority that issues: its key and certificate.
pub(super) struct Authority {
    pub(super) key: LocalKey,
    pub(super) certificate: Certificate,
    /// The addresses that stand in what it issues.
    pub(super) services: Services,
}

/// Makes everything and writes it to the draft: `keys/`, `offline/root.p8` and `pki/`.
pub(super) fn hold(
    plan: &Plan,
    draft: &Draft,
    secret: &Secret,
    now: Timestamp,
) -> Result<Ceremony, InitError> {
    let hall = Hall { plan, draft, secret, now, keys: draft.folder("keys")? };
    let root = hall.root()?;
    let issuing = hall.issuing(&root)?;
    let (seal_key, seal, foreign) = hall.seal(&issuing)?;
    let (test_unit, unit) = hall.unit(&issuing)?.unzip();
    let test_seal = match foreign && !plan.test_real_seal {
        true => hall.throw_away_seal(&issuing)?,
        false => {
            let algorithm = hall.scheme(&seal_key)?;
            (seal_key, seal.clone(), algorithm)
        }
    };
    let ceremony = Ceremony {
        root: root.certificate,
        issuing: issuing.certificate,
        seal,
        unit,
        test_seal,
        test_unit,
    };
    write_certificates(plan, draft, &ceremony)?;
    Ok(ceremony)
}

struct Hall<'c> {
    plan: &'c Plan,
    draft: &'c Draft,
    secret: &'c Secret,
    now: Timestamp,
    keys: std::sync::Arc<dyn Dir>,
}

impl Hall<'_> {
    /// The root's key lies apart from those that the signer opens; it signs the issuing authority
    /// and then rests.
    fn root(&self) -> Result<Authority, InitError> {
        let apart = self.draft.folder("offline")?;
        let key = self.generate(&*apart, ROOT, Purpose::Certificate)?;
        let public = key.info.spki.clone();
        let issuance = self.issuance(&public, ROOT_YEARS, &Services::NONE);
        let common_name = format!("{} - autorité racine interne", self.plan.cabinet);
        let name = self.authority_name(&common_name);
        let algorithm = key.info.algorithm;
        let certificate = sign(&key.key, profile::root_ca(&issuance, algorithm, &name))?;
        Ok(Authority { key: key.key, certificate, services: root_services(self.pki_url()) })
    }

    fn issuing(&self, root: &Authority) -> Result<Authority, InitError> {
        let key = self.generate(&*self.keys, ISSUING, Purpose::Certificate)?;
        let common_name = format!("{} - autorité interne", self.plan.cabinet);
        let name = self.authority_name(&common_name);
        let certificate = root.issue_authority(&key.info.spki, &name, self.now)?;
        let list = root.empty_list(1, self.now, certificate.not_after())?;
        self.draft.write("pki/root.crl", &list)?;
        Ok(Authority { certificate, key: key.key, services: services(self.pki_url()) })
    }

    /// The seal's key and chain, and whether somebody else issued it.
    fn seal(&self, issuing: &Authority) -> Result<(LocalKey, Vec<Certificate>, bool), InitError> {
        let (Identity { key, chain }, source) = self.given()?;
        let foreign = !chain.is_empty();
        let chain = match chain.first() {
            Some(seal) => {
                self.of_the_societe(seal, source)?;
                chain
            }
            None => self.issue_seal(issuing, &key.spki()?, &self.plan.societe)?,
        };
        let id = key_id(&format!("seal-{}", self.plan.societe_id));
        let algorithm = self.scheme(&key)?;
        KeyStore::add_with(&*self.keys, &id, Purpose::Seal, (&key, algorithm), self.secret)?;
        Ok((key, chain, foreign))
    }

    /// The seal's key, with a chain where somebody else issued its certificate; and its file.
    fn given(&self) -> Result<(Identity, &Path), InitError> {
        match &self.plan.seal {
            SealSource::OwnAuthority => {
                let key = LocalKey::generate(self.plan.key_type)?;
                Ok((Identity { key, chain: Vec::new() }, Path::new("")))
            }
            SealSource::P12 { file, password_file } => {
                Ok((foreign_seal(file, password_file, self.now)?, file))
            }
            SealSource::Token(token) => {
                let file = token.pkcs11_module.as_deref().unwrap_or(Path::new(""));
                Ok((token_seal(token, self.now)?, file))
            }
        }
    }

    fn scheme(&self, key: &LocalKey) -> Result<SignatureAlgorithm, InitError> {
        let scheme = self.plan.scheme.algorithm(key.kind());
        scheme.map_err(|why| InitError::Faults(vec![why]))
    }

    /// The seal says the société's own identifier, as far as it says a SIREN (EN 319 412-1 §5.1.4).
    fn of_the_societe(&self, seal: &Certificate, file: &Path) -> Result<(), InitError> {
        let expected = self.plan.siren.organization_identifier();
        match seal.organization_identifier() {
            Some(found) if found.starts_with("NTRFR-") && found != expected => {
                Err(InitError::SealOfAnother { path: file.into(), found: found.into(), expected })
            }
            _ => Ok(()),
        }
    }

    /// For the TEST document only, so that a real seal is not used without being asked for.
    fn throw_away_seal(
        &self,
        issuing: &Authority,
    ) -> Result<(LocalKey, Vec<Certificate>, SignatureAlgorithm), InitError> {
        let key = LocalKey::generate(KeyType::P256)?;
        let chain = self.issue_seal(issuing, &key.spki()?, "TEST")?;
        let algorithm = key.kind().default_algorithm();
        Ok((key, chain, algorithm))
    }

    fn issue_seal(
        &self,
        issuing: &Authority,
        public: &[u8],
        common_name: &str,
    ) -> Result<Vec<Certificate>, InitError> {
        let (organization, siren) = (self.plan.societe.as_str(), self.plan.siren);
        let person = LegalPerson { organization, siren, common_name };
        issuing.issue_seal(public, &person, self.now)
    }

    fn unit(&self, issuing: &Authority) -> Result<Option<(LocalKey, Vec<Certificate>)>, InitError> {
        if !self.plan.tsa.is_empty() {
            return Ok(None);
        }
        let key = self.generate(&*self.keys, UNIT, Purpose::Timestamp)?;
        let common_name = format!("{} - horodatage interne", self.plan.cabinet);
        let unit = UnitName {
            organization: &self.plan.societe,
            siren: self.plan.siren,
            common_name: &common_name,
        };
        let chain = issuing.issue_unit(&key.info.spki, &unit, self.now)?;
        Ok(Some((key.key, chain)))
    }

    fn generate(&self, dir: &dyn Dir, id: &str, purpose: Purpose) -> Result<StoredKey, InitError> {
        Ok(KeyStore::generate(dir, &key_id(id), purpose, self.plan.key_type, self.secret)?)
    }

    fn issuance<'k>(
        &self,
        public_key: &'k [u8],
        years: i64,
        services: &'k Services,
    ) -> Issuance<'k> {
        issuance(public_key, self.now, after_years(self.now, years), services)
    }

    fn pki_url(&self) -> Option<&str> {
        self.plan.pki_url.as_deref()
    }

    fn authority_name<'n>(&'n self, common_name: &'n str) -> AuthorityName<'n> {
        let (organization, siren) = (self.plan.societe.as_str(), self.plan.siren);
        AuthorityName { organization, siren, common_name }
    }
}

impl Ceremony {
    /// What the TEST document is sealed with.
    pub(super) fn bench(&self) -> Bench<'_> {
        Bench {
            seal: (&self.test_seal.0, &self.test_seal.1, self.test_seal.2),
            unit: self.test_unit.as_ref().zip(self.unit.as_deref()),
            root: &self.root,
            issuing: &self.issuing,
        }
    }
}

impl Authority {
    /// What the root issues: the certificate of the authority below it, which ends with the root at
    /// the latest.
    pub(super) fn issue_authority(
        &self,
        public: &[u8],
        name: &AuthorityName<'_>,
        now: Timestamp,
    ) -> Result<Certificate, InitError> {
        let end = after_years(now, ISSUING_YEARS).min(self.certificate.not_after());
        let issuance = issuance(public, now, end, &self.services);
        sign(&self.key, profile::issuing_ca(&issuance, &self.issuer(), name))
    }

    /// The root's key rests until the next ceremony: its list (DER), which is empty, lasts as long as
    /// what it issued.
    pub(super) fn empty_list(
        &self,
        number: u64,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<u8>, InitError> {
        let list = profile::tbs_crl(&self.issuer(), number, now, until, &[])?;
        let signature = self.key.sign(list.algorithm(), list.to_be_signed())?;
        Ok(list.signed(&signature)?.der().to_vec())
    }

    /// A seal's certificate and this authority's own. It ends with the authority at the latest: no
    /// certificate outlives its issuer.
    pub(super) fn issue_seal(
        &self,
        public: &[u8],
        person: &LegalPerson<'_>,
        now: Timestamp,
    ) -> Result<Vec<Certificate>, InitError> {
        let end = after_years(now, SEAL_YEARS).min(self.certificate.not_after());
        let issuance = issuance(public, now, end, &self.services);
        let seal = sign(&self.key, profile::seal(&issuance, &self.issuer(), person))?;
        Ok(vec![seal, self.certificate.clone()])
    }

    /// A time-stamping unit's certificate and this authority's own, with which it ends at the latest.
    pub(super) fn issue_unit(
        &self,
        public: &[u8],
        name: &UnitName<'_>,
        now: Timestamp,
    ) -> Result<Vec<Certificate>, InitError> {
        let end = after_years(now, UNIT_YEARS).min(self.certificate.not_after());
        let issuance = issuance(public, now, end, &self.services);
        let unit = sign(&self.key, profile::time_stamping_unit(&issuance, &self.issuer(), name))?;
        Ok(vec![unit, self.certificate.clone()])
    }

    fn issuer(&self) -> Issuer<'_> {
        let algorithm = self.key.kind().default_algorithm();
        Issuer { certificate: &self.certificate, algorithm }
    }
}

fn issuance<'k>(
    public_key: &'k [u8],
    now: Timestamp,
    not_after: Timestamp,
    services: &'k Services,
) -> Issuance<'k> {
    Issuance {
        serial: sceau_signer::random(),
        not_before: now - BACKDATED,
        not_after,
        public_key,
        services,
    }
}

fn sign(
    key: &LocalKey,
    tbs: Result<TbsCertificate, ProfileError>,
) -> Result<Certificate, InitError> {
    let tbs = tbs?;
    let signature = key.sign(tbs.algorithm(), tbs.to_be_signed())?;
    Ok(tbs.signed(&signature)?)
}

/// The seal of a PKCS#12 file of at most [`sceau_signer::MAX_P12`] bytes, when it may seal `now`.
pub(super) fn foreign_seal(
    file: &Path,
    password_file: &Path,
    now: Timestamp,
) -> Result<Identity, InitError> {
    let unread = |source| InitError::Read { path: file.into(), source };
    let password = read_password(password_file)?;
    let length = std::fs::metadata(file).map_err(unread)?.len();
    if length > sceau_signer::MAX_P12 as u64 {
        let fault = sceau_signer::P12Fault::TooLarge(length as usize);
        return Err(InitError::P12 { path: file.into(), fault });
    }
    let bytes = std::fs::read(file).map_err(unread)?;
    let identity =
        open_p12(&bytes, &password).map_err(|fault| InitError::P12 { path: file.into(), fault })?;
    may_sign(&identity.chain[0], now)
        .map_err(|fault| InitError::SealCertificate { path: file.into(), fault })?;
    Ok(identity)
}

/// The seal of a PKCS#11 token, when it may seal `now`; without chain where the token (and the
/// options) bring no certificate for it.
pub(super) fn token_seal(token: &TokenArgs, now: Timestamp) -> Result<Identity, InitError> {
    let TokenIdentity { key, chain } = token.open()?;
    if let Some(seal) = chain.first() {
        let path = token.pkcs11_module.clone().unwrap_or_default();
        may_sign(seal, now).map_err(|fault| InitError::SealCertificate { path, fault })?;
    }
    Ok(Identity { key, chain })
}

/// Chains are written leaf first; the root of our own authority stands in its file alone.
fn write_certificates(plan: &Plan, draft: &Draft, made: &Ceremony) -> Result<(), InitError> {
    draft.write("pki/root.pem", made.root.to_pem().as_bytes())?;
    draft.write("pki/issuing.pem", made.issuing.to_pem().as_bytes())?;
    draft.write(&format!("pki/seal-{}.pem", plan.societe_id), pem(&made.seal).as_bytes())?;
    if let Some(unit) = &made.unit {
        draft.write(&format!("pki/{UNIT}.pem"), pem(unit).as_bytes())?;
    }
    Ok(())
}

/// The chain as PEM, leaf first.
pub(super) fn pem(chain: &[Certificate]) -> String {
    chain.iter().map(Certificate::to_pem).collect()
}

fn key_id(id: &str) -> KeyId {
    KeyId::parse(id).expect("invariant: ids of ours and of sociétés are within the letters of keys")
}

fn after_years(now: Timestamp, years: i64) -> Timestamp {
    now.to_zoned(TimeZone::UTC)
        .checked_add(Span::new().years(years))
        .map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}
