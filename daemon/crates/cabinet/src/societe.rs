//! Sociétés: the legal persons in whose name documents are sealed.

use jiff::Timestamp;

use crate::ids::SocieteId;
use crate::timeline::Timeline;

/// A société of the cabinet, with its whole history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Societe {
    id: SocieteId,
    siren: String,
    name: Timeline<String>,
    open: Timeline<bool>,
}

impl Societe {
    pub(crate) fn new(id: SocieteId, siren: String, name: String, at: Timestamp) -> Self {
        let (name, open) = (Timeline::starting(at, name), Timeline::starting(at, true));
        Self { id, siren, name, open }
    }

    pub(crate) fn rename(&mut self, name: String, at: Timestamp) {
        self.name.set(at, name);
    }

    pub(crate) fn close(&mut self, at: Timestamp) {
        self.open.set(at, false);
    }

    /// The code that never changes.
    pub fn id(&self) -> &SocieteId {
        &self.id
    }

    /// The nine digits of its SIREN.
    pub fn siren(&self) -> &str {
        &self.siren
    }

    /// The name that it bears now.
    pub fn name(&self) -> &str {
        self.name.latest().map_or("", String::as_str)
    }

    /// The name that it bore at that moment, `None` before it was added.
    pub fn name_at(&self, at: Timestamp) -> Option<&str> {
        self.name.at(at).map(String::as_str)
    }

    /// Since when it has been closed, seen from that moment.
    pub fn closed_since(&self, at: Timestamp) -> Option<Timestamp> {
        self.open.step_at(at).and_then(|(since, open)| (!open).then_some(*since))
    }

    /// Whether it had been added, and not closed, at that moment.
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.open.at(at).copied().unwrap_or(false)
    }

    /// When it was added.
    pub fn added_at(&self) -> Timestamp {
        self.open.begin().unwrap_or_default()
    }
}
