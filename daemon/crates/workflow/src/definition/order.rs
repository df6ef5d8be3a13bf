//! Whether steps can work in the order in which they stand.

use std::ops::Range;

use super::kind::Nature;
use super::value::StepDefinition;
use crate::faults::{FaultCode, TableReader};

/// Notes what cannot work. `steps` are those that could be read, with the places of their heads;
/// `whole` tells whether all of them could.
pub(super) fn check(root: &TableReader<'_>, steps: &[(StepDefinition, Range<usize>)], whole: bool) {
    duplicates(root, steps);
    rewrites_after_signing(root, steps);
    after_delivery(root, steps);
    let delivers = steps.iter().any(|(step, _)| step.nature == Nature::Delivers);
    if whole && !steps.is_empty() && !delivers {
        let message = "the workflow has no deliver step: nothing would ever come out".to_owned();
        let help = "add at the end: [[step]] with kind = \"deliver\"".to_owned();
        root.fault(FaultCode::StepOrder, root.span_of("step"), message, Some(help));
    }
}

fn duplicates(root: &TableReader<'_>, steps: &[(StepDefinition, Range<usize>)]) {
    for (index, (step, span)) in steps.iter().enumerate() {
        if steps[..index].iter().any(|(before, _)| before.id == step.id) {
            let message = format!("two steps have the id `{}`", step.id);
            let help = "give each step its own `id`".to_owned();
            root.fault(FaultCode::Duplicate, span.clone(), message, Some(help));
        }
    }
}

fn rewrites_after_signing(root: &TableReader<'_>, steps: &[(StepDefinition, Range<usize>)]) {
    let signed = steps.iter().position(|(step, _)| step.nature == Nature::Signs);
    let Some(signed) = signed else { return };
    for (step, span) in &steps[signed..] {
        if step.nature == Nature::Rewrites {
            let by = &steps[signed].0.id;
            let message = format!(
                "the step `{}` rewrites the document after `{by}` has signed it; signed bytes are \
                 never rewritten",
                step.id
            );
            let help = format!("move it before `{by}`");
            root.fault(FaultCode::StepOrder, span.clone(), message, Some(help));
        }
    }
}

fn after_delivery(root: &TableReader<'_>, steps: &[(StepDefinition, Range<usize>)]) {
    let delivered = steps.iter().position(|(step, _)| step.nature == Nature::Delivers);
    let Some(delivered) = delivered else { return };
    for (step, span) in &steps[delivered + 1..] {
        let (by, id) = (&steps[delivered].0.id, &step.id);
        let message = format!("the step `{id}` comes after `{by}`, which has delivered already");
        let help = format!("move it before `{by}`, or remove it");
        root.fault(FaultCode::StepOrder, span.clone(), message, Some(help));
    }
}
