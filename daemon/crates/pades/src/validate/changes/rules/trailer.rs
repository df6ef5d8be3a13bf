//! The trailer: the same catalog, the same encryption (ISO 32000-2 §7.5.5).

use sceau_pdf::ReadError;

use super::super::step::Step;
use super::{Guard, metadata};
use crate::report::What;

/// The new revision may not have another catalog or another encryption than the old one.
pub(super) fn check(step: &mut Step<'_, '_>) -> Result<(), ReadError> {
    for key in ["Root", "Encrypt"] {
        if step.old.trailer().get(key) != step.new.trailer().get(key) {
            step.refuse(Guard::Trailer, What::TrailerChanged, None, Some(key));
        }
    }
    metadata::information(step)
}
