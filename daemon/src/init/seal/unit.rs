//! `sceau ca renew-tsu`: another key and certificate for the internal time-stamping unit, in the order
//! of a seal's renewal. `pki/tsu.pem` is the switch; the daemon takes it up at its next start.
//!
//! The key is a new one: each key of the unit signs for the ten years of one certificate (RFC 3161 §4,
//! point 4). Tokens stay in order over the change, as the signer's clock guard looks at all its keys.

use std::path::PathBuf;

use jiff::Timestamp;
use sceau_pki::profile::{AuthorityName, LegalPerson, UnitName};
use sceau_pki::{Certificate, Siren};
use sceau_signer::{KeyStore, KeyType, LocalKey, Purpose, StoredKey, key_file};
use serde::Serialize;

use super::super::ceremony::{Authority, UNIT};
use super::super::outcome::CertificateFacts;
use super::super::{InitError, probe};
use super::{Place, SealError, authority, in_force};

/// What a certificate lacks that does not tell [`Who`].
pub(super) const NO_SIREN: &str = "it does not name its organization with a SIREN";

/// What is asked for.
#[derive(Debug)]
pub(crate) struct UnitOrder {
    /// The state directory.
    pub(crate) state: PathBuf,
    /// The file of the secret that opens its keys.
    pub(crate) secret_file: PathBuf,
    /// The address beneath which the world reaches our own authority.
    pub(crate) pki_url: Option<String>,
    /// The kind of key that is made.
    pub(crate) key_type: KeyType,
}

/// What was made.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct UnitOutcome {
    /// The unit's certificate.
    pub(crate) unit: CertificateFacts,
    /// Its serial number, in hexadecimal.
    pub(crate) serial: String,
    /// The file of the key, encrypted under the secret.
    pub(crate) key: PathBuf,
    /// Where the certificates are that were in force before.
    pub(crate) earlier: Option<PathBuf>,
}

/// Gives the unit its next key and certificate, from `now` on. What fails leaves the unit as it was.
pub(crate) fn renew_unit(order: &UnitOrder, now: Timestamp) -> Result<UnitOutcome, SealError> {
    let place = Place::open(&order.state, &order.secret_file)?;
    let before = place.chain(&format!("{UNIT}.pem"))?.ok_or(SealError::NoUnit)?;
    let issuing = authority(&place, order.pki_url.as_deref())?;
    in_force("the issuing authority's certificate", &issuing.certificate, now)?;
    let who = Who::of(&before[0]).ok_or_else(|| place.fault(&format!("{UNIT}.pem"), NO_SIREN))?;
    let key = LocalKey::generate(order.key_type).map_err(InitError::from)?;
    let public = key.spki().map_err(InitError::from)?;
    let chain = issuing.issue_unit(&public, &who.unit(), now)?;
    let stored = keep(&place, &key, &public)?;
    let file = key_file(&stored.info.id, &stored.key);
    let tested = test(&place, &issuing, (&stored.key, &chain), &who, now);
    tested.inspect_err(|_| drop(place.keys.remove(&file)))?;
    let earlier = place.publish(UNIT, Some(&before), &chain)?;
    Ok(UnitOutcome {
        unit: CertificateFacts::of(&chain[0]),
        serial: chain[0].serial_hex(),
        key: order.state.join("keys").join(file),
        earlier,
    })
}

fn keep(place: &Place, key: &LocalKey, public: &[u8]) -> Result<StoredKey, SealError> {
    let id = place.free_id(UNIT, public);
    let way = (key, key.kind().default_algorithm());
    KeyStore::add_with(&*place.keys, &id, Purpose::Timestamp, way, &place.secret)
        .map_err(InitError::from)?;
    place.key(id.as_str())
}

/// The TEST document, under a throw-away seal and the unit's time stamp.
pub(super) fn test(
    place: &Place,
    issuing: &Authority,
    unit: (&LocalKey, &[Certificate]),
    who: &Who<'_>,
    now: Timestamp,
) -> Result<(), SealError> {
    let key = LocalKey::generate(KeyType::P256).map_err(InitError::from)?;
    let public = key.spki().map_err(InitError::from)?;
    let chain = issuing.issue_seal(&public, &who.test_seal(), now)?;
    let bench = probe::Bench {
        seal: (&key, &chain, key.kind().default_algorithm()),
        unit: Some(unit),
        root: &place.one("root.pem")?,
        issuing: &issuing.certificate,
    };
    probe::run(&bench, now).map_err(InitError::from)?;
    Ok(())
}

/// Who keeps the unit, or the authority, as its certificate says.
pub(super) struct Who<'c> {
    organization: &'c str,
    siren: Siren,
    common_name: &'c str,
}

impl<'c> Who<'c> {
    pub(super) fn of(certificate: &'c Certificate) -> Option<Self> {
        let name = certificate.subject();
        let siren = name.organization_identifier()?.strip_prefix("NTRFR-")?;
        Some(Self {
            organization: name.organization()?,
            siren: Siren::parse(siren).ok()?,
            common_name: name.common_name()?,
        })
    }

    pub(super) fn unit(&self) -> UnitName<'c> {
        let Self { organization, siren, common_name } = *self;
        UnitName { organization, siren, common_name }
    }

    pub(super) fn authority(&self) -> AuthorityName<'c> {
        let Self { organization, siren, common_name } = *self;
        AuthorityName { organization, siren, common_name }
    }

    fn test_seal(&self) -> LegalPerson<'c> {
        let Self { organization, siren, .. } = *self;
        LegalPerson { organization, siren, common_name: "TEST" }
    }
}
