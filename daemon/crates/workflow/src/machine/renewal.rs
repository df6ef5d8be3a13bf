//! Levels on the way, and keeping a delivered document provable (EN 319 142-1 §5.4.3): what a dossier
//! remembers of both.
//!
//! ```text
//! Delivered --planned--> at rest --due--> under way --done--> planned anew, until retention ends
//!                           ^                |
//!                           `---- failed ----'  (a day later again)
//! ```

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use serde::{Deserialize, Serialize};

use super::{DocumentRef, Failure};

/// Name of the timer that begins a renewal.
pub const RENEWAL_TIMER: &str = "renewal";

/// The pause after a renewal that came to nothing.
pub const RENEWAL_PAUSE: SignedDuration = SignedDuration::from_hours(24);

/// A level that was reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelReached {
    /// Index of the step that reached it.
    pub step: usize,
    /// The level by its name in the standard, as in `B-LT`.
    pub level: String,
    /// The document at that level.
    pub document: DocumentRef,
    /// Since when.
    pub at: Timestamp,
    /// Whether the step was done with it: from then on the dossier does not fall behind it.
    #[serde(default)]
    pub kept: bool,
}

/// How a delivered document is kept provable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewal {
    /// Index of the step that renews.
    pub step: usize,
    /// When it renews next; the end of the retention where nothing more is to be renewed.
    pub due: Timestamp,
    /// The end of the workflow's retention.
    pub until: Timestamp,
    /// Since when a renewal is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun: Option<Timestamp>,
    /// Renewals so far.
    #[serde(default)]
    pub rounds: u32,
    /// Why the last one came to nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Failure>,
}

impl Renewal {
    pub(super) fn planned(step: usize, due: Timestamp, until: Timestamp, rounds: u32) -> Self {
        Self { step, due, until, begun: None, rounds, trouble: None }
    }

    pub(super) fn fail(&mut self, failure: &Failure, due: Timestamp) {
        self.begun = None;
        self.due = due;
        self.trouble = Some(failure.clone());
    }

    pub(super) fn succeed(&mut self) {
        self.begun = None;
        self.rounds += 1;
        self.trouble = None;
        // Until the next one is planned, if any is.
        self.due = self.until;
    }
}

/// The end of a retention of so many years (UTC).
pub(super) fn end_of_retention(from: Timestamp, years: u16) -> Option<Timestamp> {
    let from = from.to_zoned(TimeZone::UTC);
    Some(from.checked_add(Span::new().years(years)).ok()?.timestamp())
}
