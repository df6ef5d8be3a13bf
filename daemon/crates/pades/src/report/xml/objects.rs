//! The validation objects that the reports of signatures point at.

use std::collections::BTreeMap;

use super::super::{CertificateReport, Report, TimestampReport};
use super::writer::Writer;
use super::{OURS, certificate_id, signer, status_of_timestamp, timestamp_id};

/// Certificates, once each, and timestamps.
pub(super) struct Objects<'r> {
    certificates: BTreeMap<String, &'r CertificateReport>,
    timestamps: Vec<(String, &'r TimestampReport)>,
}

impl<'r> Objects<'r> {
    pub(super) fn of(report: &'r Report) -> Self {
        let (mut certificates, mut timestamps) = (BTreeMap::new(), Vec::new());
        for (index, signature) in report.signatures.iter().enumerate() {
            let own = signature.signer.iter().chain(&signature.chain);
            let units = signature.timestamps.iter().filter_map(|one| one.authority.as_ref());
            certificates.extend(own.chain(units).map(|one| (certificate_id(one), one)));
            let stamps = signature.timestamps.iter().enumerate();
            timestamps.extend(stamps.map(|(number, one)| (timestamp_id(index, number), one)));
        }
        Self { certificates, timestamps }
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        if self.certificates.is_empty() && self.timestamps.is_empty() {
            return;
        }
        writer.open("SignatureValidationObjects");
        for (id, certificate) in &self.certificates {
            open(writer, id, "certificate");
            writer.sha256(&certificate.sha256);
            writer.close();
            writer.close();
        }
        for (id, timestamp) in &self.timestamps {
            self::timestamp(writer, id, timestamp);
        }
        writer.close();
    }
}

fn open(writer: &mut Writer, id: &str, kind: &str) {
    writer.open_with("ValidationObject", &[("id", id)]);
    writer.text("ObjectType", &format!("urn:etsi:019102:validationObject:{kind}"));
    writer.open("ValidationObjectRepresentation");
}

fn timestamp(writer: &mut Writer, id: &str, timestamp: &TimestampReport) {
    open(writer, id, "timestamp");
    let serial = timestamp.serial.as_deref().unwrap_or("unreadable");
    writer.text("direct", &format!("RFC 3161 token, serial number {serial}"));
    writer.close();
    if let Some(time) = timestamp.time {
        writer.open("POEProvisioning");
        writer.text("POETime", &time.to_string());
        writer.close();
    }
    report(writer, timestamp);
    writer.close();
}

/// The token's own `SignatureValidationReport`.
fn report(writer: &mut Writer, timestamp: &TimestampReport) {
    writer.open("ValidationReport");
    if let Some(unit) = &timestamp.authority {
        signer(writer, unit, timestamp.independent);
    }
    status_of_timestamp(writer, &timestamp.verdict);
    if !timestamp.verdict.findings.is_empty() {
        writer.open("AssociatedValidationReportData");
        writer.open("AdditionalValidationReportData");
        for finding in &timestamp.verdict.findings {
            writer.open("ReportData");
            writer.text("Type", &format!("{OURS}:finding"));
            writer.text("Value", &finding.detail);
            writer.close();
        }
        writer.close();
        writer.close();
    }
    writer.close();
    writer.close();
}
