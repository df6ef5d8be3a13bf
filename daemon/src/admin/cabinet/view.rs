//! The registry's values with the names that people know.

use sceau_cabinet::{Account, Delegataire, Delegation, DelegationState, PersonId, Registry, Roles};

use super::Counter;
use crate::admin::protocol::{AccountView, DelegationView, PersonView};

impl Counter<'_> {
    pub(super) fn person_view(&self, person: PersonId) -> PersonView {
        let details = self.desk.details(person);
        let name = details.as_ref().map(|details| details.name.clone());
        PersonView { person, name, email: details.map(|details| details.email) }
    }

    pub(super) fn account_view(&self, account: &Account) -> AccountView {
        let Roles { admin, expert_comptable } =
            account.roles_at(self.now).cloned().unwrap_or_default();
        AccountView {
            person: self.person_view(account.id()),
            admin,
            expert_comptable,
            opened_at: account.opened_at(),
            disabled_since: account.disabled_since(self.now),
            missing_steps: account.enregistrement().missing(self.now),
        }
    }

    pub(super) fn delegation_view(
        &self,
        registry: &Registry,
        delegation: &Delegation,
    ) -> DelegationView {
        let (terms, at) = (delegation.terms(), self.now.max(delegation.granted_at()));
        let (to, waits_for) = match delegation.delegataire() {
            Delegataire::Account { person } => (Some(self.person_view(person)), None),
            Delegataire::Address { commitment } => {
                (None, self.person_view(commitment.details_key()).email)
            }
        };
        let registered = to
            .as_ref()
            .and_then(|to| registry.account(to.person))
            .is_some_and(|account| account.enregistrement().is_complete(at));
        let digest = delegation.snapshot(at).map(|snapshot| snapshot.digest());
        DelegationView {
            id: delegation.id(),
            state: delegation.state(at, registered).unwrap_or(DelegationState::NotYet),
            by: self.person_view(terms.delegant),
            to,
            waits_for,
            societe: terms.societe.clone(),
            rights: terms.rights.clone(),
            workflows: terms.workflows.clone(),
            channels: terms.channels.clone(),
            days: terms.days,
            granted_at: delegation.granted_at(),
            granted_by: delegation.granted_by(),
            revoked_at: delegation.revoked().map(|(at, _)| at),
            digest: digest.map_or_else(String::new, |digest| {
                digest.iter().map(|byte| format!("{byte:02x}")).collect()
            }),
        }
    }
}
