//! Answers cabinet requests: names become identifiers, requests become commands, what was committed
//! becomes what people read.

mod account;
mod delegation;
mod explain;
mod societe;
mod token;
mod view;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::Timestamp;
use sceau_cabinet::{Actor, CabinetCommand, PersonId, Registry};

use super::desk::{ChangeRefused, Desk, Details};
use super::protocol::{CabinetRequest, CabinetResponse, Who};

/// An answer, or every reason why there is none.
type Reply = Result<CabinetResponse, Vec<String>>;

/// Answers a request that came from the peer with this user id (`SO_PEERCRED`). It blocks until the
/// change, if any, is committed.
pub(crate) fn answer(desk: &dyn Desk, uid: u32, request: CabinetRequest) -> CabinetResponse {
    let actor = Actor::Operator { uid };
    let registry = desk.authority();
    let now = registry.present(desk.now());
    let counter = Counter { desk, actor, registry, now };
    counter.reply(request).unwrap_or_else(|faults| CabinetResponse::Refused { faults })
}

/// One request being answered.
struct Counter<'d> {
    desk: &'d dyn Desk,
    actor: Actor,
    registry: Arc<Registry>,
    now: Timestamp,
}

impl Counter<'_> {
    fn reply(&self, request: CabinetRequest) -> Reply {
        use CabinetRequest as Q;
        match request {
            Q::SocieteAdd { societe, name, siren } => {
                self.order(CabinetCommand::AddSociete { societe, name, siren })
            }
            Q::SocieteRename { societe, name } => {
                self.order(CabinetCommand::RenameSociete { societe, name })
            }
            Q::SocieteClose { societe } => self.order(CabinetCommand::CloseSociete { societe }),
            Q::SocieteList => Ok(self.societes()),
            Q::AccountAdd { email, name, admin, expert_comptable } => {
                self.open_account(email, name, admin, expert_comptable)
            }
            Q::AccountDisable { who } => self.disable_account(&who),
            Q::AccountEnable { who } => self.enable_account(&who),
            Q::AccountRoles { who, admin, expert_comptable } => {
                self.set_roles(&who, admin, expert_comptable)
            }
            Q::AccountDetails { who, name, email } => self.set_details(&who, name, email),
            Q::AccountErase { who } => self.erase(&who),
            Q::AccountStep { who, step, version } => self.record_step(&who, step, version),
            Q::AccountList => Ok(self.accounts()),
            Q::DelegationGrant { by, terms } => self.grant(&by, terms),
            Q::DelegationImport { by, csv } => self.import(&by, &csv),
            Q::DelegationRevoke { delegation } => self.revoke(&delegation),
            Q::DelegationList { societe, who, all } => {
                self.delegations(societe.as_ref(), who.as_ref(), all)
            }
            Q::DelegationExplain { who, right, societe, workflow, channel, at } => {
                self.explain(&who, right, societe, workflow, channel, at)
            }
            Q::TokenCreate { who, scopes, purpose, expires_at } => {
                self.create_token(&who, scopes, purpose, expires_at)
            }
            Q::TokenList => Ok(self.tokens()),
            Q::TokenRevoke { token } => self.revoke_token(&token),
        }
    }

    /// One command without details.
    fn order(&self, command: CabinetCommand) -> Reply {
        self.change(vec![command], Vec::new())?;
        Ok(CabinetResponse::Done)
    }

    fn change(
        &self,
        commands: Vec<CabinetCommand>,
        details: Vec<Details>,
    ) -> Result<(), Vec<String>> {
        match self.desk.change(commands, self.actor, details) {
            Ok(()) => Ok(()),
            Err(ChangeRefused::Trouble(trouble)) => Err(vec![trouble]),
            Err(ChangeRefused::Orders(refusals)) => {
                Err(refusals.iter().map(|one| one.refusal.to_string()).collect())
            }
        }
    }

    /// The person with this identifier or address.
    fn person(&self, who: &Who) -> Result<PersonId, Vec<String>> {
        let account = match who {
            Who::Id(id) => self.registry.account(*id),
            Who::Email(address) => {
                self.registry.account_by_address(&self.desk.commit_to(address), self.now)
            }
        };
        account.map(sceau_cabinet::Account::id).ok_or_else(|| {
            vec![match who {
                Who::Id(id) => format!("there is no account {id}"),
                Who::Email(address) => format!("there is no account with the address {address}"),
            }]
        })
    }

    fn new_id(&self) -> [u8; 16] {
        let random = self.desk.random();
        std::array::from_fn(|index| random[index])
    }
}

/// The one identifier that begins so; at least four digits.
fn by_prefix<T: ToString + Copy>(
    text: &str,
    what: &str,
    known: impl Iterator<Item = T>,
) -> Result<T, Vec<String>> {
    let wanted = text.to_lowercase();
    let matching: Vec<T> = known.filter(|id| id.to_string().starts_with(&wanted)).collect();
    match (matching.as_slice(), wanted.len()) {
        (_, ..4) => Err(vec!["at least four digits of the identifier are needed".to_owned()]),
        ([one], _) => Ok(*one),
        ([], _) => Err(vec![format!("there is no {what} {text}")]),
        (several, _) => Err(vec![format!("{} of them begin with {text}", several.len())]),
    }
}
