//! Sentences of the machine for people: French first, English complete.

use std::cmp::Reverse;

use sceau_cabinet::{Channel, Language, Reason, Right};
use serde_json::{Value, json};

use super::{Dossier, Effect, Failure, Fault};

/// Kind of the effect that tells a dossier's channel that it stopped.
pub const ORIGIN_STOPPED: &str = "origin.stopped";

/// Kind of the effect that tells a dossier's channel that it goes on after a stop.
pub const ORIGIN_RESUMED: &str = "origin.resumed";

/// True for effects that tell the channel something; they outlive the step that asked for them.
pub(super) fn is_notice(kind: &str) -> bool {
    matches!(kind, ORIGIN_STOPPED | ORIGIN_RESUMED)
}

/// Lane of everything that is written into the watched folder `name`; one lane a folder, so that a
/// full share stops no other.
pub fn folder_lane(name: &str) -> String {
    format!("folder:{name}")
}

/// Reasons that are told; a cabinet's délégations of ten years would fill pages.
const MOST_REASONS: usize = 3;

/// The account lacks a right; each reason is a sentence of its own. First come those that somebody can
/// do something about, then the délégations that ended last.
pub fn right_missing(right: Right, reasons: &[Reason]) -> Failure {
    let mut reasons: Vec<&Reason> = reasons.iter().collect();
    reasons.sort_by_key(|reason| reason.ended().map(Reverse));
    let (told, others) = reasons.split_at(reasons.len().min(MOST_REASONS));
    let told = |lead: String, language: Language| {
        let because = told.iter().map(|reason| sentence(&reason.sentence(language)));
        let others = and_others(others.len(), language);
        std::iter::once(lead).chain(because).chain(others).collect::<Vec<_>>().join(" ")
    };
    let fr = format!("Le droit « {} » manque.", right.words(Language::Fr));
    let en = format!("The right “{}” is missing.", right.words(Language::En));
    Failure::new("right-missing", Fault::Right, told(fr, Language::Fr), told(en, Language::En))
}

fn and_others(count: usize, language: Language) -> Option<String> {
    match (count, language) {
        (0, _) => None,
        (1, Language::Fr) => {
            Some("Une autre délégation ne donne pas ce droit non plus.".to_owned())
        }
        (1, Language::En) => Some("Another délégation does not give it either.".to_owned()),
        (n, Language::Fr) => {
            Some(format!("{n} autres délégations ne donnent pas ce droit non plus."))
        }
        (n, Language::En) => Some(format!("{n} other délégations do not give it either.")),
    }
}

/// The clause with a capital letter and a full stop.
fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).chain(['.']).collect()
}

/// What the reader can do about a failure, in French and in English.
pub fn remedy(failure: &Failure) -> (&'static str, &'static str) {
    match failure.code.as_str() {
        "document-encrypted" => {
            return (
                "Enregistrez une copie du document sans mot de passe, puis déposez-la.",
                "Save a copy of the document without a password, then drop it.",
            );
        }
        "document-active" => {
            return (
                "Imprimez le document en PDF pour l'en débarrasser, puis déposez le nouveau PDF.",
                "Print the document to PDF to be rid of it, then drop the new PDF.",
            );
        }
        "cancelled" => {
            return (
                "Rien, si cela était voulu. Sinon, déposez le document de nouveau.",
                "Nothing, if this was meant. Otherwise drop the document again.",
            );
        }
        _ => {}
    }
    match failure.fault {
        Fault::Document => (
            "Corrigez le document, puis déposez-le de nouveau.",
            "Correct the document, then drop it again.",
        ),
        Fault::Right => (
            "Un expert-comptable de la société peut accorder ce droit. Déposez ensuite le fichier \
             de nouveau, ou demandez à votre administrateur de relancer ce dossier.",
            "An expert-comptable of the société can grant this right. Then drop the file again, or \
             ask your administrator to retry this dossier.",
        ),
        Fault::Configuration | Fault::Peer | Fault::Ourselves => (
            "Ne déposez pas le fichier de nouveau : le dossier est conservé et reprendra. Prévenez \
             votre administrateur en lui donnant le numéro du dossier.",
            "Do not drop the file again: the dossier is kept and will go on. Tell your \
             administrator the dossier's number.",
        ),
    }
}

/// A step of this kind cannot be run by this version.
pub fn kind_unavailable(kind: &str) -> Failure {
    Failure::new(
        "step-unavailable",
        Fault::Configuration,
        format!(
            "L'étape « {kind} » de ce circuit n'est pas encore prise en charge par cette version \
             de Sceau. Le document est conservé et attend."
        ),
        format!(
            "The step “{kind}” of this workflow is not run by this version of Sceau. The document \
             is kept and waits."
        ),
    )
}

/// A routing step led to a workflow that is not there.
pub(super) fn no_such_route(workflow: &str) -> Failure {
    Failure::new(
        "route-unknown",
        Fault::Configuration,
        format!("Le circuit « {workflow} », vers lequel le dossier est dirigé, n'existe pas."),
        format!("The workflow “{workflow}”, to which the dossier is routed, does not exist."),
    )
}

/// A plugin answered with an outcome that the workflow does not declare.
pub(super) fn outcome_undeclared(step: &str, outcome: &str) -> Failure {
    Failure::new(
        "plugin-outcome",
        Fault::Configuration,
        format!("L'étape « {step} » a choisi une issue que le circuit ne déclare pas : {outcome}."),
        format!(
            "The step “{step}” chose an outcome that the workflow does not declare: {outcome}."
        ),
    )
}

/// A validation rejected the document: what it found, for its sender.
pub(super) fn validation_rejected(findings: &[(String, String)]) -> Failure {
    let list = |pick: fn(&(String, String)) -> &String| {
        findings.iter().map(pick).map(String::as_str).collect::<Vec<_>>().join(" ")
    };
    let (fr, en) = (list(|finding| &finding.0), list(|finding| &finding.1));
    Failure::new(
        "validation-rejected",
        Fault::Document,
        format!("Le document n'a pas passé le contrôle du circuit. {fr}").trim_end(),
        format!("The document did not pass the workflow's check. {en}").trim_end(),
    )
}

/// A validation wants a person to look at the document.
pub(super) fn validation_review(step: &str, findings: &[(String, String)]) -> Failure {
    let mut failure = Failure::new(
        "validation-review",
        Fault::Configuration,
        format!("Le contrôle « {step} » demande qu'une personne examine le document."),
        format!("The check “{step}” asks that a person looks at the document."),
    );
    for (fr, en) in findings {
        failure.fr.push_str(&format!(" {fr}"));
        failure.en.push_str(&format!(" {en}"));
    }
    failure
}

/// Somebody ended the dossier.
pub fn cancelled(reason: &str) -> Failure {
    Failure::new(
        "cancelled",
        Fault::Document,
        format!("Le dossier a été annulé : {reason}"),
        format!("The dossier was cancelled: {reason}"),
    )
}

/// The steps of a workflow follow each other without ever waiting or ending.
pub(super) fn never_waits() -> Failure {
    Failure::new(
        "workflow-loops",
        Fault::Ourselves,
        "Le circuit tourne en rond et a été arrêté. Prévenez votre administrateur.",
        "The workflow goes round in circles and was stopped. Tell your administrator.",
    )
}

/// A step was answered with something that it does not understand.
pub(super) fn unexpected(step: &str, detail: impl Into<String>) -> Failure {
    Failure::new(
        "unexpected-answer",
        Fault::Ourselves,
        format!(
            "L'étape « {step} » s'est arrêtée sur une erreur interne. Le document est conservé."
        ),
        format!("The step “{step}” stopped on an internal error. The document is kept."),
    )
    .with_detail(detail)
}

/// What tells the dossier's channel that it stopped, where the channel can be told.
pub(super) fn stop_notice(dossier: &Dossier, failure: &Failure) -> Option<Effect> {
    // The channel tells the sentences; the result stays with the dossier.
    let told = Failure { result: None, ..failure.clone() };
    notice(dossier, ORIGIN_STOPPED, json!({ "failure": told }))
}

/// What tells the dossier's channel that it goes on.
pub(super) fn resume_notice(dossier: &Dossier) -> Option<Effect> {
    notice(dossier, ORIGIN_RESUMED, Value::Null)
}

fn notice(dossier: &Dossier, kind: &str, payload: Value) -> Option<Effect> {
    let Channel::Folder(name) = &dossier.received.origin.channel else { return None };
    Some(Effect { lane: folder_lane(name), kind: kind.to_owned(), payload })
}

#[cfg(test)]
mod tests {
    use sceau_cabinet::DelegationObstacle;

    use super::*;

    /// No sentence has two colons: a délégation's reason brings one of its own.
    #[test]
    fn a_missing_right_is_told_in_sentences() {
        let delegation = Reason::Delegation {
            delegation: "1a2b3c4d000000000000000000000000".parse().expect("an id"),
            obstacles: vec![
                DelegationObstacle::Revoked { at: jiff::Timestamp::UNIX_EPOCH },
                DelegationObstacle::WaitingForRegistration {
                    missing: vec![sceau_cabinet::EnregistrementStep::Cgu],
                },
            ],
        };
        let told = right_missing(Right::Sceller, &[Reason::UnknownPerson, delegation]);
        let fr = "Le droit « sceller » manque. Aucun compte n'existe pour cette personne. \
                  Délégation 1a2b3c4d : révoquée le 01/01/1970 à 01:00:00 ; il manque des \
                  étapes à l'enregistrement (conditions générales d'utilisation).";
        let en = "The right “seal” is missing. There is no account for this person. \
                  Délégation 1a2b3c4d: revoked on 1970-01-01 01:00:00 (Paris); registration lacks \
                  general conditions of use.";
        assert_eq!((told.fr.as_str(), told.en.as_str()), (fr, en));
    }

    #[test]
    fn of_many_reasons_those_are_told_that_matter() {
        let ended = |days: i64| Reason::Delegation {
            delegation: format!("{days:032x}").parse().expect("an id"),
            obstacles: vec![DelegationObstacle::Revoked {
                at: jiff::Timestamp::from_second(days * 86_400).expect("a moment"),
            }],
        };
        let mut reasons: Vec<Reason> = (1..=9).map(ended).collect();
        reasons.push(Reason::UnknownPerson);
        let told = right_missing(Right::Sceller, &reasons).fr;
        let person = told.find("Aucun compte").expect("what somebody can do something about");
        let last = told.find("10/01/1970").expect("what ended last");
        let before = told.find("09/01/1970").expect("what ended before that");
        assert!(person < last && last < before, "{told}");
        assert!(!told.contains("08/01/1970"), "{told}");
        assert!(told.ends_with("7 autres délégations ne donnent pas ce droit non plus."), "{told}");
        let told = right_missing(Right::Sceller, &reasons[..4]).en;
        assert!(told.ends_with("Another délégation does not give it either."), "{told}");
    }
}
