//! The rules, one a file. Each explains the objects that it permits and refuses what it forbids;
//! together they must explain every object that differs.

mod annotation;
mod appearance;
mod catalog;
mod dss;
mod filling;
mod form;
mod left;
mod mark;
mod metadata;
mod page;
mod references;
mod rewritten;
mod signature;
mod trailer;
mod twice;

use sceau_pdf::ReadError;

use super::Guard;
use super::awaited::Awaited;
use super::step::Step;
use crate::report::What;

/// Applies all rules to one step.
pub(super) fn apply(step: &mut Step<'_, '_>, awaited: &mut Awaited) -> Result<(), ReadError> {
    for document in [step.old, step.new] {
        if document.is_repaired() {
            step.refuse(Guard::NothingLeft, What::BrokenReferences, None, None);
            return Ok(());
        }
    }
    if !references::check(step)? {
        return Ok(());
    }
    step.look()?;
    if !references::lead_to_one_place(step)? {
        return Ok(());
    }
    twice::check(step)?;
    rewritten::explain(step)?;
    trailer::check(step)?;
    catalog::check(step)?;
    filling::explain(step)?;
    page::explain(step)?;
    left::containers(step)?;
    left::empty_forms(step)?;
    dss::left_behind(step)?;
    left::nothing(step)?;
    left::nothing_awaited(step, awaited)?;
    left::nothing_shared(step)
}
