//! From TOML to a definition, with all faults at once.

use std::ops::Range;

use super::kind::{StepParsers, StepScope};
use super::order;
use super::value::{Parameter, StepDefinition, Text, WorkflowDefinition};
use crate::faults::{FaultCode, Faults, Source, TableReader, nearest};

impl WorkflowDefinition {
    /// Reads a workflow file. `stem` is the file's name without `.toml`, which is the workflow's.
    /// `None` when anything was at fault; the faults are noted.
    pub fn parse(
        source: Source<'_>,
        stem: &str,
        parsers: &StepParsers,
        faults: &Faults,
    ) -> Option<Self> {
        let before = faults.len();
        let read = |root: &TableReader<'_>| {
            let read = root_table(root, stem, parsers);
            root.finish();
            read
        };
        let definition = TableReader::document(source, faults, read).flatten();
        definition.filter(|_| faults.len() == before)
    }
}

fn root_table(
    root: &TableReader<'_>,
    stem: &str,
    parsers: &StepParsers,
) -> Option<WorkflowDefinition> {
    let schema = schema(root);
    let name = name(root, stem);
    let title = need_text(root, "title");
    let description = text(root, "description");
    let retention_years =
        root.integer("retention_years", 1..=99).and_then(|years| u16::try_from(years).ok());
    let parameters = parameters(root);
    let names: Vec<String> = parameters.iter().map(|parameter| parameter.name.clone()).collect();
    let subfolders = subfolders(root, &names);
    let steps = steps(root, &StepScope { parameters: &names }, parsers);
    Some(WorkflowDefinition {
        schema: schema?,
        name: name?,
        title: title?,
        description,
        retention_years,
        subfolders,
        parameters,
        steps,
    })
}

fn schema(root: &TableReader<'_>) -> Option<u32> {
    if !root.has("schema") {
        let message = "the first line of a workflow tells its form: `schema = 1`".to_owned();
        root.fault(FaultCode::Schema, root.span(), message, None);
        return None;
    }
    let schema = root.integer("schema", 0..=i64::from(u32::MAX))?;
    if schema != i64::from(WorkflowDefinition::SCHEMA) {
        let known = WorkflowDefinition::SCHEMA;
        let message = format!("this version of Sceau reads schema {known}, not {schema}");
        let help = schema_help(schema);
        root.fault(FaultCode::Schema, root.span_of("schema"), message, Some(help));
        return None;
    }
    Some(WorkflowDefinition::SCHEMA)
}

/// What to do about a schema that is not read: a higher one is that of a later version.
fn schema_help(schema: i64) -> String {
    let known = WorkflowDefinition::SCHEMA;
    if schema > i64::from(known) {
        format!("write `schema = {known}` and the form of this version, or install a later Sceau")
    } else {
        format!("write `schema = {known}`, the only form that this version reads")
    }
}

fn name(root: &TableReader<'_>, stem: &str) -> Option<String> {
    let name = root.need_string("name", "the workflow's name, that of its file")?;
    if !is_name(&name.value) {
        let message = "a name is 1 to 40 of a-z, 0-9 and -".to_owned();
        root.fault(FaultCode::BadValue, name.span, message, None);
        return None;
    }
    if name.value != stem {
        let message = format!("the workflow `{}` stands in a file named `{stem}.toml`", name.value);
        let help = format!("rename one of them, for example to `{}.toml`", name.value);
        root.fault(FaultCode::BadValue, name.span, message, Some(help));
    }
    Some(name.value)
}

/// 1 to 40 of `a-z 0-9 -`.
fn is_name(text: &str) -> bool {
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    (1..=40).contains(&text.len()) && text.bytes().all(plain) && !text.starts_with('-')
}

fn need_text(root: &TableReader<'_>, key: &'static str) -> Option<Text> {
    if !root.has(key) {
        root.missing(key, "what people read: { fr = \"...\", en = \"...\" }");
    }
    text(root, key)
}

/// `key = { fr = "...", en = "..." }`.
fn text(root: &TableReader<'_>, key: &'static str) -> Option<Text> {
    let table = root.table(key)?;
    let fr = table.need_string("fr", "the French text");
    let en = table.need_string("en", "the English text");
    table.finish();
    Some(Text { fr: fr?.value, en: en?.value })
}

fn parameters(root: &TableReader<'_>) -> Vec<Parameter> {
    let mut parameters: Vec<Parameter> = Vec::new();
    for table in root.tables("parameter") {
        let read = parameter(&table);
        table.finish();
        let Some(parameter) = read else { continue };
        if parameters.iter().any(|known| known.name == parameter.name) {
            let message = format!("two parameters are named `{}`", parameter.name);
            table.fault(FaultCode::Duplicate, table.span_of("name"), message, None);
        }
        parameters.push(parameter);
    }
    parameters
}

fn parameter(table: &TableReader<'_>) -> Option<Parameter> {
    let name = table.need_string("name", "how sidecar files and templates call it");
    let title = need_text(table, "title");
    let required = table.boolean("required").unwrap_or(false);
    let default = table.string("default").map(|read| read.value);
    let name = name?;
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_';
    if !(1..=40).contains(&name.value.len()) || !name.value.bytes().all(plain) {
        let message = "the name of a parameter is 1 to 40 of a-z, 0-9 and _".to_owned();
        table.fault(FaultCode::BadValue, name.span, message, None);
        return None;
    }
    if super::PLACEHOLDERS.contains(&name.value.as_str()) {
        let message = format!("`{}` is taken: every dossier has it", name.value);
        table.fault(FaultCode::Duplicate, name.span, message, None);
        return None;
    }
    Some(Parameter { name: name.value, title: title?, required, default })
}

fn subfolders(root: &TableReader<'_>, parameters: &[String]) -> Vec<String> {
    let levels = root.strings("subfolders").unwrap_or_default();
    for (index, level) in levels.iter().enumerate() {
        if levels[..index].iter().any(|before| before.value == level.value) {
            let message = format!("`{}` is told by two levels of sub-folders", level.value);
            root.fault(FaultCode::Duplicate, level.span.clone(), message, None);
        }
        if !parameters.contains(&level.value) {
            let message = format!("no [[parameter]] is named `{}`", level.value);
            let near = nearest(&level.value, parameters.iter().map(String::as_str));
            let help = near.map(|name| format!("did you mean `{name}`?"));
            root.fault(FaultCode::UnknownName, level.span.clone(), message, help);
        }
    }
    levels.into_iter().map(|level| level.value).collect()
}

fn steps(
    root: &TableReader<'_>,
    context: &StepScope<'_>,
    parsers: &StepParsers,
) -> Vec<StepDefinition> {
    let tables = root.tables("step");
    if tables.is_empty() && root.type_of("step").is_none_or(|kind| kind == "array") {
        let message = "the workflow has no [[step]]".to_owned();
        root.fault(FaultCode::MissingKey, root.span_of("step"), message, None);
    }
    let count = tables.len();
    let read = |table: TableReader<'_>| {
        let read = step(&table, context, parsers);
        Some((read?, table.span()))
    };
    let steps: Vec<(StepDefinition, Range<usize>)> = tables.into_iter().filter_map(read).collect();
    order::check(root, &steps, steps.len() == count);
    steps.into_iter().map(|(step, _)| step).collect()
}

fn step(
    table: &TableReader<'_>,
    context: &StepScope<'_>,
    parsers: &StepParsers,
) -> Option<StepDefinition> {
    let kind = table.need_string("kind", "what the step does")?;
    let id = table.string("id");
    let Some(parser) = parsers.get(&kind.value) else {
        let message = format!("there is no kind of step named `{}`", kind.value);
        let help = match nearest(&kind.value, parsers.kinds()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known: {}", parsers.kinds().collect::<Vec<_>>().join(", ")),
        };
        table.fault(FaultCode::UnknownName, kind.span, message, Some(help));
        return None;
    };
    let parsed = parser.parse(table, context);
    table.finish();
    let id = match id {
        None => kind.value.clone(),
        Some(id) if is_name(&id.value) => id.value,
        Some(id) => {
            let message = "the id of a step is 1 to 40 of a-z, 0-9 and -".to_owned();
            table.fault(FaultCode::BadValue, id.span, message, None);
            return None;
        }
    };
    let parsed = parsed?;
    let (settings, rights, nature) = (parsed.settings, parsed.rights, parsed.nature);
    Some(StepDefinition { id, kind: kind.value, settings, rights, nature })
}
