//! `deliver`: puts the result, and its evidence, where people look for it.

use sceau_cabinet::Language;
use serde::{Deserialize, Serialize};

use crate::definition::kind::{Nature, ParsedStep, StepParser, StepScope};
use crate::definition::template::Template;
use crate::faults::{FaultCode, TableReader};

/// The settings of a `deliver` step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverSettings {
    /// A directory beneath the folder's place for delivered documents (`2026/attestations`); absent:
    /// the sub-folder in which the document was dropped.
    pub to: Option<String>,
    /// The name of the delivered file; ends with `.pdf`.
    pub name: Template,
    /// Whether the evidence file is put beside it.
    pub evidence: bool,
    /// The language of what people read in the evidence; absent: the folder's.
    pub language: Option<Language>,
}

/// The kind `deliver`.
#[derive(Debug, Clone, Copy, Default)]
pub struct DeliverParser;

impl StepParser for DeliverParser {
    fn kind(&self) -> &'static str {
        "deliver"
    }

    fn parse(&self, table: &TableReader<'_>, context: &StepScope<'_>) -> Option<ParsedStep> {
        let name = name(table, context);
        let settings = DeliverSettings {
            to: directory(table),
            evidence: table.boolean("evidence").unwrap_or(true),
            language: table.word("language", &[("fr", Language::Fr), ("en", Language::En)]),
            name: name?,
        };
        Some(ParsedStep::new(&settings, Nature::Delivers))
    }
}

fn name(table: &TableReader<'_>, context: &StepScope<'_>) -> Option<Template> {
    let Some(text) = table.string("name") else {
        return Template::parse("{name}.pdf", context.parameters).ok();
    };
    let plain = !text.value.contains(['/', '\\', '\0']) && !text.value.starts_with('.');
    if !plain || !text.value.ends_with(".pdf") || text.value.len() > 200 {
        let message = "the name of a delivered file ends with `.pdf`, begins with no full stop and \
                       holds no slash";
        table.fault(FaultCode::BadValue, text.span, message.to_owned(), None);
        return None;
    }
    context.template(table, text)
}

/// A relative path of plain names: it can never lead out of the folder.
fn directory(table: &TableReader<'_>) -> Option<String> {
    let form = "a path beneath the folder's place for delivered documents, without `.` and `..`";
    let name = |part: &str| {
        (1..=100).contains(&part.len()) && !part.starts_with('.') && !part.contains(['\\', '\0'])
    };
    let read = table.parsed("to", form, |text| {
        (text.len() <= 400 && text.split('/').all(name)).then(|| text.to_owned())
    })?;
    Some(read.value)
}
