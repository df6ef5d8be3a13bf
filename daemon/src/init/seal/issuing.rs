//! `sceau ca renew-issuing`: the next certificate of the issuing authority, by the root's key. It is a
//! ceremony like that of `sceau init`: the root's key is opened here, by the operator's command, and by
//! nothing that runs on.
//!
//! Name and key stay: what was issued before verifies by either certificate, and the revocation lists
//! and OCSP answers of the one are those of the other (RFC 5280 §6.3.3 asks for the issuer's name and
//! key, not for a certificate of it). The key lives no longer than the root. `pki/issuing.pem` is the
//! switch; the root's next list, which lasts as long as the new certificate, is there before it.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sceau_disk::{FileSystem, RealFs};
use sceau_pki::Certificate;
use sceau_signer::{KeyId, KeyStore, KeyType, LocalKey, StoredKey};
use serde::Serialize;

use super::super::InitError;
use super::super::ceremony::{Authority, ISSUING, ROOT};
use super::super::outcome::CertificateFacts;
use super::super::root_key::file_name;
use super::unit::{NO_SIREN, Who, test};
use super::{Place, SealError, in_force};
use crate::authority::{root_services, services};

/// The file of the certificate in force, beneath `pki/`.
const FILE: &str = "issuing.pem";

/// What is asked for.
#[derive(Debug)]
pub(crate) struct IssuingOrder {
    /// The state directory.
    pub(crate) state: PathBuf,
    /// The file of the secret that opens its keys.
    pub(crate) secret_file: PathBuf,
    /// The root's key where it is not in the state: what `sceau ca export-root` wrote.
    pub(crate) root_key: Option<PathBuf>,
    /// The address beneath which the world reaches our own authority.
    pub(crate) pki_url: Option<String>,
}

/// What was made.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct IssuingOutcome {
    /// The authority's certificate.
    pub(crate) issuing: CertificateFacts,
    /// Its serial number, in hexadecimal.
    pub(crate) serial: String,
    /// Where the certificate is that was in force before.
    pub(crate) earlier: Option<PathBuf>,
}

/// Gives the issuing authority its next certificate, from `now` on. What fails leaves it as it was.
pub(crate) fn renew_issuing(
    order: &IssuingOrder,
    now: Timestamp,
) -> Result<IssuingOutcome, SealError> {
    let place = Place::open(&order.state, &order.secret_file)?;
    let before = place.one(FILE)?;
    let root = root(&place, order)?;
    in_force("the root's certificate", &root.certificate, now)?;
    let key = place.key(ISSUING)?;
    let who = Who::of(&before).ok_or_else(|| place.fault(FILE, NO_SIREN))?;
    let certificate = root.issue_authority(&key.info.spki, &who.authority(), now)?;
    continues(&place, &before, &certificate)?;
    let services = services(order.pki_url.as_deref());
    let issuing = Authority { key: key.key, certificate, services };
    tried(&place, &issuing, &who, now)?;
    // The time in milliseconds grows from list to list.
    let number = u64::try_from(now.as_millisecond()).unwrap_or_default();
    place.put_root_list(&root.empty_list(number, now, issuing.certificate.not_after())?)?;
    let chain = [issuing.certificate];
    let earlier = place.publish(ISSUING, Some(&[before]), &chain)?;
    let [certificate] = chain;
    Ok(IssuingOutcome {
        issuing: CertificateFacts::of(&certificate),
        serial: certificate.serial_hex(),
        earlier,
    })
}

/// The root, with its key from the state or from where it is kept.
fn root(place: &Place, order: &IssuingOrder) -> Result<Authority, SealError> {
    let certificate = place.one("root.pem")?;
    let inside = order.state.join("offline").join(file_name());
    let key = match &order.root_key {
        Some(path) => open(path, place)?,
        None if !inside.exists() => return Err(SealError::NoRootKey(inside)),
        None => open(&inside, place)?,
    };
    if key.info.spki != certificate.spki() {
        return Err(place.fault("root.pem", "the certificate is not that of the root's key"));
    }
    let services = root_services(order.pki_url.as_deref());
    Ok(Authority { key: key.key, certificate, services })
}

fn open(path: &Path, place: &Place) -> Result<StoredKey, InitError> {
    let unread = |source| InitError::Read { path: path.to_owned(), source };
    let path = std::path::absolute(path).map_err(unread)?;
    let (Some(above), Some(name)) =
        (path.parent(), path.file_name().and_then(|name| name.to_str()))
    else {
        return Err(unread(std::io::ErrorKind::InvalidFilename.into()));
    };
    let id = KeyId::parse(ROOT).expect("invariant: an id of ours");
    Ok(KeyStore::open_file(&*RealFs.open_dir(above)?, name, &id, &place.secret)?)
}

/// The same name and key, for longer.
fn continues(place: &Place, before: &Certificate, next: &Certificate) -> Result<(), SealError> {
    if (before.subject(), before.spki()) != (next.subject(), next.spki()) {
        return Err(place.fault(FILE, "its name or key is not that of this authority"));
    }
    match next.not_after() > before.not_after() {
        true => Ok(()),
        false => Err(SealError::NoLonger(next.not_after())),
    }
}

/// The TEST document under a throw-away seal and a throw-away unit.
fn tried(
    place: &Place,
    issuing: &Authority,
    who: &Who<'_>,
    now: Timestamp,
) -> Result<(), SealError> {
    let key = LocalKey::generate(KeyType::P256).map_err(InitError::from)?;
    let public = key.spki().map_err(InitError::from)?;
    let chain = issuing.issue_unit(&public, &who.unit(), now)?;
    test(place, issuing, (&key, &chain), who, now)
}
