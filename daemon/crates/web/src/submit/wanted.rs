//! What a caller wants: gathered from the query, the parts of a form and its JSON, then checked.

use std::collections::BTreeMap;

use axum::extract::Query;
use axum::http::Uri;
use sceau_cabinet::{Language, Signatory, SocieteId};
use sceau_workflow::definition::{ParameterFault, complete};
use serde::Deserialize;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use crate::ports::App;
use crate::problem::{Code, Problem};

/// The longest title, in characters.
const LONGEST_TITLE: usize = 200;
/// The longest file name, in bytes (as file systems have it).
const LONGEST_NAME: usize = 255;
/// Most parameters.
const MOST_PARAMETERS: usize = 100;
/// The longest value of a parameter, in bytes.
const LONGEST_VALUE: usize = 4096;
/// Most signatories (as in a sidecar file).
const MOST_SIGNATORIES: usize = 200;
/// What a parameter's name begins with in a query or as the name of a form's part.
const PARAMETER: &str = "parameter.";

/// What is wanted, checked: the workflow is configured, the société exists.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// The workflow.
    pub(crate) workflow: String,
    /// The société.
    pub(crate) societe: SocieteId,
    /// The title that is shown.
    pub(crate) title: String,
    /// The title, where the caller gave one.
    pub(crate) said_title: Option<String>,
    /// The file's name.
    pub(crate) name: String,
    /// Parameters.
    pub(crate) parameters: BTreeMap<String, Value>,
    /// Who signs.
    pub(crate) signatories: Vec<Signatory>,
}

/// What was said so far. Saying the same thing twice is a fault: nobody could tell which counts.
#[derive(Debug, Default)]
pub(super) struct Draft {
    workflow: Option<String>,
    societe: Option<String>,
    title: Option<String>,
    name: Option<String>,
    parameters: BTreeMap<String, Value>,
    signatories: Vec<Signatory>,
}

/// The JSON part of a form.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    workflow: Option<String>,
    societe: Option<String>,
    title: Option<String>,
    name: Option<String>,
    #[serde(default)]
    parameters: BTreeMap<String, Value>,
    #[serde(default)]
    signatories: Vec<Signatory>,
}

impl Draft {
    /// What the query says.
    pub(super) fn from_query(query: &str) -> Result<Self, Problem> {
        let mut draft = Self::default();
        let uri = Uri::builder().path_and_query(format!("/?{query}")).build();
        let uri = uri.map_err(|_| Problem::new(Code::RequestMalformed))?;
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&uri);
        let Query(pairs) = pairs.map_err(|_| Problem::new(Code::RequestMalformed))?;
        for (key, value) in pairs {
            draft.say(&key, value)?;
        }
        Ok(draft)
    }

    /// One thing more, by its name.
    pub(super) fn say(&mut self, key: &str, value: String) -> Result<(), Problem> {
        if let Some(name) = key.strip_prefix(PARAMETER) {
            return self.parameter(name, Value::String(value));
        }
        let place = match key {
            "workflow" => &mut self.workflow,
            "societe" => &mut self.societe,
            "title" => &mut self.title,
            "name" => &mut self.name,
            _ => return Err(unknown(key)),
        };
        match place.replace(value) {
            None => Ok(()),
            Some(_) => Err(twice(key)),
        }
    }

    /// The file's name as the form's document part tells it, unless another was said.
    pub(super) fn suggest_name(&mut self, name: &str) {
        self.name.get_or_insert_with(|| name.to_owned());
    }

    /// The JSON part of a form.
    pub(super) fn metadata(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        let metadata: Metadata = serde_json::from_slice(bytes).map_err(|error| {
            let place = format!("{}:{}", error.line(), error.column());
            Problem::new(Code::RequestMalformed).because(
                format!("metadata, {place} : {error}"),
                format!("metadata, {place}: {error}"),
            )
        })?;
        let said = [
            ("workflow", metadata.workflow),
            ("societe", metadata.societe),
            ("title", metadata.title),
            ("name", metadata.name),
        ];
        for (key, value) in said {
            value.map_or(Ok(()), |value| self.say(key, value))?;
        }
        for (name, value) in metadata.parameters {
            self.parameter(&name, value)?;
        }
        self.signatories.extend(metadata.signatories);
        Ok(())
    }

    /// Numbers and booleans are kept as they were written, as in sidecar files.
    fn parameter(&mut self, name: &str, value: Value) -> Result<(), Problem> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        let good = (1..=64).contains(&name.len()) && name.bytes().all(plain);
        let text = match value {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            _ => None,
        };
        let text = text.filter(|text| good && text.len() <= LONGEST_VALUE);
        let Some(text) = text else {
            return Err(invalid(format!("{PARAMETER}{}", shown(name)).as_str()));
        };
        match self.parameters.insert(name.to_owned(), Value::String(text)) {
            None if self.parameters.len() <= MOST_PARAMETERS => Ok(()),
            None => Err(invalid("parameters")),
            Some(_) => Err(twice(&format!("{PARAMETER}{name}"))),
        }
    }

    /// All of it, checked against what is configured.
    pub(super) fn check(self, app: &App) -> Result<Wanted, Problem> {
        let missing: Vec<&str> = [("workflow", &self.workflow), ("societe", &self.societe)]
            .into_iter()
            .filter_map(|(name, value)| value.is_none().then_some(name))
            .collect();
        let (Some(workflow), Some(societe)) = (self.workflow, self.societe) else {
            let names = missing.join(", ");
            let problem = Problem::new(Code::ParameterInvalid);
            return Err(
                problem.because(format!("Il manque : {names}."), format!("Missing: {names}."))
            );
        };
        let declared = (app.workflows)(&workflow);
        let declared = declared.ok_or_else(|| Problem::new(Code::WorkflowUnknown))?;
        let societe = known(app, &societe)?;
        let name = file_name(self.name.as_deref().unwrap_or("document.pdf"))?;
        let said_title = self.title.map(|text| title(&text)).transpose()?;
        let stem = || name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem).to_owned();
        if self.signatories.len() > MOST_SIGNATORIES {
            return Err(invalid("signatories"));
        }
        let parameters = complete(&declared, self.parameters).map_err(|faults| mistold(&faults))?;
        let title = said_title.clone().unwrap_or_else(stem);
        let signatories = self.signatories;
        Ok(Wanted { workflow, societe, title, said_title, name, parameters, signatories })
    }
}

fn known(app: &App, code: &str) -> Result<SocieteId, Problem> {
    let unknown = || Problem::new(Code::SocieteUnknown);
    let societe: SocieteId = code.parse().map_err(|_| unknown())?;
    match app.handle.authority().societe(&societe) {
        Some(_) => Ok(societe),
        None => Err(unknown()),
    }
}

/// A title in NFC: one line, not empty.
fn title(text: &str) -> Result<String, Problem> {
    let title: String = text.trim().nfc().collect();
    let good = !title.is_empty()
        && title.chars().count() <= LONGEST_TITLE
        && !title.chars().any(char::is_control);
    if good { Ok(title) } else { Err(invalid("title")) }
}

/// A file name in NFC, without a path.
fn file_name(text: &str) -> Result<String, Problem> {
    let name: String = text.trim().nfc().collect();
    let good = (1..=LONGEST_NAME).contains(&name.len())
        && !name.starts_with('.')
        && !name.contains(['/', '\\'])
        && !name.chars().any(char::is_control);
    if good { Ok(name) } else { Err(invalid("name")) }
}

fn invalid(name: &str) -> Problem {
    Problem::new(Code::ParameterInvalid)
        .because(format!("Inutilisable : {name}."), format!("Cannot be used: {name}."))
}

/// Every parameter that does not go with the workflow.
fn mistold(faults: &[ParameterFault]) -> Problem {
    let all = |language| {
        let sentences: Vec<String> = faults.iter().map(|fault| fault.sentence(language)).collect();
        format!("{}.", sentences.join(" ; "))
    };
    let (fr, en) = (all(Language::Fr), all(Language::En).replace(" ; ", "; "));
    Problem::new(Code::ParameterInvalid).because(fr, en)
}

fn unknown(name: &str) -> Problem {
    let name = shown(name);
    Problem::new(Code::ParameterInvalid)
        .because(format!("Inconnu : {name}."), format!("Unknown: {name}."))
}

fn twice(name: &str) -> Problem {
    Problem::new(Code::ParameterInvalid)
        .because(format!("Donné deux fois : {name}."), format!("Given twice: {name}."))
}

/// A caller's word, short and harmless enough to be said back.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}
