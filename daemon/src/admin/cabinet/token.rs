//! API tokens: the secret is told once, and only its hash is kept.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sceau_cabinet::{ApiToken, CabinetCommand, Scope, TokenId};

use super::{Counter, Reply, by_prefix};
use crate::admin::protocol::{CabinetResponse, TokenView, Who};

impl Counter<'_> {
    pub(super) fn create_token(
        &self,
        who: &Who,
        scopes: BTreeSet<Scope>,
        purpose: String,
        expires_at: Option<Timestamp>,
    ) -> Reply {
        let (person, token) = (self.person(who)?, TokenId::from_bytes(self.new_id()));
        let secret = ApiToken::secret(&self.desk.random());
        let hash = ApiToken::hash_of(&secret);
        let order =
            CabinetCommand::CreateToken { token, person, hash, scopes, purpose, expires_at };
        self.change(vec![order], Vec::new())?;
        Ok(CabinetResponse::TokenCreated { token, secret })
    }

    pub(super) fn revoke_token(&self, text: &str) -> Reply {
        let token = by_prefix(text, "token", self.registry.tokens().map(|token| token.id))?;
        self.order(CabinetCommand::RevokeToken { token })
    }

    pub(super) fn tokens(&self) -> CabinetResponse {
        let view = |token: &ApiToken| TokenView {
            token: token.id,
            person: self.person_view(token.person),
            scopes: token.scopes.clone(),
            purpose: token.purpose.clone(),
            created_at: token.created_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
        };
        CabinetResponse::Tokens { tokens: self.registry.tokens().map(view).collect() }
    }
}
