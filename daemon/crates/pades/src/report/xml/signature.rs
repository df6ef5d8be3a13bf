//! One `SignatureValidationReport` (TS 119 102-2 §4.3).

use super::super::{
    Change, ChangeKind, DelegationReport, Report, RevocationPolicy, RevocationReport,
    SignatureKind, SignatureReport, TimestampReport, Verdict,
};
use super::writer::Writer;
use super::{OURS, certificate_id, refer, status, timestamp_id, uri};

/// Writes the report of `signature`, to which what was found of the whole document counts too.
pub(super) fn write(
    writer: &mut Writer,
    report: &Report,
    index: usize,
    signature: &SignatureReport,
) {
    let findings = [report.of_document(), &signature.verdict.findings].concat();
    let verdict = Verdict::of(findings);
    writer.open("SignatureValidationReport");
    identifier(writer, index, signature);
    policy(writer, report);
    times(writer, report, index, signature);
    if let Some(covered) = &signature.signed_document {
        writer.open("SignersDocument");
        writer.digest(&covered.algorithm, &covered.value);
        writer.close();
    }
    attributes(writer, index, signature);
    if let Some(signer) = &signature.signer {
        // Of a document timestamp the signer is the authority, whose clock it is.
        let own = signature.kind == SignatureKind::DocumentTimestamp;
        let clock = signature.timestamps.first().filter(|_| own).and_then(|one| one.independent);
        super::signer(writer, signer, clock);
    }
    if let Some(level) = signature.level {
        writer.open("SignatureQuality");
        writer.text("SignatureQualityInformation", &format!("{OURS}:level:{level}"));
        writer.close();
    }
    // All of EN 319 102-1 §5.6: proofs of existence from the newest timestamp to the oldest.
    writer.open("SignatureValidationProcess");
    writer.text("SignatureValidationProcessID", "urn:etsi:019102:validationprocess:LTA");
    writer.close();
    status(writer, &verdict);
    associated(writer, index, signature, &verdict);
    writer.close();
    writer.close();
}

fn signature_id(index: usize) -> String {
    format!("S-{}", index + 1)
}

fn identifier(writer: &mut Writer, index: usize, signature: &SignatureReport) {
    writer.open_with("SignatureIdentifier", &[("id", &signature_id(index))]);
    if let Some(digest) = &signature.signed_bytes_sha256 {
        writer.sha256(digest);
    }
    writer.text("HashOnly", "false");
    writer.text("DocHashOnly", "false");
    writer.text("DAIdentifier", &signature.field);
    writer.close();
}

fn policy(writer: &mut Writer, report: &Report) {
    let revocation = match report.policy.revocation {
        RevocationPolicy::NotChecked => "not checked",
        RevocationPolicy::IfAvailable => "as far as the document tells",
        RevocationPolicy::Required => "required",
    };
    let anchors = report.policy.trust_anchors;
    writer.open("ValidationConstraintsEvaluationReport");
    writer.open("SignatureValidationPolicy");
    writer.open("SignaturePolicyIdentifier");
    writer.empty("XAdES:SignaturePolicyImplied", &[]);
    writer.close();
    let name = format!("Sceau, strict; trust anchors: {anchors}; revocation: {revocation}");
    writer.text("PolicyName", &name);
    writer.close();
    writer.close();
}

fn times(writer: &mut Writer, report: &Report, index: usize, signature: &SignatureReport) {
    writer.open("ValidationTimeInfo");
    writer.text("ValidationTime", &report.validated_at.to_string());
    writer.open("BestSignatureTime");
    writer.text("POETime", &signature.best_signature_time.to_string());
    writer.text("TypeOfProof", "urn:etsi:019102:poetype:validation");
    if let Some(id) = proof(report, index) {
        refer(writer, "POEObject", &id);
    }
    writer.close();
    writer.close();
}

/// The timestamp that proves the time: one of the signature's own or, where those prove nothing, a later
/// one over the document.
fn proof(report: &Report, index: usize) -> Option<String> {
    let time = report.signatures[index].best_signature_time;
    let of = |(at, signature): (usize, &SignatureReport)| {
        let proves = |one: &TimestampReport| one.verdict.passed() && one.time == Some(time);
        let number = signature.timestamps.iter().position(proves)?;
        Some(timestamp_id(at, number))
    };
    let later =
        report.signatures.iter().enumerate().skip(index + 1).filter(|(_, one)| {
            one.kind == SignatureKind::DocumentTimestamp && one.verdict.passed()
        });
    let own = (index, &report.signatures[index]);
    let proven = report.signatures[index].time_is_proven;
    std::iter::once(own).chain(later).find_map(of).filter(|_| proven)
}

fn attributes(writer: &mut Writer, index: usize, signature: &SignatureReport) {
    let values = signature.claimed_time.map(|time| time.to_string());
    let stamps = match signature.kind {
        SignatureKind::Signature => "SignatureTimeStamp",
        SignatureKind::DocumentTimestamp => "DocTimeStamp",
    };
    writer.open("SignatureAttributes");
    one(writer, "SigningTime", "Time", values.as_deref());
    one(writer, "SignatureProductionPlace", "AddressString", signature.location.as_deref());
    roles(writer, signature);
    for (number, timestamp) in signature.timestamps.iter().enumerate() {
        let Some(time) = timestamp.time else { continue };
        writer.open(stamps);
        refer(writer, "AttributeObject", &timestamp_id(index, number));
        writer.text("TimeStampValue", &time.to_string());
        writer.close();
    }
    one(writer, "Reason", "ReasonElement", signature.reason.as_deref());
    one(writer, "SubFilter", "SubFilterElement", signature.sub_filter.as_deref());
    others(writer, signature);
    writer.close();
}

fn one(writer: &mut Writer, name: &'static str, inner: &str, value: Option<&str>) {
    if let Some(value) = value {
        writer.open(name);
        writer.text(inner, value);
        writer.close();
    }
}

fn roles(writer: &mut Writer, signature: &SignatureReport) {
    if signature.claimed_roles.is_empty() {
        return;
    }
    writer.open_with("SignerRole", &[("Signed", "true")]);
    for role in &signature.claimed_roles {
        writer.open("RoleDetails");
        writer.text("Role", role);
        writer.text("EndorsementType", "claimed");
        writer.close();
    }
    writer.close();
}

/// The délégation, and the attributes as they stand; the schema wants one attribute at least, so that the
/// element stands there even when it is empty.
fn others(writer: &mut Writer, signature: &SignatureReport) {
    writer.open("OtherInformation");
    if let Some(delegation) = &signature.delegation {
        let DelegationReport { right, id, terms_sha256 } = delegation;
        writer.text("Delegation", &format!("{right} {id} SHA-256 {terms_sha256}"));
    }
    for attribute in &signature.signed_attributes {
        let told = format!("{} {}", attribute.oid, attribute.der);
        writer.text("SignedAttribute", &told);
    }
    writer.close();
}

fn associated(writer: &mut Writer, index: usize, signature: &SignatureReport, verdict: &Verdict) {
    writer.open("AssociatedValidationReportData");
    chain(writer, signature);
    for known in &signature.revocation {
        revocation(writer, signature, known);
    }
    if let Some(algorithm) = &signature.algorithm {
        writer.open("CryptoInformation");
        refer(writer, "ValidationObjectId", &signature_id(index));
        writer.text("Algorithm", &format!("{OURS}:algorithm:{}", algorithm.replace(' ', "-")));
        let weak =
            verdict.findings.iter().any(|one| uri(one.sub_indication).contains("CRYPTO_CON"));
        writer.text("SecureAlgorithm", if weak { "false" } else { "true" });
        writer.close();
    }
    words(writer, verdict, &signature.changes);
    writer.close();
}

fn chain(writer: &mut Writer, signature: &SignatureReport) {
    let (Some(signer), Some((anchor, between))) = (&signature.signer, signature.chain.split_last())
    else {
        return;
    };
    refer(writer, "TrustAnchor", &certificate_id(anchor));
    writer.open("CertificateChain");
    refer(writer, "SigningCertificate", &certificate_id(signer));
    for certificate in between {
        refer(writer, "IntermediateCertificate", &certificate_id(certificate));
    }
    refer(writer, "TrustAnchor", &certificate_id(anchor));
    writer.close();
}

/// Of a revoked certificate; the schema has no place for the status of others, and room for one.
fn revocation(writer: &mut Writer, signature: &SignatureReport, known: &RevocationReport) {
    let mut own = signature.signer.iter().chain(&signature.chain);
    let of = own.find(|one| one.serial == known.serial && one.subject == known.subject);
    let first = signature.revocation.iter().find(|one| one.revoked_at.is_some());
    let (Some(certificate), Some(at), true) = (of, known.revoked_at, first == Some(known)) else {
        return;
    };
    writer.open("RevocationStatusInformation");
    refer(writer, "ValidationObjectId", &certificate_id(certificate));
    writer.text("RevocationTime", &at.to_string());
    if let Some(reason) = &known.reason {
        writer.text("RevocationReason", &format!("urn:etsi:019102:revocationReason:{reason}"));
    }
    writer.close();
}

/// Findings and changes in words.
fn words(writer: &mut Writer, verdict: &Verdict, changes: &[Change]) {
    if verdict.findings.is_empty() && changes.is_empty() {
        return;
    }
    writer.open("AdditionalValidationReportData");
    for finding in &verdict.findings {
        let told = format!("{}: {}", finding.sub_indication.name(), finding.detail);
        data(writer, "finding", &told);
    }
    for change in changes {
        let kind = match change.kind {
            ChangeKind::Extension => "extension",
            ChangeKind::Modification => "modification",
        };
        data(writer, kind, &format!("{} ({})", change.details.join("; "), change.revision_end));
    }
    writer.close();
}

fn data(writer: &mut Writer, kind: &str, value: &str) {
    writer.open("ReportData");
    writer.text("Type", &format!("{OURS}:{kind}"));
    writer.text("Value", value);
    writer.close();
}
