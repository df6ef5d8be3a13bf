//! Checks that an attestation has the mentions that it must have, and none that it must not.
//!
//! A mention is there when one of its texts stands on some page; case, accents and the breaking of
//! lines do not matter. A missing one is told for the first page, a forbidden one for the place where
//! it stands.

mod plain;

use plain::{Plain, plain};
use sceau_plugin::places;
use sceau_plugin::{Finding, Input, Report, Severity, StepError, Validate, plugin};
use serde::Deserialize;

/// The rule file that holds where the settings say nothing.
const ATTESTATION_CA: &str = include_str!("../rules/attestation-ca.json");
/// Pages that are read.
const MOST_PAGES: u32 = 200;

#[derive(Deserialize)]
struct Settings {
    #[serde(default = "usual")]
    rules: String,
    #[serde(default)]
    mention: Vec<Mention>,
}

fn usual() -> String {
    "attestation-ca".to_owned()
}

#[derive(Deserialize)]
struct Mention {
    code: String,
    any: Vec<String>,
    fr: String,
    en: String,
    #[serde(default)]
    severity: Gravity,
    #[serde(default)]
    forbidden: bool,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Gravity {
    #[default]
    Error,
    Warning,
    Info,
}

struct Check;

impl Validate for Check {
    fn run(input: Input) -> Result<Report, StepError> {
        let settings: Settings = input.settings()?;
        let mut mentions = rules(&settings.rules)?;
        mentions.extend(settings.mention);
        let pages = pages(&input)?;
        if pages.iter().all(Plain::is_empty) {
            return Err(StepError::rejected(
                "no-text",
                "Le document ne contient pas de texte lisible (numérisation ?) : ses mentions ne \
                 peuvent pas être contrôlées.",
                "The document has no readable text (a scan?): its mentions cannot be checked.",
            ));
        }
        let id = input.documents.first().cloned().unwrap_or_default();
        let findings: Result<Vec<Option<Finding>>, StepError> =
            mentions.iter().map(|mention| mention.finding(&pages, &id)).collect();
        Ok(Report::of(findings?.into_iter().flatten().collect()))
    }

    fn self_test() -> Result<(), sceau_plugin::Failure> {
        let failure = |error: serde_json::Error| sceau_plugin::Failure {
            code: "rules".to_owned(),
            message: format!("the rule file of this build cannot be read: {error}"),
        };
        serde_json::from_str::<Vec<Mention>>(ATTESTATION_CA).map(drop).map_err(failure)
    }
}

plugin!(Check, validate);

fn rules(name: &str) -> Result<Vec<Mention>, StepError> {
    if name == "none" {
        return Ok(Vec::new());
    }
    serde_json::from_str(ATTESTATION_CA)
        .map_err(|error| StepError::other("rules", format!("the rule file: {error}")))
}

/// The text of each page, as it is compared.
fn pages(input: &Input) -> Result<Vec<Plain>, StepError> {
    let document = input.document()?;
    let count = document.page_count()?.min(MOST_PAGES);
    (1..=count).map(|page| Ok(Plain::of(&document.page_text(page)?))).collect()
}

impl Mention {
    /// What is wrong with it, if anything is, and where.
    fn finding(&self, pages: &[Plain], document: &str) -> Result<Option<Finding>, StepError> {
        let wanted: Vec<Vec<char>> = self.any.iter().map(|text| plain(text)).collect();
        let on_page = |page: &Plain| wanted.iter().find_map(|wanted| page.find(wanted));
        let mut pages = (1..).zip(pages);
        let found = pages.find_map(|(page, text)| on_page(text).map(|range| (page, range)));
        let place = match (found, self.forbidden) {
            (Some((page, (first, count))), true) => {
                let places = places::of_text(document, page, first, count)?;
                places.into_iter().next().map_or_else(|| places::of_page(document, page), Ok)?
            }
            (None, false) => places::of_page(document, 1)?,
            (Some(_), false) | (None, true) => return Ok(None),
        };
        let severity = match self.severity {
            Gravity::Error => Severity::Error,
            Gravity::Warning => Severity::Warning,
            Gravity::Info => Severity::Info,
        };
        Ok(Some(Finding::new(severity, &self.code, &self.fr, &self.en).on(place)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceau_plugin::Verdict;
    use sceau_plugin::testing::{TestDocument, TestHost};

    const GOOD: &str = "ATTESTATION\nNous, experts, attestons pour l'exercice clos\nle 31/12/2025 de \
        la société Exemple, SIREN 732 829 320.\nFait à Paris, le 2 mars. L'Expert-Comptable";

    fn checked(settings: &str, pages: &[&str]) -> Result<Report, StepError> {
        let document = pages.iter().fold(TestDocument::new("a.pdf"), |d, page| d.page(page));
        TestHost::new().document(document).settings(settings).run(Check::run).0
    }

    fn codes(report: &Report) -> Vec<&str> {
        report.findings.iter().map(|finding| finding.code.as_str()).collect()
    }

    #[test]
    fn the_rule_file_can_be_read() {
        assert!(Check::self_test().is_ok());
    }

    #[test]
    fn a_whole_attestation_is_accepted() {
        let report = checked("{}", &[GOOD]).expect("a report");
        assert_eq!((report.verdict, codes(&report)), (Verdict::Accept, vec![]));
    }

    #[test]
    fn what_is_missing_and_what_must_not_be_there_is_found_with_its_page() {
        let report =
            checked("{}", &[&GOOD.replace("SIREN", ""), "Page 2\n- PROJET -"]).expect("a report");
        assert_eq!((report.verdict, codes(&report)), (Verdict::Reject, vec!["siren", "projet"]));
        let place = |f: &Finding| f.where_.as_ref().map(|r| (r.page, r.x, r.y, r.width, r.height));
        let places: Vec<_> = report.findings.iter().filter_map(place).collect();
        // The whole of the first page; "PROJET", six letters from the second of the second line on.
        assert_eq!(places, [(1, 0.0, 0.0, 595.0, 842.0), (2, 84.0, 744.0, 36.0, 12.0)]);
    }

    #[test]
    fn a_warning_lets_it_pass() {
        let report = checked("{}", &[&GOOD.replace("Expert-Comptable", "")]).expect("a report");
        assert_eq!((report.verdict, codes(&report)), (Verdict::Accept, vec!["ordre"]));
    }

    #[test]
    fn own_mentions_and_pages_without_text() {
        let own = r#"{ "rules": "none", "mention": [{ "code": "tva", "any": ["TVA"], "fr": "x", "en": "x" }] }"#;
        assert_eq!(codes(&checked(own, &["sans"]).expect("a report")), ["tva"]);
        assert!(matches!(checked(own, &[""]), Err(StepError::Rejected(_))));
    }
}
