//! Making a token in two stages: prepared, then finished with the unit's signature.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Accuracy, Imprint, TimeStampRequest, TstInfo};
use crate::{
    algorithm::{SignatureAlgorithm, SignatureError},
    attributes::SignerAttributes,
    certificate::Certificate,
    cms::{Assembly, Content, SignedAttributes},
    digest::DigestAlgorithm,
    oid::{self, Oid},
};

/// What a time-stamping unit puts into a token besides what was asked.
#[derive(Debug, Clone, Copy)]
pub struct TokenParameters<'a> {
    /// The unit's certificate.
    pub unit: &'a Certificate,
    /// The authorities above it, put into the token when certificates are wanted. The root may be
    /// left out.
    pub chain: &'a [Certificate],
    /// The algorithm of the unit's signature.
    pub algorithm: SignatureAlgorithm,
    /// The policy of the unit.
    pub policy: Oid,
    /// How exact its clock is held.
    pub accuracy: Option<Accuracy>,
}

/// A token that lacks its signature. It may wait, as a stored record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreparedToken {
    #[serde(with = "crate::base64_octets")]
    info: Vec<u8>,
    signed_attributes: SignedAttributes,
    algorithm: SignatureAlgorithm,
    unit: Certificate,
    chain: Vec<Certificate>,
    cert_req: bool,
}

impl PreparedToken {
    /// For a request, at `gen_time` (kept to the millisecond), with a serial number from 16 random
    /// octets. The unit's own policy is written: one that was asked for must have been compared
    /// before.
    pub fn new(
        parameters: &TokenParameters<'_>,
        request: &TimeStampRequest,
        serial: [u8; 16],
        gen_time: Timestamp,
    ) -> Self {
        let info = TstInfo {
            policy: parameters.policy,
            imprint: request.imprint.clone(),
            serial: positive(serial).to_vec(),
            gen_time,
            accuracy: parameters.accuracy,
            ordering: false,
            nonce: request.nonce.clone(),
        };
        Self::from_info(parameters, &info, request.cert_req)
    }

    fn from_info(parameters: &TokenParameters<'_>, info: &TstInfo, cert_req: bool) -> Self {
        let info = info.to_der();
        let digest = parameters.algorithm.digest();
        let signed_attributes = SignedAttributes::baseline(
            oid::TST_INFO,
            digest,
            &digest.digest(&info),
            parameters.unit,
            &SignerAttributes::default(),
        );
        Self {
            info,
            signed_attributes,
            algorithm: parameters.algorithm,
            unit: parameters.unit.clone(),
            chain: parameters.chain.to_vec(),
            cert_req,
        }
    }

    /// The bytes that the unit's key must sign.
    pub fn to_be_signed(&self) -> &[u8] {
        self.signed_attributes.to_be_signed()
    }

    /// With which algorithm.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// The token: a ContentInfo in DER.
    ///
    /// # Errors
    /// [`SignatureError`] when the signature is not the unit's over these bytes.
    pub fn finish(&self, signature: &[u8]) -> Result<Vec<u8>, SignatureError> {
        self.unit.verify(self.algorithm, self.to_be_signed(), signature)?;
        Ok(self.assembly().finish(signature))
    }

    /// Upper bound of the token's size in octets.
    pub fn max_len(&self) -> usize {
        self.assembly().max_len(None)
    }

    fn assembly(&self) -> Assembly<'_> {
        Assembly {
            content: Content::Encapsulated(oid::TST_INFO, &self.info),
            signed_attributes: &self.signed_attributes,
            algorithm: self.algorithm,
            signer: &self.unit,
            chain: &self.chain,
            bare: !self.cert_req,
            unsigned: &[],
        }
    }
}

/// Upper bound in octets of the tokens that this unit makes for requests of
/// [`TimeStampRequest::new`] with this digest algorithm: exact but for the few octets by which
/// ECDSA signatures and fractions of a second vary.
pub fn token_len(parameters: &TokenParameters<'_>, imprint: DigestAlgorithm) -> usize {
    let imprint = Imprint::new(imprint, vec![0; imprint.len()]);
    let request = TimeStampRequest::new(imprint, [0; 8]);
    // A time whose milliseconds take all three digits.
    let longest = Timestamp::from_millisecond(1_111).expect("invariant: within range");
    PreparedToken::new(parameters, &request, [0; 16], longest).max_len()
}

/// Positive and always 16 octets long (RFC 3161 §2.4.2 allows up to 160 bits).
fn positive(mut octets: [u8; 16]) -> [u8; 16] {
    octets[0] = octets[0] & 0x3f | 0x40;
    octets
}
