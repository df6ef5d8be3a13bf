use super::{ALL, PKI};
use crate::{
    ChainError, DigestAlgorithm, SignatureError,
    cms::SignerInfoError,
    testing::TestPki,
    tsp::{
        FailureInfo, Imprint, PreparedToken, RequestError, ResponseError, TimeStampRequest,
        TimeStampResponse, TimestampToken, TokenError, granted, rejection, token_len,
    },
};

fn request() -> TimeStampRequest {
    TimeStampRequest::new(Imprint::of(DigestAlgorithm::Sha256, b"signature"), [0xff; 8])
}

#[test]
fn a_token_is_made_and_verified_with_every_algorithm() {
    for pki in ALL.iter() {
        let token = pki.timestamp(&request(), TestPki::now());
        let parsed = TimestampToken::parse(&token).unwrap();
        assert_eq!(parsed.answers(&request()), Ok(()));
        let verified = parsed.verify(b"signature", &pki.anchors(), &[]).unwrap();
        assert_eq!(verified.info.gen_time, TestPki::now());
        assert_eq!(verified.unit(), &pki.unit.certificate);
        assert_eq!(parsed.verify(b"another", &pki.anchors(), &[]), Err(TokenError::OtherImprint));
        let chain = [pki.issuing.certificate.clone()];
        let bound = token_len(&pki.unit_parameters(&chain), DigestAlgorithm::Sha256);
        assert!(token.len() <= bound && bound - token.len() <= 16);
    }
}

#[test]
fn certificates_stand_in_the_token_only_when_wanted() {
    let request = TimeStampRequest { cert_req: false, nonce: None, ..request() };
    let token = PKI.timestamp(&request, TestPki::now());
    let parsed = TimestampToken::parse(&token).unwrap();
    assert!(parsed.cms().certificates().is_empty());
    let alone = parsed.verify(b"signature", &PKI.anchors(), &[]);
    assert_eq!(alone, Err(TokenError::NoCertificate));
    let others = PKI.chain_of(&PKI.unit);
    assert!(parsed.verify(b"signature", &PKI.anchors(), &others).is_ok());
}

#[test]
fn a_token_after_the_units_end_is_refused() {
    let late = PKI.unit.certificate.not_after() + jiff::SignedDuration::from_secs(1);
    let token = PKI.timestamp(&request(), late);
    let parsed = TimestampToken::parse(&token).unwrap();
    let verdict = parsed.verify(b"signature", &PKI.anchors(), &[]);
    assert!(matches!(verdict, Err(TokenError::Chain(ChainError::Expired { .. }))));
}

#[test]
fn a_seal_cannot_timestamp() {
    let parameters = PKI.unit_parameters(&[]);
    let parameters = crate::tsp::TokenParameters { unit: &PKI.seal.certificate, ..parameters };
    let prepared = PreparedToken::new(&parameters, &request(), [1; 16], TestPki::now());
    let token = prepared.finish(&PKI.seal.key.sign(prepared.to_be_signed())).unwrap();
    let response = TimeStampResponse::parse(&granted(&token)).unwrap();
    let refused = response.token_for(&request());
    let wrong =
        |error: &TokenError| matches!(error, TokenError::Chain(ChainError::WrongUsage { .. }));
    assert!(matches!(&refused, Err(ResponseError::Token(error)) if wrong(error)), "{refused:?}");
    let parsed = TimestampToken::parse(&token).unwrap();
    let verdict = parsed.verify(b"signature", &PKI.anchors(), &PKI.seal_chain());
    assert!(matches!(verdict, Err(TokenError::Chain(ChainError::WrongUsage { .. }))));
}

#[test]
fn a_response_of_a_unit_that_had_ended_is_not_taken() {
    let end = PKI.unit.certificate.not_after();
    for (at, ended) in [(end, false), (end + jiff::SignedDuration::from_secs(1), true)] {
        let response = TimeStampResponse::parse(&granted(&PKI.timestamp(&request(), at))).unwrap();
        let answer = response.token_for(&request());
        let expired = |error: &ResponseError| {
            matches!(error, ResponseError::Token(TokenError::Chain(ChainError::Expired { .. })))
        };
        assert_eq!(answer.as_ref().is_err_and(expired), ended, "{answer:?}");
        assert_eq!(answer.is_err(), ended);
    }
}

#[test]
fn a_prepared_token_waits_and_takes_its_own_signature_only() {
    let chain = [PKI.issuing.certificate.clone()];
    let prepared =
        PreparedToken::new(&PKI.unit_parameters(&chain), &request(), [1; 16], TestPki::now());
    let record = serde_json::to_string(&prepared).unwrap();
    let again: PreparedToken = serde_json::from_str(&record).unwrap();
    assert_eq!(again, prepared);
    let wrong = again.finish(&PKI.seal.key.sign(again.to_be_signed()));
    assert_eq!(wrong, Err(SignatureError::Invalid));
    assert!(again.finish(&PKI.unit.key.sign(again.to_be_signed())).is_ok());
}

#[test]
fn requests_come_back() {
    let plain = request();
    let full = TimeStampRequest {
        policy: Some(crate::oid::POLICY_INTERNAL_TSA),
        cert_req: false,
        ..request()
    };
    let bare = TimeStampRequest { nonce: None, ..request() };
    for request in [plain, full, bare] {
        assert_eq!(TimeStampRequest::parse(&request.to_der()), Ok(request));
    }
}

#[test]
fn bad_requests_are_told_apart() {
    let mut short = request();
    short.imprint.digest.pop();
    let error = TimeStampRequest::parse(&short.to_der()).unwrap_err();
    assert_eq!(error, RequestError::Algorithm);
    assert_eq!(error.failure_info(), FailureInfo::BadAlg);
    let error = TimeStampRequest::parse(b"GET / HTTP/1.1").unwrap_err();
    assert_eq!(error.failure_info(), FailureInfo::BadDataFormat);
    let error = TimeStampRequest::parse(&[0x30; 5000]).unwrap_err();
    assert!(matches!(error, RequestError::Malformed(_)));
}

#[test]
fn a_response_must_answer_the_request() {
    let token = PKI.timestamp(&request(), TestPki::now());
    let bytes = granted(&token);
    let response = TimeStampResponse::parse(&bytes).unwrap();
    assert_eq!(response.token_for(&request()), Ok(token.as_slice()));
    let other_nonce = TimeStampRequest::new(request().imprint, [1; 8]);
    let other_policy =
        TimeStampRequest { policy: Some(crate::oid::POLICY_INTERNAL_CA), ..request() };
    for other in [other_nonce, other_policy] {
        let expected = Err(ResponseError::Token(TokenError::OtherRequest));
        assert_eq!(response.token_for(&other), expected);
    }
    let other = TimeStampRequest::new(Imprint::of(DigestAlgorithm::Sha256, b"x"), [0xff; 8]);
    assert_eq!(response.token_for(&other), Err(ResponseError::Token(TokenError::OtherImprint)));
    let refused = rejection(FailureInfo::TimeNotAvailable, "horloge");
    let refused = TimeStampResponse::parse(&refused).unwrap();
    assert!(matches!(refused.token_for(&request()), Err(ResponseError::Refused { .. })));
}

#[test]
fn a_response_with_a_changed_token_is_not_taken() {
    let mut token = PKI.timestamp(&request(), TestPki::now());
    let last = token.len() - 1;
    token[last] ^= 1;
    let response = TimeStampResponse::parse(&granted(&token)).unwrap();
    let refused = response.token_for(&request());
    assert!(matches!(refused, Err(ResponseError::Token(TokenError::Signature(_)))), "{refused:?}");
}

#[test]
fn a_changed_time_is_found() {
    let mut token = PKI.timestamp(&request(), TestPki::now());
    let at = token.windows(8).position(|window| window == b"20261123").unwrap();
    token[at + 3] = b'5';
    let parsed = TimestampToken::parse(&token).unwrap();
    assert_eq!(
        parsed.verify(b"signature", &PKI.anchors(), &[]),
        Err(TokenError::Signature(SignerInfoError::DigestMismatch))
    );
}
