//! Why nothing was signed, and with which exit code that is said.

use std::io;
use std::path::{Path, PathBuf};

use sceau_disk::DiskError;
use sceau_engine::tsa_client::TsaError;
use sceau_pades::{
    BeginError, ExtendError, ReadError, TimestampError, TokensGrow, UnsealedError, WrongSignature,
};
use sceau_pdf::Fault;
use sceau_signer::{KeyError, P12Fault, SecretError};
use thiserror::Error;

use crate::cli::exit;
use crate::keys::TokenKeyError;

/// One failure of `sceau sign` and `sceau extend`.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// The command line is at fault.
    #[error("{0}")]
    Usage(String),
    /// The output exists.
    #[error("{} exists already; --force replaces it", .0.display())]
    Exists(PathBuf),
    /// An input cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Unreadable {
        /// The input.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The PKCS#12 file or its password.
    #[error(transparent)]
    P12(#[from] P12Fault),
    /// The token, its PIN or its certificates.
    #[error(transparent)]
    Token(#[from] TokenKeyError),
    /// The password file.
    #[error(transparent)]
    Password(#[from] SecretError),
    /// The document or the request is refused.
    #[error(transparent)]
    Begin(#[from] BeginError),
    /// What the document holds, where the guard refuses it.
    #[error("{0}")]
    Refused(String),
    /// The key cannot sign.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The key's signature is not accepted: key and certificate do not belong together.
    #[error(transparent)]
    Signature(#[from] WrongSignature),
    /// Ourselves.
    #[error(transparent)]
    Unsealed(#[from] UnsealedError),
    /// The token was not accepted.
    #[error("the time-stamping authority's answer cannot be used: {0}")]
    Stamp(#[from] TimestampError),
    /// The signed document cannot be extended.
    #[error(transparent)]
    Extend(#[from] ExtendError),
    /// The token never fits.
    #[error("no timestamp: {0}")]
    Growing(#[from] TokensGrow),
    /// The time-stamping authority gives none.
    #[error("no timestamp: {0}")]
    Unavailable(String),
    /// It could not be asked.
    #[error(transparent)]
    Tsa(#[from] TsaError),
    /// The finished file does not hold.
    #[error("the signed file would not be valid: {0}")]
    Spoilt(String),
    /// Reading or writing failed underway.
    #[error("{0}")]
    Io(String),
}

impl Failure {
    pub(crate) fn unreadable(path: &Path, error: io::Error) -> Self {
        Self::Unreadable { path: path.to_owned(), error }
    }

    pub(crate) fn reading(error: io::Error) -> Self {
        Self::Io(format!("reading failed: {error}"))
    }

    pub(crate) fn writing(error: io::Error) -> Self {
        Self::Io(format!("writing failed: {error}"))
    }

    pub(crate) fn spoilt(reason: &str) -> Self {
        Self::Spoilt(reason.to_owned())
    }

    /// The exit code.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Key(KeyError::Token(_)) => exit::UNAVAILABLE,
            Self::Token(error) => error.exit_code(),
            Self::Usage(_) | Self::Key(_) | Self::Signature(_) => exit::USAGE,
            Self::Tsa(TsaError::BadUrl { .. }) => exit::USAGE,
            Self::Begin(error) => match error.fault() {
                Fault::Document => exit::REFUSED,
                Fault::Caller => exit::USAGE,
                Fault::Medium => exit::IO,
            },
            Self::Extend(
                ExtendError::Token(_) | ExtendError::HoleTooSmall { .. } | ExtendError::Growing(_),
            ) => exit::UNAVAILABLE,
            Self::Extend(error) => match error.fault() {
                Fault::Document => exit::REFUSED,
                Fault::Caller => exit::USAGE,
                Fault::Medium => exit::IO,
            },
            Self::Spoilt(_) | Self::Refused(_) => exit::REFUSED,
            Self::Unreadable { .. } | Self::P12(_) | Self::Password(_) => exit::NO_INPUT,
            Self::Stamp(_) | Self::Growing(_) | Self::Unavailable(_) | Self::Tsa(_) => {
                exit::UNAVAILABLE
            }
            Self::Exists(_) | Self::Unsealed(_) | Self::Io(_) => exit::IO,
        }
    }
}

impl From<DiskError> for Failure {
    fn from(error: DiskError) -> Self {
        Self::Io(error.to_string())
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        match error.fault() {
            Fault::Medium => Self::Io(error.to_string()),
            _ => Self::Spoilt(error.to_string()),
        }
    }
}
