use super::{ALL, PKI};
use crate::{
    Attribute, DigestAlgorithm, SignerAttributes, asn1,
    attributes::signature_timestamp,
    cms::{
        Assembly, CmsError, Content, SignedAttributes, SignedData, SignerInfoError,
        add_unsigned_attribute,
    },
    oid,
    testing::TestPki,
};

fn claimed() -> SignerAttributes {
    let value = asn1::sequence(&[asn1::octet_string(b"delegation"), asn1::octet_string(&[7; 32])]);
    SignerAttributes {
        claimed_roles: vec!["Collaborateur habilité à sceller".into()],
        others: vec![Attribute::new(oid::DELEGATION, value)],
    }
}

fn attributes(pki: &TestPki, content: &[u8]) -> SignedAttributes {
    let digest = pki.seal.key.algorithm().digest();
    SignedAttributes::baseline(
        oid::DATA,
        digest,
        &digest.digest(content),
        &pki.seal.certificate,
        &claimed(),
    )
}

fn assembly<'a>(
    pki: &'a TestPki,
    signed_attributes: &'a SignedAttributes,
    chain: &'a [crate::Certificate],
) -> Assembly<'a> {
    Assembly {
        content: Content::Detached,
        signed_attributes,
        algorithm: pki.seal.key.algorithm(),
        signer: &pki.seal.certificate,
        chain,
        bare: false,
        unsigned: &[],
    }
}

fn message(pki: &TestPki, content: &[u8]) -> Vec<u8> {
    let attributes = attributes(pki, content);
    let signature = pki.seal.key.sign(attributes.to_be_signed());
    assembly(pki, &attributes, &pki.seal_chain()).finish(&signature)
}

#[test]
fn a_message_verifies_with_every_algorithm() {
    for pki in ALL.iter() {
        let bytes = message(pki, b"document");
        let parsed = SignedData::parse(&bytes).unwrap();
        let signer = parsed.signer().unwrap();
        let certificates = parsed.certificates();
        assert_eq!(certificates.len(), 3);
        let certificate = signer.find_certificate(&certificates).unwrap();
        assert_eq!(certificate, &pki.seal.certificate);
        let digest = pki.seal.key.algorithm().digest();
        assert_eq!(signer.digest_algorithm(), Some(digest));
        assert_eq!(signer.verify(certificate, oid::DATA, &digest.digest(b"document")), Ok(()));
        assert_eq!(
            signer.verify(certificate, oid::DATA, &digest.digest(b"another")),
            Err(SignerInfoError::DigestMismatch)
        );
        assert_eq!(signer.signer_attributes().unwrap(), claimed());
        assert!(signer.signed_attribute(oid::SIGNING_TIME).is_err());
    }
}

#[test]
fn sizes_are_told_before_the_signature() {
    for pki in ALL.iter() {
        let attributes = attributes(pki, b"document");
        let chain = pki.seal_chain();
        let assembly = assembly(pki, &attributes, &chain);
        let signature = pki.seal.key.sign(attributes.to_be_signed());
        let slack = assembly.max_len(None) - assembly.finish(&signature).len();
        assert!(slack <= 8, "{slack} octets too many");
        for token in [0, 100, 5000, 70_000] {
            let timestamp = signature_timestamp(&asn1::octet_string(&vec![1; token]));
            let stamped = add_unsigned_attribute(&assembly.finish(&signature), &timestamp).unwrap();
            let bound = assembly.max_len(Some(timestamp.value.len()));
            assert!(stamped.len() <= bound && bound - stamped.len() <= 8);
        }
    }
}

#[test]
fn a_timestamp_is_added_without_touching_the_rest() {
    let bytes = message(&PKI, b"document");
    let stamp = signature_timestamp(&asn1::octet_string(b"token"));
    let once = add_unsigned_attribute(&bytes, &stamp).unwrap();
    let twice = add_unsigned_attribute(&once, &signature_timestamp(&asn1::null())).unwrap();
    let (before, after) = (SignedData::parse(&bytes).unwrap(), SignedData::parse(&twice).unwrap());
    let (old, new) = (before.signer().unwrap(), after.signer().unwrap());
    assert_eq!(old.signature(), new.signature());
    assert_eq!(old.to_be_verified(), new.to_be_verified());
    assert_eq!(before.certificates(), after.certificates());
    assert_eq!(new.signature_timestamps().len(), 2);
    // Put together in one go, it is the same message.
    let (attributes, chain) = (attributes(&PKI, b"document"), PKI.seal_chain());
    let whole =
        Assembly { unsigned: std::slice::from_ref(&stamp), ..assembly(&PKI, &attributes, &chain) };
    assert_eq!(whole.finish(old.signature()), once);
}

#[test]
fn padding_is_zeros_only() {
    let mut bytes = message(&PKI, b"document");
    let len = bytes.len();
    bytes.extend([0; 20]);
    assert_eq!(SignedData::parse(&bytes).unwrap_err(), CmsError::Trailing);
    assert_eq!(SignedData::parse_padded(&bytes).unwrap().bytes().len(), len);
    bytes.push(1);
    assert_eq!(SignedData::parse_padded(&bytes).unwrap_err(), CmsError::Trailing);
}

#[test]
fn attributes_must_stand_there_once() {
    let digest = DigestAlgorithm::Sha256.digest(b"document");
    let all = [
        crate::attributes::content_type(oid::DATA),
        crate::attributes::message_digest(&digest),
        crate::attributes::signing_certificate_v2(&PKI.seal.certificate, DigestAlgorithm::Sha256),
    ];
    let judge = |attributes: &[Attribute]| {
        let attributes = SignedAttributes::from_attributes(attributes);
        let signature = PKI.seal.key.sign(attributes.to_be_signed());
        let bytes = assembly(&PKI, &attributes, &[]).finish(&signature);
        let parsed = SignedData::parse(&bytes).unwrap();
        let signer = parsed.signer().unwrap();
        signer.verify(&PKI.seal.certificate, oid::DATA, &digest)
    };
    assert_eq!(judge(&all), Ok(()));
    for missing in 0..3 {
        let mut some = all.to_vec();
        let gone = some.remove(missing).id;
        assert_eq!(judge(&some), Err(SignerInfoError::Attribute(gone)));
        let mut doubled = all.to_vec();
        doubled.push(all[missing].clone());
        assert_eq!(judge(&doubled), Err(SignerInfoError::Attribute(gone)));
    }
    let mut other = all.to_vec();
    other[2] =
        crate::attributes::signing_certificate_v2(&PKI.person.certificate, DigestAlgorithm::Sha256);
    assert_eq!(judge(&other), Err(SignerInfoError::OtherCertificate));
    let mut other = all.to_vec();
    other[0] = crate::attributes::content_type(oid::TST_INFO);
    assert_eq!(judge(&other), Err(SignerInfoError::ContentType));
}

#[test]
fn the_act_survives_storage() {
    let attributes = attributes(&PKI, b"document");
    let record = serde_json::to_string(&attributes).unwrap();
    let again: SignedAttributes = serde_json::from_str(&record).unwrap();
    assert_eq!(again, attributes);
    assert_eq!(again.act(), crate::sha256(attributes.to_be_signed()));
    assert!(serde_json::from_str::<SignedAttributes>("\"MAA=\"").is_err());
}
