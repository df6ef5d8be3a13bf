//! Holding an evidence file against the PDF that was delivered with it.
//!
//! Everything that the signature itself proves is compared with what the file tells: the signed
//! bytes, the délégation and its terms, the right, the certificate, the time stamp. What no signature
//! proves (who owned the dropped file, when it came) is the cabinet's own word.

use jiff::{SignedDuration, Timestamp};
use sceau_cabinet::{Basis, Right};
use sceau_pades::report::{Report, SignatureReport};
use sceau_pki::Certificate;
use sceau_workflow::machine::{Digest, DocumentRef};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::FORMAT;

/// How far the clocks of the cabinet and of its time-stamping authority may stand apart.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

#[derive(Debug, Deserialize)]
struct Evidence {
    format: String,
    document: BeforeAfter,
    acts: Vec<Act>,
    steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
struct BeforeAfter {
    before: DocumentRef,
    after: DocumentRef,
}

#[derive(Debug, Deserialize)]
struct Act {
    at: Timestamp,
    right: Right,
    basis: Basis,
    delegation: Option<ActDelegation>,
    signed_bytes_sha256: Digest,
}

#[derive(Debug, Deserialize)]
struct ActDelegation {
    id: String,
    sha256: String,
    canonical: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Step {
    kind: Option<String>,
    done_at: Timestamp,
    result: Value,
}

/// The outcome of one check of an evidence file against a PDF.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was held against what.
    pub what: &'static str,
    /// Whether it agrees.
    pub agrees: bool,
    /// What was found.
    pub detail: String,
}

/// The digests of a PDF that an evidence file speaks of.
#[derive(Clone, Copy, Debug)]
pub struct PdfDigests {
    /// Of the whole file.
    pub whole: Digest,
    /// Of its first bytes, as many as the evidence says that the original had; none where the
    /// file is shorter.
    pub before: Option<Digest>,
    /// Length of the whole file in bytes.
    pub len: u64,
}

/// The length of the original that an evidence file speaks of, in bytes.
///
/// # Errors
/// It is no evidence file.
pub fn original_len(evidence: &[u8]) -> Result<u64, serde_json::Error> {
    Ok(serde_json::from_slice::<Evidence>(evidence)?.document.before.len)
}

/// Holds an evidence file against the PDF's digests and its validation report.
///
/// # Errors
/// It is no evidence file.
pub fn verify(
    evidence: &[u8],
    pdf: &PdfDigests,
    report: &Report,
) -> Result<Vec<Check>, serde_json::Error> {
    let evidence: Evidence = serde_json::from_slice(evidence)?;
    let mut checks = document_checks(&evidence, pdf);
    let (act, seal) = (evidence.acts.last(), report.newest_signature());
    checks.push(check("an authorised act is told", act.is_some(), told(act)));
    checks.push(check("the PDF bears a seal", seal.is_some(), String::new()));
    if let (Some(act), Some(seal)) = (act, seal) {
        checks.extend(act_checks(act, seal));
        checks.extend(act.delegation.iter().flat_map(|named| delegation_checks(named, seal)));
        let steps = evidence.steps.iter();
        // A renewal is no sealing: it uses no certificate of a société.
        let seals = |step: &&Step| {
            step.kind.as_deref() == Some("seal") && step.result["certificates"].is_array()
        };
        let sealing = steps.rev().find(seals);
        checks.extend(sealing.iter().flat_map(|step| step_checks(act, step, seal)));
    }
    Ok(checks)
}

fn document_checks(evidence: &Evidence, pdf: &PdfDigests) -> Vec<Check> {
    let BeforeAfter { before, after } = &evidence.document;
    vec![
        check("format", evidence.format == FORMAT, evidence.format.clone()),
        check(
            "the PDF is the one that was delivered",
            pdf.whole == after.digest && pdf.len == after.len,
            format!("SHA-256 {}", pdf.whole),
        ),
        check(
            "the original stands unchanged at the PDF's beginning",
            pdf.before == Some(before.digest),
            format!("SHA-256 {}", before.digest),
        ),
    ]
}

fn told(act: Option<&Act>) -> String {
    act.map_or_else(String::new, |act| format!("{} at {}", act.right, act.at))
}

/// What was authorised is what was signed, in that quality.
fn act_checks(act: &Act, seal: &SignatureReport) -> Vec<Check> {
    let signed = seal.signed_bytes_sha256.clone().unwrap_or_default();
    let role = act.basis.signed_role(act.right);
    vec![
        check(
            "the signature is over the bytes that were authorised",
            signed == act.signed_bytes_sha256.to_string(),
            format!("SHA-256 {signed}"),
        ),
        check(
            "the signature claims the right and the quality that are told",
            seal.claimed_roles.iter().any(|claimed| claimed == role),
            role.to_owned(),
        ),
        check(
            "a délégation is told where one was used",
            act.delegation.is_some() == matches!(act.basis, Basis::Delegation { .. }),
            String::new(),
        ),
    ]
}

fn delegation_checks(delegation: &ActDelegation, seal: &SignatureReport) -> Vec<Check> {
    let canonical = delegation.canonical.as_deref().and_then(|text| hex::decode(text).ok());
    let digest = canonical.map(|bytes| Digest::of(&bytes).to_string());
    let ours = sceau_pki::oid::DELEGATION.to_string();
    let mut attributes = seal.signed_attributes.iter().filter(|attribute| attribute.oid == ours);
    let named =
        attributes.any(|a| a.der.contains(&delegation.id) && a.der.contains(&delegation.sha256));
    vec![
        check(
            "the délégation's terms have the digest that was used",
            digest.as_deref() == Some(delegation.sha256.as_str()),
            delegation.sha256.clone(),
        ),
        check("the signature itself names this délégation", named, delegation.id.clone()),
    ]
}

/// The certificate and the time that the sealing step tells are those of the signature.
fn step_checks(act: &Act, step: &Step, seal: &SignatureReport) -> Vec<Check> {
    let certificate = step.result["certificates"][0].as_str().and_then(fingerprint);
    let signer = seal.signer.as_ref().map(|signer| signer.sha256.clone());
    let mut checks = vec![check(
        "the certificate is the one that sealed",
        certificate.is_some() && certificate == signer,
        signer.unwrap_or_default(),
    )];
    // `/M` was written when the bytes were prepared, and is under the signature.
    checks.extend(seal.claimed_time.map(|prepared| {
        let detail = format!("prepared {prepared}, authorised {}; {}", act.at, tolerance());
        check("it was authorised after it was prepared", prepared <= act.at + SKEW, detail)
    }));
    let proven = seal.timestamps.first().and_then(|timestamp| timestamp.time);
    checks.extend(proven.map(|time| {
        let within = act.at - SKEW <= time && time <= step.done_at + SKEW;
        let (begun, done) = (act.at, step.done_at);
        let detail = format!("authorised {begun}, stamped {time}, done {done}; {}", tolerance());
        check("the time stamp lies between the authorisation and the step's end", within, detail)
    }));
    checks
}

/// Told with each comparison of times that two clocks may have shown.
fn tolerance() -> String {
    format!("the clocks may differ by {} minutes", SKEW.as_mins())
}

/// SHA-256 of a certificate in PEM, in hexadecimal.
fn fingerprint(pem: &str) -> Option<String> {
    let certificates = Certificate::from_pem_bundle(pem.as_bytes()).ok()?;
    Some(Digest::of(certificates.first()?.der()).to_string())
}

fn check(what: &'static str, agrees: bool, detail: String) -> Check {
    Check { what, agrees, detail }
}
