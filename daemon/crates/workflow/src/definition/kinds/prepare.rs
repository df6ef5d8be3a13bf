//! `prepare`: what needs no person, before anything is signed.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::guard::Guard;
use crate::definition::kind::{Nature, ParsedStep, StepParser, StepScope};
use crate::definition::template::Template;
use crate::faults::{FaultCode, Read, TableReader, nearest};

/// The settings of a `prepare` step. They are done in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrepareSettings {
    /// The kinds of active content for which a document is rejected.
    pub refuse_active: BTreeSet<String>,
    /// What is done about a document that holds what could change its reading after it was signed.
    #[serde(default, skip_serializing_if = "Guard::is_allow")]
    pub guard: Guard,
    /// What is attached.
    pub attach: Vec<Attachment>,
    /// What is stamped.
    pub stamp: Option<Stamp>,
}

/// A file that is attached to the document (ISO 32000-2, 7.11.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "from")]
pub enum Attachment {
    /// Always the same file, relative to the configuration file or absolute.
    File {
        /// Its path.
        path: String,
        /// What readers show.
        description: Option<String>,
        /// SHA-256 of its bytes when the workflow was read, in hexadecimal: a part of the definition, to
        /// which dossiers are pinned.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<String>,
    },
}

impl Attachment {
    /// The largest file that is attached, in bytes.
    pub const MOST: u64 = 32 << 20;
}

/// Lines of text in a corner of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// The lines, 1 to 6.
    pub lines: Vec<Template>,
    /// On which pages.
    pub page: StampPage,
    /// In which corner.
    pub corner: Corner,
    /// The size of the letters, in points.
    pub size: u8,
}

/// On which pages a stamp stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StampPage {
    /// On the first page.
    First,
    /// On the last page.
    Last,
    /// On every page.
    All,
}

/// A corner of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Corner {
    /// Top left.
    TopLeft,
    /// Top right.
    TopRight,
    /// Bottom left.
    BottomLeft,
    /// Bottom right.
    BottomRight,
}

/// The kinds of active content by their names, and whether `refuse_active = true` means them.
/// Addresses to click on, embedded files (Factur-X) and a page to open at are ordinary.
const ACTIVE: [(&str, bool); 18] = [
    ("javascript", true),
    ("launch", true),
    ("submit-form", true),
    ("import-data", true),
    ("go-to-remote", true),
    ("go-to-embedded", true),
    ("uri", false),
    ("rich-media", true),
    ("three-d", true),
    ("movie", true),
    ("sound", true),
    ("xfa", true),
    ("embedded-file", false),
    ("external-stream", true),
    ("open-action", false),
    ("additional-action", false),
    ("visibility", false),
    ("unreadable", true),
];

/// The kind `prepare`.
#[derive(Debug, Clone, Copy, Default)]
pub struct PrepareParser;

impl StepParser for PrepareParser {
    fn kind(&self) -> &'static str {
        "prepare"
    }

    fn parse(&self, table: &TableReader<'_>, context: &StepScope<'_>) -> Option<ParsedStep> {
        let refuse_active = refuse_active(table);
        let guard = Guard::parse(table);
        let attach = table.tables("attach").iter().filter_map(attachment).collect();
        let stamp = table.table("stamp").and_then(|inner| stamp(&inner, context));
        let settings = PrepareSettings { refuse_active, guard, attach, stamp };
        let does = ["refuse_active", "guard", "attach", "stamp"];
        if !does.iter().any(|key| table.has(key)) {
            let message = "this step does nothing".to_owned();
            let help =
                "give it `refuse_active`, `guard`, `attach` or `stamp`, or remove it".to_owned();
            table.fault(FaultCode::MissingKey, table.span(), message, Some(help));
        }
        Some(ParsedStep::new(&settings, Nature::Rewrites))
    }
}

/// `true`, `false`, or a list of kinds.
fn refuse_active(table: &TableReader<'_>) -> BTreeSet<String> {
    if table.type_of("refuse_active") == Some("boolean") {
        let refuse = table.boolean("refuse_active").unwrap_or(true);
        let meant = ACTIVE.iter().filter(|(_, dangerous)| refuse && *dangerous);
        return meant.map(|(name, _)| (*name).to_owned()).collect();
    }
    let named = table.strings("refuse_active").unwrap_or_default();
    named.into_iter().filter_map(|name| active_kind(table, name)).collect()
}

fn active_kind(table: &TableReader<'_>, name: Read<String>) -> Option<String> {
    let known = || ACTIVE.iter().map(|(known, _)| *known);
    if known().any(|known| known == name.value) {
        return Some(name.value);
    }
    let message = format!("`{}` is no kind of active content", name.value);
    let help = match nearest(&name.value, known()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known: {}", known().collect::<Vec<_>>().join(", ")),
    };
    table.fault(FaultCode::UnknownName, name.span, message, Some(help));
    None
}

fn attachment(table: &TableReader<'_>) -> Option<Attachment> {
    let path = table.need_string("file", "the file that is attached");
    let description = table.string("description").map(|read| read.value);
    table.finish();
    Some(Attachment::File { path: path?.value, description, sha256: None })
}

fn stamp(table: &TableReader<'_>, context: &StepScope<'_>) -> Option<Stamp> {
    let pages = [("first", StampPage::First), ("last", StampPage::Last), ("all", StampPage::All)];
    let corners = [
        ("top-left", Corner::TopLeft),
        ("top-right", Corner::TopRight),
        ("bottom-left", Corner::BottomLeft),
        ("bottom-right", Corner::BottomRight),
    ];
    let lines = stamp_lines(table, context);
    let page = table.word("page", &pages).unwrap_or(StampPage::First);
    let corner = table.word("corner", &corners).unwrap_or(Corner::TopRight);
    let size = table.integer("size", 5..=24).and_then(|size| u8::try_from(size).ok()).unwrap_or(8);
    table.finish();
    Some(Stamp { lines: lines?, page, corner, size })
}

fn stamp_lines(table: &TableReader<'_>, context: &StepScope<'_>) -> Option<Vec<Template>> {
    if !table.has("lines") {
        table.missing("lines", "the lines of the stamp");
    }
    let lines = table.strings("lines")?;
    if !(1..=6).contains(&lines.len()) || lines.iter().any(|line| line.value.chars().count() > 120)
    {
        let message = "a stamp has 1 to 6 lines of at most 120 characters".to_owned();
        table.fault(FaultCode::OutOfRange, table.span_of("lines"), message, None);
        return None;
    }
    Some(lines.into_iter().filter_map(|line| context.template(table, line)).collect())
}
