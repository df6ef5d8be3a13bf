//! `[step.appearance]`: how a seal is seen on a page.

use serde::{Deserialize, Serialize};

use crate::definition::kind::StepScope;
use crate::definition::template::Template;
use crate::faults::{FaultCode, TableReader};

/// The longest line of the shown text and of an anchor, in characters; the most lines.
const MAX_TEXT: usize = 200;
const MAX_LINES: usize = 8;
/// The largest side of a page, in millimetres: 200 inches (ISO 32000-1, annex C).
const MAX_SIDE: i64 = 5080;

/// The box in which a seal is seen. Lengths are millimetres of the page as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppearanceSettings {
    /// Where.
    pub place: AppearancePlace,
    /// The box's width; default 70.
    pub width: u32,
    /// The box's height; default 22.
    pub height: u32,
    /// The lines, the first as a title.
    pub lines: Vec<Template>,
    /// A picture beside the lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<SealImage>,
    /// Where another field is in the way: take the nearest free place, or refuse (the default).
    pub may_move: bool,
}

/// A picture in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealImage {
    /// Its path, relative to the configuration file or absolute.
    pub path: String,
    /// The SHA-256 of the file in hexadecimal, where whoever loads the definition has looked: a
    /// dossier shows the picture that its definition was pinned with, and no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// Where the box goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppearancePlace {
    /// In the existing field that the step names.
    Field,
    /// At a place of a page.
    At {
        /// From 1; absent: the last one.
        page: Option<u32>,
        /// From the left edge.
        x: u32,
        /// From the upper edge.
        y: u32,
    },
    /// Below the first occurrence of a text.
    Below(String),
}

pub(super) fn parse(
    table: &TableReader<'_>,
    context: &StepScope<'_>,
    has_field: bool,
) -> Option<AppearanceSettings> {
    let side = |key| table.integer(key, 5..=MAX_SIDE).and_then(|side| u32::try_from(side).ok());
    let place = place(table, has_field);
    let (width, height) = (side("width").unwrap_or(70), side("height").unwrap_or(22));
    let lines = lines(table, context);
    let image = image(table);
    let may_move = table.word("overlap", &[("refuse", false), ("move", true)]).unwrap_or(false);
    table.finish();
    Some(AppearanceSettings { place: place?, width, height, lines, image, may_move })
}

/// `below`, or `x` and `y`, or the step's field.
fn place(table: &TableReader<'_>, has_field: bool) -> Option<AppearancePlace> {
    let below = table.string("below");
    let number =
        |key, bounds| table.integer(key, bounds).and_then(|number| u32::try_from(number).ok());
    let (x, y) = (number("x", 0..=MAX_SIDE), number("y", 0..=MAX_SIDE));
    let page = number("page", 1..=1_000_000);
    match (below, x, y) {
        (Some(text), None, None) => {
            let length = text.value.chars().count();
            if (1..=MAX_TEXT).contains(&length) {
                return Some(AppearancePlace::Below(text.value));
            }
            let message = format!("a text to look for has 1 to {MAX_TEXT} characters");
            table.fault(FaultCode::BadValue, text.span, message, None);
            None
        }
        (None, Some(x), Some(y)) => Some(AppearancePlace::At { page, x, y }),
        (None, None, None) if has_field => Some(AppearancePlace::Field),
        _ => {
            let message =
                "an appearance needs a place: `x` and `y` (and `page`), or `below`, or the \
                           `field` of the step"
                    .to_owned();
            table.fault(FaultCode::MissingKey, table.span(), message, None);
            None
        }
    }
}

/// What is in the file is looked at by whoever loads the definition.
fn image(table: &TableReader<'_>) -> Option<SealImage> {
    let good = |path: &str| !path.is_empty() && !path.contains('\0');
    let path = table.parsed("image", "a path", |path| good(path).then(|| path.to_owned()))?;
    Some(SealImage { path: path.value, digest: None })
}

fn lines(table: &TableReader<'_>, context: &StepScope<'_>) -> Vec<Template> {
    let Some(texts) = table.strings("text") else {
        let default = ["Cachet électronique", "{societe}", "le {date}"];
        return default.iter().filter_map(|text| Template::parse(text, &[]).ok()).collect();
    };
    let good = |count: usize, most: usize| (1..=most).contains(&count);
    if !good(texts.len(), MAX_LINES)
        || texts.iter().any(|t| !good(t.value.chars().count(), MAX_TEXT))
    {
        let message = format!("the text has 1 to {MAX_LINES} lines of 1 to {MAX_TEXT} characters");
        table.fault(FaultCode::BadValue, table.span_of("text"), message, None);
        return Vec::new();
    }
    texts.into_iter().filter_map(|text| context.template(table, text)).collect()
}
