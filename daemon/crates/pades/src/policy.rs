//! Until when algorithms are accepted: a table with dates (ETSI TS 119 312 V1.5.1, as the default
//! validation policy of EU DSS 6.4 has it).
//!
//! What is not accepted at all (SHA-1, RSA below 2048 bits, DSA) is refused by the parsers of the
//! `pki` room already. A change of opinion about an algorithm is a change of a line here.
//!
//! Whatever is signed is judged for the moment at which it is proven to have existed, else for now
//! (EN 319 102-1 §5.2.8): signatures, timestamps, certificates, and what tells their status.

use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;
use sceau_pki::cms::SignerInfo;
use sceau_pki::revocation::{Evidence, Source};
use sceau_pki::tsp::TimestampToken;
use sceau_pki::{Certificate, DigestAlgorithm, KeyKind, Scheme};

/// Something that a signature rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Used {
    /// A key.
    Key(KeyKind),
    /// The way in which a key signs.
    Scheme(Scheme),
    /// A digest, within a signature or of what is signed.
    Digest(DigestAlgorithm),
}

/// One line of the table: from the day `until` on, in UTC, it is not accepted any more.
struct Line {
    what: &'static str,
    covers: fn(Used) -> bool,
    /// None where no end is known.
    until: Option<(i16, i8, i8)>,
}

/// Every algorithm that is read here has a line; the first that covers it counts.
const TABLE: [Line; 6] = [
    Line {
        what: "RSA below 3000 bits",
        covers: |used| matches!(used, Used::Key(KeyKind::Rsa { bits }) if bits < 3000),
        until: Some((2029, 1, 1)),
    },
    Line {
        what: "RSA from 3000 bits on",
        covers: |used| matches!(used, Used::Key(KeyKind::Rsa { .. })),
        until: None,
    },
    Line {
        what: "elliptic curves from 256 bits on",
        covers: |used| matches!(used, Used::Key(_)),
        until: None,
    },
    Line {
        what: "RSA PKCS#1 v1.5",
        covers: |used| matches!(used, Used::Scheme(Scheme::RsaPkcs1(_))),
        until: Some((2029, 1, 1)),
    },
    Line { what: "RSA PSS and ECDSA", covers: |used| matches!(used, Used::Scheme(_)), until: None },
    Line {
        what: "SHA-256, SHA-384 and SHA-512",
        covers: |used| matches!(used, Used::Digest(_)),
        until: None,
    },
];

/// When the first of them stops being accepted; nothing where no end is known.
#[must_use]
pub fn accepted_until(used: &[Used]) -> Option<Timestamp> {
    until_by(&TABLE, used)
}

/// Why one of them is not accepted at a moment; nothing where all are.
pub(crate) fn refusal(used: &[Used], at: Timestamp) -> Option<String> {
    refusal_by(&TABLE, used, at)
}

/// A certificate's key, whoever trusts the certificate.
pub(crate) fn of_key(certificate: &Certificate) -> Vec<Used> {
    certificate.public_key().ok().map(Used::Key).into_iter().collect()
}

/// What its issuer's signature on a certificate rests on, the issuer's key apart. That of a trust
/// anchor proves nothing and is not asked about.
pub(crate) fn of_issuing(certificate: &Certificate) -> Vec<Used> {
    of_scheme(certificate.scheme())
}

/// What a signer's own signature rests on, his key apart.
pub(crate) fn of_signer(signer: &SignerInfo<'_>) -> Vec<Used> {
    of_scheme(signer.scheme())
}

/// The same of a timestamp, with the digest of what it covers.
pub(crate) fn of_token(token: &TimestampToken<'_>) -> Vec<Used> {
    let mut used = token.cms().signer().map(of_signer).unwrap_or_default();
    used.extend(token.info().imprint.accepted().map(Used::Digest));
    used
}

/// What a certificate's status rests on, with the key of whoever told it: the certificate's issuer, or
/// his responder, whose certificate counts too.
pub(crate) fn of_evidence(evidence: &Evidence, issuer: &Certificate) -> Vec<Used> {
    let (scheme, responder) = match &evidence.source {
        Source::Crl(list) => (list.scheme(), None),
        Source::Ocsp { response, responder, .. } => (response.scheme(), responder.as_ref()),
    };
    let mut used = of_scheme(scheme);
    used.extend(of_key(responder.unwrap_or(issuer)));
    used.extend(responder.into_iter().flat_map(of_issuing));
    used
}

/// Whether an answer about a certificate of `issuer` that was made just now is accepted.
///
/// # Errors
/// Why not, in English.
pub fn accepts_new(evidence: &Evidence, issuer: &Certificate) -> Result<(), String> {
    refusal(&of_evidence(evidence, issuer), evidence.this_update).map_or(Ok(()), Err)
}

fn of_scheme(scheme: Option<Scheme>) -> Vec<Used> {
    scheme.map_or(Vec::new(), |scheme| vec![Used::Scheme(scheme), Used::Digest(scheme.digest())])
}

fn until_by(table: &[Line], used: &[Used]) -> Option<Timestamp> {
    used.iter().filter_map(|one| end(line_of(table, *one)?)).min()
}

fn refusal_by(table: &[Line], used: &[Used], at: Timestamp) -> Option<String> {
    let lines = used.iter().filter_map(|one| line_of(table, *one));
    let mut ended = lines.filter(|line| end(line).is_some_and(|end| at >= end));
    let line = ended.next()?;
    let (year, month, day) = line.until?;
    Some(format!("{} is not accepted since {year:04}-{month:02}-{day:02}", line.what))
}

fn line_of(table: &[Line], used: Used) -> Option<&Line> {
    table.iter().find(|line| (line.covers)(used))
}

fn end(line: &Line) -> Option<Timestamp> {
    let (year, month, day) = line.until?;
    let midnight = date(year, month, day).to_zoned(TimeZone::UTC).ok()?;
    Some(midnight.timestamp())
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use sceau_pki::SignatureAlgorithm;
    use sceau_pki::testing::TestPki;

    use super::*;

    const DIGESTS: [DigestAlgorithm; 3] =
        [DigestAlgorithm::Sha256, DigestAlgorithm::Sha384, DigestAlgorithm::Sha512];

    fn moment(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// The day before it is accepted, and on the day not any more.
    fn ends(used: Used, day: &str) {
        let end = moment(&format!("{day}T00:00:00Z"));
        assert_eq!(accepted_until(&[used]), Some(end), "{used:?}");
        assert_eq!(refusal(&[used], end - SignedDuration::from_secs(1)), None, "{used:?}");
        assert!(refusal(&[used], end).unwrap().ends_with(day), "{used:?}");
    }

    fn has_no_end(used: Used) {
        assert_eq!(accepted_until(&[used]), None, "{used:?}");
        assert_eq!(refusal(&[used], moment("2099-01-01T00:00:00Z")), None, "{used:?}");
    }

    #[test]
    fn short_rsa_keys_end_and_others_do_not_yet() {
        ends(Used::Key(KeyKind::Rsa { bits: 2048 }), "2029-01-01");
        ends(Used::Key(KeyKind::Rsa { bits: 2999 }), "2029-01-01");
        let long = KeyKind::Rsa { bits: 3072 };
        for key in [long, KeyKind::EcP256, KeyKind::EcP384, KeyKind::EcP521] {
            has_no_end(Used::Key(key));
        }
    }

    #[test]
    fn the_old_padding_ends_whatever_the_key_and_the_digest() {
        for digest in DIGESTS {
            ends(Used::Scheme(Scheme::RsaPkcs1(digest)), "2029-01-01");
            has_no_end(Used::Scheme(Scheme::RsaPss(digest, 64)));
            has_no_end(Used::Scheme(Scheme::Ecdsa(digest)));
            has_no_end(Used::Digest(digest));
        }
    }

    /// The end of a digest, once it has one, is found in every place where it is used.
    #[test]
    fn a_digest_that_ends_ends_what_rests_on_it() {
        let sha256 = |used| used == Used::Digest(DigestAlgorithm::Sha256);
        let table = [Line { what: "SHA-256", covers: sha256, until: Some((2031, 7, 1)) }];
        let end = moment("2031-07-01T00:00:00Z");
        let pki = TestPki::generate(SignatureAlgorithm::EcdsaP256Sha256);
        let used = of_issuing(&pki.unit.certificate);
        assert_eq!(until_by(&table, &used), Some(end));
        assert!(refusal_by(&table, &used, end).unwrap().contains("2031-07-01"));
        let other = TestPki::generate(SignatureAlgorithm::EcdsaP384Sha384);
        assert_eq!(until_by(&table, &of_issuing(&other.unit.certificate)), None);
    }

    #[test]
    fn the_first_end_counts() {
        let table = [
            Line {
                what: "one",
                covers: |used| matches!(used, Used::Key(_)),
                until: Some((2030, 1, 1)),
            },
            Line {
                what: "two",
                covers: |used| matches!(used, Used::Digest(_)),
                until: Some((2028, 1, 1)),
            },
        ];
        let used = [Used::Key(KeyKind::EcP256), Used::Digest(DigestAlgorithm::Sha512)];
        assert_eq!(until_by(&table, &used), Some(moment("2028-01-01T00:00:00Z")));
        let at = moment("2028-06-01T00:00:00Z");
        assert!(refusal_by(&table, &used, at).unwrap().starts_with("two"));
    }
}
