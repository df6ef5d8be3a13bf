//! JSON to the tree.
//!
//! serde_json keeps no positions, but hands out every value as a slice of its input; where the
//! slice begins gives the line. Nesting is bounded by serde_json (128) and by [`MAX_DEPTH`].

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Fault;
use super::tree::{Lines, Node, Value, syntax};

/// The sidecar's own tree is three deep.
const MAX_DEPTH: usize = 8;

/// The tree of a JSON text, or its syntax fault.
pub(super) fn tree(text: &str, faults: &mut Vec<Fault>) -> Option<Node> {
    match serde_json::from_str::<&RawValue>(text) {
        Ok(raw) => match node(&Whole::new(text), raw, MAX_DEPTH) {
            Ok(node) => return Some(node),
            Err(fault) => faults.push(fault),
        },
        Err(error) => faults.push(syntax(error.line().max(1), &plain(&error))),
    }
    None
}

/// serde_json's words without the position that it appends.
fn plain(error: &serde_json::Error) -> String {
    let message = error.to_string();
    match message.rfind(" at line ") {
        Some(end) => message[..end].to_owned(),
        None => message,
    }
}

fn node(text: &Whole<'_>, raw: &RawValue, depth: usize) -> Result<Node, Fault> {
    let slice = raw.get();
    let line = text.line_of(slice);
    let wrong = |error: serde_json::Error| syntax(line, &plain(&error));
    if depth == 0 {
        return Err(syntax(line, "nested too deep"));
    }
    let value = match slice.as_bytes().first() {
        Some(b'{') => {
            let Entries(entries) = serde_json::from_str(slice).map_err(wrong)?;
            Value::Table(table(text, entries, depth)?)
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(slice).map_err(wrong)?;
            Value::List(
                items
                    .into_iter()
                    .map(|item| node(text, item, depth - 1))
                    .collect::<Result<_, _>>()?,
            )
        }
        Some(b'"') => Value::Text(serde_json::from_str(slice).map_err(wrong)?),
        Some(b'n') => Value::Null,
        _ => Value::Scalar(slice.to_owned()),
    };
    Ok(Node { line, value })
}

fn table(
    text: &Whole<'_>,
    entries: Vec<(String, &RawValue)>,
    depth: usize,
) -> Result<Vec<(String, usize, Node)>, Fault> {
    let mut table: Vec<(String, usize, Node)> = Vec::new();
    for (key, raw) in entries {
        let node = node(text, raw, depth - 1)?;
        if table.iter().any(|(known, ..)| *known == key) {
            return Err(syntax(node.line, &format!("duplicate key `{key}`")));
        }
        table.push((key, node.line, node));
    }
    Ok(table)
}

/// The text, of which every value is a slice.
struct Whole<'t> {
    text: &'t str,
    lines: Lines,
}

impl<'t> Whole<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, lines: Lines::of(text.as_bytes()) }
    }

    fn line_of(&self, slice: &str) -> usize {
        self.lines.at((slice.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize))
    }
}

/// An object's entries in their order, duplicates included.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry::<String, &'de RawValue>()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}
