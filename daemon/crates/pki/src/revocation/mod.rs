//! Whether a certificate was revoked, from the OCSP responses and revocation lists at hand
//! (RFC 5280 §6.3, RFC 6960 §3.2, EN 319 102-1 §5.2.5, §5.2.6).
//!
//! Pure and offline: whoever has no answer fetches more and asks again.

mod evaluate;
mod reason;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use evaluate::{Constraint, evaluate, evaluate_where};
pub use reason::RevocationReason;

use crate::{certificate::Certificate, crl::RevocationList, ocsp::OcspResponse};

/// What is at hand: responses, lists, and certificates that may help to find responders.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Material {
    /// OCSP responses.
    pub ocsps: Vec<OcspResponse>,
    /// Revocation lists.
    pub crls: Vec<RevocationList>,
    /// Certificates of responders and authorities.
    pub certificates: Vec<Certificate>,
}

impl Material {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.ocsps.is_empty() && self.crls.is_empty() && self.certificates.is_empty()
    }

    /// How many bytes all of it has, in its encodings.
    pub fn bytes(&self) -> usize {
        let ocsps = self.ocsps.iter().map(|one| one.der().len());
        let crls = self.crls.iter().map(|one| one.der().len());
        let certificates = self.certificates.iter().map(|one| one.der().len());
        ocsps.chain(crls).chain(certificates).sum()
    }

    /// Takes in what `other` has and this has not.
    pub fn merge(&mut self, other: &Self) {
        take_new(&mut self.ocsps, &other.ocsps);
        take_new(&mut self.crls, &other.crls);
        take_new(&mut self.certificates, &other.certificates);
    }
}

fn take_new<T: PartialEq + Clone>(into: &mut Vec<T>, from: &[T]) {
    for one in from {
        if !into.contains(one) {
            into.push(one.clone());
        }
    }
}

/// By what a status is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// An OCSP response, and the certificate of a responder that is not the issuer itself.
    Ocsp {
        /// The response.
        response: OcspResponse,
        /// The delegated responder.
        responder: Option<Certificate>,
        /// Whether the responder's own revocation is not to be asked.
        no_check: bool,
    },
    /// A revocation list.
    Crl(RevocationList),
}

/// A status that somebody who may speak for the issuer has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The moment for which the status is known to be right.
    pub this_update: Timestamp,
    /// Until when newer knowledge will be there, if told.
    pub next_update: Option<Timestamp>,
    /// By what it is known.
    pub source: Source,
}

impl Evidence {
    /// Whether it is at least as new as `moment`: then it knows what had happened until then.
    pub fn is_newer_than(&self, moment: Timestamp) -> bool {
        self.this_update >= moment
    }

    /// Whether no newer knowledge is to be expected at `moment` yet (EN 319 102-1 §5.2.5.4).
    pub fn is_current_at(&self, moment: Timestamp) -> bool {
        self.this_update >= moment || self.next_update.is_some_and(|next| next >= moment)
    }
}

/// The status of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Not revoked, as the newest of what is at hand says.
    Good(Evidence),
    /// Revoked.
    Revoked {
        /// Since when.
        at: Timestamp,
        /// Why, if told.
        reason: Option<RevocationReason>,
        /// By what it is known.
        evidence: Evidence,
    },
    /// Not known.
    Unknown(Vec<Unusable>),
}

impl Status {
    /// What says so; nothing when it is not known.
    pub fn evidence(&self) -> Option<&Evidence> {
        match self {
            Self::Good(evidence) | Self::Revoked { evidence, .. } => Some(evidence),
            Self::Unknown(_) => None,
        }
    }

    /// Whether the certificate is only suspended (`certificateHold`), which may be taken back.
    pub fn is_on_hold(&self) -> bool {
        matches!(self, Self::Revoked { reason: Some(RevocationReason::CertificateHold), .. })
    }
}

/// Why something at hand that seems to be about a certificate does not tell its status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unusable {
    /// The response is not by whoever may speak.
    #[error(transparent)]
    Ocsp(#[from] crate::ocsp::OcspError),
    /// The list is not the issuer's, or cannot be read.
    #[error(transparent)]
    Crl(#[from] crate::crl::CrlError),
    /// It was made after the moment asked about.
    #[error("it is of {0}, later than the moment in question")]
    Later(Timestamp),
    /// It speaks of a time after the certificate's end, when authorities need not know it any more.
    #[error("it was made after the certificate's end and does not say that it keeps such")]
    AfterExpiry,
    /// The responder does not know the certificate.
    #[error("the OCSP responder does not know the certificate")]
    UnknownToResponder,
    /// The list does not speak for this certificate, or not for every reason.
    #[error("the revocation list does not cover the certificate")]
    Scope,
    /// The delegated responder's own status is not known to be good.
    #[error("nothing says that the OCSP responder's own certificate is not revoked")]
    ResponderStatus(Certificate),
    /// A critical extension that is not known here.
    #[error("the OCSP response has an unknown critical extension")]
    CriticalExtension,
    /// It does not satisfy what whoever asks demands beside all that.
    #[error("{0}")]
    Constraint(String),
}
