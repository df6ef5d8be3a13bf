//! From TOML to a manifest, with all faults at once.

use sceau_workflow::faults::{FaultCode, Faults, Read, Source, TableReader};

use super::{CONTRACTS, Kind, Manifest};
use crate::grant::{Asked, HostGrant};
use crate::limits::{Limits, MOST_MANIFEST};
use crate::schema::Schema;

/// Largest memory of its own that a plugin can ask, in bytes for each société.
const MOST_STATE: u64 = 16 << 20;

impl Manifest {
    /// Reads a manifest. `None` when anything was at fault; the faults are noted.
    pub fn parse(source: Source<'_>, faults: &Faults) -> Option<Self> {
        if source.text().len() > MOST_MANIFEST {
            let message = format!("the file is larger than {MOST_MANIFEST} bytes");
            faults.note_file(FaultCode::OutOfRange, source.file(), message, None);
            return None;
        }
        let before = faults.len();
        let read = |root: &TableReader<'_>| {
            let read = root_table(root);
            root.finish();
            read
        };
        let manifest = TableReader::document(source, faults, read).flatten();
        manifest.filter(|_| faults.len() == before)
    }
}

fn root_table(root: &TableReader<'_>) -> Option<Manifest> {
    let id = root.need_string("id", "the plugin's name");
    let version = root.need_string("version", "\"1.0.0\"");
    let contract = root.need_string("contract", "the version of plugins/wit, \"1.1.0\"");
    let kind = root.need_string("kind", "the kind of step that it does");
    let description = root.string("description").map(|read| read.value);
    let component = component(root);
    let limits = limits(root);
    let asked = asked(root);
    let schema = schema(root);
    let id = id.and_then(|id| checked(root, id, "1 to 60 of a-z, 0-9 and -", is_id));
    let version = version.and_then(|v| checked(root, v, "MAJOR.MINOR.PATCH", is_version));
    let known: Vec<(&str, &str)> = CONTRACTS.iter().map(|c| (*c, *c)).collect();
    let contract = contract.and_then(|read| root.one_of(&read, &known));
    let kind = kind.and_then(|read| root.one_of(&read, &Kind::ALL))?;
    if asked.document_output && kind != Kind::Prepare {
        let message = "`document-output` is for the kind `prepare` only".to_owned();
        root.fault(FaultCode::BadValue, root.span_of("capabilities"), message, None);
    }
    let filing_is_later = |contract: &&str| crate::check::is_later("1.1.0", contract);
    if !asked.directories.is_empty() && contract.as_ref().is_some_and(filing_is_later) {
        let message = "`filing` came with the contract 1.1.0".to_owned();
        let help = Some("say contract = \"1.1.0\"".to_owned());
        root.fault(FaultCode::BadValue, root.span_of("capabilities"), message, help);
    }
    Some(Manifest {
        id: id?,
        version: version?,
        contract: contract?.to_owned(),
        kind,
        description,
        component,
        limits,
        asked,
        schema,
    })
}

fn component(root: &TableReader<'_>) -> String {
    let plain = |text: &str| {
        let good = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.');
        text.ends_with(".wasm")
            && text.len() <= 100
            && text.bytes().all(good)
            && !text.starts_with('.')
    };
    let form = "the name of a .wasm file beside the manifest";
    root.parsed("component", form, |text| plain(text).then(|| text.to_owned()))
        .map_or_else(|| "plugin.wasm".to_owned(), |read| read.value)
}

fn limits(root: &TableReader<'_>) -> Limits {
    let Some(table) = root.has("limits").then(|| root.table("limits")).flatten() else {
        return Limits::DEFAULT;
    };
    let memory = table.size("memory", Limits::MEMORY).unwrap_or(Limits::DEFAULT.memory);
    let time = table.duration("time", Limits::TIME).unwrap_or(Limits::DEFAULT.time);
    table.finish();
    Limits { memory, time }
}

fn asked(root: &TableReader<'_>) -> Asked {
    let Some(table) = root.has("capabilities").then(|| root.table("capabilities")).flatten() else {
        return Asked::default();
    };
    let yes = |key| table.boolean(key).unwrap_or(false);
    let asked = Asked {
        documents: yes("documents"),
        document_output: yes("document-output"),
        events: yes("events"),
        state: table.size("state", 1..=MOST_STATE),
        hosts: table
            .strings("http")
            .unwrap_or_default()
            .into_iter()
            .filter_map(|h| host(&table, h))
            .collect(),
        secrets: table
            .strings("secrets")
            .unwrap_or_default()
            .into_iter()
            .filter_map(|s| named(&table, s, "secret"))
            .collect(),
        directories: table
            .strings("filing")
            .unwrap_or_default()
            .into_iter()
            .filter_map(|d| named(&table, d, "directory"))
            .collect(),
    };
    table.finish();
    asked
}

fn host(table: &TableReader<'_>, read: Read<String>) -> Option<String> {
    if read.value == "*" {
        return Some(read.value);
    }
    let plain = HostGrant::parse(&read.value, false).filter(|grant| grant.host == read.value);
    if plain.is_none() {
        let message = format!("`{}` is no host name", clip(&read.value));
        let help =
            "a name alone, such as \"ged.example.fr\", or \"*\" for those that the operator names";
        table.fault(FaultCode::BadValue, read.span, message, Some(help.to_owned()));
    }
    plain.map(|grant| grant.host)
}

fn named(table: &TableReader<'_>, read: Read<String>, what: &str) -> Option<String> {
    checked(table, read, &format!("the name of a {what}: 1 to 60 of a-z, 0-9 and -"), is_id)
}

fn schema(root: &TableReader<'_>) -> Schema {
    let Some(json) = root.has("settings").then(|| root.json("settings")).flatten() else {
        return Schema::default();
    };
    Schema::new(json).unwrap_or_else(|faults| {
        for message in faults {
            root.fault(FaultCode::BadValue, root.span_of("settings"), message, None);
        }
        Schema::default()
    })
}

fn checked(
    table: &TableReader<'_>,
    read: Read<String>,
    form: &str,
    good: fn(&str) -> bool,
) -> Option<String> {
    if good(&read.value) {
        return Some(read.value);
    }
    let message = format!("`{}` is not {form}", clip(&read.value));
    table.fault(FaultCode::BadValue, read.span, message, None);
    None
}

fn clip(text: &str) -> String {
    text.chars().take(60).collect()
}

/// 1 to 60 of `a-z 0-9 -`.
pub(crate) fn is_id(text: &str) -> bool {
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    (1..=60).contains(&text.len()) && text.bytes().all(plain) && !text.starts_with('-')
}

fn is_version(text: &str) -> bool {
    let number =
        |part: &str| (1..=9).contains(&part.len()) && part.bytes().all(|c| c.is_ascii_digit());
    text.split('.').count() == 3 && text.split('.').all(number)
}
