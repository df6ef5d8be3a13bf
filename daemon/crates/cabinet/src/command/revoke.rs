//! Revoking a délégation.

use super::{CabinetRefusal, Decision, Scene};
use crate::event::CabinetChange;
use crate::ids::DelegationId;

impl Scene<'_> {
    pub(super) fn revoke(&self, id: DelegationId) -> Decision {
        let delegation = self.registry.delegation(id).ok_or(CabinetRefusal::UnknownDelegation)?;
        self.needs_admin_or(delegation.terms().delegant)?;
        match delegation.revoked() {
            Some(_) => Err(CabinetRefusal::AlreadyRevoked),
            None => Ok(vec![CabinetChange::DelegationRevoked { delegation: id }]),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::*;
    use crate::{Actor, CabinetCommand as C, CabinetRefusal as R, Right};

    #[test]
    fn a_revocation_ends_it_at_once_and_keeps_the_past() {
        let mut world = World::staffed();
        world.must(grant(terms()));
        let during = world.now();
        let version = |world: &World| world.registry.version(&crate::Subject::Delegation(GRANT));
        assert_eq!(version(&world), 1);
        world.must(C::Revoke { delegation: GRANT });
        assert_eq!(version(&world), 2);
        assert!(!world.may(PAUL, Right::Sceller).is_yes());
        assert!(world.may_at(PAUL, Right::Sceller, during).is_yes());
        assert_eq!(world.order(ROOT, C::Revoke { delegation: GRANT }), Err(R::AlreadyRevoked));
    }

    #[test]
    fn the_delegant_revokes_the_delegataire_does_not() {
        let mut world = World::staffed();
        world.must(grant(terms()));
        let revoke = || C::Revoke { delegation: GRANT };
        let refused = R::NotAllowed { expert_comptable: true };
        assert_eq!(world.order(Actor::Person { person: PAUL }, revoke()), Err(refused));
        assert!(world.order(Actor::Person { person: EXPERT }, revoke()).is_ok());
    }

    #[test]
    fn a_clock_set_back_does_not_undo_a_revocation() {
        let mut world = World::staffed();
        world.must(grant(terms()));
        world.second += 3_600;
        world.must(C::Revoke { delegation: GRANT });
        let last = world.registry.last_change().unwrap();
        world.second -= 7_200;
        let present = world.registry.present(world.now());
        assert!(
            !world.may_at(PAUL, Right::Sceller, present).is_yes(),
            "now is after the revocation"
        );
        let events = world.must(C::RenameSociete { societe: societe(), name: "Autre".into() });
        assert_eq!(events[0].at, last, "events never go back in time");
    }
}
