//! Paths beneath a watched folder, in the bytes that the file system keeps.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use unicode_normalization::UnicodeNormalization;

/// A path relative to the top of a watched folder, without `..`, in its original bytes (Latin-1
/// and NFD names stay what they are).
///
/// Its JSON form is a string: UTF-8 as it is, `\` as `\\`, any other byte as `\xHH`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RelPath(PathBuf);

impl RelPath {
    /// The path as given; what leaves the folder is refused later by the file-system port.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The same path for the file-system port.
    #[must_use]
    pub fn as_path(&self) -> &Path {
        &self.0
    }

    /// The directory that holds it; empty for what stands at the top.
    #[must_use]
    pub fn parent(&self) -> Self {
        Self(self.0.parent().map(Path::to_path_buf).unwrap_or_default())
    }

    /// The last component; empty for the top itself.
    #[must_use]
    pub fn name(&self) -> &OsStr {
        self.0.file_name().unwrap_or_default()
    }

    /// `name` beneath this directory.
    #[must_use]
    pub fn join(&self, name: impl AsRef<Path>) -> Self {
        Self(self.0.join(name))
    }

    /// Another name in the same directory.
    #[must_use]
    pub fn with_name(&self, name: &OsStr) -> Self {
        self.parent().join(name)
    }

    /// How many components it has.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.0.components().count()
    }

    /// What people are shown: NFC, with U+FFFD for what is no UTF-8.
    #[must_use]
    pub fn display_name(&self) -> String {
        display(self.name())
    }
}

/// A name as people are shown it: NFC, with U+FFFD for what is no UTF-8.
#[must_use]
pub(crate) fn display(name: &OsStr) -> String {
    name.to_string_lossy().nfc().collect()
}

impl AsRef<Path> for RelPath {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl From<&str> for RelPath {
    fn from(path: &str) -> Self {
        Self(PathBuf::from(path))
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&display(self.0.as_os_str()))
    }
}

impl Serialize for RelPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&escape(self.0.as_os_str().as_bytes()))
    }
}

impl<'de> Deserialize<'de> for RelPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = unescape(&text).ok_or_else(|| {
            serde::de::Error::custom("a path escape is neither `\\\\` nor `\\xHH`")
        })?;
        Ok(Self(OsString::from_vec(bytes).into()))
    }
}

fn escape(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(&chunk.valid().replace('\\', "\\\\"));
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        (rest, _) = match (byte, tail) {
            (b'\\', [b'\\', after @ ..]) => (after, bytes.push(b'\\')),
            (b'\\', [b'x', high, low, after @ ..]) => {
                let pair = [*high, *low];
                let value = u8::from_str_radix(std::str::from_utf8(&pair).ok()?, 16).ok()?;
                (after, bytes.push(value))
            }
            (b'\\', _) => return None,
            (other, after) => (after, bytes.push(other)),
        };
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_survive_json(bytes in proptest::collection::vec(1u8..=255, 0..40)) {
            let path = RelPath::new(OsString::from_vec(bytes));
            let json = serde_json::to_string(&path).unwrap();
            prop_assert_eq!(serde_json::from_str::<RelPath>(&json).unwrap(), path);
        }
    }

    #[test]
    fn a_wrong_escape_is_refused() {
        assert!(serde_json::from_str::<RelPath>(r#""a\\q""#).is_err());
        assert!(serde_json::from_str::<RelPath>(r#""a\\xg0""#).is_err());
    }

    #[test]
    fn names_are_shown_in_nfc() {
        assert_eq!(RelPath::from("a/de\u{301}pot.pdf").display_name(), "dépot.pdf");
    }
}
