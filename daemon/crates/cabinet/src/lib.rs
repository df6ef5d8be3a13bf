//! Who may do what in a cabinet d'expertise comptable.
//!
//! The room holds sociétés, accounts (people), their *enregistrement*, *délégations* and API tokens,
//! and the one function that answers "may A do R for société S through this channel at this moment,
//! and by which délégation?": [`Registry::may`].
//!
//! * Everything is a value: [`decide`] turns a [`CabinetCommand`] into [`CabinetEvent`]s,
//!   [`Registry::apply`] folds events into the whole state of authority. Nothing is deleted, so a
//!   question about any past moment has the answer that it had then.
//! * Events name people by [`PersonId`] only. Names and addresses are [`PersonDetails`], which the
//!   caller keeps in an erasable table (RGPD); an address that waits for its account stands in the
//!   event as a keyed commitment ([`AddressCommitment`]).
//! * No files, no network, no clock, no randomness: `now`, identifiers and keys are arguments.

mod account;
mod address;
pub mod canonical;
mod catalogue;
mod channel;
mod command;
mod delegation;
mod enregistrement;
mod event;
#[cfg(test)]
mod fixture;
mod ids;
mod import;
#[cfg(test)]
mod properties;
mod question;
mod reason;
mod registry;
mod right;
mod societe;
mod timeline;
mod token;

pub use account::{Account, PersonDetails, Roles, Signatory};
pub use address::{AddressCommitment, CommitmentKey, EmailAddress, EmailFault};
pub use catalogue::Language;
pub use channel::{Channel, ChannelFault, ChannelGrant};
pub use command::{
    AccountCommand, CabinetCommand, CabinetRefusal, GrantDelegation, ImportRefusal, decide,
    decide_all,
};
pub use delegation::{
    Days, Delegataire, Delegation, DelegationSnapshot, DelegationState, DelegationTerms, SignedRole,
};
pub use enregistrement::{Enregistrement, EnregistrementStep};
pub use event::{Actor, CabinetChange, CabinetEvent, EventFault, Subject};
pub use ids::{DelegationId, IdFault, PersonId, SocieteId, TokenId};
pub use import::{ImportFault, ImportRow, parse_import};
pub use question::{Answer, Basis, Question};
pub use reason::{DelegationObstacle, Reason};
pub use registry::{Registry, Replay};
pub use right::{Right, Rights};
pub use societe::Societe;
pub use token::{ApiToken, Scope};
