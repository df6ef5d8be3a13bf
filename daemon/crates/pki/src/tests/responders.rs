//! Answers of our own responder. That openssl and others read them is for the black-box suites.

use jiff::{Timestamp, ToSpan};

use super::{ALL, PKI};
use crate::{
    Siren,
    asn1::{explicit, integer_u64, null, octet_string, oid as encode_oid, sequence},
    ocsp::{CertificateStatus, OcspError, OcspResponse, ResponseStatus},
    oid,
    profile::{
        AskedId, Issuer, MAX_OCSP_REQUEST, OcspQuestion, OcspTimes, ProfileError, Revoked,
        UnitName, ocsp_responder, tbs_ocsp_response,
    },
    revocation::RevocationReason,
    testing::{Holder, TestKey, TestPki},
};

fn responder(pki: &TestPki) -> Holder {
    let key = TestKey::generate(pki.issuing.key.algorithm());
    let siren = Siren::parse("732829320").unwrap();
    let unit = UnitName { organization: "Cabinet Exemple", siren, common_name: "Statuts" };
    pki.issuing.issue(key, 9, |issuance, issuer| ocsp_responder(issuance, issuer, &unit))
}

fn times() -> OcspTimes {
    OcspTimes { this_update: TestPki::now(), next_update: TestPki::now() + 24.hours() }
}

fn answer(
    pki: &TestPki,
    statuses: &[(AskedId, CertificateStatus)],
    nonce: Option<&[u8]>,
) -> Vec<u8> {
    let holder = responder(pki);
    let issuer = Issuer { certificate: &holder.certificate, algorithm: holder.key.algorithm() };
    let tbs = tbs_ocsp_response(&issuer, statuses, times(), nonce).unwrap();
    tbs.signed(&holder.key.sign(tbs.to_be_signed())).unwrap()
}

fn seal_id() -> AskedId {
    AskedId::of(&PKI.seal.certificate, &PKI.issuing.certificate).unwrap()
}

/// As `openssl ocsp -reqout` writes it: a CertID by SHA-1, a nonce that is wrapped once more.
fn request(hash: crate::Oid, digest: impl Fn(&[u8]) -> Vec<u8>, nonce: &[u8]) -> Vec<u8> {
    let issuer = &PKI.issuing.certificate;
    let key = crate::PublicKey::from_spki(issuer.spki()).unwrap();
    let id = sequence(&[
        sequence(&[encode_oid(&hash), null()]),
        octet_string(&digest(issuer.subject().der())),
        octet_string(&digest(key.octets())),
        crate::asn1::tlv(2, PKI.seal.certificate.serial()),
    ]);
    let extension = sequence(&[encode_oid(&oid::OCSP_NONCE), octet_string(nonce)]);
    let list = sequence(&[sequence(&[id])]);
    let version = explicit(0, &[integer_u64(0)]);
    sequence(&[sequence(&[version, list, explicit(2, &[sequence(&[extension])])])])
}

#[test]
fn a_question_names_its_certificate_by_any_digest() {
    let nonce = octet_string(&[7; 16]);
    let sha256 = |octets: &[u8]| crate::sha256(octets).to_vec();
    let read = OcspQuestion::parse(&request(oid::SHA256, sha256, &nonce)).unwrap();
    assert_eq!(read.nonce.as_deref(), Some(&*nonce));
    assert!(read.asked[0].id().is_of(&PKI.issuing.certificate));
    assert!(!read.asked[0].id().is_of(&PKI.root.certificate));
    assert_eq!(read.asked[0].id().serial, PKI.seal.certificate.serial());
    assert!(seal_id().id().is_of(&PKI.issuing.certificate));
    let unwrapped = OcspQuestion::parse(&request(oid::SHA256, sha256, &[0x77; 16])).unwrap();
    assert_eq!(unwrapped.nonce, Some(vec![0x77; 16]));
    assert!(OcspQuestion::parse(&request(oid::SHA256, sha256, &[9; 65])).is_err());
}

#[test]
fn questions_without_bound_and_broken_ones_are_refused() {
    let whole = request(oid::SHA256, |octets| crate::sha256(octets).to_vec(), &[1; 16]);
    for cut in 0..whole.len() {
        assert!(OcspQuestion::parse(&whole[..cut]).is_err(), "cut at {cut}");
    }
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 0x21;
        let _ = OcspQuestion::parse(&changed);
    }
    assert!(OcspQuestion::parse(&vec![0x30; MAX_OCSP_REQUEST + 1]).is_err());
    let nothing = sequence(&[sequence(&[sequence::<Vec<u8>>(&[])])]);
    assert!(OcspQuestion::parse(&nothing).is_err());
}

#[test]
fn a_responder_may_only_tell_status_and_needs_none_itself() {
    let holder = responder(&PKI);
    let usage = holder.certificate.extended_key_usage().unwrap();
    assert!(usage.critical && usage.purposes == [oid::EKU_OCSP_SIGNING]);
    assert!(holder.certificate.extensions().iter().any(|one| one.id == oid::OCSP_NO_CHECK));
    assert!(holder.certificate.verify_signed_by(&PKI.issuing.certificate).is_ok());
}

#[test]
fn an_answer_is_signed_by_its_responder_in_every_algorithm() {
    for pki in ALL.iter() {
        let id = AskedId::of(&pki.seal.certificate, &pki.issuing.certificate).unwrap();
        let der = answer(pki, &[(id, CertificateStatus::Good)], Some(&[4, 1, 9]));
        assert!(der.windows(5).any(|window| window == [4, 3, 4, 1, 9]), "the nonce is repeated");
    }
}

#[test]
fn a_foreign_signature_is_not_taken() {
    let holder = responder(&PKI);
    let issuer = Issuer { certificate: &holder.certificate, algorithm: holder.key.algorithm() };
    let tbs =
        tbs_ocsp_response(&issuer, &[(seal_id(), CertificateStatus::Good)], times(), None).unwrap();
    assert!(tbs.signed(&PKI.issuing.key.sign(tbs.to_be_signed())).is_err());
    let never = OcspTimes { next_update: TestPki::now(), ..times() };
    let empty = tbs_ocsp_response(&issuer, &[(seal_id(), CertificateStatus::Good)], never, None);
    assert_eq!(empty.unwrap_err(), ProfileError::Validity);
}

/// `CertStatus`: good is `[0]`, revoked `[1]` with time and reason, unknown `[2]`.
#[test]
fn each_status_has_its_form() {
    let at: Timestamp = "2026-11-20T10:00:00.5Z".parse().unwrap();
    let revoked = |reason| CertificateStatus::Revoked { at, reason };
    let moment = [&[0x18, 0x0f][..], b"20261120100000Z"].concat();
    let with = |reason: &[u8]| [&[0xa1, (17 + reason.len()) as u8][..], &moment, reason].concat();
    for (status, form) in [
        (CertificateStatus::Good, vec![0x80, 0]),
        (CertificateStatus::Unknown, vec![0x82, 0]),
        (revoked(None), with(&[])),
        (revoked(Some(RevocationReason::Unspecified)), with(&[])),
        (revoked(Some(RevocationReason::KeyCompromise)), with(&[0xa0, 3, 0x0a, 1, 1])),
    ] {
        let der = answer(&PKI, &[(seal_id(), status)], None);
        assert!(der.windows(form.len()).any(|window| window == form), "{status:?}");
    }
    assert_eq!(ResponseStatus::TryLater.to_der(), [0x30, 3, 0x0a, 1, 3]);
}

#[test]
fn a_revocation_list_tells_the_reason() {
    use x509_cert::der::{Decode, Encode};
    let at = TestPki::now();
    let seal = Revoked::new(&PKI.seal.certificate, at).because(RevocationReason::KeyCompromise);
    let unit = Revoked::new(&PKI.unit.certificate, at).because(RevocationReason::Unspecified);
    let [list, _] = PKI.crls(&[seal, unit]);
    let other: x509_cert::crl::CertificateList = Decode::from_der(list.der()).unwrap();
    assert_eq!(other.to_der().unwrap(), list.der());
    let entries = other.tbs_cert_list.revoked_certificates.unwrap();
    let reasons: Vec<Option<Vec<u8>>> = entries
        .iter()
        .map(|entry| Some(entry.crl_entry_extensions.as_ref()?[0].extn_value.as_bytes().to_vec()))
        .collect();
    assert_eq!(reasons, [Some(vec![0x0a, 1, 1]), None]);
}

/// What one half of this room writes, the other reads.
#[test]
fn an_answer_is_read_back() {
    let at: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
    let reason = Some(RevocationReason::Superseded);
    let told = CertificateStatus::Revoked { at, reason };
    let read = OcspResponse::parse(&answer(&PKI, &[(seal_id(), told)], None)).unwrap();
    let [single] = read.singles() else { panic!("one certificate was asked about") };
    assert_eq!((&single.cert_id, single.status), (seal_id().id(), told));
    assert!(single.cert_id.names(&PKI.seal.certificate, &PKI.issuing.certificate));
    for status in [ResponseStatus::MalformedRequest, ResponseStatus::Unauthorized] {
        assert_eq!(OcspResponse::parse(&status.to_der()), Err(OcspError::Status(status)));
    }
}
