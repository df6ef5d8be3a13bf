//! Who calls: a bearer token (RFC 6750) that is bound to an account.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use sceau_cabinet::{ApiToken, PersonId, Scope};

use crate::ports::App;
use crate::problem::{Code, Problem};

/// Longer than any token of ours, in bytes.
const LONGEST: usize = 256;

/// The account that a good token with the wanted scope is bound to.
///
/// The secret is looked up by its SHA-256, so that the time of the look-up tells nothing about it.
pub(crate) fn caller(app: &App, headers: &HeaderMap, scope: Scope) -> Result<PersonId, Problem> {
    let secret = bearer(headers)?;
    let authority = app.handle.authority();
    let token = authority.token_by_hash(&ApiToken::hash_of(secret), app.clock.now());
    let token = token.ok_or_else(|| Problem::new(Code::TokenInvalid))?;
    if token.scopes.contains(&scope) {
        return Ok(token.person);
    }
    Err(Problem::new(if scope == Scope::Submit { Code::ScopeSubmit } else { Code::ScopeRead }))
}

fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let line = lines.next().ok_or_else(|| Problem::new(Code::TokenMissing))?;
    let unreadable = || Problem::new(Code::TokenInvalid);
    if lines.next().is_some() {
        return Err(unreadable());
    }
    let (scheme, secret) =
        line.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(unreadable)?;
    let secret = secret.trim();
    let good = scheme.eq_ignore_ascii_case("bearer") && (1..=LONGEST).contains(&secret.len());
    if good { Ok(secret) } else { Err(unreadable()) }
}
