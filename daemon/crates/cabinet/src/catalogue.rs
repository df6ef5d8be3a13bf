//! The one place of the sentences that people read, in French and in English.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::channel::{Channel, ChannelGrant};
use crate::delegation::DelegationState;
use crate::enregistrement::EnregistrementStep;
use crate::reason::{DelegationObstacle, Reason};
use crate::right::Right;

/// The language of a sentence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// French, the first language of those who read.
    #[default]
    Fr,
    /// English.
    En,
}

impl FromStr for Language {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "fr" => Ok(Self::Fr),
            "en" => Ok(Self::En),
            other => Err(other.to_owned()),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.pick("fr", "en"))
    }
}

impl Language {
    /// The one of two texts that is in this language.
    pub const fn pick<'a>(self, french: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::Fr => french,
            Self::En => english,
        }
    }
}

impl Reason {
    /// The reason as one plain sentence without a final stop, and with one colon at most (after a
    /// délégation's name). It holds no personal detail.
    pub fn sentence(&self, language: Language) -> String {
        use Language::{En, Fr};
        match (self, language) {
            (Self::UnknownPerson, Fr) => "aucun compte n'existe pour cette personne".into(),
            (Self::UnknownPerson, En) => "there is no account for this person".into(),
            (Self::NoAccountYet { waiting }, _) => no_account(waiting.len(), language),
            (Self::AccountNotYetOpen { opened_at }, Fr) => {
                format!("le compte n'a été ouvert que le {}", moment(*opened_at, Fr))
            }
            (Self::AccountNotYetOpen { opened_at }, En) => {
                format!("the account was only opened on {}", moment(*opened_at, En))
            }
            (Self::AccountDisabled { since }, Fr) => {
                format!("le compte est désactivé depuis le {}", moment(*since, Fr))
            }
            (Self::AccountDisabled { since }, En) => {
                format!("the account has been disabled since {}", moment(*since, En))
            }
            (Self::UnknownSociete { societe }, Fr) => {
                format!("la société « {societe} » n'existe pas")
            }
            (Self::UnknownSociete { societe }, En) => {
                format!("there is no société `{societe}`")
            }
            (Self::SocieteNotYetThere { societe, added_at }, Fr) => {
                format!("la société « {societe} » n'a été ajoutée que le {}", moment(*added_at, Fr))
            }
            (Self::SocieteNotYetThere { societe, added_at }, En) => {
                format!("the société `{societe}` was only added on {}", moment(*added_at, En))
            }
            (Self::SocieteClosed { societe, since }, Fr) => {
                format!("la société « {societe} » est fermée depuis le {}", moment(*since, Fr))
            }
            (Self::SocieteClosed { societe, since }, En) => {
                format!("the société `{societe}` has been closed since {}", moment(*since, En))
            }
            (Self::RegistrationIncomplete { missing }, _) => registration(missing, language),
            (Self::NoDelegation { right, societe }, Fr) => format!(
                "le compte n'est pas celui d'un expert-comptable de la société « {societe} », et \
                 aucune délégation ne lui donne le droit de {} pour elle",
                right.words(Fr)
            ),
            (Self::NoDelegation { right, societe }, En) => format!(
                "the account is not that of an expert-comptable of the société `{societe}`, and no \
                 délégation gives it the right `{right}`"
            ),
            (Self::Delegation { delegation, obstacles }, _) => {
                let why: Vec<String> = obstacles.iter().map(|o| o.sentence(language)).collect();
                let (colon, semicolon) = (language.pick(" : ", ": "), language.pick(" ; ", "; "));
                format!(
                    "délégation {}{colon}{}",
                    short(&delegation.to_string()),
                    why.join(semicolon)
                )
            }
        }
    }
}

impl DelegationObstacle {
    /// The obstacle as a clause without a final stop and without a colon, for it follows one. It
    /// holds no personal detail.
    pub fn sentence(&self, language: Language) -> String {
        use Language::{En, Fr};
        match (self, language) {
            (Self::Revoked { at }, Fr) => format!("révoquée le {}", moment(*at, Fr)),
            (Self::Revoked { at }, En) => format!("revoked on {}", moment(*at, En)),
            (Self::Expired { last }, Fr) => format!("expirée, dernier jour le {}", day(*last, Fr)),
            (Self::Expired { last }, En) => format!("expired, its last day was {}", day(*last, En)),
            (Self::NotYet { first }, Fr) => {
                format!("pas encore en vigueur, premier jour le {}", day(*first, Fr))
            }
            (Self::NotYet { first }, En) => {
                format!("not in force yet, its first day is {}", day(*first, En))
            }
            (Self::RightNotGranted { right, granted }, Fr) => {
                let only = rights(granted, |right| right.words(Fr));
                format!("ne donne pas le droit de {} (seulement {only})", right.words(Fr))
            }
            (Self::RightNotGranted { right, granted }, En) => {
                let only = rights(granted, Right::word);
                format!("does not give the right `{right}` (only {only})")
            }
            (Self::WorkflowNotCovered { workflow, granted }, _) => {
                workflows(workflow.as_deref(), granted, language)
            }
            (Self::ChannelNotCovered { channel, granted }, _) => {
                channels(channel.as_ref(), granted, language)
            }
            (Self::WaitingForRegistration { missing }, _) => registration(missing, language),
            (Self::DelegantNotEligible { .. }, Fr) => {
                "le délégant n'est pas (ou plus) expert-comptable en activité de la société".into()
            }
            (Self::DelegantNotEligible { .. }, En) => {
                "the délégant is not, or no longer, an active expert-comptable of the société"
                    .into()
            }
        }
    }
}

impl DelegationState {
    /// The state in one or a few words.
    pub const fn words(self, language: Language) -> &'static str {
        match self {
            Self::WaitingForAccount => {
                language.pick("en attente du compte", "waiting for the account")
            }
            Self::WaitingForRegistration => {
                language.pick("en attente de l'enregistrement", "waiting for registration")
            }
            Self::NotYet => language.pick("pas encore en vigueur", "not in force yet"),
            Self::Active => language.pick("active", "active"),
            Self::Expired => language.pick("expirée", "expired"),
            Self::Revoked => language.pick("révoquée", "revoked"),
        }
    }
}

impl Right {
    /// What the right lets one do, as a verb in a sentence for people.
    pub const fn words(self, language: Language) -> &'static str {
        match self {
            Self::Signer => language.pick("signer", "sign"),
            Self::Sceller => language.pick("sceller", "seal"),
            Self::Preparer => language.pick("préparer", "prepare"),
        }
    }
}

impl EnregistrementStep {
    /// What the step is, in a few words.
    pub const fn words(self, language: Language) -> &'static str {
        match self {
            Self::Data => language.pick("confirmation des données", "confirmation of the data"),
            Self::Identity => {
                language.pick("contrôle de la pièce d'identité", "check of the identity document")
            }
            Self::Certificate => language.pick("certificat nominatif", "nominative certificate"),
            Self::Subscription => language.pick("contrat d'abonnement", "subscription agreement"),
            Self::Cgu => {
                language.pick("conditions générales d'utilisation", "general conditions of use")
            }
            Self::Rgpd => {
                language.pick("information sur les données personnelles", "privacy information")
            }
        }
    }
}

fn no_account(waiting: usize, language: Language) -> String {
    match (waiting, language) {
        (0, Language::Fr) => "aucun compte n'existe pour cette adresse".into(),
        (0, Language::En) => "there is no account for this address".into(),
        (n, Language::Fr) => format!(
            "aucun compte n'existe pour cette adresse ({n} délégation(s) en attente de ce compte)"
        ),
        (n, Language::En) => {
            format!("there is no account for this address ({n} délégation(s) wait for it)")
        }
    }
}

fn registration(missing: &[EnregistrementStep], language: Language) -> String {
    let steps: Vec<&str> = missing.iter().map(|step| step.words(language)).collect();
    let steps = steps.join(", ");
    match language {
        Language::Fr => format!("il manque des étapes à l'enregistrement ({steps})"),
        Language::En => format!("registration lacks {steps}"),
    }
}

fn workflows(asked: Option<&str>, granted: &BTreeSet<String>, language: Language) -> String {
    let only = granted.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    match (asked, language) {
        (Some(asked), Language::Fr) => {
            format!("ne couvre pas le circuit « {asked} » (seulement {only})")
        }
        (Some(asked), Language::En) => {
            format!("does not cover the workflow `{asked}` (only {only})")
        }
        (None, Language::Fr) => format!("ne couvre que certains circuits ({only})"),
        (None, Language::En) => format!("covers some workflows only ({only})"),
    }
}

fn channels(asked: Option<&Channel>, open: &BTreeSet<ChannelGrant>, language: Language) -> String {
    let only = open.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match (asked, language) {
        (Some(asked), Language::Fr) => {
            format!("n'ouvre pas le canal « {asked} » (seulement {only})")
        }
        (Some(asked), Language::En) => {
            format!("does not open the channel `{asked}` (only {only})")
        }
        (None, Language::Fr) => format!("n'ouvre que certains canaux ({only})"),
        (None, Language::En) => format!("opens some channels only ({only})"),
    }
}

fn rights(rights: &BTreeSet<Right>, word: impl Fn(Right) -> &'static str) -> String {
    rights.iter().map(|right| word(*right)).collect::<Vec<_>>().join(", ")
}

/// A moment as clocks in France show it.
fn moment(at: Timestamp, language: Language) -> String {
    let paris = TimeZone::get("Europe/Paris")
        .expect("invariant: the time-zone database is compiled into the program");
    let form = language.pick("%d/%m/%Y à %H:%M:%S", "%Y-%m-%d %H:%M:%S (Paris)");
    at.to_zoned(paris).strftime(form).to_string()
}

fn day(day: Date, language: Language) -> String {
    day.strftime(language.pick("%d/%m/%Y", "%Y-%m-%d")).to_string()
}

/// The first eight digits of an identifier are enough for a reader.
fn short(id: &str) -> &str {
    &id[..id.len().min(8)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::*;

    #[test]
    fn reasons_are_told_in_both_languages() {
        let mut world = World::staffed();
        world.must(grant(crate::DelegationTerms {
            workflows: Some(["attestation".to_owned()].into()),
            ..terms()
        }));
        world.must(crate::CabinetCommand::Revoke { delegation: GRANT });
        let answer = world.may(PAUL, Right::Signer);
        let crate::Answer::No { reasons } = answer else { panic!("{answer:?}") };
        let told = |language| reasons[0].sentence(language);
        assert!(
            told(Language::Fr).starts_with("délégation 09090909 : révoquée le 01/03/2026 à 01:00")
        );
        assert!(told(Language::Fr).contains("ne donne pas le droit de signer (seulement sceller)"));
        assert!(told(Language::En).contains("covers some workflows only (attestation)"));
        assert!(told(Language::En).contains("registration lacks confirmation of the data"));
        for language in [Language::Fr, Language::En] {
            // The hours of moments have colons too, with digits on both sides.
            let colons = told(language).matches(": ").count();
            assert_eq!(colons, 1, "{}", told(language));
        }
    }

    #[test]
    fn a_french_sentence_names_rights_with_their_accents() {
        let granted = [Right::Sceller, Right::Preparer].into();
        let lacks = DelegationObstacle::RightNotGranted { right: Right::Preparer, granted };
        let told = "ne donne pas le droit de préparer (seulement sceller, préparer)";
        assert_eq!(lacks.sentence(Language::Fr), told);
        let told = "does not give the right `preparer` (only sceller, preparer)";
        assert_eq!(lacks.sentence(Language::En), told);
        let societe = "cabinet-martin".parse().expect("a code");
        let none = Reason::NoDelegation { right: Right::Preparer, societe };
        assert!(none.sentence(Language::Fr).ends_with("le droit de préparer pour elle"));
    }

    #[test]
    fn a_sentence_about_nobody() {
        let reason = Reason::NoAccountYet { waiting: Vec::new() };
        assert_eq!(reason.sentence(Language::En), "there is no account for this address");
    }
}
