//! A report as plain lines for a person.

use std::fmt::Write;

use sceau_pades::report::{
    AttributeReport, CertificateReport, Coverage, Indication, Report, RevocationPolicy,
    SignatureKind, SignatureReport, SubIndication, TimestampReport, Verdict,
};

/// The whole report. Text from the document is shown without control characters.
pub(crate) fn render(file: &str, report: &Report, french: bool) -> String {
    let mut out = Text { text: String::new(), french };
    out.line(format!("{}: {}", clean(file), verdict_name(&report.verdict)));
    out.line(format!("  {}", meaning(report)));
    out.line(format!("  {}", conditions(report)));
    for signature in &report.signatures {
        out.signature(signature);
    }
    out.text
}

fn verdict_name(verdict: &Verdict) -> String {
    match verdict.sub_indication {
        Some(sub) => format!("{} / {}", verdict.indication.name(), sub.name()),
        None => verdict.indication.name().to_owned(),
    }
}

fn meaning(report: &Report) -> &'static str {
    match (report.verdict.indication, report.verdict.sub_indication) {
        (_, Some(SubIndication::NoSignature)) => "The document has no signature.",
        (_, Some(SubIndication::NoCertificateChainFound)) => {
            "The signed bytes are intact, but nothing given with --trust vouches for a certificate."
        }
        (Indication::TotalPassed, _) => "Every signature holds.",
        (Indication::Indeterminate, _) => "It cannot be said whether every signature holds.",
        (Indication::TotalFailed, _) => "A signature does not hold.",
    }
}

fn conditions(report: &Report) -> String {
    let revocation = match report.policy.revocation {
        RevocationPolicy::NotChecked => "not checked",
        RevocationPolicy::IfAvailable => "as far as the document tells",
        RevocationPolicy::Required => "required",
    };
    let anchors = report.policy.trust_anchors;
    format!(
        "judged for {}; trust anchors: {anchors}; revocation: {revocation}",
        report.validated_at
    )
}

struct Text {
    text: String,
    /// Whether changes are told in French.
    french: bool,
}

impl Text {
    fn line(&mut self, line: impl AsRef<str>) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{}", line.as_ref());
    }

    fn entry(&mut self, name: &str, value: impl AsRef<str>) {
        self.line(format!("    {name:<14}{}", value.as_ref()));
    }

    fn signature(&mut self, signature: &SignatureReport) {
        let kind = match signature.kind {
            SignatureKind::Signature => "Signature",
            SignatureKind::DocumentTimestamp => "Document timestamp",
        };
        let level = signature.level.map(|level| format!(", {level}")).unwrap_or_default();
        let name = clean(&signature.field);
        self.line("");
        self.line(format!("  {kind} {name:?}{level}: {}", verdict_name(&signature.verdict)));
        self.who(signature);
        self.when(signature);
        self.what(signature);
        for finding in &signature.verdict.findings {
            let (name, detail) = (finding.sub_indication.name(), clean(&finding.detail));
            self.entry("problem", format!("{name}: {detail}"));
        }
    }

    fn who(&mut self, signature: &SignatureReport) {
        if let Some(signer) = &signature.signer {
            self.entry("signed by", clean(&signer.subject));
            self.entry("who", person(signature.kind, signer));
            self.entry("issued by", clean(&signer.issuer));
        }
        if let Some(anchor) = signature.chain.last() {
            self.entry("trusted by", clean(&anchor.subject));
        }
        if let Some(algorithm) = &signature.algorithm {
            self.entry("algorithm", algorithm);
        }
        for role in &signature.claimed_roles {
            self.entry("claimed role", clean(role));
        }
        for attribute in &signature.signed_attributes {
            match delegation(attribute) {
                Some(told) => self.entry("délégation", clean(&told)),
                None => {
                    let bytes = attribute.der.len() / 2;
                    self.entry("attribute", format!("{} ({bytes} bytes)", attribute.oid));
                }
            }
        }
    }

    fn when(&mut self, signature: &SignatureReport) {
        if let Some(claimed) = signature.claimed_time {
            self.entry("claimed time", claimed.to_string());
        }
        for timestamp in &signature.timestamps {
            self.entry("timestamp", describe(timestamp));
        }
        for (name, text) in [("reason", &signature.reason), ("location", &signature.location)] {
            if let Some(text) = text {
                self.entry(name, clean(text));
            }
        }
    }

    fn what(&mut self, signature: &SignatureReport) {
        match signature.coverage {
            Some(Coverage::WholeFile) => self.entry("covers", "the whole file"),
            Some(Coverage::Revision { end }) => {
                self.entry("covers", format!("the first {end} bytes, one revision of the file"));
            }
            None => {}
        }
        for item in signature.changes.iter().flat_map(|change| &change.items) {
            let kind = if item.permitted { "added later" } else { "changed later" };
            let words = if self.french { &item.fr } else { &item.en };
            self.entry(kind, clean(words));
        }
    }
}

/// A seal is a legal person's, a signature a natural person's (EN 319 412-1 §5.1).
fn person(kind: SignatureKind, signer: &CertificateReport) -> String {
    match (&signer.organization_identifier, kind) {
        (_, SignatureKind::DocumentTimestamp) => "a time-stamping unit".to_owned(),
        (Some(identifier), _) => format!("a legal person, {}: a seal", clean(identifier)),
        (None, _) => "no organisation's number in the certificate: a natural person".to_owned(),
    }
}

/// The délégation that a signature of ours names: its id, its terms' digest, the right used.
fn delegation(attribute: &AttributeReport) -> Option<String> {
    if attribute.oid != sceau_pki::oid::DELEGATION.to_string() {
        return None;
    }
    // SEQUENCE { INTEGER 1, OCTET STRING (16), OCTET STRING (32), UTF8String }.
    let der = hex::decode(&attribute.der).ok()?;
    let rest = der.get(2..)?.strip_prefix(&[2, 1, 1, 4, 16])?;
    let (id, rest) = rest.split_at_checked(16)?;
    let (digest, rest) = rest.strip_prefix(&[4, 32])?.split_at_checked(32)?;
    let right = std::str::from_utf8(rest.strip_prefix(&[12])?.get(1..)?).ok()?;
    Some(format!("right {right}, id {}, terms SHA-256 {}", hex::encode(id), hex::encode(digest)))
}

fn describe(timestamp: &TimestampReport) -> String {
    let time = timestamp.time.map_or_else(|| "unreadable".to_owned(), |time| time.to_string());
    let by = |authority: &CertificateReport| format!(" by {}", clean(&authority.subject));
    let authority = timestamp.authority.as_ref().map(by).unwrap_or_default();
    let ours = sceau_pki::oid::POLICY_INTERNAL_TSA.to_string();
    let clock = match &timestamp.policy {
        Some(policy) if *policy == ours => {
            ", horodatage interne, non indépendant (the cabinet's own clock)"
        }
        _ => "",
    };
    format!("{time}{authority}{clock}: {}", verdict_name(&timestamp.verdict))
}

/// Text from outside, without what would steer a terminal.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use sceau_pades::report::{DocumentReport, Finding, PolicyReport};

    use super::*;

    fn report(sub_indication: SubIndication) -> Report {
        let finding = Finding { sub_indication, detail: "why\u{1b}[31m".to_owned() };
        Report {
            version: 1,
            verdict: Verdict::of(vec![finding.clone()]),
            validated_at: "2026-11-23T12:00:00Z".parse().unwrap(),
            policy: PolicyReport { revocation: RevocationPolicy::NotChecked, trust_anchors: 2 },
            document: DocumentReport { len: 9, revision_ends: vec![9] },
            signatures: vec![SignatureReport {
                field: "Sig\n1".to_owned(),
                kind: SignatureKind::Signature,
                sub_filter: None,
                verdict: Verdict::of(vec![finding]),
                level: None,
                signer: None,
                chain: Vec::new(),
                algorithm: None,
                claimed_time: None,
                best_signature_time: "2026-11-23T12:00:00Z".parse().unwrap(),
                time_is_proven: false,
                reason: Some("good \u{7}reason".to_owned()),
                location: None,
                claimed_roles: Vec::new(),
                signed_attributes: Vec::new(),
                signed_bytes_sha256: None,
                revocation: Vec::new(),
                timestamps: Vec::new(),
                coverage: Some(Coverage::WholeFile),
                changes: Vec::new(),
            }],
        }
    }

    #[test]
    fn a_failure_is_told_with_its_reason_and_without_control_characters() {
        let text = render("a\u{1b}.pdf", &report(SubIndication::HashFailure), false);
        assert!(text.starts_with("a\u{fffd}.pdf: TOTAL-FAILED / HASH_FAILURE\n"), "{text}");
        assert!(text.contains("revocation: not checked"));
        assert!(text.contains("problem       HASH_FAILURE: why\u{fffd}[31m"));
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
    }

    #[test]
    fn no_signature_is_said_plainly() {
        let mut report = report(SubIndication::NoSignature);
        report.signatures.clear();
        let text = render("a.pdf", &report, false);
        assert!(text.contains("INDETERMINATE / NO_SIGNATURE\n  The document has no signature.\n"));
    }
}
