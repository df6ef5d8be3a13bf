//! Who answers what a document lacks, and asking until nothing more is to be had.

use std::future::Future;
use std::pin::Pin;

use jiff::Timestamp;
use sceau_pades::policy::accepts_new;
use sceau_pades::{Missing, ReadError, Wanted, ageing, missing};
use sceau_pdf::ByteSource;
use sceau_pki::Certificate;
use sceau_pki::chain::TrustAnchors;
use sceau_pki::cms::SignedData;
use sceau_pki::crl::{MAX_CRL, RevocationList};
use sceau_pki::ocsp::{MAX_OCSP, OcspRequest, OcspResponse};
use sceau_pki::revocation::{Material, Status, evaluate_where};

use super::http::{FetchError, FetchPolicy, get, post};

/// Largest answer of an issuer's address, in bytes.
const MAX_ISSUER: usize = 256 * 1024;

/// Most addresses of one kind that are asked about one certificate.
const MAX_URLS: usize = 4;

/// Most rounds: an answer may bring a certificate about which to ask.
const MAX_ROUNDS: usize = 6;

/// Most questions in all.
const MAX_QUESTIONS: usize = 64;

/// How many bytes all answers of one gathering may have together: they are kept until its end, and who
/// gives them is named by strangers' certificates.
pub const MAX_GATHERED: usize = 64 * 1024 * 1024;

/// What a source has to say.
#[derive(Debug, Default)]
pub struct Answer {
    /// What was had.
    pub material: Material,
    /// What went wrong, one English phrase each.
    pub troubles: Vec<String>,
}

/// Somebody who knows about certificates: the network, or the daemon's own authority.
pub trait RevocationSource: Send + Sync {
    /// What it has about something that a document lacks, in at most `room` bytes; nothing where it is
    /// not competent.
    fn ask<'a>(
        &'a self,
        missing: &'a Missing,
        room: usize,
    ) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

    /// Whether it may ever have an answer to that.
    fn may_know(&self, missing: &Missing) -> bool;
}

/// The addresses that the certificates themselves name: OCSP first, then revocation lists.
#[derive(Clone, Copy, Debug, Default)]
pub struct Network {
    /// What fetching may do.
    pub policy: FetchPolicy,
}

impl RevocationSource for Network {
    fn ask<'a>(
        &'a self,
        missing: &'a Missing,
        room: usize,
    ) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
        Box::pin(async move {
            let asking = Question { policy: &self.policy, about: &missing.certificate, room };
            let mut answer = Answer::default();
            match &missing.wanted {
                Wanted::Issuer => asking.issuer(&mut answer).await,
                Wanted::Status { issuer, newer_than } => {
                    asking.status(issuer, *newer_than, &mut answer).await;
                }
            }
            answer
        })
    }

    fn may_know(&self, missing: &Missing) -> bool {
        let certificate = &missing.certificate;
        match missing.wanted {
            Wanted::Issuer => !certificate.ca_issuer_urls().is_empty(),
            Wanted::Status { .. } => {
                !certificate.ocsp_urls().is_empty() || !certificate.crl_urls().is_empty()
            }
        }
    }
}

/// A question to the addresses that a certificate names.
struct Question<'q> {
    policy: &'q FetchPolicy,
    about: &'q Certificate,
    /// How many bytes its answers may have together.
    room: usize,
}

impl Question<'_> {
    /// How many bytes one more answer may have, of `most` that make sense.
    fn limit(&self, answer: &Answer, most: usize) -> usize {
        most.min(self.room.saturating_sub(answer.material.bytes()))
    }

    async fn status(
        &self,
        issuer: &Certificate,
        newer_than: Option<Timestamp>,
        answer: &mut Answer,
    ) {
        for url in self.about.ocsp_urls().iter().take(MAX_URLS) {
            match self.ocsp(url, issuer, self.limit(answer, MAX_OCSP)).await {
                Ok(response) => answer.material.ocsps.push(response),
                Err(trouble) => answer.troubles.push(trouble),
            }
            if suffices(self.about, issuer, newer_than, &answer.material) {
                return;
            }
        }
        for url in self.about.crl_urls().iter().take(MAX_URLS) {
            match self.crl(url, self.limit(answer, MAX_CRL)).await {
                Ok(list) => answer.material.crls.push(list),
                Err(trouble) => answer.troubles.push(trouble),
            }
            if suffices(self.about, issuer, newer_than, &answer.material) {
                return;
            }
        }
    }

    /// POST, and GET where that is all that a responder takes (RFC 6960, appendix A).
    async fn ocsp(
        &self,
        url: &str,
        issuer: &Certificate,
        limit: usize,
    ) -> Result<OcspResponse, String> {
        const QUERY: &str = "application/ocsp-request";
        const REPLY: &str = "application/ocsp-response";
        let request = OcspRequest::new(self.about, issuer, None);
        let request = request.ok_or_else(|| "the issuer's key is of no known kind".to_owned())?;
        let der = request.to_der();
        let posted = post(url, &der, QUERY, REPLY, limit, self.policy).await;
        let bytes = match posted {
            Ok(bytes) => bytes,
            Err(first @ FetchError::Status { .. }) => {
                let address = format!("{}/{}", url.trim_end_matches('/'), path(&der));
                let again = get(&address, REPLY, limit, self.policy).await;
                again.map_err(|_| first.to_string())?
            }
            Err(error) => return Err(told(&error, MAX_OCSP)),
        };
        let response = OcspResponse::parse(&bytes).map_err(|error| format!("{url}: {error}"))?;
        match request.is_answered_by(&response) {
            true => Ok(response),
            false => Err(format!("{url} answered about another certificate")),
        }
    }

    async fn crl(&self, url: &str, limit: usize) -> Result<RevocationList, String> {
        let accept = "application/pkix-crl, */*";
        let bytes = get(url, accept, limit, self.policy).await.map_err(|e| told(&e, MAX_CRL))?;
        RevocationList::take(bytes).map_err(|error| format!("{url}: {error}"))
    }

    async fn issuer(&self, answer: &mut Answer) {
        for url in self.about.ca_issuer_urls().iter().take(MAX_URLS) {
            let accept = "application/pkix-cert, application/pkcs7-mime, */*";
            match get(url, accept, self.limit(answer, MAX_ISSUER), self.policy).await {
                Ok(bytes) => match certificates(&bytes) {
                    found if found.is_empty() => {
                        answer.troubles.push(format!("{url} gave no certificate"));
                    }
                    found => return answer.material.certificates.extend(found),
                },
                Err(error) => answer.troubles.push(told(&error, MAX_ISSUER)),
            }
        }
    }
}

/// The error, and whether the answer was too large only because of others before it.
fn told(error: &FetchError, most: usize) -> String {
    match error {
        FetchError::TooLarge { limit, .. } if *limit < most => format!(
            "{error}: all answers about one document may have {MAX_GATHERED} bytes together"
        ),
        _ => error.to_string(),
    }
}

/// Whether it is known, and as new as wanted.
fn suffices(
    certificate: &Certificate,
    issuer: &Certificate,
    newer_than: Option<Timestamp>,
    material: &Material,
) -> bool {
    let status = evaluate_where(certificate, issuer, material, Timestamp::MAX, &accepts_new);
    match status {
        Status::Unknown(_) => false,
        known => known
            .evidence()
            .is_some_and(|found| newer_than.is_none_or(|moment| found.is_newer_than(moment))),
    }
}

/// One certificate in DER or PEM, or those of a certs-only CMS message (RFC 5280 §4.2.2.1).
fn certificates(bytes: &[u8]) -> Vec<Certificate> {
    if let Ok(one) = Certificate::from_der(bytes) {
        return vec![one];
    }
    let definite = sceau_pki::definite_lengths(bytes).unwrap_or_default();
    match SignedData::parse(&definite) {
        Ok(message) => message.certificates(),
        Err(_) => Certificate::from_pem_bundle(bytes).unwrap_or_default(),
    }
}

/// A request as the last part of an address: base64, with what a path does not take escaped.
fn path(der: &[u8]) -> String {
    use base64::{Engine, prelude::BASE64_STANDARD};
    BASE64_STANDARD.encode(der).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}

fn nobody(missing: &Missing) -> Option<String> {
    let subject = missing.certificate.subject();
    let told = || format!("the certificate of « {subject} » names nobody to ask");
    matches!(missing.wanted, Wanted::Status { .. }).then(told)
}

/// What was gathered, and what is lacking all the same.
#[derive(Debug, Default)]
pub struct Gathered {
    /// What was had.
    pub material: Material,
    /// What the document still lacks.
    pub missing: Vec<Missing>,
    /// What went wrong on the way, one English phrase each.
    pub troubles: Vec<String>,
}

/// Asks for everything that a document lacks, each of the first source that may know it, until it
/// lacks nothing or nothing more is to be had; then once for newer answers where those at hand have
/// ended, which nobody waits for ([`ageing`]).
///
/// # Errors
/// [`ReadError`] where the document cannot be read.
pub async fn gather(
    document: &(dyn ByteSource + Sync),
    anchors: &TrustAnchors,
    sources: &[&dyn RevocationSource],
    now: impl Fn() -> Timestamp,
) -> Result<Gathered, ReadError> {
    let mut asking = Asking { sources, asked: Vec::new(), gathered: Gathered::default() };
    for _ in 0..MAX_ROUNDS {
        let lacking = missing(document, anchors, &asking.gathered.material, now())?;
        let before = asking.gathered.material.clone();
        asking.gathered.troubles.clear();
        asking.ask(&lacking).await;
        if lacking.is_empty() || asking.gathered.material == before {
            break;
        }
    }
    let mut ended = ageing(document, anchors, &asking.gathered.material, now())?;
    ended.retain(|one| !asking.asked.contains(&one.certificate));
    asking.ask(&ended).await;
    let mut gathered = asking.gathered;
    gathered.missing = missing(document, anchors, &gathered.material, now())?;
    Ok(gathered)
}

/// The questions of one gathering.
struct Asking<'s> {
    sources: &'s [&'s dyn RevocationSource],
    /// What was asked about, one certificate for each question.
    asked: Vec<Certificate>,
    gathered: Gathered,
}

impl Asking<'_> {
    async fn ask(&mut self, questions: &[Missing]) {
        for one in questions {
            let Some(source) = self.sources.iter().find(|source| source.may_know(one)) else {
                self.gathered.troubles.extend(nobody(one));
                continue;
            };
            if self.asked.len() == MAX_QUESTIONS {
                break;
            }
            self.asked.push(one.certificate.clone());
            let room = MAX_GATHERED.saturating_sub(self.gathered.material.bytes());
            let answer = source.ask(one, room).await;
            self.gathered.material.merge(&answer.material);
            self.gathered.troubles.extend(answer.troubles);
        }
    }
}

#[cfg(test)]
mod tests;
