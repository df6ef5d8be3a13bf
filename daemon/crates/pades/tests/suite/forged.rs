//! Timestamps and issuers that are not what they seem: copied from elsewhere, or of the same name under
//! other keys.

use crate::common::{Bench, file_of, small_pdf};
use sceau_pades::report::SubIndication;
use sceau_pades::{Level, SealRequest, begin};
use sceau_pki::testing::TestPki;

/// A file sealed with the token that `token` makes over its signature value, and that token.
fn sealed_with(bench: &Bench, token: impl Fn([u8; 32]) -> Vec<u8>) -> (Vec<u8>, Vec<u8>) {
    let base = small_pdf();
    let session = begin(&base, &bench.request(Level::T)).unwrap();
    let signature = bench.sign(session.to_be_signed());
    let signed = session.signed(&signature).unwrap();
    let token = token(signed.imprint());
    (file_of(&base, &signed.timestamped(&token).unwrap()), token)
}

fn hex(bytes: &[u8], upper: bool) -> String {
    bytes.iter().map(|b| if upper { format!("{b:02X}") } else { format!("{b:02x}") }).collect()
}

#[test]
fn a_timestamp_copied_from_another_signature_proves_nothing() {
    let bench = Bench::p256();
    let make = || sealed_with(&bench, |imprint| bench.token(imprint));
    let (file, own) = make();
    assert!(bench.judge(&file).verdict.passed());
    // The lengths of ECDSA signatures differ by a byte or two.
    let copied = (0..60).map(|_| make().1).find(|token| token.len() == own.len()).unwrap();
    let place = |upper| {
        let digits = hex(&own, upper).into_bytes();
        file.windows(digits.len()).position(|window| window == digits)
    };
    let upper = place(true).is_some();
    let at = place(upper).unwrap();
    let other = hex(&copied, upper).into_bytes();
    let file = [&file[..at], &other, &file[at + other.len()..]].concat();
    let report = bench.judge(&file);
    assert!(!report.verdict.passed(), "{report:#?}");
    assert!(!report.signatures[0].time_is_proven, "{report:#?}");
}

/// An authority of the same names, whose keys are others.
#[test]
fn a_timestamp_of_an_authority_that_has_the_name_alone_proves_nothing() {
    let (bench, forger) = (Bench::p256(), Bench::p256());
    let (file, _) = sealed_with(&bench, |imprint| forger.token(imprint));
    let report = bench.judge(&file);
    assert!(!report.verdict.passed(), "{report:#?}");
    assert!(!report.signatures[0].time_is_proven, "{report:#?}");
}

#[test]
fn an_issuer_of_the_same_name_and_another_key_issues_nothing() {
    let (bench, forger) = (Bench::p256(), Bench::p256());
    let base = small_pdf();
    let trusted = |bench: &Bench, chain: &[sceau_pki::Certificate]| {
        let request = SealRequest::new(chain, bench.algorithm, Level::B, TestPki::now());
        file_of(&base, &bench.seal(&base, &request))
    };
    // The true seal with a false issuer beside it: no path to the anchor.
    let swapped = [bench.chain[0].clone(), forger.chain[1].clone()];
    let report = bench.judge(&trusted(&bench, &swapped));
    assert_eq!(report.verdict.sub_indication, Some(SubIndication::NoCertificateChainFound));
    // A false seal with the true issuer beside it: the true one did not issue it.
    let swapped = [forger.chain[0].clone(), bench.chain[1].clone()];
    let report = bench.judge(&trusted(&forger, &swapped));
    assert_eq!(report.verdict.sub_indication, Some(SubIndication::NoCertificateChainFound));
}
