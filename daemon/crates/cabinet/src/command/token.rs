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

#[cfg(test)]
mod tests {
    use crate::fixture::*;
    use crate::{
        AccountCommand, Actor, ApiToken, CabinetCommand as C, CabinetRefusal as R, Scope, TokenId,
    };

    fn create(hash: [u8; 32], scopes: &[Scope]) -> C {
        C::CreateToken {
            token: TokenId::from_bytes(std::array::from_fn(|index| hash[index])),
            person: PAUL,
            hash,
            scopes: scopes.iter().copied().collect(),
            purpose: "ERP".into(),
            expires_at: None,
        }
    }

    #[test]
    fn a_token_opens_until_it_is_revoked_or_its_account_disabled() {
        let mut world = World::staffed();
        let secret = ApiToken::secret(&[5; 32]);
        let hash = ApiToken::hash_of(&secret);
        world.must(create(hash, &[Scope::Submit]));
        let known = |world: &World| world.registry.token_by_hash(&hash, world.now()).is_some();
        assert!(known(&world));
        world.account(PAUL, AccountCommand::Disable).unwrap();
        assert!(!known(&world));
        world.account(PAUL, AccountCommand::Enable).unwrap();
        let token = world.registry.tokens().next().unwrap().id;
        world.must(C::RevokeToken { token });
        assert!(!known(&world));
        assert_eq!(world.order(ROOT, C::RevokeToken { token }), Err(R::UnknownToken));
    }

    #[test]
    fn useless_and_foreign_tokens_are_refused() {
        let mut world = World::staffed();
        assert_eq!(world.order(ROOT, create([1; 32], &[])), Err(R::UselessToken));
        let refused = R::NotAllowed { expert_comptable: true };
        let claire = Actor::Person { person: EXPERT };
        assert_eq!(world.order(claire, create([1; 32], &[Scope::Read])), Err(refused));
        assert!(
            world.order(Actor::Person { person: PAUL }, create([1; 32], &[Scope::Read])).is_ok()
        );
        assert_eq!(world.order(ROOT, create([1; 32], &[Scope::Read])), Err(R::IdentifierTaken));
    }
}
