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
