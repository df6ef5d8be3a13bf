//! Responses and lists of another writer, weighed (fixtures/README.md).

use jiff::{Timestamp, ToSpan};

use super::PKI;
use crate::{
    Certificate,
    crl::{CrlError, RevocationList},
    ocsp::{
        CertificateStatus, OcspError, OcspRequest, OcspResponse, Responder, ResponderId,
        ResponseStatus,
    },
    profile::Revoked,
    revocation::{
        Evidence, Material, RevocationReason, Source, Status, Unusable, evaluate, evaluate_where,
    },
    testing::TestPki,
};

const PEM: &[u8] = include_bytes!("../../fixtures/openssl-ocsp-pki.pem");
const REQUEST: &[u8] = include_bytes!("../../fixtures/openssl-ocsp-request.der");
const BY_ISSUER: &[u8] = include_bytes!("../../fixtures/openssl-ocsp-by-issuer.der");
const DELEGATED: &[u8] = include_bytes!("../../fixtures/openssl-ocsp-delegated.der");
const CHECKED: &[u8] = include_bytes!("../../fixtures/openssl-ocsp-checked.der");
const OF_RESPONDER: &[u8] = include_bytes!("../../fixtures/openssl-ocsp-of-responder.der");
const ROGUE: &[u8] = include_bytes!("../../fixtures/openssl-ocsp-rogue.der");
const REVOKED: &[u8] = include_bytes!("../../fixtures/openssl-ocsp-revoked.der");
const CRL: &[u8] = include_bytes!("../../fixtures/openssl-crl.der");
const CRL_IDP: &[u8] = include_bytes!("../../fixtures/openssl-crl-idp.der");
const CRL_INDIRECT: &[u8] = include_bytes!("../../fixtures/openssl-crl-indirect.der");

struct Foreign {
    ca: Certificate,
    good: Certificate,
    bad: Certificate,
}

fn foreign() -> Foreign {
    let mut all = Certificate::from_pem_bundle(PEM).unwrap().into_iter();
    let mut next = || all.next().unwrap();
    Foreign { ca: next(), good: next(), bad: next() }
}

fn now() -> Timestamp {
    "2026-12-01T00:00:00Z".parse().unwrap()
}

fn response(der: &[u8]) -> OcspResponse {
    OcspResponse::parse(der).unwrap()
}

fn ocsp(responses: &[&[u8]]) -> Material {
    Material { ocsps: responses.iter().map(|der| response(der)).collect(), ..Material::default() }
}

fn lists(lists: &[&[u8]]) -> Material {
    let crls = lists.iter().map(|der| RevocationList::parse(der).unwrap()).collect();
    Material { crls, ..Material::default() }
}

#[test]
fn a_request_is_written_as_openssl_writes_it() {
    let pki = foreign();
    let request = OcspRequest::new(&pki.good, &pki.ca, None).unwrap();
    let nonce = REQUEST[REQUEST.len() - 16..].to_vec();
    let request = OcspRequest { nonce: Some(nonce), ..request };
    assert_eq!(request.to_der(), REQUEST);
    assert!(request.is_answered_by(&response(BY_ISSUER)));
    assert!(!request.is_answered_by(&response(REVOKED)), "another certificate");
    let other = OcspRequest { nonce: Some(vec![1; 16]), ..request.clone() };
    assert!(!other.is_answered_by(&response(BY_ISSUER)), "another nonce");
    let other_digest = OcspRequest { nonce: None, ..request };
    assert!(other_digest.is_answered_by(&response(CHECKED)));
}

#[test]
fn whoever_may_speak_is_known() {
    let pki = foreign();
    assert_eq!(response(BY_ISSUER).verify(&pki.ca, &[]), Ok(Responder::Issuer));
    let delegated = response(DELEGATED).verify(&pki.ca, &[]);
    assert!(matches!(delegated, Ok(Responder::Delegated { no_check: true, .. })));
    let checked = response(CHECKED).verify(&pki.ca, &[]);
    assert!(matches!(checked, Ok(Responder::Delegated { no_check: false, .. })));
    assert_eq!(response(ROGUE).verify(&pki.ca, &[]), Err(OcspError::NotAuthorised));
    assert!(matches!(response(REVOKED).responder_id(), ResponderId::KeyHash(_)));
    assert!(response(REVOKED).verify(&pki.ca, &[]).is_ok());
    let stranger = &PKI.issuing.certificate;
    assert_eq!(response(DELEGATED).verify(stranger, &[]), Err(OcspError::NotAuthorised));
    assert_eq!(response(BY_ISSUER).verify(stranger, &[]), Err(OcspError::NotAuthorised));
}

#[test]
fn a_changed_response_says_nothing() {
    let pki = foreign();
    let good = evaluate(&pki.good, &pki.ca, &ocsp(&[BY_ISSUER]), now());
    assert!(matches!(good, Status::Good(_)), "{good:?}");
    for at in 0..BY_ISSUER.len() {
        let mut changed = BY_ISSUER.to_vec();
        changed[at] ^= 1;
        let Ok(response) = OcspResponse::parse(&changed) else { continue };
        let material = Material { ocsps: vec![response], ..Material::default() };
        match evaluate(&pki.good, &pki.ca, &material, now()) {
            Status::Unknown(_) => {}
            // Only what is not signed: the certificates beside, the NULL of a parameter.
            Status::Good(evidence) => {
                let tbs = BY_ISSUER.windows(4).position(|part| part == b"\x18\x0f20").unwrap();
                assert!(at > tbs + 100, "octet {at} is signed: {evidence:?}");
            }
            Status::Revoked { .. } => panic!("octet {at}"),
        }
    }
}

#[test]
fn statuses_are_told() {
    let pki = foreign();
    let Status::Revoked { at, reason, .. } = evaluate(&pki.bad, &pki.ca, &ocsp(&[REVOKED]), now())
    else {
        panic!("not revoked");
    };
    assert_eq!(reason, Some(RevocationReason::KeyCompromise));
    assert_eq!(at.to_string(), "2026-11-26T20:41:21Z");
    let about_another = evaluate(&pki.bad, &pki.ca, &ocsp(&[BY_ISSUER]), now());
    assert_eq!(about_another, Status::Unknown(Vec::new()));
    let Status::Good(evidence) = evaluate(&pki.good, &pki.ca, &ocsp(&[DELEGATED]), now()) else {
        panic!("not good");
    };
    assert!(matches!(&evidence.source, Source::Ocsp { responder: Some(_), no_check: true, .. }));
    assert!(evidence.is_current_at(now()) && !evidence.is_newer_than(now()));
    let rogue = evaluate(&pki.good, &pki.ca, &ocsp(&[ROGUE]), now());
    assert_eq!(rogue, Status::Unknown(vec![Unusable::Ocsp(OcspError::NotAuthorised)]));
}

/// RFC 6960 §4.2.2.2.1: a responder without ocsp-nocheck needs a status of its own.
#[test]
fn a_responder_without_no_check_is_checked() {
    let pki = foreign();
    let alone = evaluate(&pki.good, &pki.ca, &ocsp(&[CHECKED]), now());
    let Status::Unknown(why) = alone else { panic!("{alone:?}") };
    assert!(matches!(&why[..], [Unusable::ResponderStatus(_)]), "{why:?}");
    let both = evaluate(&pki.good, &pki.ca, &ocsp(&[CHECKED, OF_RESPONDER]), now());
    assert!(matches!(both, Status::Good(_)), "{both:?}");
    let mut with_list = ocsp(&[CHECKED]);
    with_list.merge(&lists(&[CRL]));
    let by_list = evaluate(&pki.good, &pki.ca, &with_list, now());
    assert!(matches!(by_list, Status::Good(_)), "{by_list:?}");
}

#[test]
fn lists_are_read_and_verified() {
    let pki = foreign();
    let list = RevocationList::parse(CRL).unwrap();
    assert_eq!(list.verify(&pki.ca), Ok(()));
    assert_eq!(list.verify(&pki.bad), Err(CrlError::OtherIssuer));
    assert_eq!(list.find(pki.good.serial()), Ok(None));
    let entry = list.find(pki.bad.serial()).unwrap().unwrap();
    assert_eq!(entry.reason, Some(RevocationReason::KeyCompromise));
    let status = evaluate(&pki.bad, &pki.ca, &lists(&[CRL]), now());
    assert!(matches!(status, Status::Revoked { .. }));
    assert!(matches!(evaluate(&pki.good, &pki.ca, &lists(&[CRL]), now()), Status::Good(_)));
    let record = serde_json::to_string(&list).unwrap();
    assert_eq!(serde_json::from_str::<RevocationList>(&record).unwrap(), list);
    let mut forged = CRL.to_vec();
    let serial = forged.windows(4).rposition(|part| part == [2, 2, 0x10, 1]).unwrap();
    forged[serial + 3] = 9;
    let forged = evaluate(&pki.bad, &pki.ca, &lists(&[&forged]), now());
    assert!(forged.evidence().is_none(), "{forged:?}");
}

#[test]
fn lists_that_speak_for_others_are_told_apart() {
    let pki = foreign();
    let elsewhere = evaluate(&pki.good, &pki.ca, &lists(&[CRL_IDP]), now());
    assert_eq!(elsewhere, Status::Unknown(vec![Unusable::Scope]));
    assert_eq!(RevocationList::parse(CRL_INDIRECT), Err(CrlError::Indirect));
}

#[test]
fn what_was_said_later_was_not_known_before() {
    let pki = foreign();
    let before = now() - 10.hours() * 24;
    let status = evaluate(&pki.bad, &pki.ca, &lists(&[CRL]), before);
    assert!(matches!(status, Status::Unknown(why) if matches!(why[..], [Unusable::Later(_)])));
}

/// What whoever asks demands of a good status is demanded of the responder's too, and keeps no
/// revocation back.
#[test]
fn a_constraint_takes_good_statuses_away_and_no_revocation() {
    let pki = foreign();
    let none = |_: &Evidence, _: &Certificate| Err("no".to_owned());
    let told = |certificate, material: &Material| {
        evaluate_where(certificate, &pki.ca, material, now(), &none)
    };
    let refused = Status::Unknown(vec![Unusable::Constraint("no".to_owned())]);
    assert_eq!(told(&pki.good, &ocsp(&[BY_ISSUER])), refused);
    assert_eq!(told(&pki.good, &lists(&[CRL])), refused);
    assert!(matches!(told(&pki.bad, &lists(&[CRL])), Status::Revoked { .. }));
    assert!(matches!(told(&pki.bad, &ocsp(&[REVOKED])), Status::Revoked { .. }));
    let one = |evidence: &Evidence, issuer: &Certificate| {
        assert_eq!(*issuer, pki.ca);
        let of_responder = match &evidence.source {
            Source::Ocsp { response, .. } => response.der() == OF_RESPONDER,
            Source::Crl(_) => false,
        };
        if of_responder { Err("its responder's".to_owned()) } else { Ok(()) }
    };
    let both = ocsp(&[CHECKED, OF_RESPONDER]);
    let status = evaluate_where(&pki.good, &pki.ca, &both, now(), &one);
    let Status::Unknown(why) = status else { panic!("{status:?}") };
    assert!(matches!(why[..], [Unusable::ResponderStatus(_)]), "{why:?}");
}

/// An authority need not keep what has expired.
#[test]
fn a_list_of_after_the_end_does_not_clear() {
    let pki = TestPki::generate(crate::SignatureAlgorithm::EcdsaP256Sha256);
    let [list, _] = pki.crls(&[]);
    let material = lists(&[list.der()]);
    let (seal, issuer) = (&pki.seal.certificate, &pki.issuing.certificate);
    assert!(matches!(evaluate(seal, issuer, &material, TestPki::now()), Status::Good(_)));
    let revoked = Revoked::new(seal, TestPki::now() - 100.hours());
    let [list, _] = pki.crls(&[revoked]);
    let status = evaluate(seal, issuer, &lists(&[list.der()]), TestPki::now());
    assert!(matches!(status, Status::Revoked { reason: None, .. }), "{status:?}");
}

#[test]
fn a_revocation_outweighs_a_newer_good_status() {
    let pki = TestPki::generate(crate::SignatureAlgorithm::EcdsaP256Sha256);
    let (seal, issuer) = (&pki.seal.certificate, &pki.issuing.certificate);
    let [clear, _] = pki.crls(&[]);
    let [revoking, _] = pki.crls(&[Revoked::new(seal, TestPki::now() - 100.hours())]);
    for order in [[&clear, &revoking], [&revoking, &clear]] {
        let material = lists(&order.map(|list| list.der()));
        let status = evaluate(seal, issuer, &material, TestPki::now());
        assert!(matches!(status, Status::Revoked { .. }));
    }
}

#[test]
fn no_answer_is_told_as_such() {
    let refused = OcspResponse::parse(&[0x30, 3, 0x0a, 1, 6]);
    assert_eq!(refused.unwrap_err(), OcspError::Status(ResponseStatus::Unauthorized));
    assert!(OcspResponse::parse(b"<html>").is_err());
    assert!(RevocationList::parse(b"-----BEGIN").is_err());
    let single = &response(BY_ISSUER).singles()[0].clone();
    assert_eq!(single.status, CertificateStatus::Good);
}
