//! What comes from other people's servers and keys: CMS, time-stamps, revocation data, certificates.

use sceau_pki::cms::SignedData;
use sceau_pki::crl::RevocationList;
use sceau_pki::ocsp::OcspResponse;
use sceau_pki::profile::OcspQuestion;
use sceau_pki::tsp::{Imprint, TimeStampRequest, TimeStampResponse, TimestampToken};
use sceau_pki::{Certificate, DigestAlgorithm};

/// What the seeds are about.
const MESSAGE: &[u8] = b"data\n";

/// A CMS, as it is and as it stands in the hole of a signature, with zeros behind it.
pub(super) fn cms(bytes: &[u8]) -> bool {
    let Ok(message) = SignedData::parse(bytes) else { return false };
    let padded = [bytes, &[0; 32]].concat();
    assert!(SignedData::parse_padded(&padded).is_ok(), "zeros behind it change it");
    let certificates = message.certificates();
    let _ = (message.content_type(), message.content());
    for signer in message.signers() {
        let _ = (signer.signature_algorithm(), signer.message_digest(), signer.to_be_verified());
        let _ = (signer.signing_certificate(), signer.signer_attributes());
        for token in signer.signature_timestamps() {
            let _ = TimestampToken::parse(token);
        }
        if let (Some(certificate), Some(algorithm)) =
            (signer.find_certificate(&certificates), signer.digest_algorithm())
        {
            let _ = signer.verify(certificate, message.content_type(), &algorithm.digest(MESSAGE));
        }
    }
    true
}

/// An answer of a time-stamping authority, and the token in it.
pub(super) fn time_stamp(bytes: &[u8]) -> bool {
    let Ok(response) = TimeStampResponse::parse(bytes) else { return false };
    let request = TimeStampRequest::new(Imprint::of(DigestAlgorithm::Sha256, MESSAGE), [0; 8]);
    let _ = response.token_for(&request);
    true
}

/// A token, as it stands in a signature or in a document timestamp.
pub(super) fn token(bytes: &[u8]) -> bool {
    let Ok(token) = TimestampToken::parse(bytes) else { return false };
    if let Ok(unit) = token.unit(&[]) {
        let _ = token.verify_signature(&unit);
    }
    let _ = token.info().serial_hex();
    true
}

/// A question to our own time-stamping unit.
pub(super) fn time_stamp_request(bytes: &[u8]) -> bool {
    let Ok(request) = TimeStampRequest::parse(bytes) else { return false };
    let again = TimeStampRequest::parse(&request.to_der());
    assert!(again.is_ok_and(|again| again == request), "written and read it is another one");
    true
}

/// An answer about the status of certificates.
pub(super) fn ocsp(bytes: &[u8]) -> bool {
    let Ok(response) = OcspResponse::parse(bytes) else { return false };
    let _ = (response.produced_at(), response.nonce(), response.fingerprint());
    for certificate in response.certificates() {
        let _ = response.responder_id().matches(certificate);
        assert!(Certificate::from_der(certificate.der()).is_ok(), "a certificate that is none");
    }
    true
}

/// A question to our own responder.
pub(super) fn ocsp_request(bytes: &[u8]) -> bool {
    OcspQuestion::parse(bytes).is_ok()
}

/// A revocation list; looking for a number in it may not fail otherwise than the list does.
pub(super) fn crl(bytes: &[u8]) -> bool {
    let Ok(list) = RevocationList::parse(bytes) else { return false };
    let _ = (list.this_update(), list.next_update(), list.scope(), list.number());
    for wanted in [&[1][..], &[0x10, 0x02], &[0x7f; 20]] {
        let _ = list.find(wanted);
    }
    assert!(RevocationList::parse(list.der()).is_ok(), "its own bytes are no list");
    true
}

/// A certificate, alone and as if it had issued itself.
pub(super) fn certificate(bytes: &[u8]) -> bool {
    let Ok(certificate) = Certificate::from_der(bytes) else { return false };
    let _ = (certificate.public_key(), certificate.subject().to_string(), certificate.key_usage());
    let _ = (certificate.qc_statements(), certificate.ocsp_urls(), certificate.crl_urls());
    let _ = certificate.verify_signed_by(&certificate);
    let again = Certificate::from_pem_bundle(certificate.to_pem().as_bytes());
    assert!(again.is_ok_and(|again| again == [certificate]), "as PEM it is another one");
    true
}

/// A bundle of certificates as text.
pub(super) fn pem(bytes: &[u8]) -> bool {
    Certificate::from_pem_bundle(bytes).is_ok()
}

/// A PKCS#12 file, with the password of the seeds.
pub(super) fn pkcs12(bytes: &[u8]) -> bool {
    let Ok(identity) = sceau_signer::open_p12(bytes, "test") else { return false };
    assert!(!identity.chain.is_empty(), "a key without its certificate");
    true
}
