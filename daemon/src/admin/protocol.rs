//! What the command line asks of the running daemon about the cabinet, and what it is told: JSON over
//! the administration socket. Details of people (names, addresses) appear here and in the erasable
//! table, never in an event.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sceau_cabinet::{
    Actor, Answer, Channel, ChannelGrant, Days, DelegationId, DelegationState, EmailAddress,
    EnregistrementStep, PersonId, Right, Rights, Scope, SocieteId, TokenId,
};
use serde::{Deserialize, Serialize};

/// A person, as somebody who types names him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Who {
    /// By e-mail address.
    Email(EmailAddress),
    /// By identifier.
    Id(PersonId),
}

impl std::str::FromStr for Who {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(id) => Ok(Self::Id(id)),
            Err(_) => text.parse().map(Self::Email).map_err(|fault| format!("{fault}")),
        }
    }
}

/// An order or a question about the cabinet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "request")]
pub(crate) enum CabinetRequest {
    /// Add a société.
    SocieteAdd { societe: SocieteId, name: String, siren: String },
    /// Give a société another name.
    SocieteRename { societe: SocieteId, name: String },
    /// Close a société.
    SocieteClose { societe: SocieteId },
    /// Tell all sociétés.
    SocieteList,
    /// Open an account.
    AccountAdd {
        email: EmailAddress,
        name: String,
        admin: bool,
        expert_comptable: BTreeSet<SocieteId>,
    },
    /// Disable an account.
    AccountDisable { who: Who },
    /// Enable an account again.
    AccountEnable { who: Who },
    /// Give a person these roles, in place of those held before.
    AccountRoles { who: Who, admin: bool, expert_comptable: BTreeSet<SocieteId> },
    /// Change the name or the address of a person.
    AccountDetails { who: Who, name: Option<String>, email: Option<EmailAddress> },
    /// Forget the name and the address of a person whose account is disabled.
    AccountErase { who: Who },
    /// Record a step of the enregistrement, or take it back (no version).
    AccountStep { who: Who, step: EnregistrementStep, version: Option<String> },
    /// Tell all accounts.
    AccountList,
    /// Grant a délégation.
    DelegationGrant { by: Who, terms: GrantTerms },
    /// Grant all délégations of a CSV text, or none.
    DelegationImport { by: Who, csv: String },
    /// Revoke a délégation, by its identifier or the unambiguous beginning of it.
    DelegationRevoke { delegation: String },
    /// Tell délégations.
    DelegationList { societe: Option<SocieteId>, who: Option<Who>, all: bool },
    /// May he?
    DelegationExplain {
        who: Who,
        right: Right,
        societe: SocieteId,
        workflow: Option<String>,
        channel: Option<Channel>,
        at: Option<Timestamp>,
    },
    /// Create an API token.
    TokenCreate {
        who: Who,
        scopes: BTreeSet<Scope>,
        purpose: String,
        expires_at: Option<Timestamp>,
    },
    /// Tell all tokens.
    TokenList,
    /// Revoke an API token, by its identifier or the unambiguous beginning of it.
    TokenRevoke { token: String },
}

/// What a délégation is to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GrantTerms {
    /// To whom.
    pub(crate) to: EmailAddress,
    /// For which société.
    pub(crate) societe: SocieteId,
    /// What the délégataire may do.
    pub(crate) rights: Rights,
    /// For which workflows; `None`: all.
    pub(crate) workflows: Option<BTreeSet<String>>,
    /// Through which doors; `None`: all.
    pub(crate) channels: Option<BTreeSet<ChannelGrant>>,
    /// From which day to which.
    pub(crate) days: Days,
}

/// What the daemon tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "response")]
pub(crate) enum CabinetResponse {
    /// Done and committed.
    Done,
    /// An account was opened.
    Opened { person: PersonId },
    /// Délégations were granted.
    Granted { delegations: Vec<DelegationView> },
    /// All sociétés.
    Societes { societes: Vec<SocieteView> },
    /// All accounts.
    Accounts { accounts: Vec<AccountView> },
    /// Délégations.
    Delegations { delegations: Vec<DelegationView> },
    /// The answer to `explain`.
    Explained(Box<Explanation>),
    /// A token was made; its secret is told this once.
    TokenCreated { token: TokenId, secret: String },
    /// All tokens.
    Tokens { tokens: Vec<TokenView> },
    /// Nothing was changed.
    Refused { faults: Vec<String> },
}

/// A société.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SocieteView {
    /// Its code.
    pub(crate) societe: SocieteId,
    /// Its name.
    pub(crate) name: String,
    /// Its SIREN.
    pub(crate) siren: String,
    /// When it was added.
    pub(crate) added_at: Timestamp,
    /// Since when it is closed.
    pub(crate) closed_since: Option<Timestamp>,
}

/// A person as a reader knows him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PersonView {
    /// Who.
    pub(crate) person: PersonId,
    /// His name; `None` where it was erased.
    pub(crate) name: Option<String>,
    /// His address; `None` where it was erased.
    pub(crate) email: Option<EmailAddress>,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccountView {
    /// Whose.
    #[serde(flatten)]
    pub(crate) person: PersonView,
    /// Whether he is an admin.
    pub(crate) admin: bool,
    /// Of which sociétés he is an expert-comptable.
    pub(crate) expert_comptable: BTreeSet<SocieteId>,
    /// When the account was opened.
    pub(crate) opened_at: Timestamp,
    /// Since when it is disabled.
    pub(crate) disabled_since: Option<Timestamp>,
    /// The steps of the enregistrement that are missing.
    pub(crate) missing_steps: Vec<EnregistrementStep>,
}

/// A délégation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DelegationView {
    /// Its identifier.
    pub(crate) id: DelegationId,
    /// Its state now.
    pub(crate) state: DelegationState,
    /// In whose place.
    pub(crate) by: PersonView,
    /// To whom; `None` while it waits for an account whose address was erased.
    pub(crate) to: Option<PersonView>,
    /// The address that it waits for.
    pub(crate) waits_for: Option<EmailAddress>,
    /// For which société.
    pub(crate) societe: SocieteId,
    /// What the délégataire may do.
    pub(crate) rights: Rights,
    /// For which workflows; `None`: all.
    pub(crate) workflows: Option<BTreeSet<String>>,
    /// Through which doors; `None`: all.
    pub(crate) channels: Option<BTreeSet<ChannelGrant>>,
    /// From which day to which.
    pub(crate) days: Days,
    /// When it was granted.
    pub(crate) granted_at: Timestamp,
    /// Who ordered it.
    pub(crate) granted_by: Actor,
    /// When it was revoked.
    pub(crate) revoked_at: Option<Timestamp>,
    /// SHA-256 of its canonical bytes, in hexadecimal.
    pub(crate) digest: String,
}

/// The answer to `explain`, with the sentences that people read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Explanation {
    /// `{ "answer": "yes", ... }` or `{ "answer": "no", ... }`.
    #[serde(flatten)]
    pub(crate) answer: Answer,
    /// The moment that was asked about.
    pub(crate) at: Timestamp,
    /// The person, where the address has an account.
    pub(crate) who: Option<PersonView>,
    /// The délégation by which he may.
    pub(crate) by: Option<DelegationView>,
    /// Yes and by what, or every reason why not: French.
    pub(crate) fr: Vec<String>,
    /// The same in English.
    pub(crate) en: Vec<String>,
}

/// An API token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TokenView {
    /// Its identifier.
    pub(crate) token: TokenId,
    /// For whom it acts.
    pub(crate) person: PersonView,
    /// What it opens.
    pub(crate) scopes: BTreeSet<Scope>,
    /// What it is for.
    pub(crate) purpose: String,
    /// When it was made.
    pub(crate) created_at: Timestamp,
    /// From when on it is worth nothing.
    pub(crate) expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub(crate) revoked_at: Option<Timestamp>,
}
