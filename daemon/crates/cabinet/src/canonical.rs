//! One JSON text for one value, so that its digest means something.
//!
//! The form is that of RFC 8785 (JSON Canonicalization Scheme) for the values that we store: objects
//! with their keys sorted, no white space, the shortest escapes, integers only.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The canonical JSON of a value.
///
/// Keys are sorted by their bytes (all keys are ASCII, for which RFC 8785, 3.2.3 gives the same
/// order). Callers put no fractions into values: their shortest form is not defined here.
pub fn canonical_json(value: &Value) -> String {
    let mut text = String::new();
    write_value(value, &mut text);
    text
}

/// The canonical JSON of anything that serialises to JSON; `None` where it does not (a map whose
/// keys are no strings).
pub fn canonical<T: Serialize>(value: &T) -> Option<String> {
    serde_json::to_value(value).ok().map(|value| canonical_json(&value))
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn write_value(value: &Value, text: &mut String) {
    match value {
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(index, text);
                write_value(item, text);
            }
            text.push(']');
        }
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            text.push('{');
            for (index, key) in keys.into_iter().enumerate() {
                separate(index, text);
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                write_value(&map[key], text);
            }
            text.push('}');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

fn separate(index: usize, text: &mut String) {
    if index > 0 {
        text.push(',');
    }
}

/// Serialises 32 bytes as 64 lower-case hexadecimal digits (`#[serde(with = "hex32")]`).
pub mod hex32 {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes the digits.
    pub fn serialize<S: Serializer>(bytes: &[u8; 32], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&hex::encode(bytes))
    }

    /// Reads the digits.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 32], D::Error> {
        let text = String::deserialize(from)?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(&text, &mut bytes).map_err(D::Error::custom)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_sorted_at_every_depth() {
        let value = json!({"b": [1, {"z": null, "a": true}], "a": "é\n\"\u{1}"});
        assert_eq!(
            canonical_json(&value),
            "{\"a\":\"é\\n\\\"\\u0001\",\"b\":[1,{\"a\":true,\"z\":null}]}"
        );
    }
}
