//! Timestamps that were made for something else.

use std::ops::Range;

use super::message::{cms, element, total, with_cms};

/// The type of the attribute that holds a signature timestamp (RFC 3161, appendix A):
/// 1.2.840.113549.1.9.16.2.14.
const TIMESTAMP: [u8; 13] = [6, 11, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 2, 14];

/// `file` with the signature timestamp of `donor`; none where the two are not of one length.
pub fn with_token_of(file: &[u8], donor: &[u8]) -> Option<Vec<u8>> {
    let (der, _) = cms(donor);
    let token = &der[token(&der)];
    let (own, _) = cms(file);
    (token.len() == self::token(&own).len()).then(|| {
        with_cms(file, |mut der| {
            let place = self::token(&der);
            der[place].copy_from_slice(token);
            der
        })
    })
}

/// `file` with the newest CMS of `donor` in place of its own.
pub fn with_cms_of(file: &[u8], donor: &[u8]) -> Vec<u8> {
    with_cms(file, |_| cms(donor).0)
}

/// Where the token stands: behind the attribute's type, in a SET of one.
fn token(der: &[u8]) -> Range<usize> {
    let place = der.windows(TIMESTAMP.len()).position(|window| window == TIMESTAMP);
    let set = place.expect("a timestamp") + TIMESTAMP.len();
    let start = set + element(&der[set..]).0;
    start..start + total(&der[start..])
}
