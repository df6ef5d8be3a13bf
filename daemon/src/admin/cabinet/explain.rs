//! `explain`: yes and by what, or every reason why not; for now and for any moment of the past.

use jiff::Timestamp;
use sceau_cabinet::{Answer, Basis, Channel, Language, PersonId, Question, Right, SocieteId};

use super::{Counter, Reply};
use crate::admin::protocol::{CabinetResponse, DelegationView, Explanation, Who};

impl Counter<'_> {
    pub(super) fn explain(
        &self,
        who: &Who,
        right: Right,
        societe: SocieteId,
        workflow: Option<String>,
        channel: Option<Channel>,
        at: Option<Timestamp>,
    ) -> Reply {
        let at = at.unwrap_or(self.now);
        if at > self.now {
            return Err(vec!["the moment lies in the future: nobody knows yet".to_owned()]);
        }
        let unasked = Unasked { workflow: workflow.is_none(), channel: channel.is_none() };
        let question = |who| Question { who, right, societe, workflow, channel, at };
        let (person, answer) = self.ask(who, question);
        let by = self.by(&answer);
        let sentences = |language| sentences(&answer, by.as_ref(), unasked, language);
        let (fr, en) = (sentences(Language::Fr), sentences(Language::En));
        let who = person.map(|person| self.person_view(person));
        Ok(CabinetResponse::Explained(Box::new(Explanation { answer, at, who, by, fr, en })))
    }

    /// An address means the account that bears it now or, where none does, that bore it then.
    fn ask(
        &self,
        who: &Who,
        question: impl FnOnce(PersonId) -> Question,
    ) -> (Option<PersonId>, Answer) {
        let address = match who {
            Who::Id(id) => return (Some(*id), self.registry.may_somewhere(&question(*id))),
            Who::Email(address) => self.desk.commit_to(address),
        };
        if let Some(account) = self.registry.account_by_address(&address, self.now) {
            let id = account.id();
            return (Some(id), self.registry.may_somewhere(&question(id)));
        }
        let question = question(address.details_key());
        match self.registry.account_by_address(&address, question.at) {
            Some(account) => {
                let question = Question { who: account.id(), ..question };
                (Some(account.id()), self.registry.may_somewhere(&question))
            }
            None => (None, self.registry.may_address(&address, &question)),
        }
    }

    fn by(&self, answer: &Answer) -> Option<DelegationView> {
        let Answer::Yes { basis: Basis::Delegation { id, .. }, .. } = answer else { return None };
        let delegation = self.registry.delegation(*id)?;
        Some(self.delegation_view(&self.registry, delegation))
    }
}

/// What the question left open.
#[derive(Clone, Copy)]
struct Unasked {
    workflow: bool,
    channel: bool,
}

fn sentences(
    answer: &Answer,
    by: Option<&DelegationView>,
    unasked: Unasked,
    language: Language,
) -> Vec<String> {
    match (answer, by) {
        (Answer::No { reasons }, _) => {
            reasons.iter().map(|reason| reason.sentence(language)).collect()
        }
        (Answer::Yes { .. }, None) => vec![
            language
                .pick(
                    "de son propre droit d'expert-comptable de la société",
                    "in his own right, as an expert-comptable of the société",
                )
                .to_owned(),
        ],
        (Answer::Yes { .. }, Some(by)) => {
            std::iter::once(given(by, language)).chain(limits(by, unasked, language)).collect()
        }
    }
}

fn given(by: &DelegationView, language: Language) -> String {
    let from = by.by.name.clone().unwrap_or_else(|| by.by.person.to_string());
    let id = by.id;
    match language {
        Language::Fr => format!("par la délégation {id}, donnée par {from}"),
        Language::En => format!("by the délégation {id}, given by {from}"),
    }
}

/// Limits of the délégation that the question did not name.
fn limits(by: &DelegationView, unasked: Unasked, language: Language) -> Vec<String> {
    let workflows = by.workflows.as_ref().filter(|_| unasked.workflow).map(|workflows| {
        let names: Vec<&str> = workflows.iter().map(String::as_str).collect();
        let lead = language.pick("seulement dans les circuits : ", "only in the workflows: ");
        format!("{lead}{}", names.join(", "))
    });
    let channels = by.channels.as_ref().filter(|_| unasked.channel).map(|channels| {
        let names: Vec<String> = channels.iter().map(ToString::to_string).collect();
        let lead = language.pick("seulement par les canaux : ", "only through the channels: ");
        format!("{lead}{}", names.join(", "))
    });
    workflows.into_iter().chain(channels).collect()
}
