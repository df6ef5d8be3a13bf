//! The *enregistrement*: what a person goes through before he may sign with his own certificate.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::timeline::Timeline;

/// One step of the enregistrement. Each is recorded with the version of what was accepted or
/// checked, and the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnregistrementStep {
    /// The pre-filled data were confirmed.
    Data,
    /// An identity document was checked.
    Identity,
    /// The nominative certificate was issued.
    Certificate,
    /// The subscription agreement was accepted.
    Subscription,
    /// The general conditions of use were accepted.
    Cgu,
    /// The information on personal data was acknowledged.
    Rgpd,
}

impl EnregistrementStep {
    /// All steps, in the order in which they are taken.
    pub const ALL: [Self; 6] =
        [Self::Data, Self::Identity, Self::Certificate, Self::Subscription, Self::Cgu, Self::Rgpd];

    /// The word used on the command line and in stored records.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Identity => "identity",
            Self::Certificate => "certificate",
            Self::Subscription => "subscription",
            Self::Cgu => "cgu",
            Self::Rgpd => "rgpd",
        }
    }
}

impl fmt::Display for EnregistrementStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for EnregistrementStep {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|step| step.word() == text).ok_or_else(|| text.to_owned())
    }
}

/// How far a person has come, at any moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Enregistrement {
    steps: BTreeMap<EnregistrementStep, Timeline<Option<String>>>,
}

impl Enregistrement {
    pub(crate) fn record(&mut self, step: EnregistrementStep, version: String, at: Timestamp) {
        self.steps.entry(step).or_default().set(at, Some(version));
    }

    pub(crate) fn withdraw(&mut self, step: EnregistrementStep, at: Timestamp) {
        self.steps.entry(step).or_default().set(at, None);
    }

    /// The version that was recorded for a step and since when, seen from that moment.
    pub fn step(&self, step: EnregistrementStep, at: Timestamp) -> Option<(Timestamp, &str)> {
        let (since, version) = self.steps.get(&step)?.step_at(at)?;
        version.as_deref().map(|version| (*since, version))
    }

    /// The steps that were missing at that moment, in order.
    pub fn missing(&self, at: Timestamp) -> Vec<EnregistrementStep> {
        EnregistrementStep::ALL.into_iter().filter(|step| self.step(*step, at).is_none()).collect()
    }

    /// Whether nothing was missing at that moment.
    pub fn is_complete(&self, at: Timestamp) -> bool {
        self.missing(at).is_empty()
    }
}
