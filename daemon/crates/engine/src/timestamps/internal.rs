//! Our own time-stamping unit: the clock of this machine, under a key of its own in the signer.
//! The signer refuses when the clock stands before the last token ("ClockWentBack").

use std::sync::Arc;

use sceau_pki::tsp::{
    Accuracy, Imprint, PreparedToken, TimeStampRequest, TokenParameters, token_len,
};
use sceau_pki::{Certificate, DigestAlgorithm, SignatureAlgorithm, oid};
use sceau_signer::{Authorisation, KeyId, Purpose, SignRequest};
use sceau_workflow::machine::Failure;

use super::{Granted, TimeStamps, Wish};
use crate::clock::{Clock, Entropy, random};
use crate::keys::KeyDoor;
use crate::sentences;

/// How long the signer may take to answer, in milliseconds.
const LIFE_MS: i64 = 30_000;

/// The unit.
pub struct Internal {
    /// The key in the signer.
    pub key: KeyId,
    /// How it signs.
    pub algorithm: SignatureAlgorithm,
    /// The unit's certificate first, then its issuers.
    pub chain: Vec<Certificate>,
    /// The door to the signer.
    pub keys: Arc<dyn KeyDoor>,
    /// The clock that the tokens tell.
    pub clock: Arc<dyn Clock>,
    /// Serial numbers and nonces.
    pub entropy: Arc<dyn Entropy>,
}

impl Internal {
    fn parameters(&self) -> Result<TokenParameters<'_>, Failure> {
        let (unit, chain) = self
            .chain
            .split_first()
            .ok_or_else(|| sentences::internal("the time-stamping unit has no certificate"))?;
        Ok(TokenParameters {
            unit,
            chain,
            algorithm: self.algorithm,
            policy: oid::POLICY_INTERNAL_TSA,
            accuracy: Some(Accuracy::ONE_SECOND),
        })
    }

    /// Answers a request of RFC 3161 that was parsed and whose policy was compared.
    ///
    /// # Errors
    /// The signer does not answer, or refuses.
    pub fn answer(&self, request: &TimeStampRequest) -> Result<Vec<u8>, Failure> {
        let parameters = self.parameters()?;
        let serial: [u8; 16] = random(self.entropy.as_ref());
        let now = self.clock.now();
        let prepared = PreparedToken::new(&parameters, request, serial, now);
        let asked = SignRequest {
            request_id: serial,
            key: self.key.clone(),
            purpose: Purpose::Timestamp,
            authorisation: Authorisation {
                dossier: "timestamp".to_owned(),
                step: hex::encode(serial),
                attempt: 1,
                delegation_digest: None,
                expires_at_ms: now.as_millisecond() + LIFE_MS,
            },
            algorithm: self.algorithm,
            to_be_signed: prepared.to_be_signed().to_vec(),
        };
        let value = self.keys.sign(asked).map_err(sentences::no_timestamp)?;
        prepared.finish(&value.bytes).map_err(sentences::no_timestamp)
    }
}

impl TimeStamps for Internal {
    fn token_len(&self) -> Result<usize, Failure> {
        Ok(token_len(&self.parameters()?, DigestAlgorithm::Sha256))
    }

    /// There is no other unit to ask: what is wished makes no difference.
    fn token(
        &self,
        imprint: &[u8],
        algorithm: DigestAlgorithm,
        _wish: Wish<'_>,
    ) -> Result<Granted, Failure> {
        let imprint = Imprint::new(algorithm, imprint.to_vec());
        let request = TimeStampRequest::new(imprint, random(self.entropy.as_ref()));
        Ok(Granted { token: self.answer(&request)?, passed_over: Vec::new() })
    }

    fn is_internal(&self) -> bool {
        true
    }
}
