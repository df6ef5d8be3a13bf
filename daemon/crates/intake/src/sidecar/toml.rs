//! TOML to the tree.

use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};

use super::Fault;
use super::tree::{Lines, Node, Value, syntax};

/// The tree of a TOML text, or its syntax faults.
pub(super) fn tree(text: &str, faults: &mut Vec<Fault>) -> Option<Node> {
    let lines = Lines::of(text.as_bytes());
    let (table, errors) = DeTable::parse_recoverable(text);
    faults.extend(errors.iter().map(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        syntax(lines.at(offset), error.message())
    }));
    if !errors.is_empty() {
        return None;
    }
    Some(Node { line: 1, value: table_value(&lines, table.into_inner()) })
}

fn node(lines: &Lines, value: Spanned<DeValue<'_>>) -> Node {
    let line = lines.at(value.span().start);
    let value = match value.into_inner() {
        DeValue::String(string) => Value::Text(string.into_owned()),
        DeValue::Integer(integer) => Value::Scalar(integer.to_string()),
        DeValue::Float(float) => Value::Scalar(float.to_string()),
        DeValue::Boolean(boolean) => Value::Scalar(boolean.to_string()),
        DeValue::Datetime(datetime) => Value::Scalar(datetime.to_string()),
        DeValue::Array(array) => {
            Value::List(array.into_iter().map(|value| node(lines, value)).collect())
        }
        DeValue::Table(table) => table_value(lines, table),
    };
    Node { line, value }
}

fn table_value(lines: &Lines, table: DeTable<'_>) -> Value {
    let entries = table.into_iter().map(|(key, value)| {
        let line = lines.at(key.span().start);
        (key.into_inner().into_owned(), line, node(lines, value))
    });
    Value::Table(entries.collect())
}
