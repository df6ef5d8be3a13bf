//! API tokens.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{CabinetRefusal, Decision, Scene, good_name};
use crate::event::CabinetChange;
use crate::ids::{PersonId, TokenId};
use crate::token::Scope;

impl Scene<'_> {
    pub(super) fn create_token(
        &self,
        token: TokenId,
        person: PersonId,
        hash: [u8; 32],
        scopes: BTreeSet<Scope>,
        purpose: String,
        expires_at: Option<Timestamp>,
    ) -> Decision {
        self.needs_admin_or(person)?;
        if !self.needs_account(person)?.is_enabled(self.at) {
            return Err(CabinetRefusal::UnknownAccount);
        }
        if self.registry.tokens().any(|known| known.id == token || known.hash == hash) {
            return Err(CabinetRefusal::IdentifierTaken);
        }
        if scopes.is_empty() || expires_at.is_some_and(|end| end <= self.at) {
            return Err(CabinetRefusal::UselessToken);
        }
        let purpose = good_name(&purpose)?;
        Ok(vec![CabinetChange::TokenCreated { token, person, hash, scopes, purpose, expires_at }])
    }

    pub(super) fn revoke_token(&self, token: TokenId) -> Decision {
        let known = self.registry.tokens().find(|known| known.id == token);
        let known = known.ok_or(CabinetRefusal::UnknownToken)?;
        self.needs_admin_or(known.person)?;
        match known.revoked_at {
            Some(_) => Err(CabinetRefusal::UnknownToken),
            None => Ok(vec![CabinetChange::TokenRevoked { token }]),
        }
    }
}
