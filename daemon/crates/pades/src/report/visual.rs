//! Which pages were drawn before and after, for people's eyes. Never part of a verdict.

use serde::{Deserialize, Serialize};

/// Pages that were drawn as each signature covers them and as the file shows them now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visual {
    /// Page by page, in the order of the signatures.
    pub pages: Vec<PageView>,
    /// How many pages were not drawn, for there were more than the bounds allow.
    pub left_out: u32,
}

/// One page, before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageView {
    /// The field of the signature after which the page may have changed.
    pub signature: String,
    /// The page, from 1.
    pub page: u32,
    /// As the signature covers it.
    pub before: View,
    /// As the file shows it now.
    pub after: View,
    /// Whether the two look different; absent where one of them is missing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub differs: Option<bool>,
}

/// One picture of a page, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// The end of the revision that was drawn, in bytes.
    pub revision_end: u64,
    /// SHA-256 of the picture's PNG, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub png_sha256: Option<String>,
    /// Why there is no picture.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub trouble: Option<String>,
}
