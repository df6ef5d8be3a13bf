//! Orders that change authority: each is decided against the registry and becomes events, or is
//! refused.
//!
//! Rules that every order keeps: nobody grants to himself; a délégant is an enabled expert-comptable
//! of the société; the last admin cannot be taken away; nothing is deleted.

mod account;
mod cabinet;
mod enregistrement;
mod grant;
mod revoke;
mod societe;
mod token;

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::account::Roles;
use crate::address::AddressCommitment;
use crate::delegation::DelegationTerms;
use crate::enregistrement::EnregistrementStep;
use crate::event::{Actor, CabinetChange, CabinetEvent};
use crate::ids::{DelegationId, PersonId, SocieteId, TokenId};
use crate::registry::Registry;
use crate::token::Scope;

/// An order. Identifiers and commitments are made by the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields bear the names and meanings of the types they hold")]
pub enum CabinetCommand {
    /// Found the cabinet; once.
    CreateCabinet { name: String },
    /// Add a société; `siren` is nine digits whose key is right.
    AddSociete { societe: SocieteId, name: String, siren: String },
    /// Give a société another name.
    RenameSociete { societe: SocieteId, name: String },
    /// Close a société: nobody acts for it any more.
    CloseSociete { societe: SocieteId },
    /// Change or open an account.
    Account { person: PersonId, order: AccountCommand },
    /// Record a step of a person's enregistrement.
    RecordStep { person: PersonId, step: EnregistrementStep, version: String },
    /// Take back a step of a person's enregistrement.
    WithdrawStep { person: PersonId, step: EnregistrementStep },
    /// Grant a délégation.
    Grant(GrantDelegation),
    /// Revoke a délégation; it ends at once.
    Revoke { delegation: DelegationId },
    /// Create an API token; `hash` is the SHA-256 of its secret.
    CreateToken {
        token: TokenId,
        person: PersonId,
        hash: [u8; 32],
        scopes: BTreeSet<Scope>,
        purpose: String,
        expires_at: Option<Timestamp>,
    },
    /// Revoke an API token.
    RevokeToken { token: TokenId },
}

/// What is to happen to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields bear the names and meanings of the types they hold")]
pub enum AccountCommand {
    /// Open it. Délégations that wait for the address are bound to the person.
    Open { address: AddressCommitment, roles: Roles },
    /// Disable it.
    Disable,
    /// Enable it again.
    Enable,
    /// Give the person these roles, in place of those held before.
    SetRoles { roles: Roles },
    /// The person has another address.
    SetAddress { address: AddressCommitment },
}

/// A délégation to be granted to whoever has, or will have, this address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantDelegation {
    /// Its name, from the caller.
    pub delegation: DelegationId,
    /// The address of the délégataire.
    pub delegataire: AddressCommitment,
    /// What it says.
    pub terms: DelegationTerms,
}

/// Why an order is refused. Whoever ordered is at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields bear the names and meanings of the types they hold")]
pub enum CabinetRefusal {
    /// The actor may not order this.
    #[error("this needs an admin account{hint}", hint = if *.expert_comptable { ", or an expert-comptable of the société acting in his own name" } else { "" })]
    NotAllowed { expert_comptable: bool },
    /// The cabinet exists already.
    #[error("the cabinet exists already")]
    CabinetExists,
    /// `sceau init` comes first.
    #[error("there is no cabinet yet: run `sceau init`")]
    NoCabinet,
    /// A name is empty, too long, or holds control characters.
    #[error("a name has 1 to 200 printable characters")]
    BadName,
    /// Not nine digits with a right key.
    #[error("`{siren}` is not a SIREN: nine digits whose key (Luhn) is right")]
    BadSiren { siren: String },
    /// The code is taken.
    #[error("a société `{societe}` exists already")]
    SocieteExists { societe: SocieteId },
    /// No such société.
    #[error("there is no société `{societe}`")]
    UnknownSociete { societe: SocieteId },
    /// The société is closed.
    #[error("the société `{societe}` is closed")]
    SocieteClosed { societe: SocieteId },
    /// The identifier, or the address, has an account.
    #[error("this person or address has an account already")]
    AccountExists,
    /// No such account.
    #[error("there is no such account")]
    UnknownAccount,
    /// The account is in that state already.
    #[error("nothing would change")]
    NothingChanges,
    /// Nobody would be left who can administer.
    #[error("this is the last enabled admin account")]
    LastAdmin,
    /// A délégation without rights.
    #[error("a délégation grants at least one right")]
    NoRights,
    /// An empty set of workflows or channels would never let anybody act.
    #[error("an empty list of workflows or channels would open nothing: leave it out for all")]
    NothingCovered,
    /// First day after last day.
    #[error("the first day comes after the last day")]
    DaysReversed,
    /// The délégant is no enabled expert-comptable of the société.
    #[error("the délégant is not an enabled expert-comptable of the société `{societe}`")]
    DelegantNotEligible { societe: SocieteId },
    /// Nobody grants to himself.
    #[error("nobody grants a délégation to himself")]
    ToOneself,
    /// The identifier is taken.
    #[error("this identifier is taken")]
    IdentifierTaken,
    /// No such délégation.
    #[error("there is no such délégation")]
    UnknownDelegation,
    /// It was revoked before.
    #[error("this délégation was revoked before")]
    AlreadyRevoked,
    /// A token that opens nothing, or ends before it begins.
    #[error("a token has at least one scope and ends in the future")]
    UselessToken,
    /// No such token, or revoked before.
    #[error("there is no such token, or it was revoked before")]
    UnknownToken,
}

/// One refused order of many.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("order {}: {refusal}", .index + 1)]
pub struct ImportRefusal {
    /// Its place among the orders, from 0.
    pub index: usize,
    /// Why.
    pub refusal: CabinetRefusal,
}

/// Decides one order. The events count from `now` on, or from the last event on where the clock was
/// set back.
///
/// # Errors
/// The order is refused; nothing changes.
pub fn decide(
    registry: &Registry,
    actor: Actor,
    command: CabinetCommand,
    now: Timestamp,
) -> Result<Vec<CabinetEvent>, CabinetRefusal> {
    let at = registry.present(now);
    let scene = Scene { registry, actor, at };
    let changes = scene.decide(command)?;
    Ok(changes.into_iter().map(|change| CabinetEvent { at, actor, change }).collect())
}

/// Decides many orders, each on the state that those before it leave: all or nothing.
///
/// # Errors
/// Every refused order, by its place.
pub fn decide_all(
    registry: &Registry,
    actor: Actor,
    commands: Vec<CabinetCommand>,
    now: Timestamp,
) -> Result<Vec<CabinetEvent>, Vec<ImportRefusal>> {
    let (mut state, mut events, mut refusals) = (registry.clone(), Vec::new(), Vec::new());
    for (index, command) in commands.into_iter().enumerate() {
        match decide(&state, actor, command, now) {
            Ok(decided) => {
                for event in &decided {
                    state.apply(event).expect("invariant: what was decided follows");
                }
                events.extend(decided);
            }
            Err(refusal) => refusals.push(ImportRefusal { index, refusal }),
        }
    }
    if refusals.is_empty() { Ok(events) } else { Err(refusals) }
}

type Decision = Result<Vec<CabinetChange>, CabinetRefusal>;

/// What a decision looks at.
struct Scene<'r> {
    registry: &'r Registry,
    actor: Actor,
    at: Timestamp,
}

impl Scene<'_> {
    fn decide(&self, command: CabinetCommand) -> Decision {
        use CabinetCommand as C;
        match command {
            C::CreateCabinet { name } => self.create_cabinet(name),
            C::AddSociete { societe, name, siren } => self.add_societe(societe, name, siren),
            C::RenameSociete { societe, name } => self.rename_societe(societe, name),
            C::CloseSociete { societe } => self.close_societe(societe),
            C::Account { person, order } => self.account(person, order),
            C::RecordStep { person, step, version } => self.record_step(person, step, version),
            C::WithdrawStep { person, step } => self.withdraw_step(person, step),
            C::Grant(grant) => self.grant(grant),
            C::Revoke { delegation } => self.revoke(delegation),
            C::CreateToken { token, person, hash, scopes, purpose, expires_at } => {
                self.create_token(token, person, hash, scopes, purpose, expires_at)
            }
            C::RevokeToken { token } => self.revoke_token(token),
        }
    }

    /// Operators reached the socket that only root and the administration group can open.
    fn needs_admin(&self) -> Result<(), CabinetRefusal> {
        match self.actor {
            Actor::Operator { .. } => Ok(()),
            Actor::Person { person } if self.is_admin(person) => Ok(()),
            Actor::Person { .. } => Err(CabinetRefusal::NotAllowed { expert_comptable: false }),
        }
    }

    /// An admin, or the person himself.
    fn needs_admin_or(&self, allowed: PersonId) -> Result<(), CabinetRefusal> {
        match self.actor {
            Actor::Person { person } if person == allowed => Ok(()),
            _ => self
                .needs_admin()
                .map_err(|_| CabinetRefusal::NotAllowed { expert_comptable: true }),
        }
    }

    fn is_admin(&self, person: PersonId) -> bool {
        self.registry.account(person).is_some_and(|account| account.is_admin(self.at))
    }

    fn needs_account(&self, person: PersonId) -> Result<&crate::Account, CabinetRefusal> {
        self.registry.account(person).ok_or(CabinetRefusal::UnknownAccount)
    }

    fn needs_open_societe(&self, id: &SocieteId) -> Result<&crate::Societe, CabinetRefusal> {
        let unknown = || CabinetRefusal::UnknownSociete { societe: id.clone() };
        let societe = self.registry.societe(id).ok_or_else(unknown)?;
        match societe.is_open(self.at) {
            true => Ok(societe),
            false => Err(CabinetRefusal::SocieteClosed { societe: id.clone() }),
        }
    }
}

/// A name that can be shown: 1 to 200 characters, none of them a control character.
fn good_name(name: &str) -> Result<String, CabinetRefusal> {
    let name = name.trim();
    let good = (1..=200).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if good { Ok(name.to_owned()) } else { Err(CabinetRefusal::BadName) }
}
