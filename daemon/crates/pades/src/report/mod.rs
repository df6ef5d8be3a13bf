//! What a validation says, in the structure of the ETSI report (TS 119 102-2 §4) and in JSON.
//!
//! A report states facts about one document at one time under one policy; it holds no bytes of the
//! document. Times are UTC, digests and serial numbers lower-case hexadecimal.

mod change;
mod verdict;
mod visual;
mod words;
mod xml;

use jiff::Timestamp;
use sceau_pki::DigestAlgorithm;
use sceau_pki::certificate::{Person, QcType};
use serde::{Deserialize, Serialize};

pub use self::change::{Change, ChangeItem, ChangeKind, What};
pub use self::verdict::{Finding, Indication, SubIndication, Verdict};
pub use self::visual::{PageView, View, Visual};
pub use self::xml::to_xml;
use crate::Level;

/// The version of the JSON form of [`Report`].
pub const REPORT_VERSION: u8 = 1;

/// The result of validating one document (TS 119 102-2 §4.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The version of this form: [`REPORT_VERSION`].
    pub version: u8,
    /// The worst of all signatures' verdicts; `NO_SIGNATURE` when there is none.
    pub verdict: Verdict,
    /// For which moment the document was judged.
    pub validated_at: Timestamp,
    /// Under which policy it was judged.
    pub policy: PolicyReport,
    /// What the document is made of.
    pub document: DocumentReport,
    /// Every signature field that has a value, in the order in which they were made: that of the
    /// ends of their ByteRanges.
    pub signatures: Vec<SignatureReport>,
    /// Pages that were drawn beside the validation, where somebody asked for them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub visual: Option<Visual>,
}

impl Report {
    /// The newest signature: the one whose ByteRange ends last. Whoever has just signed judges by
    /// its verdict whether that went well; the report's own verdict counts older signatures too,
    /// whose trust is another question.
    #[must_use]
    pub fn newest(&self) -> Option<&SignatureReport> {
        self.signatures.last()
    }

    /// The newest signature that is no document timestamp.
    #[must_use]
    pub fn newest_signature(&self) -> Option<&SignatureReport> {
        self.signatures.iter().rfind(|one| one.kind == SignatureKind::Signature)
    }

    /// What was found of the document as a whole, and of no signature in it: it stands before what was
    /// found of the signatures.
    #[must_use]
    pub fn of_document(&self) -> &[Finding] {
        let of_signatures: usize =
            self.signatures.iter().map(|one| one.verdict.findings.len()).sum();
        let all = &self.verdict.findings;
        &all[..all.len().saturating_sub(of_signatures)]
    }
}

/// The policy of a validation (TS 119 102-2 §4.2.6), so far as it is not the standard's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyReport {
    /// Whether revocation was looked at.
    pub revocation: RevocationPolicy,
    /// How many trust anchors were given.
    pub trust_anchors: usize,
}

/// What a validation asks about the revocation of certificates (EN 319 102-1 §5.2.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevocationPolicy {
    /// Revocation is not looked at, and the report says so.
    #[default]
    NotChecked,
    /// What is at hand counts: in the document, or given. That there is none is held against
    /// nobody, and the report tells what was known of each certificate.
    IfAvailable,
    /// Revocation information is needed; without it the verdict is `INDETERMINATE/TRY_LATER`.
    Required,
}

/// The document as a sequence of revisions (ISO 32000-2 §7.5.6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentReport {
    /// Length in bytes.
    pub len: u64,
    /// The ends of its revisions, in bytes from the start, oldest first.
    pub revision_ends: Vec<u64>,
}

/// One signature (TS 119 102-2 §4.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureReport {
    /// The full name of its field.
    pub field: String,
    /// What it is.
    pub kind: SignatureKind,
    /// The `/SubFilter`, as in `ETSI.CAdES.detached`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sub_filter: Option<String>,
    /// Its own verdict, with every finding.
    pub verdict: Verdict,
    /// The level reached; absent when it is no PAdES baseline signature or its form is broken.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub level: Option<Level>,
    /// The signing certificate.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub signer: Option<CertificateReport>,
    /// The chain from the signing certificate's issuer to the trust anchor; empty when none leads
    /// there.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub chain: Vec<CertificateReport>,
    /// The signature algorithm, as in `ECDSA P-256 with SHA-256`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub algorithm: Option<String>,
    /// What the signer says of the time, by `/M` or, where that is missing, by the signed attribute
    /// signing-time (RFC 5652 §11.3); proven by nothing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub claimed_time: Option<Timestamp>,
    /// The time at which the signature was judged (EN 319 102-1 §5.5.4, best-signature-time).
    pub best_signature_time: Timestamp,
    /// Whether a valid timestamp proves that time; else it is that of the validation.
    pub time_is_proven: bool,
    /// The reason given (`/Reason`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// The place given (`/Location`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub location: Option<String>,
    /// The roles that the signer claims (EN 319 122-1 §5.2.6.1).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub claimed_roles: Vec<String>,
    /// Further signed attributes inside signer-attributes-v2, as they stand.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub signed_attributes: Vec<AttributeReport>,
    /// The délégation that one of them names, where somebody who knows its form read it
    /// (as `sceau verify` and the daemon do); this room does not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub delegation: Option<DelegationReport>,
    /// SHA-256 of the bytes that were signed (the signed attributes in DER, RFC 5652 §5.4), in
    /// hexadecimal: which act this is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub signed_bytes_sha256: Option<String>,
    /// The digest of what the ByteRange covers, as it was computed of the file: the document that
    /// was signed (TS 119 102-2 §4.3.6).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub signed_document: Option<DigestReport>,
    /// What is known of the revocation of each certificate of the chain but the anchor.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub revocation: Vec<RevocationReport>,
    /// Its signature timestamps.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub timestamps: Vec<TimestampReport>,
    /// What the signature covers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub coverage: Option<Coverage>,
    /// What came into the document after it, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub changes: Vec<Change>,
}

/// What a signature dictionary holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureKind {
    /// A signature or seal over the document.
    Signature,
    /// A document timestamp (`/DocTimeStamp`, EN 319 142-1 §5.4.3).
    DocumentTimestamp,
}

/// What a certificate says of its holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateReport {
    /// The subject as text (RFC 4514).
    pub subject: String,
    /// The issuer as text (RFC 4514).
    pub issuer: String,
    /// The serial number.
    pub serial: String,
    /// SHA-256 of the DER.
    pub sha256: String,
    /// First moment of validity.
    pub not_before: Timestamp,
    /// Last moment of validity.
    pub not_after: Timestamp,
    /// The organisation's identifier of a legal person (EN 319 412-3), as in `NTRFR-732829320`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub organization_identifier: Option<String>,
    /// Whose it is; absent where the certificate does not say.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub person: Option<Person>,
    /// What its issuer states of its being qualified (EN 319 412-5).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub qc: Option<QcReport>,
}

/// What an issuer states of a certificate: its word, of which only the trusted lists tell what it is
/// worth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QcReport {
    /// QcCompliance: that it is qualified under eIDAS.
    pub compliance: bool,
    /// QcSSCD: that its key resides in a qualified device.
    pub sscd: bool,
    /// QcType: for what it is qualified.
    pub types: Vec<QcType>,
    /// Every statement's identifier, in order.
    pub statements: Vec<String>,
}

/// A digest and how it was computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestReport {
    /// The algorithm, as in `SHA-256`.
    pub algorithm: String,
    /// The digest.
    pub value: String,
}

impl DigestReport {
    pub(crate) fn of(algorithm: DigestAlgorithm, digest: &[u8]) -> Self {
        Self { algorithm: algorithm.name().to_owned(), value: hex::encode(digest) }
    }
}

/// An attribute that this room carries without knowing what it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributeReport {
    /// The type as a dotted object identifier.
    pub oid: String,
    /// The DER of its value, in hexadecimal.
    pub der: String,
}

/// A délégation that a signature names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegationReport {
    /// The right that was used, as in `sceller`.
    pub right: String,
    /// Its identifier, in hexadecimal.
    pub id: String,
    /// SHA-256 of its terms, in hexadecimal.
    pub terms_sha256: String,
}

/// One timestamp token (RFC 3161).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimestampReport {
    /// Its own verdict; a signature's time is proven only by one that passed.
    pub verdict: Verdict,
    /// The time in the token; absent when it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub time: Option<Timestamp>,
    /// The policy of the authority as a dotted object identifier.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub policy: Option<String>,
    /// `false` where the policy says that the clock is that of whoever had the document signed: a
    /// timestamp that is not independent. Of other clocks nothing is said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub independent: Option<bool>,
    /// The serial number of the token.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub serial: Option<String>,
    /// The time-stamping unit's certificate.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub authority: Option<CertificateReport>,
    /// What is known of the revocation of each certificate of its chain but the anchor.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub revocation: Vec<RevocationReport>,
}

/// What is known of the revocation of one certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationReport {
    /// The certificate's subject as text (RFC 4514).
    pub subject: String,
    /// Its serial number.
    pub serial: String,
    /// Its status.
    pub status: RevocationStatus,
    /// By what it is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<RevocationSource>,
    /// The moment for which the status is known to be right.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub this_update: Option<Timestamp>,
    /// Since when it is revoked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revoked_at: Option<Timestamp>,
    /// Why it was revoked, as in `keyCompromise`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

/// The status of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevocationStatus {
    /// Not revoked.
    Good,
    /// Revoked, perhaps after what it signed.
    Revoked,
    /// Nothing usable is at hand.
    Unknown,
}

/// By what a status is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevocationSource {
    /// An OCSP response (RFC 6960).
    Ocsp,
    /// A revocation list (RFC 5280 §5).
    Crl,
}

/// What the ByteRange of a signature covers (ISO 32000-2 §12.8.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "extent", rename_all = "snake_case")]
pub enum Coverage {
    /// The whole file but its own `/Contents`.
    WholeFile,
    /// The file up to the end of one of its revisions.
    Revision {
        /// The end of that revision in bytes.
        end: u64,
    },
}
