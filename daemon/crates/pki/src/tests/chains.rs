use jiff::ToSpan;

use super::PKI;
use crate::{
    Certificate, ChainError, Purpose, SignatureAlgorithm, Siren, TrustAnchors,
    chain::{order, validate},
    profile::{AuthorityName, Issuance, LegalPerson, issuing_ca, seal},
    testing::{Holder, TestKey, TestPki},
};

fn key() -> TestKey {
    TestKey::generate(SignatureAlgorithm::EcdsaP256Sha256)
}

fn siren() -> Siren {
    Siren::parse("732829320").unwrap()
}

fn authority(issuer: &Holder, common_name: &str) -> Holder {
    let name = AuthorityName { organization: "Cabinet", siren: siren(), common_name };
    issuer.issue(key(), 40, |issuance, issuer| issuing_ca(issuance, issuer, &name))
}

fn sealed_by(issuer: &Holder) -> Holder {
    let person = LegalPerson { organization: "Autre", siren: siren(), common_name: "Autre" };
    issuer.issue(key(), 41, |issuance, issuer| seal(issuance, issuer, &person))
}

fn judge(certificate: &Certificate, pool: &[Certificate]) -> Result<usize, ChainError> {
    let path = validate(certificate, pool, &PKI.anchors(), TestPki::now(), Purpose::Signature);
    path.map(|path| path.certificates().len())
}

#[test]
fn a_good_path_is_found() {
    let path = validate(
        &PKI.seal.certificate,
        &PKI.seal_chain(),
        &PKI.anchors(),
        TestPki::now(),
        Purpose::Signature,
    );
    let path = path.unwrap();
    assert_eq!(path.certificates(), PKI.seal_chain());
    assert_eq!(path.anchor(), &PKI.root.certificate);
}

#[test]
fn the_issuing_authority_may_be_the_anchor_and_so_may_the_seal() {
    for anchor in [&PKI.issuing, &PKI.seal] {
        let anchors = TrustAnchors::new(vec![anchor.certificate.clone()]);
        let seal = &PKI.seal.certificate;
        let path = validate(seal, &[], &anchors, TestPki::now(), Purpose::Signature).unwrap();
        assert_eq!(path.anchor(), &anchor.certificate);
    }
}

#[test]
fn without_the_issuer_there_is_no_path() {
    assert!(matches!(judge(&PKI.seal.certificate, &[]), Err(ChainError::NoPath { .. })));
    let none = TrustAnchors::default();
    let chain = PKI.seal_chain();
    let seal = &PKI.seal.certificate;
    let result = validate(seal, &chain, &none, TestPki::now(), Purpose::Signature);
    let error = result.unwrap_err();
    assert_eq!(error.sub_indication(), "NO_CERTIFICATE_CHAIN_FOUND");
}

#[test]
fn dates_are_those_of_the_instant() {
    let chain = PKI.seal_chain();
    let at = |time: jiff::Timestamp| {
        validate(&chain[0], &chain, &PKI.anchors(), time, Purpose::Signature)
    };
    let (first, last) = (chain[0].not_before(), chain[0].not_after());
    assert!(at(first).is_ok() && at(last).is_ok());
    assert!(at(last + 900.milliseconds()).is_ok());
    assert!(matches!(at(last + 1.second()), Err(ChainError::Expired { .. })));
    assert!(matches!(at(first - 1.millisecond()), Err(ChainError::NotYetValid { .. })));
}

#[test]
fn purposes_are_kept_apart() {
    let chain = PKI.seal_chain();
    let now = TestPki::now();
    let judge = |certificate, purpose| {
        validate(certificate, &chain, &PKI.anchors(), now, purpose).map(|_| ())
    };
    assert!(judge(&PKI.unit.certificate, Purpose::Timestamping).is_ok());
    let wrong = [
        (&PKI.unit.certificate, Purpose::Signature),
        (&PKI.seal.certificate, Purpose::Timestamping),
        (&PKI.seal.certificate, Purpose::OcspSigning),
        (&PKI.issuing.certificate, Purpose::Signature),
    ];
    for (certificate, purpose) in wrong {
        assert!(matches!(judge(certificate, purpose), Err(ChainError::WrongUsage { .. })));
    }
}

#[test]
fn an_authority_too_many_is_refused() {
    let below = authority(&PKI.issuing, "AC de trop");
    let leaf = sealed_by(&below);
    let pool = [below.certificate.clone(), PKI.issuing.certificate.clone()];
    assert!(matches!(judge(&leaf.certificate, &pool), Err(ChainError::PathLength { .. })));
}

#[test]
fn a_forged_certificate_of_the_right_name_is_refused() {
    let other = TestPki::generate(SignatureAlgorithm::EcdsaP256Sha256);
    let mut pool = other.seal_chain();
    assert!(matches!(judge(&other.seal.certificate, &pool), Err(ChainError::NoPath { .. })));
    // The true ones do not help it, and it does not hinder them.
    pool.extend(PKI.seal_chain());
    assert!(judge(&other.seal.certificate, &pool).is_err());
    assert_eq!(judge(&PKI.seal.certificate, &pool), Ok(3));
}

#[test]
fn a_changed_certificate_has_a_bad_signature() {
    let mut der = PKI.seal.certificate.der().to_vec();
    let name = b"Cabinet Exemple";
    let at = der.windows(name.len()).rposition(|window| window == name).unwrap();
    der[at] = b'K';
    let changed = Certificate::from_der(&der).unwrap();
    let judged = judge(&changed, &PKI.seal_chain());
    assert!(matches!(judged, Err(ChainError::BadSignature { .. })), "{judged:?}");
}

#[test]
fn entangled_certificates_end_in_an_error() {
    // Twelve authorities under the same name and key, each issued by all: 12! ways to nowhere.
    let root = TestPki::generate(SignatureAlgorithm::EcdsaP256Sha256).root;
    let name = AuthorityName { organization: "Boucle", siren: siren(), common_name: "Boucle" };
    let first = root.issue(key(), 50, |issuance, issuer| issuing_ca(issuance, issuer, &name));
    let spki = first.key.spki();
    let copies = (0..12u8).map(|number| {
        let copy = first.issue(key(), 51 + number, |issuance, issuer| {
            issuing_ca(&Issuance { public_key: &spki, ..issuance.clone() }, issuer, &name)
        });
        copy.certificate
    });
    let copies: Vec<_> = copies.collect();
    let leaf = sealed_by(&first).certificate;
    assert_eq!(judge(&leaf, &copies), Err(ChainError::TooComplex));
}

#[test]
fn a_chain_is_put_in_order() {
    let mut pool = PKI.seal_chain();
    pool.reverse();
    assert_eq!(order(&PKI.seal.certificate, &pool), PKI.seal_chain());
    assert_eq!(order(&PKI.seal.certificate, &[]).len(), 1);
}
