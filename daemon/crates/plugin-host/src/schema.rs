//! Settings of a plugin against its schema: the part of JSON Schema that a form needs. A keyword
//! that is not known here is a fault of the manifest, never silently without effect.

use serde_json::{Map, Value};

/// Deepest nesting of a schema or of settings.
const DEEPEST: usize = 16;
/// Keywords that say something to people only.
const NOTES: &[&str] = &["title", "description", "default", "examples", "$schema", "$comment"];
const KEYWORDS: &[&str] = &[
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "const",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
];
const TYPES: &[&str] = &["object", "array", "string", "integer", "number", "boolean", "null"];

/// A schema that can be checked against.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema(Value);

impl Default for Schema {
    /// Settings of a plugin that has none.
    fn default() -> Self {
        Self(serde_json::json!({ "type": "object", "additionalProperties": false }))
    }
}

impl Schema {
    /// Reads a schema; the faults found, each with its place.
    pub fn new(schema: Value) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        schema_faults(&schema, "settings", 0, &mut faults);
        if schema.get("type").and_then(Value::as_str) != Some("object") {
            faults.push("settings: the outermost type is \"object\"".to_owned());
        }
        if faults.is_empty() { Ok(Self(schema)) } else { Err(faults) }
    }

    /// The schema itself.
    pub fn json(&self) -> &Value {
        &self.0
    }

    /// What of `settings` is not as the schema says, each with its place.
    pub fn faults(&self, settings: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        value_faults(&self.0, settings, "settings", 0, &mut faults);
        faults
    }
}

fn schema_faults(schema: &Value, at: &str, depth: usize, faults: &mut Vec<String>) {
    let Value::Object(map) = schema else {
        faults.push(format!("{at}: a schema is a table"));
        return;
    };
    if depth > DEEPEST {
        faults.push(format!("{at}: deeper than {DEEPEST}"));
        return;
    }
    for (key, value) in map {
        match key.as_str() {
            "type" if value.as_str().is_some_and(|word| TYPES.contains(&word)) => {}
            "type" => faults.push(format!("{at}: `type` is one of {}", TYPES.join(", "))),
            "properties" => match value {
                Value::Object(inner) => inner.iter().for_each(|(name, inner)| {
                    schema_faults(inner, &format!("{at}.{name}"), depth + 1, faults);
                }),
                _ => faults.push(format!("{at}: `properties` is a table")),
            },
            "items" => schema_faults(value, &format!("{at}[]"), depth + 1, faults),
            "additionalProperties" if value.is_boolean() => {}
            "required" if texts(value).is_some() => {}
            "enum" if value.is_array() => {}
            "minimum" | "maximum" if value.is_number() => {}
            "minLength" | "maxLength" | "minItems" | "maxItems" if value.is_u64() => {}
            "const" => {}
            note if NOTES.contains(&note) => {}
            known if KEYWORDS.contains(&known) => {
                faults.push(format!("{at}: `{known}` has a value of another type"));
            }
            unknown => faults.push(format!("{at}: the keyword `{unknown}` is not known here")),
        }
    }
}

fn texts(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}

fn value_faults(schema: &Value, value: &Value, at: &str, depth: usize, faults: &mut Vec<String>) {
    if depth > DEEPEST {
        faults.push(format!("{at}: deeper than {DEEPEST}"));
        return;
    }
    if let Some(word) = schema.get("type").and_then(Value::as_str)
        && !is_of(word, value)
    {
        faults.push(format!("{at}: must be of type {word}"));
        return;
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array)
        && !words.contains(value)
    {
        let words: Vec<String> = words.iter().map(Value::to_string).collect();
        faults.push(format!("{at}: must be one of {}", words.join(", ")));
    }
    if let Some(only) = schema.get("const")
        && only != value
    {
        faults.push(format!("{at}: must be {only}"));
    }
    match value {
        Value::Object(map) => object_faults(schema, map, at, depth, faults),
        Value::Array(items) => {
            bounds(schema, ("minItems", "maxItems"), items.len() as f64, "items", at, faults);
            if let Some(inner) = schema.get("items") {
                for (index, item) in items.iter().enumerate() {
                    value_faults(inner, item, &format!("{at}[{index}]"), depth + 1, faults);
                }
            }
        }
        Value::String(text) => {
            let count = text.chars().count() as f64;
            bounds(schema, ("minLength", "maxLength"), count, "characters", at, faults);
        }
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or(f64::NAN);
            bounds(schema, ("minimum", "maximum"), number, "", at, faults);
        }
        Value::Bool(_) | Value::Null => {}
    }
}

fn object_faults(
    schema: &Value,
    map: &Map<String, Value>,
    at: &str,
    depth: usize,
    faults: &mut Vec<String>,
) {
    for name in schema.get("required").and_then(texts).unwrap_or_default() {
        if !map.contains_key(name) {
            faults.push(format!("{at}.{name}: is missing"));
        }
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    let open = schema.get("additionalProperties").and_then(Value::as_bool).unwrap_or(false);
    for (name, value) in map {
        match properties.and_then(|properties| properties.get(name)) {
            Some(inner) => value_faults(inner, value, &format!("{at}.{name}"), depth + 1, faults),
            None if open => {}
            None => faults.push(format!("{at}.{name}: is not known to the plugin")),
        }
    }
}

fn is_of(word: &str, value: &Value) -> bool {
    match word {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        _ => value.is_null(),
    }
}

fn bounds(
    schema: &Value,
    (least, most): (&str, &str),
    found: f64,
    unit: &str,
    at: &str,
    faults: &mut Vec<String>,
) {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    if let Some(least) = bound(least).filter(|least| found < *least) {
        faults.push(format!("{at}: at least {least} {unit}").trim_end().to_owned());
    }
    if let Some(most) = bound(most).filter(|most| found > *most) {
        faults.push(format!("{at}: at most {most} {unit}").trim_end().to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn settings_are_checked_with_their_place() {
        let schema = Schema::new(json!({
            "type": "object",
            "required": ["url"],
            "properties": {
                "url": { "type": "string", "minLength": 3 },
                "pages": { "type": "array", "items": { "type": "integer", "minimum": 1 } },
                "mode": { "enum": ["a", "b"] },
            },
        }))
        .unwrap();
        assert_eq!(schema.faults(&json!({ "url": "abc", "pages": [1], "mode": "a" })), [""; 0]);
        let faults = schema.faults(&json!({ "pages": [0, "x"], "mode": "c", "hosst": 1 }));
        assert_eq!(
            faults,
            [
                "settings.url: is missing",
                "settings.hosst: is not known to the plugin",
                "settings.mode: must be one of \"a\", \"b\"",
                "settings.pages[0]: at least 1",
                "settings.pages[1]: must be of type integer",
            ]
        );
    }

    #[test]
    fn an_unknown_keyword_is_a_fault() {
        let faults = Schema::new(json!({ "type": "object", "patternProperties": {} })).unwrap_err();
        assert_eq!(faults, ["settings: the keyword `patternProperties` is not known here"]);
        assert!(Schema::new(json!({ "type": "string" })).is_err());
    }
}
