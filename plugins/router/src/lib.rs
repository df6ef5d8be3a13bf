//! Chooses the outcome of a routing step: the first rule whose conditions all hold.
//!
//! A condition that a rule does not name holds. Names are compared by a pattern with `*`; texts are
//! looked for without regard to case, accents and the spacing of lines.

mod pattern;
mod plain;

use sceau_plugin::documents::Document;
use sceau_plugin::{Decision, Input, Route, StepError, context, plugin};
use serde::Deserialize;

use pattern::fits;
use plain::plain;

/// Pages that are read where nothing is said.
const PAGES: u32 = 3;

#[derive(Deserialize)]
struct Settings {
    otherwise: String,
    #[serde(default = "pages")]
    pages: u32,
    #[serde(default)]
    rule: Vec<Rule>,
}

fn pages() -> u32 {
    PAGES
}

#[derive(Deserialize)]
struct Rule {
    outcome: String,
    folder: Option<String>,
    societe: Option<String>,
    file_name: Option<String>,
    /// All of them stand in the text.
    #[serde(default)]
    text: Vec<String>,
}

/// What rules look at. The text is read when the first rule asks for it.
struct Facts {
    document: Document,
    pages: u32,
    text: Option<String>,
}

struct Router;

impl Route for Router {
    fn run(input: Input) -> Result<Decision, StepError> {
        let settings: Settings = input.settings()?;
        let mut facts = Facts { document: input.document()?, pages: settings.pages, text: None };
        for (at, rule) in settings.rule.iter().enumerate() {
            if rule.holds(&mut facts)? {
                let reason = format!("rule {} of {}", at + 1, settings.rule.len());
                return Ok(Decision { outcome: rule.outcome.clone(), reason });
            }
        }
        Ok(Decision { outcome: settings.otherwise, reason: "no rule fits".to_owned() })
    }
}

plugin!(Router, route);

impl Rule {
    fn holds(&self, facts: &mut Facts) -> Result<bool, StepError> {
        let named = [
            (&self.folder, context::get("folder")),
            (&self.societe, context::get("societe")),
            (&self.file_name, Some(facts.document.name())),
        ];
        for (pattern, found) in named {
            if let Some(pattern) = pattern
                && !found.is_some_and(|found| fits(&plain(pattern), &plain(&found)))
            {
                return Ok(false);
            }
        }
        if self.text.is_empty() {
            return Ok(true);
        }
        let text = facts.text()?;
        Ok(self.text.iter().all(|wanted| text.contains(&plain(wanted))))
    }
}

impl Facts {
    fn text(&mut self) -> Result<&str, StepError> {
        if self.text.is_none() {
            let count = self.document.page_count()?.min(self.pages);
            let mut text = String::new();
            for page in 1..=count {
                text.push_str(&self.document.page_text(page)?);
                text.push('\n');
            }
            self.text = Some(plain(&text));
        }
        Ok(self.text.as_deref().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceau_plugin::testing::{TestDocument, TestHost};

    fn routed(rules: &str, name: &str, text: &str) -> String {
        let settings = format!(r#"{{ "otherwise": "reste", "rule": {rules} }}"#);
        let host = TestHost::new()
            .document(TestDocument::new(name).page(text))
            .settings(&settings)
            .context("folder", "fiscal")
            .context("societe", "dupont");
        let (answer, _) = host.run(Router::run);
        answer.expect("a decision").outcome
    }

    #[test]
    fn the_first_rule_that_holds_decides() {
        let rules = r#"[
            { "outcome": "liasse", "file_name": "*2065*" },
            { "outcome": "attestation", "text": ["attestation", "chiffre d'affaires"] },
            { "outcome": "dupont", "societe": "dupont", "folder": "social*" }
        ]"#;
        assert_eq!(routed(rules, "Cerfa-2065-SD.pdf", ""), "liasse");
        assert_eq!(routed(rules, "a.pdf", "ATTESTATION\nde chiffre\nd’affaires"), "attestation");
        assert_eq!(routed(rules, "a.pdf", "attestation d'emploi"), "reste");
        assert_eq!(routed("[]", "a.pdf", ""), "reste");
    }
}
