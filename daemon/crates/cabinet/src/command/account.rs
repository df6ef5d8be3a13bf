//! Accounts: opened, disabled, enabled, given roles and addresses.

use super::{AccountCommand, CabinetRefusal, Decision, Scene};
use crate::account::Roles;
use crate::address::AddressCommitment;
use crate::event::{Actor, CabinetChange};
use crate::ids::PersonId;

impl Scene<'_> {
    pub(super) fn account(&self, person: PersonId, order: AccountCommand) -> Decision {
        self.needs_admin()?;
        match order {
            AccountCommand::Open { address, roles } => self.open(person, address, roles),
            AccountCommand::Disable => self.disable(person),
            AccountCommand::Enable => self.enable(person),
            AccountCommand::SetRoles { roles } => self.set_roles(person, roles),
            AccountCommand::SetAddress { address } => self.set_address(person, address),
        }
    }

    fn open(&self, person: PersonId, address: AddressCommitment, roles: Roles) -> Decision {
        if self.registry.cabinet().is_none() {
            return Err(CabinetRefusal::NoCabinet);
        }
        let taken = self.registry.account_by_address(&address, self.at).is_some();
        if taken || self.registry.account(person).is_some() {
            return Err(CabinetRefusal::AccountExists);
        }
        self.needs_societes(&roles)?;
        let mut changes = vec![CabinetChange::AccountOpened { person, address, roles }];
        changes.extend(self.bind_waiting(person, &address));
        Ok(changes)
    }

    fn disable(&self, person: PersonId) -> Decision {
        if !self.needs_account(person)?.is_enabled(self.at) {
            return Err(CabinetRefusal::NothingChanges);
        }
        self.leaves_an_admin(person)?;
        Ok(vec![CabinetChange::AccountDisabled { person }])
    }

    fn enable(&self, person: PersonId) -> Decision {
        if self.needs_account(person)?.is_enabled(self.at) {
            return Err(CabinetRefusal::NothingChanges);
        }
        Ok(vec![CabinetChange::AccountEnabled { person }])
    }

    fn set_roles(&self, person: PersonId, roles: Roles) -> Decision {
        let account = self.needs_account(person)?;
        if account.roles_at(self.at) == Some(&roles) {
            return Err(CabinetRefusal::NothingChanges);
        }
        self.needs_societes(&roles)?;
        if !roles.admin {
            self.leaves_an_admin(person)?;
        }
        Ok(vec![CabinetChange::RolesChanged { person, roles }])
    }

    fn set_address(&self, person: PersonId, address: AddressCommitment) -> Decision {
        if self.needs_account(person)?.address_at(self.at) == Some(&address) {
            return Err(CabinetRefusal::NothingChanges);
        }
        if self.registry.account_by_address(&address, self.at).is_some() {
            return Err(CabinetRefusal::AccountExists);
        }
        let mut changes = vec![CabinetChange::AddressChanged { person, address }];
        changes.extend(self.bind_waiting(person, &address));
        Ok(changes)
    }

    /// Délégations that waited for this address, but never one that the person gave or ordered.
    fn bind_waiting(
        &self,
        person: PersonId,
        address: &AddressCommitment,
    ) -> impl Iterator<Item = CabinetChange> {
        self.registry
            .waiting_for(address, self.at)
            .filter(move |delegation| delegation.terms().delegant != person)
            .filter(move |delegation| delegation.granted_by() != Actor::Person { person })
            .map(move |delegation| CabinetChange::DelegationBound {
                delegation: delegation.id(),
                person,
            })
    }

    fn needs_societes(&self, roles: &Roles) -> Result<(), CabinetRefusal> {
        roles.expert_comptable.iter().try_for_each(|id| self.needs_open_societe(id).map(drop))
    }

    fn leaves_an_admin(&self, person: PersonId) -> Result<(), CabinetRefusal> {
        let others = self.registry.accounts().filter(|account| account.id() != person);
        let left = others.filter(|account| account.is_admin(self.at)).count();
        match self.is_admin(person) && left == 0 {
            true => Err(CabinetRefusal::LastAdmin),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::*;
    use crate::{AccountCommand as A, Answer, CabinetRefusal as R, Reason, Right, Roles};

    #[test]
    fn an_address_has_one_account() {
        let mut world = World::staffed();
        let other = crate::PersonId::from_bytes([8; 16]);
        let open = A::Open { address: address("paul"), roles: Roles::default() };
        assert_eq!(world.account(other, open), Err(R::AccountExists));
        let moved = A::SetAddress { address: address("claire") };
        assert_eq!(world.account(PAUL, moved), Err(R::AccountExists));
    }

    #[test]
    fn the_last_admin_stays() {
        let mut world = World::staffed();
        assert_eq!(world.account(ADMIN, A::Disable), Err(R::LastAdmin));
        let none = || A::SetRoles { roles: Roles::default() };
        assert_eq!(world.account(ADMIN, none()), Err(R::LastAdmin));
        let admin = A::SetRoles { roles: Roles { admin: true, ..Roles::default() } };
        world.account(PAUL, admin).unwrap();
        world.account(ADMIN, A::Disable).unwrap();
        assert_eq!(world.account(PAUL, none()), Err(R::LastAdmin));
    }

    #[test]
    fn a_disabled_account_may_nothing_until_it_is_enabled() {
        let mut world = World::staffed();
        world.account(EXPERT, A::Disable).unwrap();
        let answer = world.may(EXPERT, Right::Sceller);
        let Answer::No { reasons } = answer else { panic!("{answer:?}") };
        assert!(matches!(reasons[..], [Reason::AccountDisabled { .. }]), "{reasons:?}");
        assert_eq!(world.account(EXPERT, A::Disable), Err(R::NothingChanges));
        world.account(EXPERT, A::Enable).unwrap();
        assert!(world.may(EXPERT, Right::Sceller).is_yes());
    }

    #[test]
    fn a_role_of_an_unknown_societe_is_refused() {
        let mut world = World::staffed();
        let expert_comptable = ["nulle".parse().unwrap()].into();
        let roles = A::SetRoles { roles: Roles { admin: false, expert_comptable } };
        assert!(matches!(world.account(PAUL, roles), Err(R::UnknownSociete { .. })));
    }

    #[test]
    fn opening_an_account_binds_what_waits_for_its_address() {
        let mut world = World::founded();
        world.must(grant(terms()));
        assert_eq!(world.registry.waiting_for(&address("paul"), world.now()).count(), 1);
        let question = question(PAUL, Right::Sceller, world.now());
        let answer = world.registry.may_address(&address("paul"), &question);
        assert_eq!(
            answer,
            Answer::No { reasons: vec![Reason::NoAccountYet { waiting: vec![GRANT] }] }
        );
        world.open(PAUL, "paul", Roles::default());
        assert!(world.may(PAUL, Right::Sceller).is_yes());
        assert_eq!(world.registry.waiting_for(&address("paul"), world.now()).count(), 0);
    }

    #[test]
    fn moving_to_a_waiting_address_binds_no_delegation_of_ones_own() {
        let mut world = World::founded();
        world.must(grant(terms()));
        world.account(EXPERT, A::SetAddress { address: address("paul") }).unwrap();
        assert_eq!(world.registry.waiting_for(&address("paul"), world.now()).count(), 1);
    }
}
