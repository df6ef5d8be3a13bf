//! Why a step stopped, told to the one who can mend it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Whose fault it is, and so who can mend it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The document cannot be treated; its sender can send another.
    Document,
    /// Somebody lacks a right; an expert-comptable can grant it.
    Right,
    /// The configuration or a workflow is wrong; the administrator can mend it.
    Configuration,
    /// Another server (time stamps, mail, a share) does not do its part.
    Peer,
    /// Sceau itself is at fault.
    Ourselves,
}

/// A stop, in the words of the person who reads it. What is seldom there is boxed: results carry failures, and
/// are to stay small.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Stable code, such as `right-missing`; the user guide explains each.
    pub code: String,
    /// Who can mend it.
    pub fault: Fault,
    /// What happened and what to do, in French.
    pub fr: String,
    /// The same in English.
    pub en: String,
    /// Technical detail for the administrator, in English; never a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Box<str>>,
    /// What the step that stopped had found all the same (a validation's report), as the evidence file
    /// would have told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Box<Value>>,
}

impl Failure {
    /// A failure without technical detail.
    pub fn new(code: &str, fault: Fault, fr: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            fault,
            fr: fr.into(),
            en: en.into(),
            detail: None,
            result: None,
        }
    }

    /// The same failure with technical detail for the administrator.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into().into_boxed_str());
        self
    }

    /// The same failure with what the step found.
    #[must_use]
    pub fn with_result(mut self, result: Value) -> Self {
        self.result = Some(Box::new(result));
        self
    }

    /// True when the file goes back to its sender, false when somebody inside must act first.
    pub fn is_rejection(&self) -> bool {
        matches!(self.fault, Fault::Document | Fault::Right)
    }
}
