//! What is asked of an appearance.

use serde::{Deserialize, Serialize};

use crate::sign::SignRefusal;

/// How a signature is to be seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Appearance {
    /// Where.
    pub place: Place,
    /// Lines of text, the first as a title; long ones are wrapped, and the letters made as small as
    /// they have to be. Letters of the languages of Europe written in Latin script.
    pub lines: Vec<String>,
    /// A picture: at the left of the lines, or alone.
    pub picture: Option<Picture>,
    /// What a screen reader says of the field: `/TU`.
    pub accessible_name: String,
    /// What to do where another field is in the way.
    pub on_overlap: OnOverlap,
}

/// Where an appearance goes. Lengths are points (1/72 inch) of the page as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "place", rename_all = "snake_case")]
pub enum Place {
    /// The rectangle of the existing field.
    Field,
    /// At a place of a page.
    At {
        /// Which page.
        page: PageChoice,
        /// From the left edge.
        x: f64,
        /// From the upper edge.
        y: f64,
        /// The box's width.
        width: f64,
        /// The box's height.
        height: f64,
    },
    /// Below the first occurrence of a text, left edges aligned.
    Anchor {
        /// The text, white space left out of account.
        text: String,
        /// Which page; all are searched where none is named.
        page: Option<PageChoice>,
        /// The distance to the right of the text's left edge.
        dx: f64,
        /// The distance below the text's lower edge.
        dy: f64,
        /// The box's width.
        width: f64,
        /// The box's height.
        height: f64,
    },
}

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageChoice {
    /// The last one.
    Last,
    /// By its number, from 1.
    Number(u32),
}

/// What to do where another field lies in the box's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnOverlap {
    /// Refuse.
    Refuse,
    /// Take the nearest free place on the page.
    Move,
}

/// A picture in its file's form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// A PNG of at most 4 Mi pixels, or a JPEG in grey or RGB; at most 4 MiB and 4096 pixels in each direction.
    #[serde(with = "crate::revision::text")]
    pub bytes: Vec<u8>,
}

impl Picture {
    /// The longest file, in bytes.
    pub const MAX_BYTES: usize = 4 << 20;

    /// Whether a signature can show it, whatever the document.
    ///
    /// # Errors
    /// [`SignRefusal::Picture`], which says why not.
    pub fn check(&self) -> Result<(), SignRefusal> {
        super::picture::check(self)
    }
}
