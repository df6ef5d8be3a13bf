//! The status of every certificate of a chain at the time that counts (EN 319 102-1 §5.2.5,
//! §5.2.6, §5.6.2.2).

use jiff::Timestamp;
use sceau_pki::Certificate;
use sceau_pki::chain::Purpose;
use sceau_pki::revocation::{Source, Status, Unusable};

use super::Grounds;
use super::proofs::Existence;
use crate::report::{
    Finding, RevocationPolicy, RevocationReport, RevocationSource, RevocationStatus, SubIndication,
};

/// The chain that is judged, and for when.
pub(super) struct Question<'q> {
    /// From the certificate in question to the anchor, both included.
    pub(super) path: &'q [Certificate],
    pub(super) purpose: Purpose,
    /// When the signature, or the timestamp, is known to exist.
    pub(super) existence: Existence,
    /// What the signer, or the timestamp, says of its own time.
    pub(super) claimed: Option<Timestamp>,
}

/// Judges every certificate of the chain but the anchor.
pub(super) fn judge(
    question: &Question<'_>,
    grounds: Grounds<'_>,
) -> (Vec<Finding>, Vec<RevocationReport>) {
    if grounds.options.revocation == RevocationPolicy::NotChecked {
        return (Vec::new(), Vec::new());
    }
    let links = question.path.iter().zip(question.path.iter().skip(1)).enumerate();
    let (mut findings, mut reports) = (Vec::new(), Vec::new());
    for (index, (certificate, issuer)) in links {
        let status = grounds.at_hand.status(certificate, issuer);
        findings.extend(finding(question, index == 0, certificate, &status, grounds));
        reports.push(report(certificate, &status));
    }
    (findings, reports)
}

fn finding(
    question: &Question<'_>,
    first: bool,
    certificate: &Certificate,
    status: &Status,
    grounds: Grounds<'_>,
) -> Option<Finding> {
    let subject = certificate.subject();
    let required = grounds.options.revocation == RevocationPolicy::Required;
    let found = |sub_indication, detail| Some(Finding { sub_indication, detail });
    match status {
        Status::Good(evidence) if required && !evidence.is_current_at(question.existence.at) => {
            let detail = format!(
                "the newest status of « {subject} » is of {} and does not reach {}",
                evidence.this_update, question.existence.at
            );
            found(SubIndication::TryLater, detail)
        }
        Status::Good(_) => None,
        Status::Unknown(why) if required => {
            let sub_indication = unknown(why);
            let why: Vec<String> = why.iter().map(ToString::to_string).collect();
            let why = if why.is_empty() { String::new() } else { format!(": {}", why.join("; ")) };
            let detail = format!("the status of « {subject} » is required and not known{why}");
            found(sub_indication, detail)
        }
        Status::Unknown(_) => None,
        Status::Revoked { at, .. } if question.existence.proven && question.existence.at < *at => {
            None
        }
        Status::Revoked { .. } if status.is_on_hold() => {
            found(SubIndication::TryLater, format!("the certificate of « {subject} » is suspended"))
        }
        Status::Revoked { at, reason, .. } => {
            let reason = reason.map_or(String::new(), |reason| format!(" ({reason})"));
            let detail = format!("the certificate of « {subject} » was revoked at {at}{reason}");
            found(revoked(question, first, *at), detail)
        }
    }
}

/// What is not accepted any more would do, were it proven to be older (EN 319 102-1 §5.2.8).
fn unknown(why: &[Unusable]) -> SubIndication {
    match why.iter().any(|one| matches!(one, Unusable::Constraint(_))) {
        true => SubIndication::CryptoConstraintsFailureNoPoe,
        false => SubIndication::TryLater,
    }
}

/// A signer who himself says that he signed after the revocation fails; else a proof of an earlier
/// time may be missing (EN 319 102-1 §5.5.4, step 2).
fn revoked(question: &Question<'_>, first: bool, at: Timestamp) -> SubIndication {
    let admitted = question.claimed.is_some_and(|claimed| claimed >= at);
    match (first, question.purpose) {
        (false, _) => SubIndication::RevokedCaNoPoe,
        (true, Purpose::Signature) if admitted => SubIndication::Revoked,
        (true, Purpose::Timestamping) if admitted => SubIndication::Revoked,
        (true, _) => SubIndication::RevokedNoPoe,
    }
}

fn report(certificate: &Certificate, status: &Status) -> RevocationReport {
    let evidence = status.evidence();
    let (told, revoked_at, reason) = match status {
        Status::Good(_) => (RevocationStatus::Good, None, None),
        Status::Revoked { at, reason, .. } => {
            (RevocationStatus::Revoked, Some(*at), reason.map(|reason| reason.name().to_owned()))
        }
        Status::Unknown(_) => (RevocationStatus::Unknown, None, None),
    };
    RevocationReport {
        subject: certificate.subject().to_string(),
        serial: certificate.serial_hex(),
        status: told,
        source: evidence.map(|evidence| match evidence.source {
            Source::Ocsp { .. } => RevocationSource::Ocsp,
            Source::Crl(_) => RevocationSource::Crl,
        }),
        this_update: evidence.map(|evidence| evidence.this_update),
        revoked_at,
        reason,
    }
}
