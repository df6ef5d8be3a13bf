//! The objects of a PDF (ISO 32000-2, 7.3), in types that keep what the source said.

use std::fmt;

/// An indirect object's number and generation (ISO 32000-2, 7.3.10).
///
/// The generation is at most 65535 by the standard; 65536 occurs in the field and is tolerated.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct ObjectId {
    /// The object number.
    pub number: u32,
    /// The generation number.
    pub generation: u32,
}

impl ObjectId {
    /// The object `number generation`.
    #[must_use]
    pub fn new(number: u32, generation: u32) -> Self {
        Self { number, generation }
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.generation)
    }
}

/// Any object.
#[derive(Debug, Clone, PartialEq)]
pub enum Object {
    /// `null`, and every reference to an object that is not there.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// An integer that 64 bits hold.
    Integer(i64),
    /// Any other number, as the source writes it.
    Real(Real),
    /// A string, as the source writes it.
    String(PdfString),
    /// A name, its `#xx` escapes decoded.
    Name(Name),
    /// An array.
    Array(Vec<Object>),
    /// A dictionary.
    Dictionary(Dictionary),
    /// A stream: its dictionary, and where its data lies.
    Stream(Stream),
    /// A reference to an indirect object.
    Reference(ObjectId),
}

/// A number in its source text, so that writing it again changes no digit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Real(pub(crate) Box<str>);

impl Real {
    /// The source text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value; 0 where the text is no number (`.`, `-`), as readers in the field do.
    #[must_use]
    pub fn value(&self) -> f64 {
        let value = self.0.parse().unwrap_or(0.0);
        if f64::is_finite(value) { value } else { 0.0 }
    }
}

/// A string in its source form, delimiters included: `(..)` or `<..>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PdfString(pub(crate) Box<[u8]>);

/// A name without its slash, escapes decoded.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(pub(crate) Box<[u8]>);

impl Name {
    /// A name of these bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The decoded bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", String::from_utf8_lossy(&self.0))
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == *other.as_bytes()
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self::new(text.as_bytes())
    }
}

/// A dictionary in the source's order. Where a key stands twice, the last one counts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dictionary(pub(crate) Vec<(Name, Object)>);

impl Dictionary {
    /// An empty dictionary.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of `key` as it stands, references unresolved.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Object> {
        self.0.iter().rev().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// Whether `key` is there.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Sets `key`, in its old place where it was there. Where it stood twice it stands once, for some
    /// readers take the first.
    pub fn set(&mut self, key: &str, value: impl Into<Object>) {
        let Some(last) = self.0.iter().rposition(|(name, _)| *name == key) else {
            return self.0.push((Name::from(key), value.into()));
        };
        self.0[last].1 = value.into();
        let mut at = 0..=last;
        self.0.retain(|(name, _)| at.next().is_none_or(|at| at == last) || *name != key);
    }

    /// Each key once, with the value that counts.
    #[must_use]
    pub fn settled(&self) -> Self {
        let mut all = self.clone();
        self.0.iter().for_each(|(name, value)| {
            if let Ok(key) = std::str::from_utf8(name.as_bytes()) {
                all.set(key, value.clone());
            }
        });
        all
    }

    /// The same with `key` set: for building one.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Object>) -> Self {
        self.set(key, value);
        self
    }

    /// Removes `key` wherever it stands.
    pub fn remove(&mut self, key: &str) {
        self.0.retain(|(name, _)| *name != key);
    }

    /// All entries in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Object)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The name under `key`, where it is one, as UTF-8.
    #[must_use]
    pub fn name(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_name()
    }

    /// The integer under `key`, where it is one.
    #[must_use]
    pub fn integer(&self, key: &str) -> Option<i64> {
        self.get(key)?.as_integer()
    }
}

/// A stream: its dictionary and the place of its data in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Stream {
    /// The dictionary as it stands.
    pub dictionary: Dictionary,
    /// The first byte of the data, from the start of the file.
    pub offset: u64,
    /// Its own number, by which it is decrypted; none of a cross-reference stream.
    pub(crate) id: Option<ObjectId>,
}

impl Object {
    /// The integer, where it is one.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, integer or real.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Integer(value) => Some(*value as f64),
            Self::Real(real) => Some(real.value()),
            _ => None,
        }
    }

    /// The name as UTF-8, where it is one.
    #[must_use]
    pub fn as_name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => std::str::from_utf8(name.as_bytes()).ok(),
            _ => None,
        }
    }

    /// The string, where it is one.
    #[must_use]
    pub fn as_string(&self) -> Option<&PdfString> {
        match self {
            Self::String(string) => Some(string),
            _ => None,
        }
    }

    /// The array's items, where it is one.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Object]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The dictionary, a stream's included.
    #[must_use]
    pub fn as_dictionary(&self) -> Option<&Dictionary> {
        match self {
            Self::Dictionary(dictionary) => Some(dictionary),
            Self::Stream(stream) => Some(&stream.dictionary),
            _ => None,
        }
    }

    /// The reference, where it is one.
    #[must_use]
    pub fn as_reference(&self) -> Option<ObjectId> {
        match self {
            Self::Reference(id) => Some(*id),
            _ => None,
        }
    }
}

impl From<Dictionary> for Object {
    fn from(value: Dictionary) -> Self {
        Self::Dictionary(value)
    }
}

impl From<Vec<Object>> for Object {
    fn from(value: Vec<Object>) -> Self {
        Self::Array(value)
    }
}

impl From<ObjectId> for Object {
    fn from(value: ObjectId) -> Self {
        Self::Reference(value)
    }
}

impl From<i64> for Object {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<Name> for Object {
    fn from(value: Name) -> Self {
        Self::Name(value)
    }
}

impl From<PdfString> for Object {
    fn from(value: PdfString) -> Self {
        Self::String(value)
    }
}
