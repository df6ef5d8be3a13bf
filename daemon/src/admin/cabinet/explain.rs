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
        let (person, answer) = self.ask(who, |who| Question {
            who,
            right,
            societe: societe.clone(),
            workflow: workflow.clone(),
            channel: channel.clone(),
            at,
        });
        let by = self.by(&answer);
        let sentences = |language| sentences(&answer, by.as_ref(), language);
        let (fr, en) = (sentences(Language::Fr), sentences(Language::En));
        let who = person.map(|person| self.person_view(person));
        Ok(CabinetResponse::Explained(Box::new(Explanation { answer, at, who, by, fr, en })))
    }

    /// By address, the account is the one that bore it at that moment.
    fn ask(
        &self,
        who: &Who,
        question: impl Fn(PersonId) -> Question,
    ) -> (Option<PersonId>, Answer) {
        match who {
            Who::Id(id) => (Some(*id), self.registry.may(&question(*id))),
            Who::Email(address) => {
                let commitment = self.desk.commit_to(address);
                let question = question(commitment.details_key());
                let account = self.registry.account_by_address(&commitment, question.at);
                let answer = self.registry.may_address(&commitment, &question);
                (account.map(sceau_cabinet::Account::id), answer)
            }
        }
    }

    fn by(&self, answer: &Answer) -> Option<DelegationView> {
        let Answer::Yes { basis: Basis::Delegation { id, .. }, .. } = answer else { return None };
        let delegation = self.registry.delegation(*id)?;
        Some(self.delegation_view(&self.registry, delegation))
    }
}

fn sentences(answer: &Answer, by: Option<&DelegationView>, language: Language) -> Vec<String> {
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
            let from = by.by.name.clone().unwrap_or_else(|| by.by.person.to_string());
            let id = by.id;
            vec![match language {
                Language::Fr => format!("par la délégation {id}, donnée par {from}"),
                Language::En => format!("by the délégation {id}, given by {from}"),
            }]
        }
    }
}
