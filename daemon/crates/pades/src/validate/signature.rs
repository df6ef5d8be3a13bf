//! One signature: format, integrity, identity, time, trust, and what came after it
//! (EN 319 102-1 §5.3, §5.5).

use std::io;

use sceau_pdf::{ByteSource, Document, Limits, Prefix, SignatureDictionary, SignatureField};
use sceau_pki::cms::{SignedData, SignerInfo, SignerInfoError};
use sceau_pki::{Certificate, Hasher, oid, sha256};

use super::changes::Changes;
use super::guards::Guard;
use super::identity::{self, Identity};
use super::proofs::{Existence, Proofs};
use super::{Grounds, ValidationOptions, coverage, date, faults, timestamp};
use crate::Level;
use crate::digest::byte_range_digest;
use crate::ltv::{AtHand, Holdings, Reached};
use crate::policy;
use crate::report::{
    AttributeReport, CertificateReport, ChangeKind, DigestReport, Finding, SignatureKind,
    SignatureReport, SubIndication, TimestampReport, Verdict,
};

/// The `/SubFilter` of PAdES (EN 319 142-1 §4.1).
const PADES: &str = "ETSI.CAdES.detached";
/// That of a document timestamp (EN 319 142-1 §5.4.3).
const DOCUMENT_TIMESTAMP: &str = "ETSI.RFC3161";
/// That of ISO 32000-1: a CMS as well, but of no baseline level.
const PKCS7: &str = "adbe.pkcs7.detached";

/// Judges the signature in `field`.
///
/// `Err` where the medium fails; whatever is wrong with the signature is in the report.
pub(super) fn judge(
    context: &mut Context<'_>,
    changes: &mut Changes<'_>,
    field: &SignatureField,
    dictionary: &SignatureDictionary,
) -> io::Result<SignatureReport> {
    let end = dictionary.end().unwrap_or(0);
    let existence = context.proofs.of(end);
    let mut judge = Judge {
        source: context.source,
        options: context.options,
        context,
        dictionary,
        existence,
        findings: Vec::new(),
        report: empty_report(existence, field, dictionary),
    };
    if let Some(range) = judge.range(changes)? {
        judge.message(range)?;
    }
    judge.report.verdict = Verdict::of(judge.findings);
    let report = judge.report;
    if report.kind == SignatureKind::DocumentTimestamp {
        prove(&mut context.proofs, end, &report);
    }
    Ok(report)
}

/// What a document timestamp that holds proves for all that it covers.
fn prove(proofs: &mut Proofs, end: u64, report: &SignatureReport) {
    let told = report.timestamps.first().and_then(|timestamp| timestamp.time);
    if let (true, Some(time)) = (report.signer.is_some(), told) {
        proofs.add_intact(end, time);
    }
    if report.verdict.passed() && report.time_is_proven {
        proofs.add(end, report.best_signature_time);
    }
}

/// What is common to all signatures of a document.
pub(super) struct Context<'c> {
    pub(super) source: &'c dyn ByteSource,
    pub(super) options: &'c ValidationOptions,
    pub(super) reached: &'c Reached<'c>,
    pub(super) holdings: &'c Holdings<'c>,
    pub(super) proofs: Proofs,
}

impl Context<'_> {
    fn grounds(&self) -> Grounds<'_> {
        let ValidationOptions { material, at, .. } = self.options;
        let (holdings, proofs) = (self.holdings, self.proofs.proven());
        let at_hand = AtHand { material, holdings, proofs, now: *at };
        Grounds { options: self.options, at_hand }
    }
}

struct Judge<'j> {
    source: &'j dyn ByteSource,
    options: &'j ValidationOptions,
    context: &'j Context<'j>,
    /// Since when the signature is known to exist, by the document timestamps after it.
    existence: Existence,
    dictionary: &'j SignatureDictionary,
    findings: Vec<Finding>,
    report: SignatureReport,
}

impl Judge<'_> {
    fn find(&mut self, sub_indication: SubIndication, detail: impl Into<String>) {
        self.findings.push(Finding { sub_indication, detail: detail.into() });
    }

    /// What the signature covers, and what came after it.
    fn range(&mut self, changes: &mut Changes<'_>) -> io::Result<Option<[u64; 4]>> {
        let range = match coverage::check(
            self.source,
            self.dictionary,
            changes.ends(),
            self.options.guards,
        )? {
            Ok(range) => range,
            Err(fault) => {
                self.find(SubIndication::FormatFailure, fault.to_string());
                return Ok(None);
            }
        };
        let end = range[2] + range[3];
        let own = !self.options.guards.hold(Guard::OwnRevision);
        if !own && !self.stands_in_its_own_revision(range, &changes.limits()) {
            let detail = "the signature does not stand in the revision that it covers";
            self.find(SubIndication::FormatFailure, detail);
            return Ok(None);
        }
        self.report.coverage = Some(coverage::coverage(self.source, range)?);
        self.report.changes = changes.after(end)?;
        let modified = |change: &&crate::report::Change| change.kind == ChangeKind::Modification;
        let details: Vec<String> =
            self.report.changes.iter().filter(modified).map(|c| c.details.join(", ")).collect();
        for detail in details {
            let detail = format!("the document was changed after the signature: {detail}");
            self.find(SubIndication::SigConstraintsFailure, detail);
        }
        Ok(Some(range))
    }

    /// A dictionary that only a later revision shows covers nothing, whatever its ByteRange says.
    fn stands_in_its_own_revision(&self, range: [u64; 4], limits: &Limits) -> bool {
        let prefix = Prefix::new(self.source, range[2] + range[3]);
        let Ok(document) = Document::open(&prefix, limits) else { return false };
        let Ok(fields) = document.signature_fields() else { return false };
        fields.iter().filter_map(|field| field.value.as_ref()).any(|value| {
            value.contents_span == self.dictionary.contents_span
                && value.byte_range == self.dictionary.byte_range
        })
    }

    fn message(&mut self, range: [u64; 4]) -> io::Result<()> {
        match self.dictionary.sub_filter.as_deref() {
            Some(DOCUMENT_TIMESTAMP) => return self.document_timestamp(range),
            // That of ISO 32000-1 holds as well; the level stays empty.
            Some(PADES | PKCS7) => {}
            other if self.options.guards.hold(Guard::SubFilter) => {
                let name = other.unwrap_or("none");
                let detail = format!("signatures of the form {name} are not judged");
                self.find(SubIndication::SigConstraintsFailure, detail);
                return Ok(());
            }
            _ => {}
        }
        let message = match SignedData::parse_padded(&self.dictionary.contents) {
            Ok(message) => message,
            Err(error) => {
                self.find(SubIndication::FormatFailure, error.to_string());
                return Ok(());
            }
        };
        let Some(signer) = self.signer(&message) else { return Ok(()) };
        self.cms(range, &message, signer)
    }

    /// EN 319 142-1 §4.1: no content within, and exactly one SignerInfo.
    fn signer<'m>(&mut self, message: &'m SignedData<'_>) -> Option<&'m SignerInfo<'m>> {
        if message.content().is_some() || message.content_type() != oid::DATA {
            self.find(SubIndication::FormatFailure, "the CMS holds content of its own");
            return None;
        }
        let count = message.signers().len();
        if count != 1 && self.options.guards.hold(Guard::SingleSigner) {
            let detail = format!("the CMS has {count} signers where exactly one is allowed");
            self.find(SubIndication::FormatFailure, detail);
            return None;
        }
        message.signers().first()
    }

    fn cms(
        &mut self,
        range: [u64; 4],
        message: &SignedData<'_>,
        signer: &SignerInfo<'_>,
    ) -> io::Result<()> {
        self.report.algorithm = signer.scheme().map(faults::scheme_name);
        self.claims(signer);
        let Some(algorithm) = signer.digest_algorithm() else {
            self.find(SubIndication::CryptoConstraintsFailure, "the digest is not accepted");
            return Ok(());
        };
        let digest = byte_range_digest(self.source, range, Hasher::new(algorithm))?;
        self.report.signed_document = Some(DigestReport::of(algorithm, &digest));
        let pool = message.certificates();
        let Some(certificate) = signer.find_certificate(&pool) else {
            let detail = "the signing certificate is not in the signature";
            self.find(SubIndication::NoSigningCertificateFound, detail);
            return Ok(());
        };
        self.report.signer = Some(CertificateReport::from(certificate));
        let plain = self.dictionary.sub_filter.as_deref() == Some(PKCS7);
        let verified = match plain {
            true => signer.verify_plain(certificate, oid::DATA, &digest),
            false => signer.verify(certificate, oid::DATA, &digest),
        };
        match verified {
            Ok(()) => self.trust(signer, certificate, &pool),
            Err(SignerInfoError::DigestMismatch) if !self.options.guards.hold(Guard::Digest) => {
                self.trust(signer, certificate, &pool);
            }
            Err(error) => self.findings.push(faults::of_signer(&error)),
        }
        Ok(())
    }

    /// What the signer says of himself: shown even when the signature does not hold.
    fn claims(&mut self, signer: &SignerInfo<'_>) {
        // A PAdES signature has `/M` and no such attribute (EN 319 142-1 §6.3); others may have it alone.
        self.report.claimed_time = self.report.claimed_time.or_else(|| signer.signing_time());
        self.report.signed_bytes_sha256 =
            signer.to_be_verified().map(|bytes| hex::encode(sha256(&bytes)));
        match signer.signer_attributes() {
            Ok(claimed) => {
                self.report.claimed_roles = claimed.claimed_roles;
                self.report.signed_attributes =
                    claimed.others.iter().map(AttributeReport::from).collect();
            }
            Err(error) => self.find(SubIndication::FormatFailure, error.to_string()),
        }
    }

    /// Time first, then the certificate at that time.
    fn trust(&mut self, signer: &SignerInfo<'_>, certificate: &Certificate, pool: &[Certificate]) {
        for token in signer.signature_timestamps() {
            let grounds = self.context.grounds();
            let timestamp = timestamp::judge(token, signer.signature(), grounds, self.existence);
            self.timestamp(timestamp);
        }
        let existence =
            Existence { at: self.report.best_signature_time, proven: self.report.time_is_proven };
        let claimed = self.report.claimed_time;
        let used = policy::of_signer(signer);
        let grounds = self.context.grounds();
        let identity = identity::judge(certificate, &used, pool, grounds, existence, claimed);
        self.identity(identity);
        self.level(signer);
    }

    fn timestamp(&mut self, timestamp: TimestampReport) {
        match (timestamp.verdict.passed(), timestamp.time) {
            (true, Some(time)) => {
                let earlier = time < self.report.best_signature_time;
                if earlier || !self.report.time_is_proven {
                    self.report.best_signature_time = time;
                }
                self.report.time_is_proven = true;
            }
            // Strict where the standard lets a policy choose: a timestamp that does not hold is
            // not passed over.
            _ => {
                let detail = faults::of_timestamp(&timestamp.verdict);
                let sub = timestamp.verdict.sub_indication;
                let open =
                    sub.filter(|sub| sub.indication() != crate::report::Indication::TotalFailed);
                self.find(open.unwrap_or(SubIndication::SigConstraintsFailure), detail);
            }
        }
        self.report.timestamps.push(timestamp);
    }

    fn identity(&mut self, identity: Identity) {
        self.report.chain = identity.chain.iter().map(CertificateReport::from).collect();
        self.report.revocation = identity.revocation;
        self.findings.extend(identity.findings);
    }

    /// EN 319 142-1 §6.3: what a signature of a baseline level has, and what it has not.
    fn level(&mut self, signer: &SignerInfo<'_>) {
        let has = |id| signer.signed_attributes().iter().any(|attribute| attribute.id == id);
        let is_baseline = self.dictionary.sub_filter.as_deref() == Some(PADES)
            && self.dictionary.m.is_some()
            && !self.dictionary.dictionary.contains("Cert")
            && !has(oid::SIGNING_TIME);
        if !is_baseline {
            return;
        }
        // The authority is named once imprint and signature of its token verified; whether it is
        // trusted is said in the verdict, not in the level.
        let timed = self.report.timestamps.iter().any(|timestamp| timestamp.authority.is_some());
        self.report.level = Some(match timed {
            true => self.context.reached.level(&self.report.field, self.context.proofs.intact()),
            false => Level::B,
        });
    }

    fn document_timestamp(&mut self, range: [u64; 4]) -> io::Result<()> {
        let mut covered = None;
        let digest = |hasher: Hasher| {
            let algorithm = hasher.algorithm();
            let digest = byte_range_digest(self.source, range, hasher)?;
            covered = Some(DigestReport::of(algorithm, &digest));
            Ok(digest)
        };
        let judged = timestamp::judge_document(
            &self.dictionary.contents,
            digest,
            self.context.grounds(),
            self.existence,
        )?;
        self.report.signed_document = covered;
        self.findings.extend(judged.verdict.findings.clone());
        if let (true, Some(time)) = (judged.verdict.passed(), judged.time) {
            self.report.best_signature_time = time;
            self.report.time_is_proven = true;
        }
        self.report.signer = judged.authority.clone();
        self.report.timestamps.push(judged);
        Ok(())
    }
}

fn empty_report(
    existence: Existence,
    field: &SignatureField,
    dictionary: &SignatureDictionary,
) -> SignatureReport {
    let is_timestamp = dictionary.sub_filter.as_deref() == Some(DOCUMENT_TIMESTAMP);
    SignatureReport {
        field: field.name.clone(),
        kind: if is_timestamp {
            SignatureKind::DocumentTimestamp
        } else {
            SignatureKind::Signature
        },
        sub_filter: dictionary.sub_filter.clone(),
        verdict: Verdict::of(Vec::new()),
        level: None,
        signer: None,
        chain: Vec::new(),
        algorithm: None,
        claimed_time: dictionary.m.as_deref().and_then(date::parse),
        best_signature_time: existence.at,
        time_is_proven: existence.proven,
        reason: dictionary.reason.clone(),
        location: dictionary.location.clone(),
        claimed_roles: Vec::new(),
        signed_attributes: Vec::new(),
        delegation: None,
        signed_bytes_sha256: None,
        signed_document: None,
        revocation: Vec::new(),
        timestamps: Vec::new(),
        coverage: None,
        changes: Vec::new(),
    }
}
