//! The hole is as large as it has to be, however large the chain is.

use crate::common::{Bench, file_of, small_pdf};
use sceau_pades::{Level, SealRequest};
use sceau_pki::testing::TestPki;
use sceau_pki::{Certificate, SignatureAlgorithm};

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
}
