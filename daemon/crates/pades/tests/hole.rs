//! The hole is as large as it has to be, however large chain and timestamp are.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Bench, file_of, small_pdf};
use sceau_pades::{Level, SealRequest, TOKEN_VARIATION, begin};
use sceau_pki::testing::TestPki;
use sceau_pki::tsp::{Imprint, PreparedToken, TimeStampRequest, token_len};
use sceau_pki::{Certificate, DigestAlgorithm, SignatureAlgorithm};

/// Certificates that have nothing to do with the signature: some thirty kilobytes of them.
fn ballast() -> Vec<Certificate> {
    let one = || {
        let pki = TestPki::generate(SignatureAlgorithm::EcdsaP256Sha256);
        [pki.root, pki.issuing, pki.seal, pki.person, pki.unit].map(|holder| holder.certificate)
    };
    std::iter::repeat_with(one).take(10).flatten().collect()
}

/// The length of the DER at the start of the hole, and the hole's, in bytes.
fn filled(base: &[u8], sealed: &sceau_pades::Sealed) -> (usize, usize) {
    let hole = sealed.revision.hole.unwrap();
    let file = file_of(base, sealed);
    let digits = &file[hole.start as usize + 1..hole.end() as usize - 1];
    let head = hex::decode(&digits[..10]).unwrap();
    let octets = usize::from(head[1] & 0x7f);
    let len = head[2..2 + octets].iter().fold(0, |len, byte| len << 8 | usize::from(*byte));
    (2 + octets + len, hole.capacity())
}

#[test]
fn a_large_chain_fits_to_the_byte_of_the_signature() {
    let bench = Bench::p256();
    let mut chain = bench.chain.clone();
    chain.extend(ballast());
    let request = SealRequest { chain: &chain, ..bench.request(Level::B) };
    let base = small_pdf();
    let sealed = bench.seal(&base, &request);
    let (used, capacity) = filled(&base, &sealed);
    assert!(used > 30_000, "{used}");
    // An ECDSA value is up to a few bytes shorter than its longest form.
    assert!((used..=used + 12).contains(&capacity), "{used} of {capacity}");
    assert!(bench.judge(&file_of(&base, &sealed)).verdict.passed());
}

#[test]
fn a_large_timestamp_fits_with_what_a_dry_run_tells() {
    let bench = Bench::p256();
    let mut chain = bench.chain.clone();
    chain.extend(ballast());
    let mut of_unit = vec![bench.pki.issuing.certificate.clone()];
    of_unit.extend(ballast());
    let parameters = bench.pki.unit_parameters(&of_unit);
    let room = token_len(&parameters, DigestAlgorithm::Sha256) + TOKEN_VARIATION;
    assert!(room > 30_000, "{room}");
    let request =
        SealRequest { chain: &chain, timestamp_len: Some(room), ..bench.request(Level::T) };
    let base = small_pdf();
    let session = begin(&base, &request).unwrap();
    let signature = bench.sign(session.to_be_signed());
    let signed = session.signed(&signature).unwrap();
    let imprint = Imprint::new(DigestAlgorithm::Sha256, signed.imprint().to_vec());
    let asked = TimeStampRequest::new(imprint, [7; 8]);
    let prepared = PreparedToken::new(&parameters, &asked, [9; 16], TestPki::now());
    let value = bench.pki.unit.key.sign(prepared.to_be_signed());
    let sealed = signed.timestamped(&prepared.finish(&value).unwrap()).unwrap();
    let (used, capacity) = filled(&base, &sealed);
    assert!((used..=used + 2 * TOKEN_VARIATION).contains(&capacity), "{used} of {capacity}");
    assert!(bench.judge(&file_of(&base, &sealed)).verdict.passed());
}
