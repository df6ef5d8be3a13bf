//! Validation of every signature in a document (EN 319 102-1 §5), in its first form.

mod changes;
mod coverage;
mod date;
mod faults;
mod guards;
mod identity;
mod proofs;
mod revocation;
mod signature;
mod timestamp;

use std::borrow::Cow;
use std::io;

use jiff::Timestamp;
use sceau_pdf::{
    ByteSource, Document, Fault, Limits, OpenError, SignatureDictionary, SignatureField,
};
use sceau_pki::chain::TrustAnchors;
use sceau_pki::definite_lengths;
use sceau_pki::revocation::Material;
use sceau_pki::tsp::Imprint;

use self::changes::Changes;
pub use self::date::parse as claimed_time;
pub use self::guards::{Guard, Guards};
use self::proofs::{Existence, Proofs};
use crate::ltv::{AtHand, Holdings, Reached, embedded_material, stored_material};
use crate::report::{
    DocumentReport, Finding, PolicyReport, REPORT_VERSION, Report, RevocationPolicy,
    SignatureReport, SubIndication, TimestampReport, Verdict,
};

/// Most signatures of one document that are judged: each costs a pass over it.
const MAX_SIGNATURES: usize = 64;

/// Under which policy a document is judged, and for which moment.
#[derive(Clone, Debug)]
pub struct ValidationOptions {
    /// The certificates to which chains must lead, for signers and time-stamping authorities
    /// alike. Without any, nothing passes.
    pub anchors: TrustAnchors,
    /// Now, or the moment to judge for.
    pub at: Timestamp,
    /// What is asked about revocation.
    pub revocation: RevocationPolicy,
    /// Revocation data and certificates beside those in the document.
    pub material: Material,
    /// Which rules hold: all, but where a test takes one away.
    pub guards: Guards,
}

impl ValidationOptions {
    /// With these anchors at this moment; of revocation what the document holds counts.
    #[must_use]
    pub fn new(anchors: TrustAnchors, at: Timestamp) -> Self {
        Self {
            anchors,
            at,
            revocation: RevocationPolicy::IfAvailable,
            material: Material::default(),
            guards: Guards::default(),
        }
    }
}

/// By what a signature is judged.
#[derive(Clone, Copy)]
struct Grounds<'g> {
    options: &'g ValidationOptions,
    at_hand: AtHand<'g>,
}

/// Why a document could not be judged at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// It cannot be opened as a PDF.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Its form or its revisions cannot be read.
    #[error(transparent)]
    Document(#[from] sceau_pdf::ReadError),
    /// Its bytes cannot be read.
    #[error("the document cannot be read: {0}")]
    Source(#[from] io::Error),
}

impl ReadError {
    /// Who is at fault: the document or the medium.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Open(error) => error.fault(),
            Self::Document(error) => error.fault(),
            Self::Source(_) => Fault::Medium,
        }
    }
}

/// Validates every signature of a document.
///
/// Time is bounded by 64 signatures, each with one pass over the document; memory by a read buffer
/// and the limits of the `pdf` room.
///
/// # Errors
/// [`ReadError`] where the document cannot be read; a signature that does not hold is no error but
/// a verdict.
pub fn validate(source: &dyn ByteSource, options: &ValidationOptions) -> Result<Report, ReadError> {
    let document = Document::open(source, &Limits::default())?;
    let mut signed = signed_fields(&document)?;
    // The order in which they were made; a field without ByteRange comes first and fails.
    signed.sort_by_key(|(_, value)| value.end());
    let mut changes = Changes::new(source, document.revisions()?, options.guards);
    let stored = stored(&document)?;
    let embedded = embedded(&signed);
    let mut complete = options.clone();
    complete.material.merge(&stored);
    embedded.iter().for_each(|(_, material)| complete.material.merge(material));
    let holdings = Holdings::new(source, embedded);
    let anchors = &options.anchors;
    let reached = Reached::new(source, &document, stored, anchors, &holdings, options.at)?;
    let mut context = signature::Context {
        source,
        options: &complete,
        reached: &reached,
        holdings: &holdings,
        proofs: Proofs::new(options.at),
    };
    let mut signatures = Vec::with_capacity(signed.len());
    // From the newest to the oldest: each stands on the timestamps after it.
    for (field, value) in signed.iter().rev() {
        signatures.push(signature::judge(&mut context, &mut changes, field, value)?);
    }
    signatures.reverse();
    Ok(Report {
        version: REPORT_VERSION,
        verdict: overall(&document, options.guards, &signed, &signatures),
        validated_at: options.at,
        policy: PolicyReport {
            revocation: options.revocation,
            trust_anchors: options.anchors.certificates().len(),
        },
        document: DocumentReport { len: source.len(), revision_ends: changes.ends().to_vec() },
        signatures,
        visual: None,
    })
}

/// Judges a token over `imprint` as [`validate`] will once it stands in a document, but for what only the
/// document holds: so that whoever asked for it may ask another authority in time.
#[must_use]
pub fn judge_token(
    token: &[u8],
    imprint: &Imprint,
    options: &ValidationOptions,
) -> TimestampReport {
    let no_document = Vec::<u8>::new();
    let holdings = Holdings::new(&no_document, Vec::new());
    let ValidationOptions { material, at, .. } = options;
    let at_hand = AtHand { material, holdings: &holdings, proofs: &[], now: *at };
    let existence = Existence { at: *at, proven: false };
    timestamp::judge_alone(token, imprint, Grounds { options, at_hand }, existence)
}

/// A broken store proves nothing; what it does to the document is judged elsewhere.
fn stored(document: &Document<'_>) -> Result<Material, ReadError> {
    match stored_material(document) {
        Err(error @ sceau_pdf::ReadError::Io(_)) => Err(error.into()),
        other => Ok(other.unwrap_or_default()),
    }
}

fn signed_fields(
    document: &Document<'_>,
) -> Result<Vec<(SignatureField, SignatureDictionary)>, ReadError> {
    let fields = document.signature_fields()?;
    let signed: Vec<_> = fields
        .into_iter()
        .filter_map(|field| field.value.clone().map(|value| (field, definite(value))))
        .collect();
    if signed.len() > MAX_SIGNATURES {
        return Err(sceau_pdf::ReadError::TooComplex { limit: "signatures" }.into());
    }
    Ok(signed)
}

/// CMS is BER (RFC 5652 §5.1), and some programs write it so although PDF wants DER (ISO 32000-2 §12.8.3.3);
/// what is signed does not change by its packing. What is damaged stays, and its reader says so.
fn definite(mut value: SignatureDictionary) -> SignatureDictionary {
    if let Ok(Cow::Owned(contents)) = definite_lengths(&value.contents) {
        value.contents = contents;
    }
    value
}

/// What stands in signatures themselves, with the offset that a timestamp must pass to cover it: the end
/// of `/Contents`, and of the ByteRange around that.
fn embedded(signed: &[(SignatureField, SignatureDictionary)]) -> Vec<(u64, Material)> {
    let embedded = signed.iter().map(|(_, value)| {
        let hole = value.contents_span.map_or(u64::MAX, |(_, end)| end);
        (hole.max(value.end().unwrap_or(0)), embedded_material(&value.contents))
    });
    embedded.collect()
}

/// The worst of all signatures, and what concerns the document as a whole.
fn overall(
    document: &Document<'_>,
    guards: Guards,
    signed: &[(SignatureField, SignatureDictionary)],
    signatures: &[SignatureReport],
) -> Verdict {
    let mut findings: Vec<Finding> = Vec::new();
    if signed.is_empty() {
        findings.push(finding(SubIndication::NoSignature, "the document has no signature"));
    } else if document.is_repaired() && guards.hold(Guard::SoundReferences) {
        let detail = "the cross-references are broken: readers may show different documents";
        findings.push(finding(SubIndication::SigConstraintsFailure, detail));
    }
    if share_a_range(signed) && guards.hold(Guard::SharedSignature) {
        let detail = "two signature fields show the same signature";
        findings.push(finding(SubIndication::FormatFailure, detail));
    }
    for report in signatures {
        findings.extend(report.verdict.findings.iter().map(|one| Finding {
            sub_indication: one.sub_indication,
            detail: format!("{}: {}", report.field, one.detail),
        }));
    }
    Verdict::of(findings)
}

fn share_a_range(signed: &[(SignatureField, SignatureDictionary)]) -> bool {
    let spans = signed.iter().filter_map(|(_, value)| value.contents_span);
    let mut seen = std::collections::HashSet::new();
    spans.into_iter().any(|span| !seen.insert(span))
}

fn finding(sub_indication: SubIndication, detail: &str) -> Finding {
    Finding { sub_indication, detail: detail.to_owned() }
}
