//! Why the answer is no. The sentences are in the catalogue.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::channel::{Channel, ChannelGrant};
use crate::enregistrement::EnregistrementStep;
use crate::ids::{DelegationId, PersonId, SocieteId};
use crate::right::{Right, Rights};

/// Why somebody may not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
#[expect(missing_docs, reason = "the fields bear the names and meanings of the types they hold")]
pub enum Reason {
    /// No account of that person exists.
    UnknownPerson,
    /// The address has no account; these délégations wait for it.
    NoAccountYet { waiting: Vec<DelegationId> },
    /// The account was opened later.
    AccountNotYetOpen { opened_at: Timestamp },
    /// The account is disabled.
    AccountDisabled { since: Timestamp },
    /// No société of that code exists.
    UnknownSociete { societe: SocieteId },
    /// The société was added later.
    SocieteNotYetThere { societe: SocieteId, added_at: Timestamp },
    /// The société is closed.
    SocieteClosed { societe: SocieteId, since: Timestamp },
    /// An expert-comptable of the société, who has not finished his enregistrement.
    RegistrationIncomplete { missing: Vec<EnregistrementStep> },
    /// Not an expert-comptable of the société, and no délégation for it names the person.
    NoDelegation { right: Right, societe: SocieteId },
    /// A délégation for this société names the person, but does not let him do this.
    Delegation { delegation: DelegationId, obstacles: Vec<DelegationObstacle> },
}

/// What keeps a délégation from answering yes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "obstacle")]
#[expect(missing_docs, reason = "the fields bear the names and meanings of the types they hold")]
pub enum DelegationObstacle {
    /// It was revoked.
    Revoked { at: Timestamp },
    /// Its last day has passed.
    Expired { last: Date },
    /// Its first day is ahead.
    NotYet { first: Date },
    /// It grants other rights.
    RightNotGranted { right: Right, granted: Rights },
    /// It is for other workflows; `workflow` is `None` where the question named none.
    WorkflowNotCovered { workflow: Option<String>, granted: BTreeSet<String> },
    /// It opens other doors; `channel` is `None` where the question named none.
    ChannelNotCovered { channel: Option<Channel>, granted: BTreeSet<ChannelGrant> },
    /// The délégataire has not finished the enregistrement that the right to sign needs.
    WaitingForRegistration { missing: Vec<EnregistrementStep> },
    /// The délégant is no enabled expert-comptable of the société (any more).
    DelegantNotEligible { delegant: PersonId },
}

impl Reason {
    /// When a délégation ended that answers nothing any more; `None` for every other reason.
    pub fn ended(&self) -> Option<Timestamp> {
        let Self::Delegation { obstacles, .. } = self else { return None };
        obstacles.iter().find_map(DelegationObstacle::ended)
    }
}

impl DelegationObstacle {
    fn ended(&self) -> Option<Timestamp> {
        match self {
            Self::Revoked { at } => Some(*at),
            Self::Expired { last } => last.to_zoned(TimeZone::UTC).ok().map(|day| day.timestamp()),
            _ => None,
        }
    }

    /// Whether it is only that the question named no workflow, or no channel.
    pub(crate) const fn is_unasked(&self) -> bool {
        matches!(
            self,
            Self::WorkflowNotCovered { workflow: None, .. }
                | Self::ChannelNotCovered { channel: None, .. }
        )
    }
}
