//! The one question: may A do R for S through this channel at this moment, and by which délégation?

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::address::AddressCommitment;
use crate::canonical::hex32;
use crate::channel::Channel;
use crate::delegation::{Delegataire, Delegation, SignedRole};
use crate::event::Subject;
use crate::ids::{DelegationId, PersonId, SocieteId};
use crate::reason::{DelegationObstacle, Reason};
use crate::registry::Registry;
use crate::right::Right;

/// May `who` do `right` for `societe`, in `workflow`, through `channel`, at the moment `at`?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The person who acts.
    pub who: PersonId,
    /// What he wants to do.
    pub right: Right,
    /// For which société.
    pub societe: SocieteId,
    /// In which workflow; `None` asks for a right that holds in every workflow.
    pub workflow: Option<String>,
    /// Through which door; `None` asks for a right that holds through every door.
    pub channel: Option<Channel>,
    /// When: now, or any moment of the past.
    pub at: Timestamp,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "answer")]
pub enum Answer {
    /// He may.
    Yes {
        /// By what authority.
        basis: Basis,
        /// Everything on which this answer stands, with its version as known now: while none of
        /// these changes, no event can turn the answer (only a day can pass). These are the
        /// preconditions of a commit that authorises an act.
        stands_on: Vec<(Subject, u64)>,
    },
    /// He may not.
    No {
        /// Every reason, the person's and the société's first; never empty.
        reasons: Vec<Reason>,
    },
}

impl Answer {
    /// Whether it is yes.
    pub const fn is_yes(&self) -> bool {
        matches!(self, Self::Yes { .. })
    }
}

/// By what authority somebody may act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum Basis {
    /// An expert-comptable of the société himself.
    Own,
    /// A délégation.
    Delegation {
        /// Which one.
        id: DelegationId,
        /// Its version as known now (the number of events about it).
        version: u64,
        /// The digest of its canonical bytes at the moment of the question.
        #[serde(with = "hex32")]
        digest: [u8; 32],
        /// In whose place.
        delegant: PersonId,
    },
}

impl Basis {
    /// The readable claimed role that a signature under this authority carries.
    pub const fn signed_role(&self, right: Right) -> &'static str {
        match self {
            Self::Own => SignedRole::Own.text(right),
            Self::Delegation { .. } => SignedRole::Delegated.text(right),
        }
    }
}

impl Registry {
    /// Answers for the moment `question.at`. What it answers about a moment before the last event
    /// never changes again.
    pub fn may(&self, question: &Question) -> Answer {
        let (mut reasons, own) = self.own_right(question);
        if own {
            return self.yes(Basis::Own, question, None);
        }
        if !reasons.iter().all(|reason| matches!(reason, Reason::RegistrationIncomplete { .. })) {
            return Answer::No { reasons };
        }
        for delegation in self.given_to(question) {
            let obstacles = self.obstacles(delegation, question);
            if obstacles.is_empty() {
                return self.by_delegation(delegation, question);
            }
            reasons.push(Reason::Delegation { delegation: delegation.id(), obstacles });
        }
        if reasons.is_empty() {
            let (right, societe) = (question.right, question.societe.clone());
            reasons.push(Reason::NoDelegation { right, societe });
        }
        Answer::No { reasons }
    }

    /// For people who ask without naming a workflow or a channel: yes, too, where a délégation lets
    /// him in some workflows or through some channels only. Never the basis of an act.
    pub fn may_somewhere(&self, question: &Question) -> Answer {
        let answer = self.may(question);
        let Answer::No { reasons } = &answer else { return answer };
        let limited = reasons.iter().find_map(|reason| match reason {
            Reason::Delegation { delegation, obstacles } => {
                obstacles.iter().all(DelegationObstacle::is_unasked).then_some(*delegation)
            }
            _ => None,
        });
        match limited.and_then(|id| self.delegation(id)) {
            Some(delegation) => self.by_delegation(delegation, question),
            None => answer,
        }
    }

    /// [`Registry::may`] for an address: of the account that bears it at that moment or, where there is none,
    /// a "no" that names the délégations which wait for it. `question.who` is not looked at.
    pub fn may_address(&self, address: &AddressCommitment, question: &Question) -> Answer {
        if let Some(account) = self.account_by_address(address, question.at) {
            return self.may(&Question { who: account.id(), ..question.clone() });
        }
        let waiting = self.waiting_for(address, question.at).map(Delegation::id).collect();
        Answer::No { reasons: vec![Reason::NoAccountYet { waiting }] }
    }

    /// What stands against the person or the société, and whether he holds the right himself.
    fn own_right(&self, question: &Question) -> (Vec<Reason>, bool) {
        let at = question.at;
        let mut reasons: Vec<Reason> = self
            .account_reason(question)
            .into_iter()
            .chain(self.societe_reason(question))
            .collect();
        let own = self
            .account(question.who)
            .is_some_and(|account| account.is_expert_comptable(&question.societe, at));
        if !own || !reasons.is_empty() {
            return (reasons, false);
        }
        let missing = self.missing_for(question.who, question.right, at);
        let complete = missing.is_empty();
        if !complete {
            reasons.push(Reason::RegistrationIncomplete { missing });
        }
        (reasons, complete)
    }

    fn account_reason(&self, question: &Question) -> Option<Reason> {
        let Some(account) = self.account(question.who) else { return Some(Reason::UnknownPerson) };
        if let Some(since) = account.disabled_since(question.at) {
            return Some(Reason::AccountDisabled { since });
        }
        let opened_at = account.opened_at();
        (opened_at > question.at).then_some(Reason::AccountNotYetOpen { opened_at })
    }

    fn societe_reason(&self, question: &Question) -> Option<Reason> {
        let code = question.societe.clone();
        let Some(societe) = self.societe(&code) else {
            return Some(Reason::UnknownSociete { societe: code });
        };
        if let Some(since) = societe.closed_since(question.at) {
            return Some(Reason::SocieteClosed { societe: code, since });
        }
        let added_at = societe.added_at();
        (added_at > question.at).then_some(Reason::SocieteNotYetThere { societe: code, added_at })
    }

    /// The délégations of this société that named the person then, the oldest first.
    fn given_to(&self, question: &Question) -> Vec<&Delegation> {
        let named = Some(Delegataire::Account { person: question.who });
        let mut given: Vec<&Delegation> = self
            .delegations()
            .filter(|delegation| delegation.terms().societe == question.societe)
            .filter(|delegation| delegation.delegataire_at(question.at) == named)
            .collect();
        given.sort_by_key(|delegation| (delegation.granted_at(), delegation.id()));
        given
    }

    fn obstacles(&self, delegation: &Delegation, question: &Question) -> Vec<DelegationObstacle> {
        let (at, delegant) = (question.at, delegation.terms().delegant);
        let mut found = limits(delegation, question);
        let missing = self.missing_for(question.who, question.right, at);
        if !missing.is_empty() {
            found.push(DelegationObstacle::WaitingForRegistration { missing });
        }
        let eligible = self
            .account(delegant)
            .is_some_and(|account| account.is_expert_comptable(&question.societe, at));
        if !eligible {
            found.push(DelegationObstacle::DelegantNotEligible { delegant });
        }
        found
    }

    fn missing_for(
        &self,
        who: PersonId,
        right: Right,
        at: Timestamp,
    ) -> Vec<crate::EnregistrementStep> {
        match self.account(who) {
            Some(account) if right == Right::Signer => account.enregistrement().missing(at),
            _ => Vec::new(),
        }
    }

    fn by_delegation(&self, delegation: &Delegation, question: &Question) -> Answer {
        let (id, delegant) = (delegation.id(), delegation.terms().delegant);
        let snapshot = delegation.snapshot(question.at);
        let digest = snapshot.expect("invariant: a délégation that names somebody was granted");
        let version = self.version(&Subject::Delegation(id));
        let basis = Basis::Delegation { id, version, digest: digest.digest(), delegant };
        self.yes(basis, question, Some(delegation))
    }

    fn yes(&self, basis: Basis, question: &Question, by: Option<&Delegation>) -> Answer {
        let mut subjects =
            vec![Subject::Account(question.who), Subject::Societe(question.societe.clone())];
        if let Some(delegation) = by {
            subjects.push(Subject::Account(delegation.terms().delegant));
            subjects.push(Subject::Delegation(delegation.id()));
        }
        let versioned = |subject: Subject| {
            let version = self.version(&subject);
            (subject, version)
        };
        Answer::Yes { basis, stands_on: subjects.into_iter().map(versioned).collect() }
    }
}

/// What the délégation itself says against the question.
fn limits(delegation: &Delegation, question: &Question) -> Vec<DelegationObstacle> {
    let (terms, at) = (delegation.terms(), question.at);
    let mut found = Vec::new();
    if let Some(at) = delegation.revoked_since(at) {
        found.push(DelegationObstacle::Revoked { at });
    }
    if let Some(last) = terms.days.last.filter(|_| terms.days.are_over(at)) {
        found.push(DelegationObstacle::Expired { last });
    }
    if let Some(first) = terms.days.first.filter(|_| terms.days.are_ahead(at)) {
        found.push(DelegationObstacle::NotYet { first });
    }
    if !terms.rights.contains(&question.right) {
        let (right, granted) = (question.right, terms.rights.clone());
        found.push(DelegationObstacle::RightNotGranted { right, granted });
    }
    if let Some(granted) = &terms.workflows
        && !question.workflow.as_ref().is_some_and(|workflow| granted.contains(workflow))
    {
        let (workflow, granted) = (question.workflow.clone(), granted.clone());
        found.push(DelegationObstacle::WorkflowNotCovered { workflow, granted });
    }
    if let Some(granted) = &terms.channels
        && !question.channel.as_ref().is_some_and(|used| granted.iter().any(|g| g.opens(used)))
    {
        let (channel, granted) = (question.channel.clone(), granted.clone());
        found.push(DelegationObstacle::ChannelNotCovered { channel, granted });
    }
    found
}
