//! Signature schemes as certificates and CMS name them, and their verification.

use aws_lc_rs::signature::{
    self as engine, RsaParameters, RsaPssSaltLength, UnparsedPublicKey, VerificationAlgorithm,
};

use super::{KeyKind, PublicKey, SignatureError, identifier_with_null, public_key::Restriction};
use crate::{
    asn1::{self, Asn1Error, Reader, tag},
    digest::DigestAlgorithm,
    oid,
};

/// A scheme with its digest; the curve or the length comes with the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// ECDSA (FIPS 186-5 §6).
    Ecdsa(DigestAlgorithm),
    /// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2).
    RsaPkcs1(DigestAlgorithm),
    /// RSASSA-PSS (RFC 8017 §8.1), with so many octets of salt: as many as the digest has, or more.
    RsaPss(DigestAlgorithm, u16),
}

impl Scheme {
    /// Reads an `AlgorithmIdentifier`. A CMS SignerInfo may say `rsaEncryption` alone (RFC 3370
    /// §3.2); its digest is then the one of `digestAlgorithm`, given here.
    pub(crate) fn from_identifier(
        identifier: &[u8],
        digest: Option<DigestAlgorithm>,
    ) -> Result<Self, SignatureError> {
        use DigestAlgorithm::{Sha256, Sha384, Sha512};
        let mut fields = Reader::single(identifier, tag::SEQUENCE)?.reader();
        match fields.oid()? {
            oid::ECDSA_SHA256 => Ok(Self::Ecdsa(Sha256)),
            oid::ECDSA_SHA384 => Ok(Self::Ecdsa(Sha384)),
            oid::ECDSA_SHA512 => Ok(Self::Ecdsa(Sha512)),
            oid::RSA_SHA256 => Ok(Self::RsaPkcs1(Sha256)),
            oid::RSA_SHA384 => Ok(Self::RsaPkcs1(Sha384)),
            oid::RSA_SHA512 => Ok(Self::RsaPkcs1(Sha512)),
            oid::RSA_PSS => {
                pss_parameters(&mut fields).map(|(digest, salt)| Self::RsaPss(digest, salt))
            }
            oid::RSA => digest.map(Self::RsaPkcs1).ok_or(SignatureError::UnsupportedAlgorithm),
            _ => Err(SignatureError::UnsupportedAlgorithm),
        }
    }

    /// `AlgorithmIdentifier` in DER.
    pub(crate) fn identifier(self) -> Vec<u8> {
        use DigestAlgorithm::{Sha256, Sha384, Sha512};
        match self {
            // RFC 5758 §3.2: parameters are absent.
            Self::Ecdsa(Sha256) => asn1::sequence(&[asn1::oid(&oid::ECDSA_SHA256)]),
            Self::Ecdsa(Sha384) => asn1::sequence(&[asn1::oid(&oid::ECDSA_SHA384)]),
            Self::Ecdsa(Sha512) => asn1::sequence(&[asn1::oid(&oid::ECDSA_SHA512)]),
            // RFC 4055 §5: parameters are NULL.
            Self::RsaPkcs1(Sha256) => identifier_with_null(&oid::RSA_SHA256),
            Self::RsaPkcs1(Sha384) => identifier_with_null(&oid::RSA_SHA384),
            Self::RsaPkcs1(Sha512) => identifier_with_null(&oid::RSA_SHA512),
            Self::RsaPss(digest, salt) => pss_identifier(digest, salt),
        }
    }

    /// The digest within.
    pub fn digest(self) -> DigestAlgorithm {
        match self {
            Self::Ecdsa(digest) | Self::RsaPkcs1(digest) | Self::RsaPss(digest, _) => digest,
        }
    }

    /// Verifies `signature` over `message`.
    pub(crate) fn verify(
        self,
        key: &PublicKey<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        if !self.is_allowed_by(key) {
            return Err(SignatureError::KeyMismatch);
        }
        let verified = match (self, key.kind()) {
            (Self::RsaPss(digest, salt), KeyKind::Rsa { .. }) => {
                pss_engine(digest, salt).verify_sig(key.octets(), message, signature)
            }
            _ => UnparsedPublicKey::new(self.engine(key.kind())?, key.octets())
                .verify(message, signature),
        };
        verified.map_err(|_| SignatureError::Invalid)
    }

    /// A key that says it is for RSASSA-PSS signs nothing else, and where it names a digest, with
    /// this one only (RFC 4055 §1.2, §3.3).
    fn is_allowed_by(self, key: &PublicKey<'_>) -> bool {
        match (key.restriction(), self) {
            (Restriction::None, _) => true,
            (Restriction::PssOnly(named), Self::RsaPss(digest, _)) => {
                named.is_none_or(|named| named == digest)
            }
            (Restriction::PssOnly(_), _) => false,
        }
    }

    fn engine(self, key: KeyKind) -> Result<&'static dyn VerificationAlgorithm, SignatureError> {
        use DigestAlgorithm::{Sha256, Sha384, Sha512};
        Ok(match (self, key) {
            (Self::Ecdsa(Sha256), KeyKind::EcP256) => &engine::ECDSA_P256_SHA256_ASN1,
            (Self::Ecdsa(Sha384), KeyKind::EcP256) => &engine::ECDSA_P256_SHA384_ASN1,
            (Self::Ecdsa(Sha512), KeyKind::EcP256) => &engine::ECDSA_P256_SHA512_ASN1,
            (Self::Ecdsa(Sha256), KeyKind::EcP384) => &engine::ECDSA_P384_SHA256_ASN1,
            (Self::Ecdsa(Sha384), KeyKind::EcP384) => &engine::ECDSA_P384_SHA384_ASN1,
            (Self::Ecdsa(Sha512), KeyKind::EcP384) => &engine::ECDSA_P384_SHA512_ASN1,
            (Self::Ecdsa(Sha256), KeyKind::EcP521) => &engine::ECDSA_P521_SHA256_ASN1,
            (Self::Ecdsa(Sha384), KeyKind::EcP521) => &engine::ECDSA_P521_SHA384_ASN1,
            (Self::Ecdsa(Sha512), KeyKind::EcP521) => &engine::ECDSA_P521_SHA512_ASN1,
            (Self::RsaPkcs1(Sha256), KeyKind::Rsa { .. }) => &engine::RSA_PKCS1_2048_8192_SHA256,
            (Self::RsaPkcs1(Sha384), KeyKind::Rsa { .. }) => &engine::RSA_PKCS1_2048_8192_SHA384,
            (Self::RsaPkcs1(Sha512), KeyKind::Rsa { .. }) => &engine::RSA_PKCS1_2048_8192_SHA512,
            _ => return Err(SignatureError::KeyMismatch),
        })
    }
}

/// The verification with a salt of this length.
fn pss_engine(digest: DigestAlgorithm, salt: u16) -> RsaParameters {
    let parameters = match digest {
        DigestAlgorithm::Sha256 => engine::RSA_PSS_2048_8192_SHA256,
        DigestAlgorithm::Sha384 => engine::RSA_PSS_2048_8192_SHA384,
        DigestAlgorithm::Sha512 => engine::RSA_PSS_2048_8192_SHA512,
    };
    parameters.with_pss_salt_length(RsaPssSaltLength::Custom(salt))
}

/// `RSASSA-PSS-params` (RFC 4055 §3.1) with one digest throughout.
fn pss_identifier(digest: DigestAlgorithm, salt: u16) -> Vec<u8> {
    let hash = identifier_with_null(&digest.oid());
    let mask = asn1::sequence(&[asn1::oid(&oid::MGF1), hash.clone()]);
    let parameters = asn1::sequence(&[
        asn1::explicit(0, &[hash]),
        asn1::explicit(1, &[mask]),
        asn1::explicit(2, &[asn1::integer_u64(u64::from(salt))]),
    ]);
    asn1::sequence(&[asn1::oid(&oid::RSA_PSS), parameters])
}

/// Reads `RSASSA-PSS-params`: the digest and the octets of salt. Anything but the form that is written
/// above (its defaults are SHA-1, RFC 4055 §3.1) is not accepted, nor a salt shorter than the digest;
/// some programs take the longest that fits.
pub(super) fn pss_parameters(
    fields: &mut Reader<'_>,
) -> Result<(DigestAlgorithm, u16), SignatureError> {
    let mut parameters = fields.sequence()?;
    let hash = pss_field(&mut parameters, 0)?;
    let digest = accepted(hash)?;
    let mut mask = Reader::single(pss_field(&mut parameters, 1)?, tag::SEQUENCE)?.reader();
    let same = mask.oid()? == oid::MGF1 && accepted(mask.rest())? == digest;
    let salt = Reader::new(pss_field(&mut parameters, 2)?).unsigned()?;
    // trailerFieldBC is the default, and the only value there is.
    let trailer = match parameters.optional(tag::constructed(3))? {
        None => 1,
        Some(field) => Reader::new(field.value).unsigned()?,
    };
    parameters.finish()?;
    match u16::try_from(salt) {
        Ok(salt) if same && usize::from(salt) >= digest.len() && trailer == 1 => Ok((digest, salt)),
        _ => Err(SignatureError::UnsupportedAlgorithm),
    }
}

fn pss_field<'a>(parameters: &mut Reader<'a>, n: u8) -> Result<&'a [u8], SignatureError> {
    let field = parameters.optional(tag::constructed(n))?;
    field.map(|field| field.value).ok_or(SignatureError::UnsupportedAlgorithm)
}

fn accepted(identifier: &[u8]) -> Result<DigestAlgorithm, SignatureError> {
    let fields = Reader::single(identifier, tag::SEQUENCE)?.reader();
    let digest: Result<_, Asn1Error> = DigestAlgorithm::from_identifier(fields);
    digest?.ok_or(SignatureError::UnsupportedAlgorithm)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithm::SignatureAlgorithm;

    #[test]
    fn identifiers_come_back() {
        for algorithm in SignatureAlgorithm::ALL {
            let scheme = Scheme::from_identifier(&algorithm.identifier(), None).unwrap();
            assert_eq!(scheme.identifier(), algorithm.identifier());
            assert_eq!(scheme.digest(), algorithm.digest());
        }
    }

    #[test]
    fn sha1_is_not_accepted() {
        let sha1_rsa = identifier_with_null(&oid::Oid::constant("1.2.840.113549.1.1.5"));
        assert_eq!(
            Scheme::from_identifier(&sha1_rsa, None),
            Err(SignatureError::UnsupportedAlgorithm)
        );
        let pss_defaults =
            asn1::sequence(&[asn1::oid(&oid::RSA_PSS), asn1::sequence::<Vec<u8>>(&[])]);
        assert_eq!(
            Scheme::from_identifier(&pss_defaults, None),
            Err(SignatureError::UnsupportedAlgorithm)
        );
    }

    /// Each parameter is looked at: mask digest, salt length, trailer, and what follows.
    #[test]
    fn pss_parameters_that_differ_are_not_accepted() {
        let hash = identifier_with_null(&oid::SHA256);
        let identifier = |mask_hash: &oid::Oid, salt: u64, rest: &[Vec<u8>]| {
            let mask = asn1::sequence(&[asn1::oid(&oid::MGF1), identifier_with_null(mask_hash)]);
            let mut fields = vec![
                asn1::explicit(0, std::slice::from_ref(&hash)),
                asn1::explicit(1, &[mask]),
                asn1::explicit(2, &[asn1::integer_u64(salt)]),
            ];
            fields.extend_from_slice(rest);
            asn1::sequence(&[asn1::oid(&oid::RSA_PSS), asn1::sequence(&fields)])
        };
        let trailer = |value| vec![asn1::explicit(3, &[asn1::integer_u64(value)])];
        let accepted = |salt| Ok(Scheme::RsaPss(DigestAlgorithm::Sha256, salt));
        let read = |identifier: Vec<u8>| Scheme::from_identifier(&identifier, None);
        assert_eq!(read(identifier(&oid::SHA256, 32, &[])), accepted(32));
        assert_eq!(read(identifier(&oid::SHA256, 350, &[])), accepted(350));
        assert_eq!(read(identifier(&oid::SHA256, 32, &trailer(1))), accepted(32));
        for wrong in [
            identifier(&oid::SHA1, 32, &[]),
            identifier(&oid::SHA512, 32, &[]),
            identifier(&oid::SHA256, 20, &[]),
            identifier(&oid::SHA256, 65_536, &[]),
            identifier(&oid::SHA256, 0, &[]),
            identifier(&oid::SHA256, 32, &trailer(2)),
            identifier(&oid::SHA256, 32, &[asn1::null()]),
        ] {
            assert!(read(wrong).is_err());
        }
    }

    #[test]
    fn a_key_for_pss_signs_nothing_else() {
        use crate::testing::TestKey;
        let key = TestKey::generate(SignatureAlgorithm::RsaPssSha256);
        let spki = key.spki();
        let bits = PublicKey::from_spki(&spki).unwrap().octets().to_vec();
        let restricted = |parameters: Option<Vec<u8>>| {
            let algorithm = match parameters {
                None => asn1::sequence(&[asn1::oid(&oid::RSA_PSS)]),
                Some(identifier) => identifier,
            };
            asn1::sequence(&[algorithm, asn1::bit_string(&bits)])
        };
        let signature = key.sign(b"message");
        let verify = |spki: &[u8], scheme: Scheme| {
            scheme.verify(&PublicKey::from_spki(spki).unwrap(), b"message", &signature)
        };
        let pss = Scheme::RsaPss(DigestAlgorithm::Sha256, 32);
        let same = restricted(Some(pss_identifier(DigestAlgorithm::Sha256, 32)));
        let other = restricted(Some(pss_identifier(DigestAlgorithm::Sha512, 64)));
        assert_eq!(verify(&spki, pss), Ok(()));
        let longer = Scheme::RsaPss(DigestAlgorithm::Sha256, 33);
        assert_eq!(verify(&spki, longer), Err(SignatureError::Invalid));
        assert_eq!(verify(&restricted(None), pss), Ok(()));
        assert_eq!(verify(&same, pss), Ok(()));
        assert_eq!(verify(&other, pss), Err(SignatureError::KeyMismatch));
        let pkcs1 = Scheme::RsaPkcs1(DigestAlgorithm::Sha256);
        assert_eq!(verify(&same, pkcs1), Err(SignatureError::KeyMismatch));
    }

    #[test]
    fn plain_rsa_takes_the_digest_beside_it() {
        let plain = identifier_with_null(&oid::RSA);
        let sha512 = Some(DigestAlgorithm::Sha512);
        assert_eq!(
            Scheme::from_identifier(&plain, sha512),
            Ok(Scheme::RsaPkcs1(DigestAlgorithm::Sha512))
        );
        assert!(Scheme::from_identifier(&plain, None).is_err());
    }
}
