//! Time-stamping authorities elsewhere, in the configured order.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sceau_pki::chain::TrustAnchors;
use sceau_pki::tsp::Imprint;
use sceau_pki::{DigestAlgorithm, sha256};
use sceau_workflow::machine::Failure;

use super::{Authority, Granted, Stranger, Terms, TimeStamps, Wish, any, ask_in_order};
use crate::clock::{Clock, Entropy};
use crate::sentences;

/// The authorities of the configuration.
pub struct External {
    authorities: Vec<Authority>,
    anchors: Arc<TrustAnchors>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    runtime: tokio::runtime::Handle,
    largest: AtomicUsize,
}

impl External {
    /// Authorities in the order in which they are asked, whose units are judged by `anchors`, unless
    /// there are none; `runtime` does the network's work.
    pub fn new(
        authorities: Vec<Authority>,
        anchors: Arc<TrustAnchors>,
        (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>),
        runtime: tokio::runtime::Handle,
    ) -> Self {
        let largest = AtomicUsize::new(0);
        Self { authorities, anchors, clock, entropy, runtime, largest }
    }
}

impl TimeStamps for External {
    fn token_len(&self) -> Result<usize, Failure> {
        if self.largest.load(Ordering::Relaxed) == 0 {
            self.token(&sha256(b"dry run"), DigestAlgorithm::Sha256, &any)?;
        }
        Ok(self.largest.load(Ordering::Relaxed) + sceau_pades::TOKEN_VARIATION)
    }

    fn token(
        &self,
        imprint: &[u8],
        algorithm: DigestAlgorithm,
        wish: Wish<'_>,
    ) -> Result<Granted, Failure> {
        let imprint = Imprint::new(algorithm, imprint.to_vec());
        // A seal under a unit that leads nowhere would not pass the check before its delivery.
        let stranger = Stranger::Refused;
        let terms = Terms { anchors: &self.anchors, stranger, wish, clock: self.clock.as_ref() };
        let asked = ask_in_order(&self.authorities, &imprint, self.entropy.as_ref(), &terms);
        let told = |one: &super::Trouble| one.to_string();
        let given = self.runtime.block_on(asked).map_err(|troubles| {
            sentences::no_timestamp(troubles.iter().map(told).collect::<Vec<_>>().join("; "))
        })?;
        self.largest.fetch_max(given.token.len(), Ordering::Relaxed);
        Ok(Granted { token: given.token, passed_over: given.troubles.iter().map(told).collect() })
    }

    fn is_internal(&self) -> bool {
        false
    }
}
