//! A report as XML after the schema of ETSI TS 119 102-2 V1.4.1.
//!
//! Certificates and timestamps are validation objects, named by digest or number, that the report of
//! each signature points at. What the standard has no element for (findings in words, the changes that
//! came afterwards) stands in `AdditionalValidationReportData` under URNs of ours.

mod objects;
mod signature;
mod writer;

use sceau_pki::certificate::Person;

use self::objects::Objects;
use self::writer::Writer;
use super::{CertificateReport, Report, SubIndication, Verdict};

const SPACES: &[(&str, &str)] = &[
    ("xmlns", "http://uri.etsi.org/19102/v1.4.1#"),
    ("xmlns:ds", "http://www.w3.org/2000/09/xmldsig#"),
    ("xmlns:XAdES", "http://uri.etsi.org/01903/v1.3.2#"),
];
/// What we say where the standard leaves the words to the implementation.
const OURS: &str = "urn:sceau:report";

/// The report of a whole document. A document without signature gets one
/// `SignatureValidationReport`, which the schema wants, of no signature.
#[must_use]
pub fn to_xml(report: &Report) -> String {
    let mut writer = Writer::default();
    writer.open_with("ValidationReport", SPACES);
    let objects = Objects::of(report);
    for (index, signature) in report.signatures.iter().enumerate() {
        signature::write(&mut writer, report, index, signature);
    }
    if report.signatures.is_empty() {
        writer.open("SignatureValidationReport");
        status(&mut writer, &report.verdict);
        writer.close();
        writer.close();
    }
    objects.write(&mut writer);
    writer.finish()
}

/// Opens the `SignatureValidationStatus` of a signature and writes its indications; the caller closes it.
fn status(writer: &mut Writer, verdict: &Verdict) {
    indications(writer, verdict, &verdict.indication.name().to_lowercase());
}

/// The same of a timestamp, of which the standard says `passed`, not `total-passed` (§4.4.8).
fn status_of_timestamp(writer: &mut Writer, verdict: &Verdict) {
    let main = verdict.indication.name().to_lowercase();
    indications(writer, verdict, main.trim_start_matches("total-"));
}

fn indications(writer: &mut Writer, verdict: &Verdict, main: &str) {
    writer.open("SignatureValidationStatus");
    writer.text("MainIndication", &format!("urn:etsi:019102:mainindication:{main}"));
    if let Some(sub) = verdict.sub_indication {
        writer.text("SubIndication", &uri(sub));
    }
}

fn uri(sub: SubIndication) -> String {
    match sub {
        SubIndication::NoSignature => format!("{OURS}:subindication:NO_SIGNATURE"),
        sub => format!("urn:etsi:019102:subindication:{}", sub.name()),
    }
}

/// The identifier of a certificate among the validation objects.
fn certificate_id(certificate: &CertificateReport) -> String {
    format!("C-{}", certificate.sha256)
}

/// The identifier of a timestamp among the validation objects.
fn timestamp_id(signature: usize, timestamp: usize) -> String {
    format!("T-{}-{}", signature + 1, timestamp + 1)
}

/// `SignerInformation`: who, and what the certificate says of him, for which the schema has a place of
/// our own choice.
fn signer(writer: &mut Writer, signer: &CertificateReport, independent: Option<bool>) {
    writer.open("SignerInformation");
    refer(writer, "SignerCertificate", &certificate_id(signer));
    writer.text("Signer", &signer.subject);
    let told = told_of(signer, independent);
    if !told.is_empty() {
        writer.open("OtherInformation");
        told.iter().for_each(|(name, value)| writer.text(name, value));
        writer.close();
    }
    writer.close();
}

fn told_of(signer: &CertificateReport, independent: Option<bool>) -> Vec<(&'static str, String)> {
    let mut told = Vec::new();
    told.extend(signer.person.map(|person| match person {
        Person::Natural => ("Person", "natural".to_owned()),
        Person::Legal => ("Person", "legal".to_owned()),
    }));
    if let Some(qc) = &signer.qc {
        told.push(("QcCompliance", qc.compliance.to_string()));
        told.push(("QcSSCD", qc.sscd.to_string()));
        told.extend(qc.types.iter().map(|one| ("QcType", one.word().to_owned())));
    }
    told.extend(independent.map(|independent| ("Independent", independent.to_string())));
    told
}

/// A `VOReferenceType`.
fn refer(writer: &mut Writer, name: &str, id: &str) {
    writer.empty(name, &[("VOReference", id)]);
}
