//! Messages of another writer (fixtures/README.md).

use crate::{
    DigestAlgorithm, TrustAnchors,
    cms::{CmsError, SignedData, SignerInfoError},
    definite_lengths, oid,
    tsp::{TimeStampRequest, TimeStampResponse, TimestampToken, TokenError},
};

const ROOT: &[u8] = include_bytes!("../../fixtures/openssl-root.pem");
const REQUEST: &[u8] = include_bytes!("../../fixtures/openssl-request.tsq");
const RESPONSES: [&[u8]; 2] = [
    include_bytes!("../../fixtures/openssl-response.tsr"),
    include_bytes!("../../fixtures/openssl-response-v1.tsr"),
];
const CADES: &[u8] = include_bytes!("../../fixtures/openssl-cades.der");
const CADES_BER: &[u8] = include_bytes!("../../fixtures/openssl-cades-ber.der");

#[test]
fn tokens_verify() {
    let request = TimeStampRequest::parse(REQUEST).unwrap();
    let anchors = TrustAnchors::from_pem(ROOT).unwrap();
    for response in RESPONSES {
        let response = TimeStampResponse::parse(response).unwrap();
        let token = TimestampToken::parse(response.token_for(&request).unwrap()).unwrap();
        let verified = token.verify(b"data\n", &anchors, &[]).unwrap();
        assert_eq!(verified.info.accuracy.unwrap().millis, 500);
        assert!(verified.info.ordering);
        let untrusted = token.verify(b"data\n", &TrustAnchors::default(), &[]);
        assert!(matches!(untrusted, Err(TokenError::Chain(_))));
    }
}

#[test]
fn a_response_in_ber_is_read() {
    let request = TimeStampRequest::parse(REQUEST).unwrap();
    let content = &RESPONSES[0][4..];
    let ber = [&[0x30, 0x80], content, &[0, 0]].concat();
    let (der, ber) = (TimeStampResponse::parse(RESPONSES[0]), TimeStampResponse::parse(&ber));
    assert_eq!(der, ber);
    assert!(ber.unwrap().token_for(&request).is_ok());
}

#[test]
fn a_request_is_written_as_it_was_read() {
    assert_eq!(TimeStampRequest::parse(REQUEST).unwrap().to_der(), REQUEST);
}

#[test]
fn a_signature_verifies_in_der_and_in_ber() {
    assert!(matches!(SignedData::parse(CADES_BER), Err(CmsError::Malformed(_))));
    let definite = definite_lengths(CADES_BER).unwrap();
    assert_eq!(*definite_lengths(CADES).unwrap(), *CADES);
    for bytes in [CADES, &definite] {
        let message = SignedData::parse(bytes).unwrap();
        let certificates = message.certificates();
        let signer = message.signer().unwrap();
        let certificate = signer.find_certificate(&certificates).unwrap();
        let judge = |content| {
            signer.verify(certificate, oid::DATA, &DigestAlgorithm::Sha512.digest(content))
        };
        assert_eq!(judge(b"data\n"), Ok(()));
        assert_eq!(judge(b"date\n"), Err(SignerInfoError::DigestMismatch));
        assert!(message.content().is_none_or(|content| content == b"data\n"));
    }
}
