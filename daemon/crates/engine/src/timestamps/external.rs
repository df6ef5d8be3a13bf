//! Time-stamping authorities elsewhere, in the configured order: the first good answer is taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sceau_pki::tsp::{Imprint, TimeStampRequest, TimeStampResponse};
use sceau_pki::{DigestAlgorithm, sha256};
use sceau_workflow::machine::Failure;

use super::TimeStamps;
use crate::clock::{Entropy, random};
use crate::sentences;
use crate::tsa_client;

/// One authority.
#[derive(Clone, Debug)]
pub struct Authority {
    /// Where it answers (http or https).
    pub url: String,
    /// How long one request may take.
    pub timeout: Duration,
}

/// The authorities of the configuration.
pub struct External {
    authorities: Vec<Authority>,
    entropy: Arc<dyn Entropy>,
    runtime: tokio::runtime::Handle,
    largest: AtomicUsize,
}

impl External {
    /// Authorities in the order in which they are asked; `runtime` does the network's work.
    pub fn new(
        authorities: Vec<Authority>,
        entropy: Arc<dyn Entropy>,
        runtime: tokio::runtime::Handle,
    ) -> Self {
        Self { authorities, entropy, runtime, largest: AtomicUsize::new(0) }
    }

    fn ask(&self, authority: &Authority, request: &TimeStampRequest) -> Result<Vec<u8>, String> {
        let der = request.to_der();
        let asked = tsa_client::request_within(&authority.url, &der, authority.timeout);
        let answer = self.runtime.block_on(asked).map_err(|error| error.to_string())?;
        let response = TimeStampResponse::parse(&answer)
            .map_err(|error| format!("{}: {error}", authority.url))?;
        let token =
            response.token_for(request).map_err(|error| format!("{}: {error}", authority.url))?;
        self.largest.fetch_max(token.len(), Ordering::Relaxed);
        Ok(token.to_vec())
    }
}

impl TimeStamps for External {
    fn token_len(&self) -> Result<usize, Failure> {
        if self.largest.load(Ordering::Relaxed) == 0 {
            self.token(&sha256(b"dry run"), DigestAlgorithm::Sha256)?;
        }
        Ok(self.largest.load(Ordering::Relaxed) + sceau_pades::TOKEN_VARIATION)
    }

    fn token(&self, imprint: &[u8], algorithm: DigestAlgorithm) -> Result<Vec<u8>, Failure> {
        let imprint = Imprint::new(algorithm, imprint.to_vec());
        let mut troubles = Vec::new();
        for authority in &self.authorities {
            let nonce = random(self.entropy.as_ref());
            match self.ask(authority, &TimeStampRequest::new(imprint.clone(), nonce)) {
                Ok(token) => return Ok(token),
                Err(trouble) => troubles.push(trouble),
            }
        }
        Err(sentences::no_timestamp(troubles.join("; ")))
    }

    fn is_internal(&self) -> bool {
        false
    }
}
