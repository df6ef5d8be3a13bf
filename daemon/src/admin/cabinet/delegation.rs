//! Délégations: granted, imported, revoked, told.

use sceau_cabinet::{
    CabinetCommand, Delegataire, Delegation, DelegationId, DelegationTerms, GrantDelegation,
    ImportRow, PersonDetails, PersonId, SocieteId, parse_import,
};

use super::{Counter, Reply, by_prefix};
use crate::admin::desk::{ChangeRefused, Details};
use crate::admin::protocol::{CabinetResponse, GrantTerms, Who};

/// A grant about to be ordered, with the details that go with it.
struct Order {
    id: DelegationId,
    command: CabinetCommand,
    details: Option<Details>,
}

impl Counter<'_> {
    pub(super) fn grant(&self, by: &Who, terms: GrantTerms) -> Reply {
        let delegant = self.person(by)?;
        let order = self.grant_order(delegant, terms);
        self.change(vec![order.command], order.details.into_iter().collect())?;
        Ok(self.granted(&[order.id]))
    }

    pub(super) fn import(&self, by: &Who, csv: &str) -> Reply {
        let delegant = self.person(by)?;
        let told = |faults: Vec<sceau_cabinet::ImportFault>| {
            faults.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let rows = parse_import(csv).map_err(told)?;
        let lines: Vec<usize> = rows.iter().map(|row| row.line).collect();
        let order = |row| self.grant_order(delegant, terms_of(row));
        let orders: Vec<Order> = rows.into_iter().map(order).collect();
        let ids: Vec<DelegationId> = orders.iter().map(|order| order.id).collect();
        let (mut commands, mut details) = (Vec::new(), Vec::new());
        for order in orders {
            commands.push(order.command);
            details.extend(order.details);
        }
        self.desk.change(commands, self.actor, details).map_err(|refused| match refused {
            ChangeRefused::Trouble(trouble) => vec![trouble],
            ChangeRefused::Orders(refusals) => {
                let line = |index: usize| lines.get(index).copied().unwrap_or_default();
                let told = refusals.iter();
                told.map(|one| format!("line {}: {}", line(one.index), one.refusal)).collect()
            }
        })?;
        Ok(self.granted(&ids))
    }

    pub(super) fn revoke(&self, text: &str) -> Reply {
        let known = self.registry.delegations().map(Delegation::id);
        let delegation = by_prefix(text, "délégation", known)?;
        self.order(CabinetCommand::Revoke { delegation })
    }

    /// Those of a société and a person; without `all` only those that are, or may come, in force.
    pub(super) fn delegations(
        &self,
        societe: Option<&SocieteId>,
        who: Option<&Who>,
        all: bool,
    ) -> Reply {
        let who = who.map(|who| self.person(who)).transpose()?;
        let concerns = |delegation: &&Delegation| {
            let terms = delegation.terms();
            let named = |person| {
                terms.delegant == person
                    || delegation.delegataire() == Delegataire::Account { person }
            };
            let living = delegation.revoked().is_none() && !terms.days.are_over(self.now);
            (all || living)
                && societe.is_none_or(|societe| &terms.societe == societe)
                && who.is_none_or(named)
        };
        let mut found: Vec<&Delegation> = self.registry.delegations().filter(concerns).collect();
        found.sort_by_key(|delegation| (delegation.granted_at(), delegation.id()));
        let delegations = found
            .into_iter()
            .map(|delegation| self.delegation_view(&self.registry, delegation))
            .collect();
        Ok(CabinetResponse::Delegations { delegations })
    }

    /// An address without account gets a row of details of its own, so that lists can show it.
    fn grant_order(&self, delegant: PersonId, terms: GrantTerms) -> Order {
        let id = DelegationId::from_bytes(self.new_id());
        let delegataire = self.desk.commit_to(&terms.to);
        let known = self.registry.account_by_address(&delegataire, self.now).is_some();
        let waits = PersonDetails { name: String::new(), email: terms.to };
        let details = (!known).then(|| (delegataire.details_key(), Some(waits)));
        let terms = DelegationTerms {
            delegant,
            societe: terms.societe,
            rights: terms.rights,
            workflows: terms.workflows,
            channels: terms.channels,
            days: terms.days,
        };
        let grant = GrantDelegation { delegation: id, delegataire, terms };
        Order { id, command: CabinetCommand::Grant(grant), details }
    }

    /// What was just granted, as committed.
    fn granted(&self, ids: &[DelegationId]) -> CabinetResponse {
        let registry = self.desk.authority();
        let view = |id: &DelegationId| {
            let delegation = registry.delegation(*id)?;
            Some(self.delegation_view(&registry, delegation))
        };
        CabinetResponse::Granted { delegations: ids.iter().filter_map(view).collect() }
    }
}

fn terms_of(row: ImportRow) -> GrantTerms {
    GrantTerms {
        to: row.email,
        societe: row.societe,
        rights: row.rights,
        workflows: row.workflows,
        channels: row.channels,
        days: row.days,
    }
}
