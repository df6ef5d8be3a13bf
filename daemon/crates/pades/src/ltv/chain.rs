//! The chain of one certificate, and the status of each certificate in it.

use jiff::Timestamp;
use sceau_pki::Certificate;
use sceau_pki::chain::{self, TrustAnchors};
use sceau_pki::revocation::{Evidence, Material, Source, Status, Unusable};

use super::at_hand::AtHand;
use super::subjects::{Role, Subject};

/// The chain from the certificate in question as far as it goes.
pub(crate) struct Chain {
    pub(crate) certificates: Vec<Certificate>,
    /// Whether it ends at an anchor, or at a root where no anchor is known.
    pub(crate) complete: bool,
}

impl Chain {
    /// To an anchor where there is a path; else as far as the certificates at hand lead.
    pub(crate) fn of(
        subject: &Subject,
        material: &Material,
        anchors: &TrustAnchors,
        now: Timestamp,
    ) -> Self {
        let mut pool = subject.pool.clone();
        pool.extend_from_slice(&material.certificates);
        let at = subject.time.unwrap_or(now);
        let path = chain::validate(&subject.certificate, &pool, anchors, at, subject.purpose());
        if let Ok(path) = path {
            return Self { certificates: path.certificates().to_vec(), complete: true };
        }
        pool.extend_from_slice(anchors.certificates());
        let certificates = chain::order(&subject.certificate, &pool);
        let root = certificates
            .last()
            .is_some_and(|last| last.is_self_issued() && last.verify_signed_by(last).is_ok());
        Self { certificates, complete: root }
    }

    /// Each certificate whose status counts, with its issuer: all but the last.
    pub(crate) fn links(&self) -> impl Iterator<Item = (&Certificate, &Certificate)> {
        self.certificates.iter().zip(self.certificates.iter().skip(1))
    }
}

/// What is known of one link of a chain.
pub(crate) enum Known {
    /// A status that is new enough.
    Enough(Evidence),
    /// Nothing, or nothing new enough; the latter with the moment that it must reach.
    Lacking { newer_than: Option<Timestamp>, why: Vec<String>, responders: Vec<Certificate> },
}

/// The status of a link, as the level B-LT needs it: that of a signing certificate is newer than
/// the proof of the signature's time, that of the others is current then.
pub(crate) fn known(
    subject: &Subject,
    certificate: &Certificate,
    issuer: &Certificate,
    at_hand: AtHand<'_>,
) -> Known {
    let status = at_hand.status(certificate, issuer);
    let Some(evidence) = status.evidence() else {
        let Status::Unknown(unusable) = status else { return lacking(None, Vec::new()) };
        return nothing(&unusable);
    };
    let own = subject.role == Role::Signer && *certificate == subject.certificate;
    let enough = match (own, subject.time) {
        (_, None) => true,
        (true, Some(time)) => evidence.is_newer_than(time),
        (false, Some(time)) => evidence.is_current_at(time),
    };
    if enough {
        return Known::Enough(evidence.clone());
    }
    let told = evidence.this_update;
    lacking(subject.time, vec![format!("what is at hand is of {told}, older than the timestamp")])
}

fn lacking(newer_than: Option<Timestamp>, why: Vec<String>) -> Known {
    Known::Lacking { newer_than, why, responders: Vec::new() }
}

fn nothing(unusable: &[Unusable]) -> Known {
    let responders = unusable.iter().filter_map(|why| match why {
        Unusable::ResponderStatus(responder) => Some(responder.clone()),
        _ => None,
    });
    Known::Lacking {
        newer_than: None,
        why: unusable.iter().map(ToString::to_string).collect(),
        responders: responders.collect(),
    }
}

/// Puts a piece of evidence into `into`, with the certificates and the status of whoever made it.
pub(crate) fn keep(
    evidence: &Evidence,
    issuer: &Certificate,
    at_hand: AtHand<'_>,
    into: &mut Material,
) {
    let mut one = Material::default();
    match &evidence.source {
        Source::Crl(list) => one.crls.push(list.clone()),
        Source::Ocsp { response, responder, no_check } => {
            one.ocsps.push(response.clone());
            one.certificates.extend(responder.clone());
            if let (Some(responder), false) = (responder, no_check)
                && let Some(status) = at_hand.status(responder, issuer).evidence()
                && *status != *evidence
            {
                keep(status, issuer, at_hand, into);
            }
        }
    }
    into.merge(&one);
}
