//! Tokens from time-stamping authorities (RFC 3161).

use sceau_engine::clock::{SystemClock, SystemEntropy};
use sceau_engine::timestamps::{
    Authority, InOrder, Stranger, Terms, Trouble, Wish, any, ask_in_order,
};
use sceau_engine::tsa_client::TOTAL_TIMEOUT;
use sceau_pades::TokenRoom;
use sceau_pki::tsp::Imprint;
use sceau_pki::{DigestAlgorithm, TrustAnchors};

use super::failure::Failure;

/// Where tokens are had, in the order in which they are asked, and by what their units are judged: the
/// first good answer is taken. One whose unit leads to no anchor is taken where there is no better one:
/// the chain may be told by the certificates' addresses yet, and the level says what it is worth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Authorities<'a> {
    pub(crate) urls: &'a [String],
    pub(crate) anchors: &'a TrustAnchors,
}

impl Authorities<'_> {
    /// The room for a token, by one over nothing in particular.
    pub(super) async fn dry_run(&self) -> Result<TokenRoom, Failure> {
        let given = self.token(sceau_signer::random(), &any).await?;
        Ok(TokenRoom::like(given.token.len()))
    }

    /// A token over this SHA-256, which answers our very request.
    pub(super) async fn token(&self, digest: [u8; 32], wish: Wish<'_>) -> Result<InOrder, Failure> {
        let authority = |url: &String| Authority { url: url.clone(), timeout: TOTAL_TIMEOUT };
        let authorities: Vec<Authority> = self.urls.iter().map(authority).collect();
        let imprint = Imprint::new(DigestAlgorithm::Sha256, digest.to_vec());
        let stranger = Stranger::LastResort;
        let terms = Terms { anchors: self.anchors, stranger, wish, clock: &SystemClock };
        let asked = ask_in_order(&authorities, &imprint, &SystemEntropy, &terms).await;
        asked.map_err(failure)
    }
}

fn failure(mut troubles: Vec<Trouble>) -> Failure {
    match troubles.pop() {
        Some(Trouble::Asking(only)) if troubles.is_empty() => Failure::Tsa(only),
        last => {
            let all = troubles.into_iter().chain(last);
            let told: Vec<String> = all.map(|trouble| trouble.to_string()).collect();
            Failure::Unavailable(told.join("; "))
        }
    }
}
