use crate::{
    KeyKind, PublicKey, SignatureAlgorithm, SignatureError, testing::TestKey, verify_signature,
};

#[test]
fn every_algorithm_verifies_its_own_and_nothing_else() {
    for algorithm in SignatureAlgorithm::ALL {
        let key = TestKey::generate(algorithm);
        let (spki, mut signature) = (key.spki(), key.sign(b"message"));
        let kind = PublicKey::from_spki(&spki).unwrap().kind();
        assert!(algorithm.fits(kind));
        assert!(signature.len() <= algorithm.max_signature_len(kind));
        assert_eq!(verify_signature(algorithm, &spki, b"message", &signature), Ok(()));
        assert_eq!(
            verify_signature(algorithm, &spki, b"another", &signature),
            Err(SignatureError::Invalid)
        );
        *signature.last_mut().unwrap() ^= 1;
        assert_eq!(
            verify_signature(algorithm, &spki, b"message", &signature),
            Err(SignatureError::Invalid)
        );
    }
}

#[test]
fn an_algorithm_that_does_not_fit_the_key_is_refused() {
    let key = TestKey::generate(SignatureAlgorithm::EcdsaP256Sha256);
    let signature = key.sign(b"message");
    for algorithm in &SignatureAlgorithm::ALL[1..] {
        assert_eq!(
            verify_signature(*algorithm, &key.spki(), b"message", &signature),
            Err(SignatureError::KeyMismatch)
        );
    }
}

#[test]
fn short_keys_are_refused() {
    assert_eq!(SignatureAlgorithm::for_key(KeyKind::Rsa { bits: 8192 }), None);
    assert_eq!(SignatureAlgorithm::for_key(KeyKind::EcP521), None);
    // RSA-1024: a modulus of 128 octets.
    let mut modulus = [0xff; 128];
    modulus[0] = 0x80;
    let rsa =
        crate::asn1::sequence(&[crate::asn1::integer(&modulus), crate::asn1::integer_u64(65537)]);
    let names = [crate::asn1::oid(&crate::oid::RSA), crate::asn1::null()];
    let spki =
        crate::asn1::sequence(&[crate::asn1::sequence(&names), crate::asn1::bit_string(&rsa)]);
    assert_eq!(PublicKey::from_spki(&spki), Err(SignatureError::UnsupportedKey));
}
