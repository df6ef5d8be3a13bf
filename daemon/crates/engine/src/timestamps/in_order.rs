//! Authorities elsewhere, asked in order until one gives a token that does: what they answer is judged
//! here, while another one can be asked yet.

use std::time::Duration;

use sceau_pades::report::{Finding, SubIndication};
use sceau_pades::{ValidationOptions, judge_token};
use sceau_pki::chain::TrustAnchors;
use sceau_pki::tsp::{Imprint, TimeStampRequest, TimeStampResponse};

use super::Wish;
use crate::clock::{Clock, Entropy, random};
use crate::tsa_client::{self, TsaError};

/// One authority.
#[derive(Clone, Debug)]
pub struct Authority {
    /// Where it answers (http or https).
    pub url: String,
    /// How long one request may take.
    pub timeout: Duration,
}

/// What a token must be.
pub struct Terms<'t> {
    /// The certificates to which the unit's chain must lead; where there are none, that is not asked.
    pub anchors: &'t TrustAnchors,
    /// What becomes of a token whose unit leads to none of them.
    pub stranger: Stranger,
    /// What is wished of it beyond that.
    pub wish: Wish<'t>,
    /// By which the token is judged.
    pub clock: &'t dyn Clock,
}

/// What becomes of a token whose unit's chain leads to no anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stranger {
    /// It is refused.
    Refused,
    /// It is taken where no authority gives a better one: the document may tell more of its chain.
    LastResort,
}

/// A token that was given.
#[derive(Debug)]
pub struct InOrder {
    /// In DER.
    pub token: Vec<u8>,
    /// What went wrong before, and what speaks against this token where no better one was to be had.
    pub troubles: Vec<Trouble>,
}

/// Why an authority's token was not taken at once.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// It gave none.
    #[error(transparent)]
    Asking(#[from] TsaError),
    /// What it gave does not do.
    #[error("{url}: {why}")]
    Token {
        /// The authority.
        url: String,
        /// Why, in English.
        why: String,
    },
}

/// A token of the first authority whose token is good and as wished; else of the first that gave one
/// that can be used.
///
/// # Errors
/// What was wrong with each, where none can be used.
pub async fn ask_in_order(
    authorities: &[Authority],
    imprint: &Imprint,
    entropy: &dyn Entropy,
    terms: &Terms<'_>,
) -> Result<InOrder, Vec<Trouble>> {
    let mut troubles = Vec::new();
    let mut kept: Option<(Worth, Vec<u8>)> = None;
    for authority in authorities {
        let request = TimeStampRequest::new(imprint.clone(), random(entropy));
        let token = match ask(authority, &request).await {
            Ok(token) => token,
            Err(trouble) => {
                troubles.push(trouble);
                continue;
            }
        };
        let (worth, why) = terms.judge(&token, imprint);
        match worth {
            Worth::Full => return Ok(InOrder { token, troubles }),
            Worth::None => {}
            worth if kept.as_ref().is_some_and(|(known, _)| *known >= worth) => {}
            worth => kept = Some((worth, token)),
        }
        troubles.push(Trouble::Token { url: authority.url.clone(), why });
    }
    match kept {
        Some((_, token)) => Ok(InOrder { token, troubles }),
        None => Err(troubles),
    }
}

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    /// Nothing.
    None,
    /// It holds; whether its unit is to be trusted is not known.
    Stranger,
    /// It holds, and is not as wished.
    Unwished,
    /// All.
    Full,
}

impl Terms<'_> {
    /// What the token is good for, and why not for more.
    fn judge(&self, token: &[u8], imprint: &Imprint) -> (Worth, String) {
        let options = ValidationOptions::new(self.anchors.clone(), self.clock.now());
        let findings = judge_token(token, imprint, &options).verdict.findings;
        let told = |finding: &Finding| finding.detail.clone();
        if let Some(fault) = findings.iter().find(|finding| !is_stranger(finding)) {
            return (Worth::None, told(fault));
        }
        let stranger = findings.first().filter(|_| !self.anchors.is_empty());
        match (stranger, self.stranger, (self.wish)(token)) {
            (Some(finding), Stranger::Refused, _) => (Worth::None, told(finding)),
            (Some(finding), _, Ok(())) => (Worth::Stranger, told(finding)),
            (Some(finding), _, Err(why)) => (Worth::Stranger, format!("{}; {why}", told(finding))),
            (None, _, Err(why)) => (Worth::Unwished, why),
            (None, _, Ok(())) => (Worth::Full, String::new()),
        }
    }
}

fn is_stranger(finding: &Finding) -> bool {
    finding.sub_indication == SubIndication::NoCertificateChainFound
}

/// A token that answers this very request, under a unit that may give it.
async fn ask(authority: &Authority, request: &TimeStampRequest) -> Result<Vec<u8>, Trouble> {
    let wrong = |why: String| Trouble::Token { url: authority.url.clone(), why };
    let der = request.to_der();
    let answer = tsa_client::request_within(&authority.url, &der, authority.timeout).await?;
    let response = TimeStampResponse::parse(&answer).map_err(|error| wrong(error.to_string()))?;
    let token = response.token_for(request).map_err(|error| wrong(error.to_string()))?;
    Ok(token.to_vec())
}
