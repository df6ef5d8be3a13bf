//! Timestamp tokens: over a signature value, or over a document (EN 319 102-1 §5.4).

use std::io;

use jiff::{SignedDuration, Timestamp};
use sceau_pki::tsp::{Imprint, TimestampToken, TokenError};
use sceau_pki::{Certificate, Hasher, oid};

use super::proofs::Existence;
use super::{Grounds, faults, identity};
use crate::policy;
use crate::report::{
    CertificateReport, Finding, RevocationReport, SubIndication, TimestampReport, Verdict,
};

/// How far a token's clock may be ahead of ours.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Judges a signature timestamp over `signature` (EN 319 122-1 §5.3).
pub(super) fn judge(
    token: &[u8],
    signature: &[u8],
    grounds: Grounds<'_>,
    existence: Existence,
) -> TimestampReport {
    let token = match TimestampToken::parse(token) {
        Ok(token) => token,
        Err(error) => return unreadable(&error),
    };
    let imprint = match token.info().imprint.accepted() {
        Some(algorithm) => Imprint::of(algorithm, signature),
        None => return unaccepted(&token),
    };
    verdict(&token, &imprint, grounds, existence)
}

/// Judges a token by itself, which is to be over `imprint`.
pub(super) fn judge_alone(
    token: &[u8],
    imprint: &Imprint,
    grounds: Grounds<'_>,
    existence: Existence,
) -> TimestampReport {
    match TimestampToken::parse(token) {
        Ok(token) => verdict(&token, imprint, grounds, existence),
        Err(error) => unreadable(&error),
    }
}

/// Judges a document timestamp, whose imprint is over a ByteRange that `digest` reads.
///
/// `Err` where the medium fails.
pub(super) fn judge_document(
    contents: &[u8],
    digest: impl FnOnce(Hasher) -> io::Result<Vec<u8>>,
    grounds: Grounds<'_>,
    existence: Existence,
) -> io::Result<TimestampReport> {
    let token = match TimestampToken::parse_padded(contents) {
        Ok(token) => token,
        Err(error) => return Ok(unreadable(&error)),
    };
    let Some(algorithm) = token.info().imprint.accepted() else { return Ok(unaccepted(&token)) };
    let imprint = Imprint::new(algorithm, digest(Hasher::new(algorithm))?);
    Ok(verdict(&token, &imprint, grounds, existence))
}

fn verdict(
    token: &TimestampToken<'_>,
    imprint: &Imprint,
    grounds: Grounds<'_>,
    existence: Existence,
) -> TimestampReport {
    let mut report = readable(token);
    let unit = match integrity(token, imprint) {
        Ok(unit) => unit,
        Err(finding) => {
            report.verdict = Verdict::of(vec![finding]);
            return report;
        }
    };
    report.authority = Some(CertificateReport::from(&unit));
    let (findings, revocation) = trust(token, &unit, grounds, existence);
    report.verdict = Verdict::of(findings);
    report.revocation = revocation;
    report
}

/// The unit that made the token, when it is over `imprint` and its signature verifies.
fn integrity(token: &TimestampToken<'_>, imprint: &Imprint) -> Result<Certificate, Finding> {
    if token.info().imprint != *imprint {
        return Err(of_token(&TokenError::OtherImprint));
    }
    let unit = token.unit(&[]).map_err(|error| of_token(&error))?;
    token.verify_signature(&unit).map_err(|error| of_token(&error))?;
    Ok(unit)
}

/// The unit's chain when the token was made, and when it is known to exist: now, or when a later
/// timestamp that holds was put over it.
fn trust(
    token: &TimestampToken<'_>,
    unit: &Certificate,
    grounds: Grounds<'_>,
    existence: Existence,
) -> (Vec<Finding>, Vec<RevocationReport>) {
    let time = token.info().gen_time;
    let pool = token.cms().certificates();
    let now = grounds.options.at;
    let ahead = now.checked_add(CLOCK_SKEW).is_ok_and(|latest| time > latest);
    let mut findings = Vec::new();
    if ahead {
        findings.push(Finding {
            sub_indication: SubIndication::TimestampOrderFailure,
            detail: format!("the timestamp of {time} lies after the time of validation"),
        });
    }
    let dated = identity::dated_authority(unit, &pool, grounds, time);
    if !dated.is_empty() {
        findings.extend(dated);
        return (findings, Vec::new());
    }
    let existence = Existence { at: existence.at.max(time), ..existence };
    let identity =
        identity::judge_authority(unit, &policy::of_token(token), &pool, grounds, existence, time);
    findings.extend(identity.findings);
    (findings, identity.revocation)
}

fn of_token(error: &TokenError) -> Finding {
    let sub_indication = match error {
        TokenError::OtherImprint => SubIndication::HashFailure,
        TokenError::NoCertificate => SubIndication::NoSigningCertificateFound,
        TokenError::Signature(error) => return faults::of_signer(error),
        _ => SubIndication::FormatFailure,
    };
    Finding { sub_indication, detail: error.to_string() }
}

fn unreadable(error: &TokenError) -> TimestampReport {
    report(Verdict::of(vec![of_token(error)]), None)
}

fn unaccepted(token: &TimestampToken<'_>) -> TimestampReport {
    let detail = "the digest of the timestamp is not accepted".to_owned();
    let sub_indication = SubIndication::CryptoConstraintsFailure;
    let verdict = Verdict::of(vec![Finding { sub_indication, detail }]);
    TimestampReport { verdict, ..readable(token) }
}

fn readable(token: &TimestampToken<'_>) -> TimestampReport {
    let info = token.info();
    TimestampReport {
        policy: Some(info.policy.to_string()),
        independent: (info.policy == oid::POLICY_INTERNAL_TSA).then_some(false),
        serial: Some(info.serial_hex()),
        ..report(Verdict::of(Vec::new()), Some(info.gen_time))
    }
}

fn report(verdict: Verdict, time: Option<Timestamp>) -> TimestampReport {
    TimestampReport {
        verdict,
        time,
        policy: None,
        independent: None,
        serial: None,
        authority: None,
        revocation: Vec::new(),
    }
}
