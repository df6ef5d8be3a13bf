//! From redb's errors to ours.

use std::io::ErrorKind;

use redb::StorageError;

use crate::StoreError;

/// An error of redb or of a record, on its way to a [`StoreError`].
#[derive(Debug)]
pub(super) enum Fault {
    Redb(redb::Error),
    Damaged(String),
}

impl Fault {
    pub(super) fn damaged(what: &str) -> Self {
        Self::Damaged(format!("a record of {what} cannot be read"))
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Damaged(what) => Self::Damaged(what),
            Fault::Redb(error) => from_redb(error),
        }
    }
}

fn from_redb(error: redb::Error) -> StoreError {
    use redb::Error;
    match error {
        Error::DatabaseAlreadyOpen | Error::LockProtocolMismatch => StoreError::InUse,
        Error::PreviousIo | Error::TransactionPoisoned | Error::LockPoisoned(_) => {
            StoreError::Poisoned
        }
        Error::Io(error) => from_io(error),
        Error::Backend(error) => StoreError::Io(std::io::Error::other(error)),
        Error::Corrupted(what) => StoreError::Damaged(what),
        other => StoreError::Damaged(other.to_string()),
    }
}

fn from_io(error: std::io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::NoSpace(error),
        ErrorKind::InvalidData => StoreError::Damaged(error.to_string()),
        _ => StoreError::Io(error),
    }
}

macro_rules! from_redb_errors {
    ($($error:ty),*) => {
        $(impl From<$error> for Fault {
            fn from(error: $error) -> Self {
                Self::Redb(error.into())
            }
        })*
    };
}

from_redb_errors!(
    StorageError,
    redb::TableError,
    redb::TransactionError,
    redb::CommitError,
    redb::DatabaseError
);
