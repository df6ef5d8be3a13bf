//! One signature by a token: the digest is made here, the rest by the token.

use cryptoki::{
    error::{Error, RvError},
    mechanism::{
        Mechanism, MechanismType,
        rsa::{PkcsMgfType, PkcsPssParams},
    },
    object::ObjectHandle,
    session::Session,
};
use der::{Encode, asn1::UintRef};
use sceau_pki::{DigestAlgorithm, SignatureAlgorithm};

/// DER of `DigestInfo` up to the digest itself (RFC 8017 §9.2, note 1).
const SHA256_INFO: &[u8] =
    &[0x30, 0x31, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20];
const SHA384_INFO: &[u8] =
    &[0x30, 0x41, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2, 5, 0, 4, 0x30];
const SHA512_INFO: &[u8] =
    &[0x30, 0x51, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3, 5, 0, 4, 0x40];

pub(super) fn sign(
    session: &Session,
    key: ObjectHandle,
    algorithm: SignatureAlgorithm,
    bytes: &[u8],
) -> Result<Vec<u8>, Error> {
    use SignatureAlgorithm as A;
    let digest = algorithm.digest().digest(bytes);
    match algorithm {
        A::EcdsaP256Sha256 | A::EcdsaP384Sha384 => {
            let raw = session.sign(&Mechanism::Ecdsa, key, &digest)?;
            ecdsa_sig_value(&raw).ok_or(Error::InvalidValue)
        }
        A::RsaPkcs1Sha256 | A::RsaPkcs1Sha384 | A::RsaPkcs1Sha512 => {
            let info = [info(algorithm.digest()), &digest].concat();
            session.sign(&Mechanism::RsaPkcs, key, &info)
        }
        A::RsaPssSha256 | A::RsaPssSha384 | A::RsaPssSha512 => {
            session.sign(&Mechanism::RsaPkcsPss(pss(algorithm.digest())), key, &digest)
        }
    }
}

/// Whether a new session may mend it.
pub(super) fn is_lost_session(error: &Error) -> bool {
    use RvError as R;
    let Error::Pkcs11(rv, _) = error else { return false };
    matches!(
        rv,
        R::SessionHandleInvalid
            | R::SessionClosed
            | R::UserNotLoggedIn
            | R::KeyHandleInvalid
            | R::ObjectHandleInvalid
            | R::DeviceRemoved
            | R::TokenNotPresent
            | R::DeviceError
    )
}

/// PKCS#11 gives the two numbers of an ECDSA signature side by side; RFC 3279 §2.2.3 wants DER.
fn ecdsa_sig_value(raw: &[u8]) -> Option<Vec<u8>> {
    let (r, s) = raw.split_at_checked(raw.len() / 2)?;
    vec![UintRef::new(r).ok()?, UintRef::new(s).ok()?].to_der().ok()
}

fn info(digest: DigestAlgorithm) -> &'static [u8] {
    match digest {
        DigestAlgorithm::Sha384 => SHA384_INFO,
        DigestAlgorithm::Sha512 => SHA512_INFO,
        _ => SHA256_INFO,
    }
}

/// One digest throughout and a salt of its length (RFC 4055 §3.1).
fn pss(digest: DigestAlgorithm) -> PkcsPssParams {
    let (hash_alg, mgf) = match digest {
        DigestAlgorithm::Sha384 => (MechanismType::SHA384, PkcsMgfType::MGF1_SHA384),
        DigestAlgorithm::Sha512 => (MechanismType::SHA512, PkcsMgfType::MGF1_SHA512),
        _ => (MechanismType::SHA256, PkcsMgfType::MGF1_SHA256),
    };
    // A digest's length is 64 at most.
    PkcsPssParams { hash_alg, mgf, s_len: (digest.len() as u64).into() }
}
