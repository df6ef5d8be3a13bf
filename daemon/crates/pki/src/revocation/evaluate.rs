//! Weighing what is at hand.

use jiff::{SignedDuration, Timestamp};

use super::{Evidence, Material, RevocationReason, Source, Status, Unusable};
use crate::{
    certificate::Certificate,
    crl::RevocationList,
    ocsp::{CertificateStatus, OcspResponse, Responder, SingleResponse},
};

/// How far the clock of a responder may be ahead.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// How deep the status of responders is followed: a responder's responder is asked no more.
const DEPTH: usize = 2;

/// The status of `certificate`, which `issuer` issued, by what was known at `moment`.
///
/// A definite revocation counts, whatever newer material says; else the newest usable statement
/// does. Whether a good status is new enough, the caller decides by its evidence.
pub fn evaluate(
    certificate: &Certificate,
    issuer: &Certificate,
    material: &Material,
    moment: Timestamp,
) -> Status {
    evaluate_where(certificate, issuer, material, moment, &|_, _| Ok(()))
}

/// What is asked of a statement that a certificate is good, beside all that is asked of each: given
/// its evidence and the issuer of the certificate, why it does not count.
pub type Constraint<'c> = dyn Fn(&Evidence, &Certificate) -> Result<(), String> + 'c;

/// The same where a good status counts only if it satisfies `constraint`, that of a delegated
/// responder likewise. A revocation counts without.
pub fn evaluate_where(
    certificate: &Certificate,
    issuer: &Certificate,
    material: &Material,
    moment: Timestamp,
    constraint: &Constraint<'_>,
) -> Status {
    Evaluation { certificate, issuer, material, moment, constraint, depth: DEPTH }.status()
}

struct Evaluation<'e> {
    certificate: &'e Certificate,
    issuer: &'e Certificate,
    material: &'e Material,
    moment: Timestamp,
    constraint: &'e Constraint<'e>,
    depth: usize,
}

/// Since when, and why.
type Revocation = (Timestamp, Option<RevocationReason>);

/// A usable statement.
struct Statement {
    revoked: Option<Revocation>,
    evidence: Evidence,
}

impl Evaluation<'_> {
    fn status(&self) -> Status {
        let mut unusable = Vec::new();
        let mut statements: Vec<Statement> = Vec::new();
        let mut take = |judged: Option<Result<Statement, Unusable>>| match judged {
            None => {}
            Some(Ok(statement)) => statements.push(statement),
            Some(Err(why)) => unusable.push(why),
        };
        for response in &self.material.ocsps {
            response.singles().iter().for_each(|single| take(self.ocsp(response, single)));
        }
        for list in &self.material.crls {
            take(self.crl(list));
        }
        decide(statements).unwrap_or(Status::Unknown(unusable))
    }

    /// `None` when it is about another certificate.
    fn ocsp(
        &self,
        response: &OcspResponse,
        single: &SingleResponse,
    ) -> Option<Result<Statement, Unusable>> {
        let about = single.cert_id.names(self.certificate, self.issuer);
        about.then(|| self.single(response, single))
    }

    fn single(
        &self,
        response: &OcspResponse,
        single: &SingleResponse,
    ) -> Result<Statement, Unusable> {
        if single.unknown_critical {
            return Err(Unusable::CriticalExtension);
        }
        let revoked = match single.status {
            CertificateStatus::Good => None,
            CertificateStatus::Revoked { at, reason } => Some((at, reason)),
            CertificateStatus::Unknown => return Err(Unusable::UnknownToResponder),
        };
        self.in_time(single.this_update)?;
        if revoked.is_none() {
            self.before_expiry(single.this_update, single.archive_cutoff)?;
        }
        let (responder, no_check) = self.responder(response)?;
        let source = Source::Ocsp { response: response.clone(), responder, no_check };
        let (this_update, next_update) = (single.this_update, single.next_update);
        self.constrained(revoked, Evidence { this_update, next_update, source })
    }

    fn constrained(
        &self,
        revoked: Option<Revocation>,
        evidence: Evidence,
    ) -> Result<Statement, Unusable> {
        if revoked.is_none() {
            (self.constraint)(&evidence, self.issuer).map_err(Unusable::Constraint)?;
        }
        Ok(Statement { revoked, evidence })
    }

    /// The delegated responder, when his word counts: his certificate is not to be asked about, or
    /// it was good when he spoke.
    fn responder(&self, response: &OcspResponse) -> Result<(Option<Certificate>, bool), Unusable> {
        let (certificate, no_check) =
            match response.verify(self.issuer, &self.material.certificates)? {
                Responder::Issuer => return Ok((None, true)),
                Responder::Delegated { certificate, no_check } => (certificate, no_check),
            };
        if !no_check && !self.is_good(&certificate, response.produced_at()) {
            return Err(Unusable::ResponderStatus(certificate));
        }
        Ok((Some(certificate), no_check))
    }

    fn is_good(&self, responder: &Certificate, produced_at: Timestamp) -> bool {
        let Some(depth) = self.depth.checked_sub(1) else { return false };
        let status = Evaluation { certificate: responder, depth, ..*self }.status();
        match status {
            Status::Good(_) => true,
            Status::Revoked { at, reason, .. } => {
                at > produced_at && reason != Some(RevocationReason::KeyCompromise)
            }
            Status::Unknown(_) => false,
        }
    }

    /// `None` when it is another issuer's list.
    fn crl(&self, list: &RevocationList) -> Option<Result<Statement, Unusable>> {
        let about = list.issuer() == self.certificate.issuer();
        about.then(|| self.list(list))
    }

    fn list(&self, list: &RevocationList) -> Result<Statement, Unusable> {
        if !list.scope().covers(self.certificate) {
            return Err(Unusable::Scope);
        }
        self.in_time(list.this_update())?;
        list.verify(self.issuer)?;
        let entry = list.find(self.certificate.serial())?;
        let revoked = entry.map(|entry| (entry.at, entry.reason));
        if revoked.is_none() {
            if list.scope().some_reasons {
                return Err(Unusable::Scope);
            }
            self.before_expiry(list.this_update(), list.keeps_expired_since())?;
        }
        let (this_update, next_update) = (list.this_update(), list.next_update());
        let source = Source::Crl(list.clone());
        self.constrained(revoked, Evidence { this_update, next_update, source })
    }

    /// What was said after the moment was not known then.
    fn in_time(&self, this_update: Timestamp) -> Result<(), Unusable> {
        let latest = self.moment.checked_add(CLOCK_SKEW).unwrap_or(self.moment);
        if this_update > latest { Err(Unusable::Later(this_update)) } else { Ok(()) }
    }

    /// Absence from a list says nothing of a certificate that expired before, unless whoever keeps
    /// the list says that he keeps such (X.509 §9.5.2.8, RFC 6960 §4.4.4).
    fn before_expiry(
        &self,
        this_update: Timestamp,
        keeps_since: Option<Timestamp>,
    ) -> Result<(), Unusable> {
        let end = self.certificate.not_after();
        let kept = keeps_since.is_some_and(|since| since <= end);
        if this_update <= end || kept { Ok(()) } else { Err(Unusable::AfterExpiry) }
    }
}

/// The earliest definite revocation, else what the newest statement says.
fn decide(statements: Vec<Statement>) -> Option<Status> {
    let definite = |statement: &Statement| match statement.revoked {
        Some((_, reason)) => reason != Some(RevocationReason::CertificateHold),
        None => false,
    };
    let (revoked, other): (Vec<_>, Vec<_>) = statements.into_iter().partition(definite);
    let chosen = match revoked.into_iter().min_by_key(|one| one.revoked.map(|(at, _)| at)) {
        Some(revoked) => revoked,
        None => other.into_iter().max_by_key(|one| one.evidence.this_update)?,
    };
    Some(match chosen.revoked {
        None => Status::Good(chosen.evidence),
        Some((at, reason)) => Status::Revoked { at, reason, evidence: chosen.evidence },
    })
}
