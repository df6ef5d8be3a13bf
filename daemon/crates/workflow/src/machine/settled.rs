//! A value that never changes any more: its holders share it, and how it stands in a record is made once, however
//! many records it stands in.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

/// A value that is shared and stays as it is. To be cloned costs nothing but a count.
///
/// It is written and read as the value itself. Only JSON is written: other formats have no word for a text
/// that is JSON already.
pub struct Settled<T>(Arc<Inner<T>>);

struct Inner<T> {
    value: T,
    json: OnceLock<Box<RawValue>>,
}

impl<T> From<T> for Settled<T> {
    fn from(value: T) -> Self {
        Self(Arc::new(Inner { value, json: OnceLock::new() }))
    }
}

impl<T: Clone> Settled<T> {
    /// Holds the value with a change; others hold it as it was.
    pub fn replace(&mut self, change: impl FnOnce(&mut T)) {
        let mut value = self.0.value.clone();
        change(&mut value);
        *self = value.into();
    }
}

impl<T> Deref for Settled<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T> AsRef<T> for Settled<T> {
    fn as_ref(&self) -> &T {
        &self.0.value
    }
}

impl<T> Clone for Settled<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Default> Default for Settled<T> {
    fn default() -> Self {
        T::default().into()
    }
}

impl<T: PartialEq> PartialEq for Settled<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.value == other.0.value
    }
}

impl<T: Eq> Eq for Settled<T> {}

impl<T: fmt::Debug> fmt::Debug for Settled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.value.fmt(f)
    }
}

impl<T: Serialize> Serialize for Settled<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let json = match self.0.json.get() {
            Some(json) => json,
            None => {
                let made = to_raw_value(&self.0.value).map_err(S::Error::custom)?;
                self.0.json.get_or_init(|| made)
            }
        };
        json.serialize(to)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Settled<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::deserialize(from).map(Self::from)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "event")]
    enum Event {
        Done { step: usize, result: Settled<Value> },
    }

    #[test]
    fn it_is_written_and_read_as_the_value_itself() {
        let value = json!({ "b": [1, "é\n", null], "a": { "z": 1.5 } });
        let settled = Settled::from(value.clone());
        for _ in 0..2 {
            assert_eq!(serde_json::to_string(&settled).unwrap(), value.to_string());
            assert_eq!(serde_json::to_value(settled.clone()).unwrap(), value);
        }
        let read: Settled<Value> = serde_json::from_value(value.clone()).unwrap();
        assert_eq!((&*read, &read), (&value, &settled));
    }

    #[test]
    fn it_stands_in_what_has_a_tag() {
        let event = Event::Done { step: 1, result: json!({ "a": 1 }).into() };
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(text, r#"{"event":"Done","step":1,"result":{"a":1}}"#);
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
    }

    #[test]
    fn a_change_is_seen_by_who_makes_it() {
        let first = Settled::from(vec![1]);
        assert_eq!(serde_json::to_string(&first).unwrap(), "[1]");
        let mut second = first.clone();
        second.replace(|list| list.push(2));
        assert_eq!((first.len(), serde_json::to_string(&second).unwrap()), (1, "[1,2]".to_owned()));
    }
}
