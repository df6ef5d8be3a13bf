//! Errors of the host's calls as errors of the step: `?` names who can mend them.

use crate::document_output::OutputError;
use crate::documents::DocumentError;
use crate::events::EventError;
use crate::filing::FilingError;
use crate::http::HttpError;
use crate::places::PlaceError;
use crate::state::StateError;
use crate::{Failure, Rejection, Retry, StepError};

fn failure(code: &str, message: impl Into<String>) -> Failure {
    Failure { code: code.to_owned(), message: message.into() }
}

impl StepError {
    /// Trying again later may help.
    pub fn retry(code: &str, message: impl Into<String>) -> Self {
        Self::Retry(Retry { failure: failure(code, message), delay_ms: None })
    }

    /// The document cannot go on; its sender reads why, in French and in English.
    pub fn rejected(code: &str, fr: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Rejected(Rejection { code: code.to_owned(), fr: fr.into(), en: en.into() })
    }

    /// The operator must act.
    pub fn misconfigured(code: &str, message: impl Into<String>) -> Self {
        Self::Misconfigured(failure(code, message))
    }

    /// Anything else.
    pub fn other(code: &str, message: impl Into<String>) -> Self {
        Self::Other(failure(code, message))
    }

    fn not_granted(what: &str) -> Self {
        let message =
            format!("`{what}` is not granted: ask it in plugin.toml, grant it in sceau.toml");
        Self::misconfigured("not-granted", message)
    }
}

impl From<DocumentError> for StepError {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::Denied => Self::not_granted("documents"),
            DocumentError::Unreadable(why) => Self::rejected(
                "unreadable",
                format!("Le document ne peut pas être lu : {why}"),
                format!("The document cannot be read: {why}"),
            ),
            error => Self::other("document", error.to_string()),
        }
    }
}

impl From<PlaceError> for StepError {
    fn from(error: PlaceError) -> Self {
        match error {
            PlaceError::Denied => DocumentError::Denied.into(),
            PlaceError::Unreadable(why) => DocumentError::Unreadable(why).into(),
            error => Self::other("place", error.to_string()),
        }
    }
}

impl From<FilingError> for StepError {
    fn from(error: FilingError) -> Self {
        match error {
            FilingError::Denied(name) => Self::not_granted(&format!("filing {name}")),
            FilingError::Unavailable(why) => Self::retry("unavailable", why),
            FilingError::Exists => Self::misconfigured(
                "exists",
                "other content stands under this name: look at the pattern",
            ),
            error => Self::other("filing", error.to_string()),
        }
    }
}

impl From<OutputError> for StepError {
    fn from(error: OutputError) -> Self {
        match error {
            OutputError::Denied => Self::not_granted("document-output"),
            error => Self::other("output", error.to_string()),
        }
    }
}

impl From<EventError> for StepError {
    fn from(error: EventError) -> Self {
        match error {
            EventError::Denied => Self::not_granted("events"),
            error => Self::other("event", error.to_string()),
        }
    }
}

impl From<StateError> for StepError {
    fn from(error: StateError) -> Self {
        match error {
            StateError::Denied => Self::not_granted("state"),
            StateError::Conflict(_) => Self::retry("state-conflict", error.to_string()),
            error => Self::other("state", error.to_string()),
        }
    }
}

impl From<HttpError> for StepError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Denied(what) => Self::misconfigured("not-granted", format!("http: {what}")),
            HttpError::Timeout | HttpError::Dns(_) | HttpError::Connect(_) | HttpError::Tls(_) => {
                Self::retry("unreachable", error.to_string())
            }
            error => Self::other("http", error.to_string()),
        }
    }
}
