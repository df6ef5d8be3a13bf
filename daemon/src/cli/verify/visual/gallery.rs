//! The pictures of a plan: each state of a page is drawn once.

use std::collections::{BTreeMap, BTreeSet};

use sceau_pades::report::{PageView, Report, View, Visual};
use sceau_render::{Difference, Drawer, Drawing, Picture, Trouble};
use sha2::{Digest, Sha256};

use super::plan::{Look, Plan};

/// All that is shown.
#[derive(Debug)]
pub(in super::super) struct Gallery {
    pub(super) exhibits: Vec<Exhibit>,
    pub(super) left_out: u32,
    /// Pages that nothing names and that look the same, by signature.
    pub(super) same: BTreeMap<usize, u32>,
}

/// One page before and after.
#[derive(Debug)]
pub(super) struct Exhibit {
    pub(super) look: Look,
    pub(super) before: Result<Image, Trouble>,
    pub(super) after: Result<Image, Trouble>,
    /// Absent where a picture is missing; `None` within where both look the same.
    pub(super) difference: Option<Option<Marked>>,
}

/// A picture as PNG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Image {
    pub(super) png: Vec<u8>,
    pub(super) sha256: String,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// What differs.
#[derive(Debug)]
pub(super) struct Marked {
    pub(super) image: Image,
    pub(super) difference: Difference,
}

type States = BTreeMap<(u64, u32), Drawing>;

impl Gallery {
    /// Draws what is planned of a document.
    pub(super) fn draw(plan: &Plan, document: &[u8], drawer: &mut Drawer) -> Self {
        let states = states(plan, document, drawer);
        let left_out = plan.left_out;
        let mut gallery = Self { exhibits: Vec::new(), left_out, same: BTreeMap::new() };
        for look in &plan.looks {
            let exhibit = exhibit(look, &states);
            let drawn = exhibit.before.is_ok() || exhibit.after.is_ok();
            match exhibit.difference {
                Some(None) if !look.named => *gallery.same.entry(look.signature).or_default() += 1,
                None if !look.named && !drawn => gallery.left_out += 1,
                _ => gallery.exhibits.push(exhibit),
            }
        }
        gallery
    }

    /// What the report says of it.
    pub(super) fn told(&self, report: &Report) -> Visual {
        let field = |index: usize| report.signatures.get(index).map(|one| one.field.clone());
        let pages = self.exhibits.iter().map(|exhibit| PageView {
            signature: field(exhibit.look.signature).unwrap_or_default(),
            page: exhibit.look.page,
            before: view(exhibit.look.before, &exhibit.before),
            after: view(exhibit.look.after, &exhibit.after),
            differs: exhibit.difference.as_ref().map(Option::is_some),
        });
        Visual { pages: pages.collect(), left_out: self.left_out }
    }
}

fn states(plan: &Plan, document: &[u8], drawer: &mut Drawer) -> States {
    let mut wanted: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
    for look in &plan.looks {
        for end in [look.before, look.after] {
            wanted.entry(end).or_default().insert(look.page);
        }
    }
    let mut states = States::new();
    for (end, pages) in wanted {
        let pages: Vec<u32> = pages.into_iter().collect();
        // A file beyond the bound stands here as one byte more than it.
        let until = usize::try_from(end).unwrap_or(usize::MAX).min(document.len());
        let drawings = drawer.draw(&document[..until], &pages);
        states.extend(pages.into_iter().map(|page| (end, page)).zip(drawings));
    }
    states
}

fn exhibit(look: &Look, states: &States) -> Exhibit {
    let state = |end: u64| states.get(&(end, look.page)).cloned().unwrap_or(Err(Trouble::Spent));
    let (before, after) = (state(look.before), state(look.after));
    let difference = match (&before, &after) {
        (Ok(before), Ok(after)) => Some(Difference::of(before, after).and_then(marked)),
        _ => None,
    };
    let image = |drawing: Drawing| drawing.and_then(|picture| image(&picture));
    Exhibit { look: look.clone(), before: image(before), after: image(after), difference }
}

fn marked(difference: Difference) -> Option<Marked> {
    let image = image(&difference.marked).ok()?;
    Some(Marked { image, difference })
}

fn image(picture: &Picture) -> Result<Image, Trouble> {
    let png = picture.png().map_err(|_| Trouble::BrokeDown)?;
    let sha256 = hex::encode(Sha256::digest(&png));
    Ok(Image { png, sha256, width: picture.width(), height: picture.height() })
}

fn view(end: u64, image: &Result<Image, Trouble>) -> View {
    View {
        revision_end: end,
        png_sha256: image.as_ref().ok().map(|image| image.sha256.clone()),
        trouble: image.as_ref().err().map(Trouble::to_string),
    }
}
