//! `sceau societe seal`: a key and a certificate for the seal of one société, and their renewal.
//!
//! The daemon may run meanwhile: it read its keys and certificates when it started, and everything
//! that is written here it takes up at its next start.
//!
//! Order: refuse what must not be done; write the key under a name that no other key has; open it
//! again and seal a TEST document with it; then put the certificate's file in its place, by rename.
//! That file is the switch: whatever ends before it leaves the old seal in force, and at most a key
//! that no certificate names. Nothing that was there is removed.

mod issuing;
mod outcome;
mod place;
mod societe;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod unit;

use std::path::PathBuf;

use jiff::Timestamp;
use sceau_cabinet::SocieteId;
use sceau_pki::{Certificate, profile::LegalPerson};
use sceau_signer::{Identity, KeyStore, KeyType, LocalKey, Purpose, StoredKey, key_file};

use super::{
    InitError,
    ceremony::{self, Authority, UNIT},
    probe::{self, Bench, Probe},
};
use crate::authority::services;
use crate::keys::{SchemeArgs, TokenArgs};
pub(crate) use issuing::{IssuingOrder, IssuingOutcome, renew_issuing};
pub(crate) use outcome::SealOutcome;
use place::Place;
pub(crate) use place::{is_seal_key, is_unit_key};
pub(crate) use societe::Named;
pub(crate) use unit::{UnitOrder, UnitOutcome, renew_unit};

/// What is asked for.
#[derive(Debug)]
pub(crate) struct SealOrder {
    /// The state directory.
    pub(crate) state: PathBuf,
    /// The file of the secret that opens its keys.
    pub(crate) secret_file: PathBuf,
    /// The société's code.
    pub(crate) societe: SocieteId,
    /// A PKCS#12 file and the file of its password; none: our own authority issues the seal, unless
    /// a token brings its certificate.
    pub(crate) p12: Option<(PathBuf, PathBuf)>,
    /// The key of a PKCS#11 token, in place of one that is made.
    pub(crate) token: Option<TokenArgs>,
    /// The address beneath which the world reaches our own authority.
    pub(crate) pki_url: Option<String>,
    /// How the key signs.
    pub(crate) scheme: SchemeArgs,
    /// Takes the place of a seal that there is.
    pub(crate) renew: bool,
    /// The kind of key that is made.
    pub(crate) key_type: KeyType,
    /// Makes the test with the given seal itself.
    pub(crate) test_real_seal: bool,
}

/// Why a société has no new seal. Nothing of what was there has changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SealError {
    /// No société has that code.
    #[error(
        "there is no société `{0}` (`sceau societe list` shows them, `sceau societe add` adds one)"
    )]
    Unknown(SocieteId),
    /// Nobody seals for a closed société.
    #[error("the société `{societe}` is closed since {since}")]
    Closed {
        /// Its code.
        societe: SocieteId,
        /// Since when.
        since: Timestamp,
    },
    /// It has a seal, and nobody asked to renew it.
    #[error(
        "the société `{societe}` has a seal until {until}; `--renew` makes another and keeps this one aside"
    )]
    HasSeal {
        /// Its code.
        societe: SocieteId,
        /// The last instant of its certificate.
        until: Timestamp,
    },
    /// There is nothing to renew.
    #[error("the société `{0}` has no seal yet: leave --renew out")]
    NoSeal(SocieteId),
    /// There is no time-stamping unit to renew.
    #[error(
        "this state has no time-stamping unit of its own: its time comes from the authorities in [time]"
    )]
    NoUnit,
    /// The root's key is kept elsewhere.
    #[error(
        "the root's key is not in this state ({} is missing): bring the file that `sceau ca export-root` wrote, and name it with --root-key", .0.display()
    )]
    NoRootKey(PathBuf),
    /// The root ends too soon.
    #[error(
        "the root ends on {0}, and nothing that it issues outlives it: a new issuing certificate would last no longer than the one in force"
    )]
    NoLonger(Timestamp),
    /// The given certificate names another legal person.
    #[error("the certificate is that of {found}, and the société `{societe}` is {expected}")]
    OtherPerson {
        /// The société's code.
        societe: SocieteId,
        /// What the certificate says.
        found: String,
        /// What it would say for this société.
        expected: String,
    },
    /// Such a key does not sign so.
    #[error("{0}")]
    Scheme(String),
    /// The key is kept already, with another way to sign.
    #[error("this key is kept already, to sign with {0}: one key signs in one way")]
    OtherScheme(&'static str),
    /// The given certificate is in force already.
    #[error("this certificate is the seal's already")]
    SameCertificate,
    /// A certificate is not valid now.
    #[error("{what} is valid from {from} until {until}, not now")]
    NotNow {
        /// Whose certificate.
        what: String,
        /// Its first instant.
        from: Timestamp,
        /// Its last instant.
        until: Timestamp,
    },
    /// The daemon could not read what another user owns.
    #[error("{} belongs to the user {owner}: do this as that user (sudo -u '#{owner}' sceau ...), or the daemon cannot read the new files", path.display())]
    OtherUser {
        /// The state directory.
        path: PathBuf,
        /// Its numeric owner.
        owner: u32,
    },
    /// The same command runs elsewhere.
    #[error("another `sceau societe seal` is at work on this state")]
    Busy,
    /// A certificate file of the state is none.
    #[error("{}: {why}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The state's records cannot be read.
    #[error("the records of the state: {0}")]
    Records(String),
    /// What the key ceremony can meet too.
    #[error(transparent)]
    Ceremony(#[from] InitError),
}

impl SealError {
    /// True where the order itself is refused, and the machine is sound.
    pub(crate) fn is_refusal(&self) -> bool {
        use SealError as E;
        matches!(self, E::Unknown(_) | E::Closed { .. } | E::HasSeal { .. } | E::NoSeal(_))
            || matches!(
                self,
                E::OtherPerson { .. } | E::NotNow { .. } | E::SameCertificate | E::NoUnit
            )
            || matches!(self, E::NoRootKey(_) | E::NoLonger(_))
            || matches!(self, E::Scheme(_) | E::OtherScheme(_))
    }

    /// The exit code: 1 for a refusal, else that of sysexits(3).
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Ceremony(error) => error.exit_code(),
            Self::OtherUser { .. } => 77,
            Self::Busy => 75,
            Self::Certificate { .. } | Self::Records(_) => 74,
            _ => 1,
        }
    }
}

/// A seal that was made and is not in force yet.
struct Made {
    /// The key as it lies in the store, opened again.
    key: StoredKey,
    /// Whether this run wrote it.
    new: bool,
    /// Its certificate first, then the issuers.
    chain: Vec<Certificate>,
    /// Whether somebody else issued it.
    foreign: bool,
}

/// Gives a société its seal. `now` is the moment at which its certificate begins.
pub(crate) fn seal(
    order: &SealOrder,
    societe: &Named,
    now: Timestamp,
) -> Result<SealOutcome, SealError> {
    let place = Place::open(&order.state, &order.secret_file)?;
    let before = place.chain(&place::seal_file(&order.societe))?;
    may(order, societe, before.as_deref(), now)?;
    let hall = Hall { order, societe, place: &place, now };
    let authority = hall.authority()?;
    let made = hall.make(&authority, before.as_deref())?;
    let probe = hall.test(&authority, &made).inspect_err(|_| hall.take_back(&made))?;
    let earlier =
        place.publish(&place::seal_stem(&order.societe), before.as_deref(), &made.chain)?;
    Ok(SealOutcome::new(order, societe, &made, earlier, probe))
}

/// The refusals that need no key.
fn may(
    order: &SealOrder,
    societe: &Named,
    before: Option<&[Certificate]>,
    now: Timestamp,
) -> Result<(), SealError> {
    let code = order.societe.clone();
    if let Some(since) = societe.closed_since.filter(|since| *since <= now) {
        return Err(SealError::Closed { societe: code, since });
    }
    match before {
        Some([seal, ..]) if !order.renew => {
            Err(SealError::HasSeal { societe: code, until: seal.not_after() })
        }
        None if order.renew => Err(SealError::NoSeal(code)),
        _ => Ok(()),
    }
}

struct Hall<'h> {
    order: &'h SealOrder,
    societe: &'h Named,
    place: &'h Place,
    now: Timestamp,
}

impl Hall<'_> {
    /// Our own authority, which issues the seal, or that of the test.
    fn authority(&self) -> Result<Authority, SealError> {
        authority(self.place, self.order.pki_url.as_deref())
    }

    fn make(
        &self,
        authority: &Authority,
        before: Option<&[Certificate]>,
    ) -> Result<Made, SealError> {
        let Identity { key, chain } = self.given()?;
        let foreign = !chain.is_empty();
        let chain = match chain.first() {
            Some(seal) => {
                self.judge(seal, before)?;
                chain
            }
            None => self.issue(authority, &key)?,
        };
        let (key, new) = self.keep(&key)?;
        Ok(Made { key, new, chain, foreign })
    }

    /// The key, with a chain where somebody else issued its certificate.
    fn given(&self) -> Result<Identity, SealError> {
        if let Some((file, password_file)) = &self.order.p12 {
            return Ok(ceremony::foreign_seal(file, password_file, self.now)?);
        }
        if let Some(token) = &self.order.token {
            return Ok(ceremony::token_seal(token, self.now)?);
        }
        let key = LocalKey::generate(self.order.key_type).map_err(InitError::from)?;
        Ok(Identity { key, chain: Vec::new() })
    }

    fn issue(&self, authority: &Authority, key: &LocalKey) -> Result<Vec<Certificate>, SealError> {
        in_force("the issuing authority's certificate", &authority.certificate, self.now)?;
        let public = key.spki().map_err(InitError::from)?;
        Ok(authority.issue_seal(&public, &self.person(&self.societe.name), self.now)?)
    }

    fn person<'n>(&'n self, common_name: &'n str) -> LegalPerson<'n> {
        LegalPerson { organization: &self.societe.name, siren: self.societe.siren, common_name }
    }

    /// A seal that somebody else issued: valid now, another than before, and of this legal person
    /// as far as it says (EN 319 412-1 §5.1.4).
    fn judge(&self, seal: &Certificate, before: Option<&[Certificate]>) -> Result<(), SealError> {
        in_force("the given certificate", seal, self.now)?;
        if before.is_some_and(|chain| chain.first() == Some(seal)) {
            return Err(SealError::SameCertificate);
        }
        let expected = self.societe.siren.organization_identifier();
        match seal.organization_identifier() {
            Some(found) if found.starts_with("NTRFR-") && found != expected => {
                let (societe, found) = (self.order.societe.clone(), found.to_owned());
                Err(SealError::OtherPerson { societe, found, expected })
            }
            _ => Ok(()),
        }
    }

    /// The key in the store: one of this société's that is there already (a certificate that was
    /// renewed for the same key), or a new file.
    fn keep(&self, key: &LocalKey) -> Result<(StoredKey, bool), SealError> {
        let public = key.spki().map_err(InitError::from)?;
        let algorithm = self.order.scheme.algorithm(key.kind()).map_err(SealError::Scheme)?;
        if let Some(known) = self.place.key_of(&self.order.societe, &public) {
            let known = self.place.key(known.as_str())?;
            return match known.info.algorithm == algorithm {
                true => Ok((known, false)),
                false => Err(SealError::OtherScheme(known.info.algorithm.as_str())),
            };
        }
        let id = self.place.free_id(&place::seal_stem(&self.order.societe), &public);
        let (keys, secret) = (&*self.place.keys, &self.place.secret);
        KeyStore::add_with(keys, &id, Purpose::Seal, (key, algorithm), secret)
            .map_err(InitError::from)?;
        Ok((self.place.key(id.as_str())?, true))
    }

    /// Seals and validates the TEST document: with the new seal where our own authority issued it
    /// or where that was asked for, else with a throw-away one.
    fn test(&self, authority: &Authority, made: &Made) -> Result<Probe, SealError> {
        let root = self.place.one("root.pem")?;
        let unit = self.place.unit()?;
        let throw_away = match made.foreign && !self.order.test_real_seal {
            true => Some(self.throw_away(authority)?),
            false => None,
        };
        let made = (&made.key.key, &made.chain[..], made.key.info.algorithm);
        let seal = throw_away
            .as_ref()
            .map_or(made, |(key, chain)| (key, chain, key.kind().default_algorithm()));
        let bench = Bench {
            seal,
            unit: unit.as_ref().map(|(key, chain)| (&key.key, &chain[..])),
            root: &root,
            issuing: &authority.certificate,
        };
        Ok(probe::run(&bench, self.now).map_err(InitError::from)?)
    }

    fn throw_away(&self, authority: &Authority) -> Result<(LocalKey, Vec<Certificate>), SealError> {
        let key = LocalKey::generate(KeyType::P256).map_err(InitError::from)?;
        let public = key.spki().map_err(InitError::from)?;
        let chain = authority.issue_seal(&public, &self.person("TEST"), self.now)?;
        Ok((key, chain))
    }

    /// A key that failed its test and that nothing names goes again.
    fn take_back(&self, made: &Made) {
        if made.new {
            let _ = self.place.keys.remove(&key_file(&made.key.info.id, &made.key.key));
        }
    }
}

fn authority(place: &Place, pki_url: Option<&str>) -> Result<Authority, SealError> {
    let key = place.key(ceremony::ISSUING)?;
    let certificate = place.one("issuing.pem")?;
    Ok(Authority { key: key.key, certificate, services: services(pki_url) })
}

fn in_force(what: &str, certificate: &Certificate, now: Timestamp) -> Result<(), SealError> {
    let (from, until) = (certificate.not_before(), certificate.not_after());
    match from <= now && now <= until {
        true => Ok(()),
        false => Err(SealError::NotNow { what: what.to_owned(), from, until }),
    }
}
