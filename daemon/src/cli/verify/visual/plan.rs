//! Which pages are drawn for which signature.

use std::collections::BTreeSet;

use sceau_pades::report::{ChangeKind, Coverage, Report, SignatureReport};

/// Most pages that are drawn for one signature.
const MOST_OF_ONE: usize = 24;
/// Most pages that are drawn for all signatures together.
const MOST: usize = 48;

/// What is drawn.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) looks: Vec<Look>,
    /// Pages that ought to be drawn and are not.
    pub(super) left_out: u32,
}

/// One page, at the end of a signature's revision and at the end of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// Which signature of the report.
    pub(super) signature: usize,
    /// From 1.
    pub(super) page: u32,
    /// Up to which byte the file is cut for the picture before.
    pub(super) before: u64,
    /// Up to which byte for the picture after.
    pub(super) after: u64,
    /// Whether the report names the page; others are shown only where they look different.
    pub(super) named: bool,
}

/// Named pages first. Where something was modified every other page is looked at too, as far as the
/// bounds allow: a font or a form may show on pages that nobody names. `page_count` tells how many pages the
/// file has that ends at a byte.
pub(super) fn of(report: &Report, page_count: &dyn Fn(u64) -> u32) -> Plan {
    let mut plan = Plan { looks: Vec::new(), left_out: 0 };
    let now = page_count(report.document.len);
    for (index, signature) in report.signatures.iter().enumerate() {
        let Some(before) = covered(signature, report.document.len) else { continue };
        let named = named(signature);
        let last = if is_modified(signature) { now.max(page_count(before)) } else { 0 };
        let others = (1..=last).filter(|page| !named.contains(page)).map(|page| (page, false));
        let pages = named.iter().map(|page| (*page, true)).chain(others);
        let room = MOST_OF_ONE.min(MOST - plan.looks.len());
        let wanted = named.len().max(last as usize);
        plan.looks.extend(pages.take(room).map(|(page, named)| Look {
            signature: index,
            page,
            before,
            after: report.document.len,
            named,
        }));
        let missed = wanted.saturating_sub(room);
        plan.left_out = plan.left_out.saturating_add(u32::try_from(missed).unwrap_or(u32::MAX));
    }
    plan
}

/// The end of what a signature covers, where something follows it.
fn covered(signature: &SignatureReport, len: u64) -> Option<u64> {
    match signature.coverage {
        Some(Coverage::Revision { end }) if end < len && !signature.changes.is_empty() => Some(end),
        _ => None,
    }
}

fn named(signature: &SignatureReport) -> BTreeSet<u32> {
    let items = signature.changes.iter().flat_map(|change| &change.items);
    items.filter_map(|item| item.page).collect()
}

fn is_modified(signature: &SignatureReport) -> bool {
    signature.changes.iter().any(|change| change.kind == ChangeKind::Modification)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use sceau_pades::report::{Change, ChangeItem, What};

    use super::super::super::text::tests::report;
    use super::*;

    fn after(end: u64, items: Vec<ChangeItem>) -> Report {
        let mut report = report(sceau_pades::report::SubIndication::SigConstraintsFailure);
        report.document.len = 900;
        report.signatures[0].coverage = Some(Coverage::Revision { end });
        report.signatures[0].changes = vec![Change::of(900, items)];
        report
    }

    fn pages(plan: &Plan) -> Vec<(u32, bool)> {
        plan.looks.iter().map(|look| (look.page, look.named)).collect()
    }

    #[test]
    fn what_is_permitted_is_drawn_where_it_is_and_nowhere_else() {
        let filled = ChangeItem::new(What::TextFieldFilled, None, Some(3), None);
        let stored = ChangeItem::new(What::ValidationDataAdded, None, None, None);
        let plan = of(&after(500, vec![filled, stored]), &|_| 10);
        assert_eq!(pages(&plan), [(3, true)]);
        assert_eq!((plan.looks[0].before, plan.looks[0].after, plan.left_out), (500, 900, 0));
    }

    #[test]
    fn after_a_modification_the_other_pages_are_looked_at_too() {
        let font = ChangeItem::new(What::FontChanged, None, Some(2), None);
        let plan = of(&after(500, vec![font.clone()]), &|end| if end == 500 { 3 } else { 2 });
        assert_eq!(pages(&plan), [(2, true), (1, false), (3, false)]);
        let many = of(&after(500, vec![font]), &|_| 9_000_000);
        assert_eq!((many.looks.len(), many.left_out), (MOST_OF_ONE, 9_000_000 - 24));
    }

    #[test]
    fn nothing_is_drawn_where_nothing_came_after() {
        let mut whole = after(500, Vec::new());
        whole.signatures[0].coverage = Some(Coverage::WholeFile);
        assert!(of(&whole, &|_| 3).looks.is_empty());
    }
}
