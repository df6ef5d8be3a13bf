//! A report as plain lines for a person.

use std::fmt::Write;

use sceau_pades::report::{
    CertificateReport, Coverage, Report, SignatureKind, SignatureReport, TimestampReport, Verdict,
};
use sceau_pki::certificate::Person;

use super::words::{ENGLISH, FRENCH, Words};

/// The whole report. Text from the document is shown without control characters.
pub(crate) fn render(file: &str, report: &Report, french: bool) -> String {
    let words = if french { &FRENCH } else { &ENGLISH };
    let mut out = Text { text: String::new(), words };
    let verdict = &report.verdict;
    out.line(format!("{}{} {}", clean(file), out.colon(), verdict_name(verdict)));
    out.line(format!("  {}", words.meaning(verdict.indication, verdict.sub_indication)));
    let (at, policy) = (report.validated_at.to_string(), &report.policy);
    out.line(format!("  {}", words.conditions(&at, policy.trust_anchors, policy.revocation)));
    for signature in &report.signatures {
        out.signature(signature);
    }
    out.text
}

pub(super) fn verdict_name(verdict: &Verdict) -> String {
    match verdict.sub_indication {
        Some(sub) => format!("{} / {}", verdict.indication.name(), sub.name()),
        None => verdict.indication.name().to_owned(),
    }
}

struct Text {
    text: String,
    words: &'static Words,
}

impl Text {
    fn line(&mut self, line: impl AsRef<str>) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{}", line.as_ref());
    }

    fn entry(&mut self, name: &str, value: impl AsRef<str>) {
        self.line(format!("    {name:<14}{}", value.as_ref()));
    }

    /// French puts a space before it.
    fn colon(&self) -> &'static str {
        if self.words.french { " :" } else { ":" }
    }

    fn signature(&mut self, signature: &SignatureReport) {
        let kind = match signature.kind {
            SignatureKind::Signature => self.words.signature,
            SignatureKind::DocumentTimestamp => self.words.document_timestamp,
        };
        let level = signature.level.map(|level| format!(", {level}")).unwrap_or_default();
        let (name, colon) = (clean(&signature.field), self.colon());
        self.line("");
        self.line(format!("  {kind} {name:?}{level}{colon} {}", verdict_name(&signature.verdict)));
        self.who(signature);
        self.when(signature);
        self.what(signature);
        for told in self.words.findings(&signature.verdict.findings) {
            self.entry(self.words.problem, clean(&told));
        }
    }

    fn who(&mut self, signature: &SignatureReport) {
        let words = self.words;
        if let Some(signer) = &signature.signer {
            self.entry(words.signed_by, clean(&signer.subject));
            self.entry(words.who, person(words, signature.kind, signer));
            if let Some(told) = signer.qc.as_ref().and_then(|qc| words.qualified(qc)) {
                self.entry(words.stated, told);
            }
            self.entry(words.issued_by, clean(&signer.issuer));
        }
        if let Some(anchor) = signature.chain.last() {
            self.entry(words.trusted_by, clean(&anchor.subject));
        }
        if let Some(algorithm) = &signature.algorithm {
            self.entry(words.algorithm, algorithm);
        }
        for role in &signature.claimed_roles {
            self.entry(words.claimed_role, clean(role));
        }
        if let Some(named) = &signature.delegation {
            self.entry("délégation", clean(&words.delegation(named)));
        }
        let ours = sceau_pki::oid::DELEGATION.to_string();
        let told = |oid: &str| oid == ours && signature.delegation.is_some();
        for attribute in signature.signed_attributes.iter().filter(|one| !told(&one.oid)) {
            let bytes = attribute.der.len() / 2;
            self.entry(words.attribute, format!("{} ({bytes} {})", attribute.oid, words.bytes));
        }
    }

    fn when(&mut self, signature: &SignatureReport) {
        let words = self.words;
        if let Some(claimed) = signature.claimed_time {
            self.entry(words.claimed_time, claimed.to_string());
        }
        for timestamp in &signature.timestamps {
            self.entry(words.timestamp, describe(words, timestamp));
        }
        for (name, text) in
            [(words.reason, &signature.reason), (words.location, &signature.location)]
        {
            if let Some(text) = text {
                self.entry(name, clean(text));
            }
        }
    }

    fn what(&mut self, signature: &SignatureReport) {
        let words = self.words;
        match signature.coverage {
            Some(Coverage::WholeFile) => self.entry(words.covers, words.whole_file),
            Some(Coverage::Revision { end }) => self.entry(words.covers, words.first_bytes(end)),
            None => {}
        }
        for item in signature.changes.iter().flat_map(|change| &change.items) {
            let kind = if item.permitted { words.added } else { words.changed };
            let told = if words.french { &item.fr } else { &item.en };
            self.entry(kind, clean(told));
        }
    }
}

/// A seal is a legal person's, a signature a natural person's (eIDAS art. 3); where the certificate does
/// not say whose it is, nobody guesses.
pub(super) fn person(words: &Words, kind: SignatureKind, signer: &CertificateReport) -> String {
    match (kind, signer.person) {
        (SignatureKind::DocumentTimestamp, _) => words.unit.to_owned(),
        (_, Some(Person::Natural)) => words.natural.to_owned(),
        (_, Some(Person::Legal)) => {
            words.legal(signer.organization_identifier.as_deref().map(clean).as_deref())
        }
        (_, None) => words.not_stated.to_owned(),
    }
}

pub(super) fn describe(words: &Words, timestamp: &TimestampReport) -> String {
    let time = timestamp.time.map_or_else(|| words.unreadable.to_owned(), |time| time.to_string());
    let by = |authority: &CertificateReport| format!(" {} {}", words.by, clean(&authority.subject));
    let authority = timestamp.authority.as_ref().map(by).unwrap_or_default();
    let clock = if timestamp.independent == Some(false) { words.own_clock } else { "" };
    let colon = if words.french { " :" } else { ":" };
    format!("{time}{authority}{clock}{colon} {}", verdict_name(&timestamp.verdict))
}

/// Text from outside, without what would steer a terminal.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(super) mod tests {
    use sceau_pades::report::{
        DocumentReport, Finding, PolicyReport, RevocationPolicy, SubIndication,
    };

    use super::*;

    pub(in super::super) fn report(sub_indication: SubIndication) -> Report {
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
                delegation: None,
                signed_bytes_sha256: None,
                signed_document: None,
                revocation: Vec::new(),
                timestamps: Vec::new(),
                coverage: Some(Coverage::WholeFile),
                changes: Vec::new(),
            }],
            visual: None,
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

    #[test]
    fn french_is_french_throughout() {
        let text = render("a.pdf", &report(SubIndication::HashFailure), true);
        assert!(text.starts_with("a.pdf : TOTAL-FAILED / HASH_FAILURE\n"), "{text}");
        assert!(text.contains("couvre        le fichier entier"), "{text}");
        assert!(text.contains("HASH_FAILURE : ce qui est signé a été changé"), "{text}");
        for word in ["covers", "problem ", "judged", "holds"] {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }

    #[test]
    fn problems_that_say_the_same_are_told_once() {
        let mut report = report(SubIndication::HashFailure);
        let other = Finding { detail: "why else".to_owned(), ..report.verdict.findings[0].clone() };
        report.signatures[0].verdict.findings.push(other);
        let problems = |french, word: &str| render("a.pdf", &report, french).matches(word).count();
        assert_eq!(problems(true, "    problème"), 1);
        assert_eq!(problems(false, "    problem "), 2);
    }
}
