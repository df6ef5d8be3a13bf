//! Our own authority as the daemon wires it: what it answers over HTTP and over the administration
//! socket, and the addresses that stand in what it issues.

use std::sync::Arc;

use jiff::Timestamp;
use sceau_cabinet::{Actor, SocieteId};
use sceau_engine::authority::OwnAuthority;
use sceau_engine::budget::Budget;
use sceau_engine::core::{Request, revocations};
use sceau_engine::handle::Handle;
use sceau_engine::timestamps::Internal;
use sceau_pki::profile::Services;
use sceau_pki::revocation::RevocationReason;
use sceau_pki::tsp::{self, FailureInfo, TimeStampRequest};
use sceau_pki::{Certificate, oid};
use sceau_web::PublicPki;
use serde::{Deserialize, Serialize};

use crate::run::Shelf;

/// The addresses of what the issuing authority issues; none without a base address.
pub(crate) fn services(base_url: Option<&str>) -> Services {
    beneath(base_url, |base| Services {
        crl: Some(format!("{base}/pki/issuing.crl")),
        ocsp: Some(format!("{base}/pki/ocsp")),
        ca_issuers: Some(format!("{base}/pki/issuing.cer")),
    })
}

/// The addresses of what the root issues. Its key is offline: there is no responder.
pub(crate) fn root_services(base_url: Option<&str>) -> Services {
    beneath(base_url, |base| Services {
        crl: Some(format!("{base}/pki/root.crl")),
        ocsp: None,
        ca_issuers: Some(format!("{base}/pki/root.cer")),
    })
}

fn beneath(base_url: Option<&str>, make: impl Fn(&str) -> Services) -> Services {
    base_url.map_or(Services::NONE, make)
}

/// What strangers are told.
pub(crate) struct Counter {
    /// The authority.
    pub(crate) authority: Arc<OwnAuthority>,
    /// The root's certificate.
    pub(crate) root: Certificate,
    /// The root's revocation list in DER, as the ceremony made it.
    pub(crate) root_list: Option<Vec<u8>>,
    /// The internal time-stamping unit, where it stamps for strangers.
    pub(crate) unit: Option<PublicUnit>,
}

/// The internal unit as strangers may use it. Each token stands in the signer's journal, which keeps
/// for good what was signed: so many a day are given as the journal and the memory of its index bear
/// for years, and none without the operator's word (`public_tsa`).
pub(crate) struct PublicUnit {
    unit: Internal,
    budget: Budget,
}

/// Tokens for strangers in one second, and in one day: less than a MiB of journal.
const TOKENS_A_SECOND: u32 = 5;
const TOKENS_A_DAY: u32 = 1_000;

impl PublicUnit {
    /// The unit with its whole budget.
    pub(crate) fn new(unit: Internal) -> Self {
        Self { unit, budget: Budget::new(TOKENS_A_SECOND, TOKENS_A_DAY) }
    }
}

impl PublicPki for Counter {
    fn ocsp(&self, request: &[u8]) -> Vec<u8> {
        self.authority.ocsp(request)
    }

    fn list(&self) -> Option<Vec<u8>> {
        let list = self.authority.list();
        list.inspect_err(|error| tracing::warn!(%error, "no revocation list")).ok()
    }

    fn issuing(&self) -> Vec<u8> {
        self.authority.certificate().der().to_vec()
    }

    fn root(&self) -> Vec<u8> {
        self.root.der().to_vec()
    }

    fn root_list(&self) -> Option<Vec<u8>> {
        self.root_list.clone()
    }

    fn timestamp(&self, request: &[u8]) -> Option<Vec<u8>> {
        let unit = self.unit.as_ref()?;
        Some(unit.token(request).unwrap_or_else(|(info, why)| tsp::rejection(info, why)))
    }
}

impl PublicUnit {
    fn token(&self, request: &[u8]) -> Result<Vec<u8>, (FailureInfo, &'static str)> {
        let request = TimeStampRequest::parse(request)
            .map_err(|error| (error.failure_info(), "the request cannot be taken"))?;
        if request.policy.as_ref().is_some_and(|policy| *policy != oid::POLICY_INTERNAL_TSA) {
            return Err((FailureInfo::UnacceptedPolicy, "the policy is not this unit's"));
        }
        if !self.budget.spend(self.unit.clock.now()) {
            return Err((FailureInfo::SystemFailure, "too much was asked: try again later"));
        }
        let token = self.unit.answer(&request).map_err(|error| {
            tracing::warn!(?error, "no time stamp for a stranger");
            (FailureInfo::TimeNotAvailable, "the unit gives no time stamp now")
        })?;
        Ok(tsp::granted(&token))
    }
}

/// An order or a question about the authority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "request")]
pub(crate) enum AuthorityRequest {
    /// Revoke a certificate.
    Revoke { which: Which, reason: RevocationReason },
    /// Tell all certificates.
    List,
    /// Tell the revocation list.
    Crl,
}

/// Which certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Which {
    /// By its serial number, in hexadecimal.
    Serial(String),
    /// The seal of a société that is in force.
    Seal(SocieteId),
}

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "response")]
pub(crate) enum AuthorityResponse {
    /// It is revoked, and that is committed.
    Revoked { certificate: CertificateView },
    /// Every certificate.
    Certificates { certificates: Vec<CertificateView> },
    /// The list, in DER, as hexadecimal.
    Crl { der: String },
    /// Nothing was done.
    Refused { why: String },
}

/// A certificate of the authority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CertificateView {
    /// Its serial number, in hexadecimal.
    pub(crate) serial: String,
    /// Whose it is.
    pub(crate) subject: String,
    /// Its last instant.
    pub(crate) not_after: Timestamp,
    /// Since when it is revoked.
    pub(crate) revoked_at: Option<Timestamp>,
    /// Why.
    pub(crate) reason: Option<String>,
}

/// The authority at the administration socket.
#[derive(Clone)]
pub(crate) struct Desk {
    /// The authority.
    pub(crate) authority: Arc<OwnAuthority>,
    /// The engine.
    pub(crate) handle: Handle,
    /// The seals in force, since the start, that our own authority issued.
    pub(crate) seals: Arc<Vec<(SocieteId, Certificate)>>,
    /// What it issued, as it lies in the state now.
    pub(crate) shelf: Arc<Shelf>,
}

impl Desk {
    /// Answers; blocks until a revocation is committed.
    pub(crate) fn answer(&self, uid: u32, request: AuthorityRequest) -> AuthorityResponse {
        let answer = match request {
            AuthorityRequest::Revoke { which, reason } => self.revoke(uid, &which, reason),
            AuthorityRequest::List => {
                self.views().map(|certificates| AuthorityResponse::Certificates { certificates })
            }
            AuthorityRequest::Crl => self
                .authority
                .list()
                .map(|der| AuthorityResponse::Crl { der: hex::encode(der) })
                .map_err(|error| error.to_string()),
        };
        answer.unwrap_or_else(|why| AuthorityResponse::Refused { why })
    }

    fn revoke(
        &self,
        uid: u32,
        which: &Which,
        reason: RevocationReason,
    ) -> Result<AuthorityResponse, String> {
        let certificate = self.find(which)?;
        let serial = certificate.serial().to_vec();
        let request = Request::Revoke { serial, reason, actor: Actor::Operator { uid } };
        self.handle.call(request).map_err(|error| error.to_string())?;
        // The list that tells it is made at once, and found wanting now rather than at night.
        self.authority.list().map_err(|error| {
            format!("the certificate is revoked, but no new list could be signed: {error}")
        })?;
        let serial = certificate.serial_hex();
        let view = self.views()?.into_iter().find(|view| view.serial == serial);
        let certificate = view.ok_or("the certificate is gone")?;
        Ok(AuthorityResponse::Revoked { certificate })
    }

    fn find(&self, which: &Which) -> Result<Certificate, String> {
        match which {
            Which::Serial(serial) => {
                let wanted = serial.replace(':', "").to_lowercase();
                let issued = self.authority.issued();
                issued.into_iter().find(|one| one.serial_hex() == wanted).ok_or_else(|| {
                    format!("no certificate of this authority has the serial number {serial} (`sceau ca list`)")
                })
            }
            Which::Seal(societe) => self.seal_of(societe),
        }
    }

    /// The one that is meant must be certain: nothing takes a revocation back.
    fn seal_of(&self, societe: &SocieteId) -> Result<Certificate, String> {
        let in_force = self.seals.iter().find(|(of, _)| of == societe).map(|(_, one)| one.clone());
        match (in_force, self.shelf.seal(societe)) {
            (Some(old), Some(new)) if old != new => Err(format!(
                "the société `{societe}` seals with {} until the daemon starts again, and then with \
                 {}: name the one that is meant by its serial number",
                old.serial_hex(),
                new.serial_hex()
            )),
            (old, new) => old
                .or(new)
                .ok_or_else(|| format!("the société `{societe}` has no seal of this authority")),
        }
    }

    fn views(&self) -> Result<Vec<CertificateView>, String> {
        let revoked =
            revocations(self.handle.store().as_ref()).map_err(|error| error.to_string())?;
        let view = |one: &Certificate| {
            let its = revoked.iter().find(|revoked| revoked.serial == one.serial());
            CertificateView {
                serial: one.serial_hex(),
                subject: one.subject().to_string(),
                not_after: one.not_after(),
                revoked_at: its.map(|revoked| revoked.at),
                reason: its.and_then(|its| Some(its.reason?.word().to_owned())),
            }
        };
        Ok(self.authority.issued().iter().map(view).collect())
    }
}
