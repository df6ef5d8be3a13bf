//! Tokens from time-stamping authorities (RFC 3161).

use sceau_engine::tsa_client;
use sceau_pki::DigestAlgorithm;
use sceau_pki::tsp::{Imprint, TimeStampRequest, TimeStampResponse};

use super::failure::Failure;

/// Where tokens are had, in the order in which they are asked: the first good answer is taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Authorities<'a> {
    pub(crate) urls: &'a [String],
}

impl Authorities<'_> {
    /// The size in bytes of a token over nothing in particular.
    pub(super) async fn dry_run(&self) -> Result<usize, Failure> {
        self.token(sceau_signer::random()).await.map(|token| token.len())
    }

    /// A token over this SHA-256, which answers our very request.
    pub(super) async fn token(&self, digest: [u8; 32]) -> Result<Vec<u8>, Failure> {
        let mut troubles = Vec::new();
        for url in self.urls {
            match token(url, digest).await {
                Ok(token) => return Ok(token),
                Err(trouble) => troubles.push(trouble),
            }
        }
        match troubles.len() {
            1 => Err(troubles.remove(0)),
            _ => {
                let told: Vec<String> = troubles.iter().map(ToString::to_string).collect();
                Err(Failure::Unavailable(told.join("; ")))
            }
        }
    }
}

async fn token(url: &str, digest: [u8; 32]) -> Result<Vec<u8>, Failure> {
    let imprint = Imprint::new(DigestAlgorithm::Sha256, digest.to_vec());
    let request = TimeStampRequest::new(imprint, sceau_signer::random());
    let answer = tsa_client::request(url, &request.to_der()).await?;
    let refused = |error: &dyn std::fmt::Display| Failure::Unavailable(error.to_string());
    let response = TimeStampResponse::parse(&answer).map_err(|error| refused(&error))?;
    let token = response.token_for(&request).map_err(|error| refused(&error))?;
    Ok(token.to_vec())
}
