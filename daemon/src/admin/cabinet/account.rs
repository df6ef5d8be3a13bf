//! Accounts. What changes a name or an address writes the erasable table in the same commit.

use std::collections::BTreeSet;

use sceau_cabinet::{
    AccountCommand, CabinetCommand, EmailAddress, EnregistrementStep, PersonDetails, PersonId,
    Roles, SocieteId,
};

use super::{Counter, Reply};
use crate::admin::protocol::{CabinetResponse, Who};

impl Counter<'_> {
    pub(super) fn open_account(
        &self,
        email: EmailAddress,
        name: String,
        admin: bool,
        expert_comptable: BTreeSet<SocieteId>,
    ) -> Reply {
        let person = PersonId::from_bytes(self.new_id());
        let (name, address) = (good_name(&name)?, self.desk.commit_to(&email));
        let roles = Roles { admin, expert_comptable };
        let order = AccountCommand::Open { address, roles };
        let details = Some(PersonDetails { name, email });
        let waiting = (address.details_key(), None);
        self.change(
            vec![CabinetCommand::Account { person, order }],
            vec![(person, details), waiting],
        )?;
        Ok(CabinetResponse::Opened { person })
    }

    pub(super) fn disable_account(&self, who: &Who) -> Reply {
        let person = self.person(who)?;
        self.order(CabinetCommand::Account { person, order: AccountCommand::Disable })
    }

    pub(super) fn enable_account(&self, who: &Who) -> Reply {
        let person = self.person(who)?;
        self.order(CabinetCommand::Account { person, order: AccountCommand::Enable })
    }

    pub(super) fn set_roles(
        &self,
        who: &Who,
        admin: bool,
        expert_comptable: BTreeSet<SocieteId>,
    ) -> Reply {
        let person = self.person(who)?;
        let order = AccountCommand::SetRoles { roles: Roles { admin, expert_comptable } };
        self.order(CabinetCommand::Account { person, order })
    }

    pub(super) fn set_details(
        &self,
        who: &Who,
        name: Option<String>,
        email: Option<EmailAddress>,
    ) -> Reply {
        let person = self.person(who)?;
        let known = self.desk.details(person);
        let moved = email.as_ref().is_some_and(|new| known.as_ref().map(|d| &d.email) != Some(new));
        let name = name.or(known.as_ref().map(|details| details.name.clone()));
        let email = email.or(known.map(|details| details.email));
        let (Some(name), Some(email)) = (name, email) else {
            return Err(vec!["both name and address are needed: they were erased".to_owned()]);
        };
        let address = self.desk.commit_to(&email);
        let order = AccountCommand::SetAddress { address };
        let commands = match moved {
            true => vec![CabinetCommand::Account { person, order }],
            false => Vec::new(),
        };
        let details = PersonDetails { name: good_name(&name)?, email };
        self.change(commands, vec![(person, Some(details)), (address.details_key(), None)])?;
        Ok(CabinetResponse::Done)
    }

    /// The account's row, and those in which dossiers named the same person as a signatory.
    pub(super) fn erase(&self, who: &Who) -> Reply {
        let account = self.person(who);
        let mut rows: Vec<PersonId> = account.iter().copied().collect();
        rows.extend(match who {
            Who::Id(id) => self.desk.details(*id).map(|_| *id).into_iter().collect(),
            Who::Email(address) => self.desk.persons_at(address),
        });
        let in_use = |id: &PersonId| self.registry.account(*id)?.is_enabled(self.now).then_some(());
        if rows.iter().any(|id| in_use(id).is_some()) {
            return Err(vec!["the account is in use: disable it first".to_owned()]);
        }
        if rows.is_empty() {
            account?;
        }
        self.change(Vec::new(), rows.into_iter().map(|id| (id, None)).collect())?;
        Ok(CabinetResponse::Done)
    }

    pub(super) fn record_step(
        &self,
        who: &Who,
        step: EnregistrementStep,
        version: Option<String>,
    ) -> Reply {
        let person = self.person(who)?;
        self.order(match version {
            Some(version) => CabinetCommand::RecordStep { person, step, version },
            None => CabinetCommand::WithdrawStep { person, step },
        })
    }

    pub(super) fn accounts(&self) -> CabinetResponse {
        let accounts = self.registry.accounts().map(|account| self.account_view(account)).collect();
        CabinetResponse::Accounts { accounts }
    }
}

/// 1 to 200 characters, none of them a control character.
fn good_name(name: &str) -> Result<String, Vec<String>> {
    let name = name.trim();
    let good = (1..=200).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    match good {
        true => Ok(name.to_owned()),
        false => Err(vec!["a name has 1 to 200 printable characters".to_owned()]),
    }
}
