//! Whose certificates a document rests on: its signers' and its timestamps'.

use std::borrow::Cow;

use jiff::Timestamp;
use sceau_pdf::{Document, ReadError, SignatureDictionary};
use sceau_pki::chain::Purpose;
use sceau_pki::cms::SignedData;
use sceau_pki::tsp::TimestampToken;
use sceau_pki::{Certificate, definite_lengths};

use crate::policy::{self, Used};

/// What a certificate did for the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It signed.
    Signer,
    /// It made a signature timestamp.
    SignatureTimestamp,
    /// It made a document timestamp.
    DocumentTimestamp,
}

/// A certificate that the document rests on.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// The full name of its signature's field.
    pub(crate) field: String,
    pub(crate) role: Role,
    pub(crate) certificate: Certificate,
    /// The certificates beside it in its message.
    pub(crate) pool: Vec<Certificate>,
    /// The moment at which it must have been good: that of the timestamp, its own or the earliest
    /// over the signature; none for a signature without.
    pub(crate) time: Option<Timestamp>,
    /// What its signature rests on, its key apart.
    pub(crate) used: Vec<Used>,
    /// Where the ByteRange of its signature ends.
    pub(crate) end: u64,
}

impl Subject {
    pub(crate) fn purpose(&self) -> Purpose {
        match self.role {
            Role::Signer => Purpose::Signature,
            _ => Purpose::Timestamping,
        }
    }
}

/// All of them, in the order of the ByteRanges. A message that cannot be read has none: its own
/// verdict says so.
pub(crate) fn subjects(document: &Document<'_>) -> Result<Vec<Subject>, ReadError> {
    let mut found = Vec::new();
    for field in document.signature_fields()? {
        let Some(value) = &field.value else { continue };
        let timestamp = value.sub_filter.as_deref() == Some("ETSI.RFC3161");
        let subjects = if timestamp { of_timestamp(value) } else { of_signature(value) };
        found.extend(subjects.into_iter().map(|one| Subject { field: field.name.clone(), ..one }));
    }
    found.sort_by_key(|subject| subject.end);
    Ok(found)
}

fn of_timestamp(value: &SignatureDictionary) -> Vec<Subject> {
    let Ok(contents) = definite_lengths(&value.contents) else { return Vec::new() };
    let Ok(token) = TimestampToken::parse_padded(&contents) else { return Vec::new() };
    of_token(&token, Role::DocumentTimestamp, value.end().unwrap_or(0)).into_iter().collect()
}

/// The unit of a token, which the token holds.
pub(super) fn of_token(token: &TimestampToken<'_>, role: Role, end: u64) -> Option<Subject> {
    Some(Subject {
        field: String::new(),
        role,
        certificate: token.unit(&[]).ok()?,
        pool: token.cms().certificates(),
        time: Some(token.info().gen_time),
        used: policy::of_token(token),
        end,
    })
}

fn of_signature(value: &SignatureDictionary) -> Vec<Subject> {
    let Ok(contents) = definite_lengths(&value.contents) else { return Vec::new() };
    let Ok(message) = SignedData::parse_padded(&contents) else { return Vec::new() };
    let Some(signer) = message.signer() else { return Vec::new() };
    let pool = message.certificates();
    let Some(certificate) = signer.find_certificate(&pool).cloned() else { return Vec::new() };
    let end = value.end().unwrap_or(0);
    let tokens: Vec<Cow<'_, [u8]>> =
        signer.signature_timestamps().iter().filter_map(|der| definite_lengths(der).ok()).collect();
    let units: Vec<Subject> = tokens
        .iter()
        .filter_map(|der| TimestampToken::parse(der).ok())
        .filter_map(|token| of_token(&token, Role::SignatureTimestamp, end))
        .collect();
    let time = units.iter().filter_map(|unit| unit.time).min();
    let field = String::new();
    let used = policy::of_signer(signer);
    let own = Subject { field, role: Role::Signer, certificate, pool, time, used, end };
    std::iter::once(own).chain(units).collect()
}
