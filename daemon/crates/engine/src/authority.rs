//! Our own authority answers for what it issued: OCSP by a delegated responder (RFC 6960), and
//! revocation lists (RFC 5280 §5).
//!
//! Invariants:
//! - What is answered is what is committed: each answer looks into the state, a kept one is given
//!   again only while it says the same.
//! - The keys are the signer's; the responder's certificate is made here, lives eight days, and is
//!   made anew two days before its end. A clock that stands before the last time given gets nothing
//!   signed.
//! - Strangers ask: a bounded number of signatures a second, and of answers kept.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use sceau_pki::ocsp::{CertificateStatus, ResponseStatus};
use sceau_pki::profile::{
    AskedId, Issuance, Issuer, OcspQuestion, OcspTimes, Revoked, Services, UnitName,
    ocsp_responder, tbs_crl, tbs_ocsp_response,
};
use sceau_pki::{Certificate, SignatureAlgorithm, Siren};
use sceau_signer::{Authorisation, KeyId, Purpose, SignError, SignRequest};
use sceau_store::StateStore;

use crate::budget::Budget;
use crate::clock::{Clock, Entropy, random};
use crate::core::{NotDone, revocation, revocations};
use crate::keys::KeyDoor;

/// How long the signer may take to answer, in milliseconds.
const LIFE_MS: i64 = 30_000;
/// Answers that are signed for strangers in one second.
const MOST_A_SECOND: u32 = 20;
/// A certificate that is not known is looked for in the register this often at most.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(1);
/// A certificate's status is said again for so long.
const KEPT: SignedDuration = SignedDuration::from_hours(1);
/// And is true for so long.
const STATUS_LIFE: SignedDuration = SignedDuration::from_hours(24);
/// A list is made anew after so long, and when something was revoked.
const LIST_KEPT: SignedDuration = SignedDuration::from_hours(6);
/// And is true for so long.
const LIST_LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The responder's certificate: its life, and how much of it is left when the next is made.
const RESPONDER_LIFE: SignedDuration = SignedDuration::from_hours(8 * 24);
const RESPONDER_REST: SignedDuration = SignedDuration::from_hours(2 * 24);
/// A peer whose clock is behind ours finds it valid all the same.
const BACKDATED: SignedDuration = SignedDuration::from_mins(10);

/// A key in the signer, and how it signs.
#[derive(Debug, Clone)]
pub struct HeldKey {
    /// Which.
    pub id: KeyId,
    /// How.
    pub algorithm: SignatureAlgorithm,
    /// DER of SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
}

/// Where the certificates lie that the authority issued: some may be issued while it answers.
pub trait Register: Send + Sync {
    /// Those that it answers for, as far as they can be read now.
    fn issued(&self) -> Vec<Certificate>;
}

/// What the authority is made of.
pub struct AuthorityParts {
    /// Its certificate.
    pub certificate: Certificate,
    /// Its key ([`Purpose::Certificate`]).
    pub key: HeldKey,
    /// The responder's key ([`Purpose::Ocsp`]).
    pub responder: HeldKey,
    /// What it issued, as far as it answers for it.
    pub register: Arc<dyn Register>,
    /// The door to the signer.
    pub keys: Arc<dyn KeyDoor>,
    /// State, for reading.
    pub store: Arc<dyn StateStore>,
    /// The moment.
    pub clock: Arc<dyn Clock>,
    /// Serial numbers.
    pub entropy: Arc<dyn Entropy>,
}

/// Why nothing could be signed.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The signer gives none.
    #[error(transparent)]
    Signer(#[from] SignError),
    /// The state cannot be read.
    #[error(transparent)]
    State(#[from] NotDone),
    /// Too much is asked at once.
    #[error("too much is asked at once")]
    Busy,
    /// The certificate is none of this authority.
    #[error("the certificate was not issued here")]
    NotOurs,
    /// Its own certificate lacks what its responder's needs. Ourselves.
    #[error("no answer can be made: {0}")]
    Internal(String),
}

/// The authority.
pub struct OwnAuthority {
    parts: AuthorityParts,
    issued: Mutex<Issued>,
    responder: Mutex<Option<Certificate>>,
    statuses: Mutex<HashMap<Vec<u8>, Kept<CertificateStatus>>>,
    list: Mutex<Option<Kept<Vec<Revoked>>>>,
    budget: Budget,
}

/// What was found in the register, by serial number, and when it was looked into.
struct Issued {
    known: BTreeMap<Vec<u8>, Certificate>,
    looked: Timestamp,
}

/// An answer with what it says.
struct Kept<T> {
    says: T,
    at: Timestamp,
    der: Vec<u8>,
}

impl OwnAuthority {
    /// The authority, which has answered nothing yet.
    pub fn new(parts: AuthorityParts) -> Self {
        let issued = Issued { known: BTreeMap::new(), looked: Timestamp::MIN };
        Self {
            parts,
            issued: Mutex::new(issued),
            responder: Mutex::default(),
            statuses: Mutex::default(),
            list: Mutex::default(),
            budget: Budget::new(MOST_A_SECOND, u32::MAX),
        }
    }

    /// Its certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.parts.certificate
    }

    /// Whether a certificate is the authority's own: the one in force, or one before it with the same
    /// name and key.
    pub fn is_own(&self, certificate: &Certificate) -> bool {
        let own = &self.parts.certificate;
        certificate.subject() == own.subject() && certificate.spki() == own.spki()
    }

    /// What it issued, by serial number, with what was issued just now.
    pub fn issued(&self) -> Vec<Certificate> {
        let mut issued = lock(&self.issued);
        self.look(&mut issued);
        issued.known.values().cloned().collect()
    }

    /// Makes what is asked for every day before anybody asks: the list, and the responder's
    /// certificate. For a timer; whoever must mend something hears of it in time.
    ///
    /// # Errors
    /// [`AuthorityError`].
    pub fn keep_up(&self) -> Result<(), AuthorityError> {
        self.list()?;
        self.responder(self.parts.clock.now())?;
        Ok(())
    }

    fn is_issued(&self, serial: &[u8]) -> bool {
        let mut issued = lock(&self.issued);
        let since = self.parts.clock.now().duration_since(issued.looked);
        if !issued.known.contains_key(serial)
            && !(SignedDuration::ZERO..LOOK_AGAIN).contains(&since)
        {
            self.look(&mut issued);
        }
        issued.known.contains_key(serial)
    }

    /// What was known stays known: a file that is gone says nothing against its certificate.
    fn look(&self, issued: &mut Issued) {
        let found = self.parts.register.issued().into_iter();
        issued.known.extend(found.map(|one| (one.serial().to_vec(), one)));
        issued.looked = self.parts.clock.now();
    }

    /// The OCSPResponse (DER) to a request that a stranger sent; never fails, as there is an answer
    /// for each failure.
    pub fn ocsp(&self, request: &[u8]) -> Vec<u8> {
        let Ok(question) = OcspQuestion::parse(request) else {
            return ResponseStatus::MalformedRequest.to_der();
        };
        let ours = |id: &AskedId| id.id().is_of(&self.parts.certificate);
        if !question.asked.iter().all(ours) {
            return ResponseStatus::Unauthorized.to_der();
        }
        self.answer(&question).unwrap_or_else(|error| match error {
            AuthorityError::Busy => ResponseStatus::TryLater.to_der(),
            error => {
                tracing::warn!(%error, "no OCSP answer");
                ResponseStatus::InternalError.to_der()
            }
        })
    }

    /// The OCSPResponse (DER) about a certificate of this authority, without the way over HTTP; one
    /// that was given before does where it is as new as `newer_than`.
    ///
    /// # Errors
    /// [`AuthorityError`].
    pub fn status_of(
        &self,
        certificate: &Certificate,
        newer_than: Option<Timestamp>,
    ) -> Result<Vec<u8>, AuthorityError> {
        let own = &self.parts.certificate;
        if certificate.issuer() != own.subject() || certificate.verify_signed_by(own).is_err() {
            return Err(AuthorityError::NotOurs);
        }
        let id = AskedId::of(certificate, own).ok_or_else(|| internal("its key"))?;
        // It bears the authority's own signature, whether or not it stands in the register.
        let status = match self.status(&id)? {
            CertificateStatus::Unknown => CertificateStatus::Good,
            known => known,
        };
        self.kept_status(&id, status, (false, newer_than))
    }

    /// The revocation list (DER) that is in force.
    ///
    /// # Errors
    /// [`AuthorityError`].
    pub fn list(&self) -> Result<Vec<u8>, AuthorityError> {
        let revoked = revocations(self.parts.store.as_ref())?;
        let now = self.parts.clock.now();
        let mut list = lock(&self.list);
        let good = |kept: &&Kept<Vec<Revoked>>| {
            kept.says == revoked
                && (SignedDuration::ZERO..LIST_KEPT).contains(&now.duration_since(kept.at))
        };
        if let Some(kept) = list.as_ref().filter(good) {
            return Ok(kept.der.clone());
        }
        let issuer =
            Issuer { certificate: &self.parts.certificate, algorithm: self.parts.key.algorithm };
        // The time in milliseconds grows from list to list, as the signer sees to it.
        let number = u64::try_from(now.as_millisecond()).unwrap_or_default();
        let tbs = tbs_crl(&issuer, number, now, now + LIST_LIFE, &revoked).map_err(internal)?;
        let value = self.sign(&self.parts.key, Purpose::Certificate, tbs.to_be_signed(), now)?;
        let der = tbs.signed(&value).map_err(internal)?.der().to_vec();
        *list = Some(Kept { says: revoked, at: now, der: der.clone() });
        Ok(der)
    }

    fn answer(&self, question: &OcspQuestion) -> Result<Vec<u8>, AuthorityError> {
        if let ([id], None) = (question.asked.as_slice(), &question.nonce) {
            return self.kept_status(id, self.status(id)?, (true, None));
        }
        let statuses = question.asked.iter().map(|id| Ok((id.clone(), self.status(id)?)));
        let statuses = statuses.collect::<Result<Vec<_>, AuthorityError>>()?;
        self.spend()?;
        self.signed_status(&statuses, question.nonce.as_deref(), self.parts.clock.now())
    }

    /// An answer that was given before, where it is young and still true; else a new one.
    fn kept_status(
        &self,
        id: &AskedId,
        status: CertificateStatus,
        (stranger, newer_than): (bool, Option<Timestamp>),
    ) -> Result<Vec<u8>, AuthorityError> {
        let now = self.parts.clock.now();
        let key = id.octets().to_vec();
        // What is said of a second is said of its beginning.
        let said_at = |kept: &Kept<CertificateStatus>| kept.at.as_second();
        let good = |kept: &&Kept<CertificateStatus>| {
            kept.says == status
                && newer_than.is_none_or(|moment| {
                    Timestamp::from_second(said_at(kept)).is_ok_and(|said| said >= moment)
                })
                && (SignedDuration::ZERO..KEPT).contains(&now.duration_since(kept.at))
        };
        if let Some(kept) = lock(&self.statuses).get(&key).filter(good) {
            return Ok(kept.der.clone());
        }
        if stranger {
            self.spend()?;
        }
        let der = self.signed_status(&[(id.clone(), status)], None, now)?;
        let room = 8 * (lock(&self.issued).known.len() + 1);
        let mut statuses = lock(&self.statuses);
        // One for each certificate and each way to name it.
        if status != CertificateStatus::Unknown && statuses.len() < room {
            statuses.insert(key, Kept { says: status, at: now, der: der.clone() });
        }
        Ok(der)
    }

    fn status(&self, id: &AskedId) -> Result<CertificateStatus, AuthorityError> {
        if let Some(revoked) = revocation(self.parts.store.as_ref(), &id.id().serial)? {
            return Ok(CertificateStatus::Revoked { at: revoked.at, reason: revoked.reason });
        }
        Ok(match self.is_issued(&id.id().serial) {
            true => CertificateStatus::Good,
            false => CertificateStatus::Unknown,
        })
    }

    fn signed_status(
        &self,
        statuses: &[(AskedId, CertificateStatus)],
        nonce: Option<&[u8]>,
        now: Timestamp,
    ) -> Result<Vec<u8>, AuthorityError> {
        let certificate = self.responder(now)?;
        let key = &self.parts.responder;
        let responder = Issuer { certificate: &certificate, algorithm: key.algorithm };
        let next_update = (now + STATUS_LIFE).min(certificate.not_after());
        let times = OcspTimes { this_update: now, next_update };
        let tbs = tbs_ocsp_response(&responder, statuses, times, nonce).map_err(internal)?;
        let value = self.sign(key, Purpose::Ocsp, tbs.to_be_signed(), now)?;
        tbs.signed(&value).map_err(internal)
    }

    /// The responder's certificate, made anew before its end.
    fn responder(&self, now: Timestamp) -> Result<Certificate, AuthorityError> {
        let mut current = lock(&self.responder);
        let lasts =
            |one: &&Certificate| one.not_before() <= now && now + RESPONDER_REST < one.not_after();
        if let Some(certificate) = current.as_ref().filter(lasts) {
            return Ok(certificate.clone());
        }
        let made = self.new_responder(now)?;
        tracing::info!(until = %made.not_after(), "a new certificate for the OCSP responder");
        Ok(current.insert(made).clone())
    }

    fn new_responder(&self, now: Timestamp) -> Result<Certificate, AuthorityError> {
        let own = &self.parts.certificate;
        let organization =
            own.subject().organization().ok_or_else(|| internal("no organization"))?;
        let siren = own.organization_identifier().and_then(|id| id.strip_prefix("NTRFR-"));
        let siren = siren.and_then(|text| Siren::parse(text).ok());
        let siren = siren.ok_or_else(|| internal("no SIREN"))?;
        let common_name = format!("{organization} - statut des certificats");
        let name = UnitName { organization, siren, common_name: &common_name };
        let issuance = Issuance {
            serial: random(self.parts.entropy.as_ref()),
            not_before: now - BACKDATED,
            not_after: (now + RESPONDER_LIFE).min(own.not_after()),
            public_key: &self.parts.responder.spki,
            services: &Services::NONE,
        };
        let issuer = Issuer { certificate: own, algorithm: self.parts.key.algorithm };
        let tbs = ocsp_responder(&issuance, &issuer, &name).map_err(internal)?;
        let value = self.sign(&self.parts.key, Purpose::Certificate, tbs.to_be_signed(), now)?;
        tbs.signed(&value).map_err(internal)
    }

    fn sign(
        &self,
        key: &HeldKey,
        purpose: Purpose,
        bytes: &[u8],
        now: Timestamp,
    ) -> Result<Vec<u8>, AuthorityError> {
        let request_id: [u8; 16] = random(self.parts.entropy.as_ref());
        let asked = SignRequest {
            request_id,
            key: key.id.clone(),
            purpose,
            authorisation: Authorisation {
                dossier: "authority".to_owned(),
                step: hex::encode(request_id),
                attempt: 1,
                delegation_digest: None,
                expires_at_ms: now.as_millisecond() + LIFE_MS,
            },
            algorithm: key.algorithm,
            to_be_signed: bytes.to_vec(),
        };
        Ok(self.parts.keys.sign(asked)?.bytes)
    }

    fn spend(&self) -> Result<(), AuthorityError> {
        match self.budget.spend(self.parts.clock.now()) {
            true => Ok(()),
            false => Err(AuthorityError::Busy),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn internal(why: impl std::fmt::Display) -> AuthorityError {
    AuthorityError::Internal(why.to_string())
}
