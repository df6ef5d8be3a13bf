//! Documents of every form, read, repaired, signed and extended: one program, so that what its parts
//! share is looked after as a whole.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod appearance;
mod conforming;
mod hostile;
mod inspect;
mod large;
mod pictures;
mod repair;
mod scan;
mod sign;
mod store;
mod support;
mod update;
mod work;
