//! The contract's errors in words, for logs and for the operator: the generated types print themselves so.

use std::fmt::{Formatter, Result};

use crate::document_output::OutputError;
use crate::documents::DocumentError;
use crate::events::EventError;
use crate::filing::FilingError;
use crate::http::HttpError;
use crate::places::PlaceError;
use crate::state::StateError;
use crate::{Failure, StepError};

/// How an error of the contract is told.
pub(crate) trait Words {
    fn write(&self, f: &mut Formatter<'_>) -> Result;
}

impl Words for HttpError {
    fn write(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Denied(what) => write!(f, "{what} is not granted"),
            Self::Invalid(what) => write!(f, "the request is malformed: {what}"),
            Self::Timeout => f.write_str("there was no answer in time"),
            Self::Dns(name) => write!(f, "the name was not found: {name}"),
            Self::Connect(why) => write!(f, "no connection: {why}"),
            Self::Tls(why) => write!(f, "no trust in the other side (TLS): {why}"),
            Self::TooLarge(most) => write!(f, "a body is larger than {most} bytes"),
            Self::TooMany => f.write_str("a run may not make more requests"),
            Self::SecretEchoed => f.write_str("the answer held the secret, and was thrown away"),
            Self::Other(why) => f.write_str(why),
        }
    }
}

impl Words for DocumentError {
    fn write(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Denied => f.write_str("`documents` is not granted"),
            Self::NotFound => f.write_str("no document of this step has this id"),
            Self::OutOfRange => f.write_str("beyond the document's end, or no such page"),
            Self::TooLarge(most) => write!(f, "more than {most} bytes in one call"),
            Self::Unreadable(why) => write!(f, "the document cannot be read: {why}"),
            Self::Other(why) => f.write_str(why),
        }
    }
}

impl Words for PlaceError {
    fn write(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Denied => f.write_str("`documents` is not granted"),
            Self::NotFound => f.write_str("no document of this step has this id"),
            Self::OutOfRange => f.write_str("no such page, or its text ends before"),
            Self::TooLarge(most) => write!(f, "more than {most} characters in one call"),
            Self::Unreadable(why) => write!(f, "the document cannot be read: {why}"),
            Self::Other(why) => f.write_str(why),
        }
    }
}

impl Words for FilingError {
    fn write(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Denied(name) => write!(f, "no directory `{name}` is granted"),
            Self::Invalid(part) => write!(f, "`{part}` cannot be a name"),
            Self::NotFound => f.write_str("no document of this step has this id"),
            Self::Exists => f.write_str("other content stands under this name"),
            Self::TooMany => f.write_str("a run may not put more files there"),
            Self::Unavailable(why) => write!(f, "the directory is not available: {why}"),
            Self::Other(why) => f.write_str(why),
        }
    }
}

impl Words for OutputError {
    fn write(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Denied => f.write_str("`document-output` is not granted"),
            Self::TooLarge(most) => write!(f, "the document is larger than {most} bytes"),
            Self::Closed => f.write_str("the document is finished, or another was begun"),
            Self::Other(why) => f.write_str(why),
        }
    }
}

impl Words for EventError {
    fn write(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Denied => f.write_str("`events` is not granted"),
            Self::Invalid(what) => write!(f, "the event is malformed: {what}"),
            Self::TooMany => f.write_str("a run may not tell more events"),
            Self::TooLarge(most) => write!(f, "the event is larger than {most} bytes"),
            Self::Other(why) => f.write_str(why),
        }
    }
}

impl Words for StateError {
    fn write(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Denied => f.write_str("`state` is not granted"),
            Self::InvalidKey => f.write_str("a key has 1 to 200 bytes"),
            Self::Quota(most) => write!(f, "more than the quota of {most} bytes"),
            Self::Conflict(version) => write!(f, "somebody changed it: it is at version {version}"),
            Self::Other(why) => f.write_str(why),
        }
    }
}

impl Words for Failure {
    fn write(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl Words for StepError {
    fn write(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Retry(retry) => write!(f, "to be tried again: {}", retry.failure),
            Self::Rejected(rejection) => {
                write!(f, "rejected: {}: {}", rejection.code, rejection.en)
            }
            Self::Misconfigured(failure) => write!(f, "misconfigured: {failure}"),
            Self::Other(failure) => failure.write(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_told_in_words() {
        assert_eq!(HttpError::Timeout.to_string(), "there was no answer in time");
        assert_eq!(HttpError::Dns("ged.fr".into()).to_string(), "the name was not found: ged.fr");
        assert_eq!(StateError::Conflict(3).to_string(), "somebody changed it: it is at version 3");
        let step: StepError = HttpError::Connect("refused".into()).into();
        assert_eq!(step.to_string(), "to be tried again: unreachable: no connection: refused");
    }
}
