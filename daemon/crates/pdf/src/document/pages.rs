//! The page tree, walked leaf by leaf (ISO 32000-2, 7.7.3). `/Count` is not believed.

use super::Document;
use crate::{Dictionary, Object, ObjectId, ReadError};
use std::collections::HashSet;
use std::ops::ControlFlow;

/// A page and what it inherits (ISO 32000-2, 7.7.3.4).
#[derive(Debug, Clone)]
pub struct Page {
    /// Its place, from 0.
    pub index: u32,
    /// The page object.
    pub object: ObjectId,
    /// Its own dictionary.
    pub dictionary: Dictionary,
    /// `/Resources`, own or inherited, unresolved; `Null` where there are none.
    pub resources: Object,
    /// `/MediaBox` as x0, y0, x1, y1 with x0 <= x1 and y0 <= y1, in units of user space.
    pub media_box: [f64; 4],
    /// `/CropBox` cut to the media box, in units of user space.
    pub crop_box: [f64; 4],
    /// `/Rotate`: 0, 90, 180 or 270, clockwise.
    pub rotate: u16,
}

/// ISO A4, where a page names no media box: the standard requires one, readers go on without.
const A4: [f64; 4] = [0.0, 0.0, 595.0, 842.0];

/// How deep the tree may be.
const DEPTH: usize = 64;

/// How often pages may be listed again.
const MAX_REPEATED: usize = 1_000;

/// What a page inherits.
#[derive(Debug, Clone, Default)]
struct Inherited {
    resources: Option<Object>,
    media_box: Option<Object>,
    crop_box: Option<Object>,
    rotate: Option<Object>,
}

/// A leaf in passing.
struct Leaf<'l> {
    object: ObjectId,
    dictionary: Dictionary,
    inherited: &'l Inherited,
}

impl Document<'_> {
    /// The number of pages, counted by walking the page tree.
    ///
    /// # Errors
    /// [`ReadError`] where the tree is broken or beyond a limit.
    pub fn page_count(&self) -> Result<u32, ReadError> {
        let mut count = 0;
        self.walk(|_| {
            count += 1;
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(count)
    }

    /// Page `index`, from 0; none past the last. The pages before it are walked.
    ///
    /// # Errors
    /// As [`page_count`](Self::page_count).
    pub fn page(&self, index: u32) -> Result<Option<Page>, ReadError> {
        let mut place = 0;
        let mut found = None;
        self.walk(|leaf| {
            if place == index {
                found = Some(self.page_of(index, leaf)?);
                return Ok(ControlFlow::Break(()));
            }
            place += 1;
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(found)
    }

    /// Hands every page to `visit`, in order, until it says to stop.
    ///
    /// # Errors
    /// As [`page_count`](Self::page_count), and what `visit` gives.
    pub fn for_each_page(
        &self,
        mut visit: impl FnMut(Page) -> Result<ControlFlow<()>, ReadError>,
    ) -> Result<(), ReadError> {
        let mut place = 0;
        self.walk(|leaf| {
            place += 1;
            visit(self.page_of(place - 1, leaf)?)
        })
    }

    /// The root of the tree.
    pub(super) fn page_root(&self) -> Result<Dictionary, ReadError> {
        match self.get(&self.catalog()?, "Pages")? {
            Object::Dictionary(root) => Ok(root),
            _ => Err(ReadError::damaged("the root of the page tree is missing")),
        }
    }

    fn walk(
        &self,
        visit: impl FnMut(Leaf<'_>) -> Result<ControlFlow<()>, ReadError>,
    ) -> Result<(), ReadError> {
        let root = self.page_root()?;
        let inherited = Inherited::default().below(&root);
        let (visited, leaves) = Default::default();
        let mut walk = Walk { doc: self, visit, visited, leaves, repeated: 0, pages: 0 };
        walk.node(&root, &inherited, DEPTH).map(drop)
    }

    fn page_of(&self, index: u32, leaf: Leaf<'_>) -> Result<Page, ReadError> {
        let own = leaf.inherited.below(&leaf.dictionary);
        let rectangle = |value: Option<Object>| match value {
            Some(value) => self.rectangle(&value),
            None => Ok(None),
        };
        let media_box = rectangle(own.media_box)?.unwrap_or(A4);
        let crop_box = rectangle(own.crop_box)?.and_then(|crop| cut(crop, media_box));
        let rotate = own.rotate.map(|value| self.resolve(&value)).transpose()?;
        let quarters = rotate.and_then(|value| value.as_number()).unwrap_or(0.0) / 90.0;
        Ok(Page {
            index,
            object: leaf.object,
            resources: own.resources.unwrap_or(Object::Null),
            media_box,
            crop_box: crop_box.unwrap_or(media_box),
            rotate: (quarters.round() as i64).rem_euclid(4) as u16 * 90,
            dictionary: leaf.dictionary,
        })
    }

    /// The rectangle under `key`; none where it is none, or has no extent.
    pub(crate) fn rectangle_of(
        &self,
        dictionary: &Dictionary,
        key: &str,
    ) -> Result<Option<[f64; 4]>, ReadError> {
        dictionary.get(key).map_or(Ok(None), |value| self.rectangle(value))
    }

    /// A rectangle, its corners put in order (ISO 32000-2, 7.9.5).
    fn rectangle(&self, value: &Object) -> Result<Option<[f64; 4]>, ReadError> {
        let Object::Array(items) = self.resolve(value)? else { return Ok(None) };
        let mut corners = [0.0; 4];
        if items.len() < 4 {
            return Ok(None);
        }
        for (corner, item) in corners.iter_mut().zip(&items) {
            let Some(number) = self.resolve(item)?.as_number() else { return Ok(None) };
            *corner = number;
        }
        let [x0, y0, x1, y1] = corners;
        let ordered = [x0.min(x1), y0.min(y1), x0.max(x1), y0.max(y1)];
        Ok((ordered[0] < ordered[2] && ordered[1] < ordered[3]).then_some(ordered))
    }
}

/// `inner` within `outer`; none where they do not meet.
fn cut(inner: [f64; 4], outer: [f64; 4]) -> Option<[f64; 4]> {
    let cut = [
        inner[0].max(outer[0]),
        inner[1].max(outer[1]),
        inner[2].min(outer[2]),
        inner[3].min(outer[3]),
    ];
    (cut[0] < cut[2] && cut[1] < cut[3]).then_some(cut)
}

impl Inherited {
    fn below(&self, node: &Dictionary) -> Self {
        let value = |key, above: &Option<Object>| match node.get(key) {
            None | Some(Object::Null) => above.clone(),
            Some(own) => Some(own.clone()),
        };
        Self {
            resources: value("Resources", &self.resources),
            media_box: value("MediaBox", &self.media_box),
            crop_box: value("CropBox", &self.crop_box),
            rotate: value("Rotate", &self.rotate),
        }
    }
}

struct Walk<'d, 's, F> {
    doc: &'d Document<'s>,
    visit: F,
    visited: HashSet<ObjectId>,
    /// Pages that were met, and how often one was met again.
    leaves: HashSet<u32>,
    repeated: usize,
    pages: usize,
}

impl<F> Walk<'_, '_, F>
where
    F: FnMut(Leaf<'_>) -> Result<ControlFlow<()>, ReadError>,
{
    fn node(
        &mut self,
        node: &Dictionary,
        inherited: &Inherited,
        depth: usize,
    ) -> Result<ControlFlow<()>, ReadError> {
        let depth =
            depth.checked_sub(1).ok_or(ReadError::TooComplex { limit: "page tree depth" })?;
        let elsewhere = match node.get("Kids") {
            Some(reference @ Object::Reference(_)) => Some(self.doc.resolve(reference)?),
            _ => None,
        };
        let Some(Object::Array(kids)) = elsewhere.as_ref().or_else(|| node.get("Kids")) else {
            return Err(ReadError::damaged("a page tree node without /Kids"));
        };
        for kid in kids {
            if self.kid(kid, inherited, depth)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn kid(
        &mut self,
        kid: &Object,
        inherited: &Inherited,
        depth: usize,
    ) -> Result<ControlFlow<()>, ReadError> {
        let Some(object) = kid.as_reference() else {
            return match kid {
                Object::Null => Ok(ControlFlow::Continue(())),
                _ => Err(ReadError::damaged("a page that is no indirect object")),
            };
        };
        let dictionary = match self.doc.object(object)? {
            Object::Dictionary(dictionary) => dictionary,
            Object::Null => return Ok(ControlFlow::Continue(())),
            _ => return Err(ReadError::damaged_at(object, "a page that is no dictionary")),
        };
        if dictionary.contains("Kids") && dictionary.name("Type") != Some("Page") {
            if !self.visited.insert(object) {
                return Err(ReadError::damaged_at(object, "the page tree is a loop"));
            }
            return self.node(&dictionary, &inherited.below(&dictionary), depth);
        }
        self.pages += 1;
        // Some writers list a blank page twice; nobody lists one a thousand times.
        self.repeated += usize::from(!self.leaves.insert(object.number));
        if self.pages > self.doc.limits().pages || self.repeated > MAX_REPEATED {
            return Err(ReadError::TooComplex { limit: "pages" });
        }
        (self.visit)(Leaf { object, dictionary, inherited })
    }
}
