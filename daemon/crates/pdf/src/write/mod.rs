//! Writing an incremental update in the form of its base (ISO 32000-2, 7.5.6).

mod increment;
mod section;
mod serialize;

pub(crate) use increment::{Body, Increment};

use crate::{Object, ReadError, Real};

/// A number with three places.
pub(crate) fn number(value: f64) -> Object {
    Object::Real(Real(format!("{value:.3}").into()))
}

/// An array of such numbers.
pub(crate) fn numbers<const N: usize>(values: [f64; N]) -> Object {
    Object::Array(values.map(number).to_vec())
}

/// Why a revision cannot be written.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// The base has something that cannot be carried on.
    Unsupported(&'static str),
    /// The base cannot be read.
    Read(ReadError),
}

impl From<ReadError> for WriteError {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}
