//! Granting a délégation.

use super::{CabinetRefusal, Decision, GrantDelegation, Scene};
use crate::delegation::{Delegataire, DelegationTerms};
use crate::event::{Actor, CabinetChange};

impl Scene<'_> {
    pub(super) fn grant(&self, grant: GrantDelegation) -> Decision {
        let GrantDelegation { delegation, delegataire, terms } = grant;
        self.needs_admin_or(terms.delegant)?;
        if self.registry.delegation(delegation).is_some() {
            return Err(CabinetRefusal::IdentifierTaken);
        }
        self.needs_open_societe(&terms.societe)?;
        self.needs_delegant(&terms)?;
        self.needs_sense(&terms)?;
        let delegataire = match self.registry.account_by_address(&delegataire, self.at) {
            Some(account) => Delegataire::Account { person: account.id() },
            None => Delegataire::Address { commitment: delegataire },
        };
        self.not_to_oneself(delegataire, &terms)?;
        Ok(vec![CabinetChange::DelegationGranted { delegation, delegataire, terms }])
    }

    fn needs_delegant(&self, terms: &DelegationTerms) -> Result<(), CabinetRefusal> {
        let eligible = self
            .registry
            .account(terms.delegant)
            .is_some_and(|account| account.is_expert_comptable(&terms.societe, self.at));
        match eligible {
            true => Ok(()),
            false => Err(CabinetRefusal::DelegantNotEligible { societe: terms.societe.clone() }),
        }
    }

    fn needs_sense(&self, terms: &DelegationTerms) -> Result<(), CabinetRefusal> {
        let days = terms.days;
        let reversed = days.first.zip(days.last).is_some_and(|(first, last)| first > last);
        let empty = terms.workflows.as_ref().is_some_and(|set| set.is_empty())
            || terms.channels.as_ref().is_some_and(|set| set.is_empty());
        match () {
            () if terms.rights.is_empty() => Err(CabinetRefusal::NoRights),
            () if empty => Err(CabinetRefusal::NothingCovered),
            () if reversed => Err(CabinetRefusal::DaysReversed),
            () => Ok(()),
        }
    }

    /// Neither the délégant nor the person who orders the grant may be the délégataire.
    fn not_to_oneself(
        &self,
        delegataire: Delegataire,
        terms: &DelegationTerms,
    ) -> Result<(), CabinetRefusal> {
        let Delegataire::Account { person } = delegataire else { return Ok(()) };
        match person == terms.delegant || self.actor == (Actor::Person { person }) {
            true => Err(CabinetRefusal::ToOneself),
            false => Ok(()),
        }
    }
}
