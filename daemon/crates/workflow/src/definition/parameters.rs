//! What a dossier tells its workflow, held against what the workflow declares.

use std::collections::BTreeMap;

use sceau_cabinet::Language;
use serde_json::Value;

use super::value::Parameter;

/// What is wrong with a parameter; who dropped or sent the document is at fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterFault {
    /// The workflow declares none of that name.
    Unknown {
        /// As it was told.
        name: String,
        /// Those that the workflow declares.
        known: Vec<String>,
    },
    /// A required one is not told, or is empty.
    Missing(Parameter),
}

impl ParameterFault {
    /// The fault as a clause without a final stop.
    pub fn sentence(&self, language: Language) -> String {
        match (self, language) {
            (Self::Unknown { name, known }, Language::Fr) => {
                format!("le paramètre « {name} » est inconnu (connus : {})", list(known, "aucun"))
            }
            (Self::Unknown { name, known }, Language::En) => {
                format!("the parameter `{name}` is unknown (known: {})", list(known, "none"))
            }
            (Self::Missing(one), Language::Fr) => {
                format!("le paramètre « {} » ({}) manque", one.name, one.title.fr)
            }
            (Self::Missing(one), Language::En) => {
                format!("the parameter `{}` ({}) is missing", one.name, one.title.en)
            }
        }
    }
}

/// The parameters with which a dossier runs: those that were told, and the defaults of the others.
///
/// # Errors
/// Every parameter that is unknown, and every required one that is missing.
pub fn complete(
    declared: &[Parameter],
    mut told: BTreeMap<String, Value>,
) -> Result<BTreeMap<String, Value>, Vec<ParameterFault>> {
    let known = |name: &str| declared.iter().any(|one| one.name == name);
    let unknown = |name: &String| ParameterFault::Unknown {
        name: name.clone(),
        known: declared.iter().map(|one| one.name.clone()).collect(),
    };
    let strangers = told.keys().filter(|name| !known(name));
    let mut faults: Vec<ParameterFault> = strangers.map(unknown).collect();
    for one in declared {
        if told.get(&one.name).is_some_and(|value| !empty(value)) {
            continue;
        }
        match &one.default {
            Some(text) => drop(told.entry(one.name.clone()).or_insert_with(|| text.clone().into())),
            None if one.required => faults.push(ParameterFault::Missing(one.clone())),
            None => {}
        }
    }
    if faults.is_empty() { Ok(told) } else { Err(faults) }
}

fn empty(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn list(names: &[String], none: &str) -> String {
    if names.is_empty() { none.to_owned() } else { names.join(", ") }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::super::value::Text;
    use super::*;

    fn parameter(name: &str, required: bool, default: Option<&str>) -> Parameter {
        let title = Text { fr: "Titre".into(), en: "Title".into() };
        Parameter { name: name.into(), title, required, default: default.map(Into::into) }
    }

    fn told(pairs: &[(&str, &str)]) -> BTreeMap<String, Value> {
        pairs.iter().map(|(name, value)| ((*name).into(), json!(value))).collect()
    }

    #[test]
    fn defaults_hold_for_what_nobody_told() {
        let declared =
            [parameter("client", true, None), parameter("exercice", false, Some("2026"))];
        let whole = complete(&declared, told(&[("client", "Durand")])).unwrap();
        assert_eq!(whole, told(&[("client", "Durand"), ("exercice", "2026")]));
        let said = told(&[("client", "Durand"), ("exercice", "")]);
        assert_eq!(complete(&declared, said.clone()), Ok(said));
    }

    #[test]
    fn unknown_and_missing_ones_are_all_named() {
        let declared = [parameter("client", true, None), parameter("exercice", false, None)];
        let faults = complete(&declared, told(&[("client", " "), ("exercise", "2025")]));
        let said: Vec<String> =
            faults.unwrap_err().iter().map(|fault| fault.sentence(Language::Fr)).collect();
        assert_eq!(
            said,
            [
                "le paramètre « exercise » est inconnu (connus : client, exercice)",
                "le paramètre « client » (Titre) manque",
            ]
        );
        let none = complete(&[], told(&[("x", "1")])).unwrap_err();
        let said = none[0].sentence(Language::En);
        assert_eq!(said, "the parameter `x` is unknown (known: none)");
    }
}
