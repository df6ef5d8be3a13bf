//! Bytes from outside, damaged at random, end in errors or verify no longer; nothing panics.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::PKI;
use crate::{
    Certificate, DigestAlgorithm, Purpose, SignerAttributes,
    chain::validate,
    cms::{Assembly, Content, SignedAttributes, SignedData, add_unsigned_attribute},
    oid,
    testing::TestPki,
    tsp::{Imprint, TimeStampRequest, TimeStampResponse, TimestampToken, granted},
};

static MESSAGE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let digest = DigestAlgorithm::Sha256;
    let attributes = SignedAttributes::baseline(
        oid::DATA,
        digest,
        &digest.digest(b"document"),
        &PKI.seal.certificate,
        &SignerAttributes { claimed_roles: vec!["Gérant".into()], others: vec![] },
    );
    let assembly = Assembly {
        content: Content::Detached,
        signed_attributes: &attributes,
        algorithm: PKI.seal.key.algorithm(),
        signer: &PKI.seal.certificate,
        chain: &PKI.seal_chain(),
        bare: false,
        unsigned: &[],
    };
    assembly.finish(&PKI.seal.key.sign(attributes.to_be_signed()))
});

static TOKEN: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let imprint = Imprint::of(DigestAlgorithm::Sha256, b"signature");
    PKI.timestamp(&TimeStampRequest::new(imprint, [3; 8]), TestPki::now())
});

/// Some octets changed, and perhaps the end cut off.
fn damage(
    bytes: &[u8],
    changes: &[(prop::sample::Index, u8)],
    cut: Option<prop::sample::Index>,
) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (at, value) in changes {
        let at = at.index(bytes.len());
        bytes[at] = *value;
    }
    if let Some(cut) = cut {
        bytes.truncate(cut.index(bytes.len()));
    }
    bytes
}

fn changes() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    proptest::collection::vec(any::<(prop::sample::Index, u8)>(), 1..4)
}

/// Reads a message in every way that there is; whether its signature verifies.
fn verifies(bytes: &[u8]) -> bool {
    let Ok(message) = SignedData::parse_padded(bytes) else { return false };
    let _ = add_unsigned_attribute(bytes, &crate::attributes::signature_timestamp(&[5, 0]));
    let certificates = message.certificates();
    let Some(signer) = message.signer() else { return false };
    let _ = (signer.signer_attributes(), signer.signing_certificate(), signer.message_digest());
    let Some(certificate) = signer.find_certificate(&certificates) else { return false };
    let digest = DigestAlgorithm::Sha256.digest(b"document");
    signer.verify(certificate, oid::DATA, &digest).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn certificates(changes in changes(), cut in any::<Option<prop::sample::Index>>()) {
        let original = &PKI.unit.certificate;
        let damaged = damage(original.der(), &changes, cut);
        if let Ok(certificate) = Certificate::from_der(&damaged) {
            let _ = format!("{certificate:?} {}", certificate.issuer());
            let chain = PKI.seal_chain();
            let at = TestPki::now();
            let path = validate(&certificate, &chain, &PKI.anchors(), at, Purpose::Timestamping);
            let outer = certificate.tbs() == original.tbs();
            prop_assert!(path.is_err() || outer, "a changed certificate was accepted");
        }
    }

    #[test]
    fn messages(changes in changes(), cut in any::<Option<prop::sample::Index>>()) {
        let damaged = damage(&MESSAGE, &changes, cut);
        if verifies(&damaged) {
            // What is not signed may change: certificates besides the signer's, and versions.
            let original = SignedData::parse(&MESSAGE).unwrap();
            let damaged = SignedData::parse_padded(&damaged).unwrap();
            prop_assert_eq!(
                original.signer().unwrap().to_be_verified(),
                damaged.signer().unwrap().to_be_verified()
            );
        }
    }

    #[test]
    fn tokens(changes in changes(), cut in any::<Option<prop::sample::Index>>()) {
        let damaged = damage(&TOKEN, &changes, cut);
        let response = granted(&damaged);
        let _ = TimeStampResponse::parse(&response);
        if let Ok(token) = TimestampToken::parse_padded(&damaged)
            && let Ok(verified) = token.verify(b"signature", &PKI.anchors(), &PKI.seal_chain())
        {
            let original = TimestampToken::parse(&TOKEN).unwrap();
            prop_assert_eq!(&verified.info, original.info());
        }
    }

    #[test]
    fn noise(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Certificate::from_der(&bytes);
        let _ = Certificate::from_pem_bundle(&bytes);
        let _ = SignedData::parse(&bytes);
        let _ = TimeStampRequest::parse(&bytes);
        let _ = TimeStampResponse::parse(&bytes).map(|_| ());
        let _ = crate::PublicKey::from_spki(&bytes);
    }

    #[test]
    fn pem_noise(text in "(-----BEGIN CERTIFICATE-----\\PC{0,80}\n?(-----END [A-Z]{0,12}-----)?\n?){0,3}") {
        let _ = Certificate::from_pem_bundle(text.as_bytes());
    }
}
