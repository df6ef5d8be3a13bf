//! On which page an object is seen.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;

use sceau_pdf::{Dictionary, Document, Object, ObjectId, Page, ReadError};

/// Most objects that are followed from the pages of one document, to find what hangs on them deeper down.
const MAX_FOLLOWED: usize = 20_000;

/// What an object is to its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Page,
    Content,
    Annotations,
    Annotation,
    Resource,
}

/// Pages, from 0, by object number; the first document that knows an object says where it is.
#[derive(Default)]
pub(super) struct Places {
    found: HashMap<u32, (u32, Role)>,
}

impl Places {
    /// Looks for these numbers alone.
    pub(super) fn of(documents: &[&Document<'_>], wanted: &BTreeSet<u32>) -> Self {
        let mut places = Self::default();
        if wanted.is_empty() {
            return places;
        }
        for document in documents {
            // A broken page tree places what was found before the break.
            let _ = document.for_each_page(|page| {
                places.page_of(document, &page, wanted)?;
                let all = places.found.len() >= wanted.len();
                Ok(if all { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            });
        }
        for document in documents {
            // As above; and beyond the bound an object has no page.
            let _ = places.below_pages(document, wanted);
        }
        places
    }

    /// Looks for what the pages mention deeper down: the parts of fonts, forms within forms.
    fn below_pages(
        &mut self,
        document: &Document<'_>,
        wanted: &BTreeSet<u32>,
    ) -> Result<(), ReadError> {
        let mut seen = HashSet::new();
        document.for_each_page(|page| {
            if self.found.len() >= wanted.len() || seen.len() > MAX_FOLLOWED {
                return Ok(ControlFlow::Break(()));
            }
            seen.insert(page.object.number);
            let mut open = mentioned(&Object::Dictionary(page.dictionary.clone()));
            open.extend(mentioned(&page.resources));
            while let Some(id) = open.pop().filter(|_| seen.len() <= MAX_FOLLOWED) {
                if !seen.insert(id.number) {
                    continue;
                }
                let Ok(object) = document.object(id) else { continue };
                if object.as_dictionary().and_then(|one| one.name("Type")) == Some("Page") {
                    continue;
                }
                if wanted.contains(&id.number) {
                    self.found.entry(id.number).or_insert((page.index, Role::Resource));
                }
                open.extend(mentioned(&object));
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    pub(super) fn page(&self, number: u32) -> Option<u32> {
        self.found.get(&number).map(|(page, _)| *page)
    }

    pub(super) fn role(&self, number: u32) -> Option<Role> {
        self.found.get(&number).map(|(_, role)| *role)
    }

    fn page_of(
        &mut self,
        document: &Document<'_>,
        page: &Page,
        wanted: &BTreeSet<u32>,
    ) -> Result<(), ReadError> {
        let mut place = Place { places: self, page: page.index, wanted };
        place.put(&Object::Reference(page.object), Role::Page);
        for content in listed(document, page.dictionary.get("Contents"))? {
            place.put(&content, Role::Content);
        }
        if let Some(array) = page.dictionary.get("Annots") {
            place.put(array, Role::Annotations);
        }
        for annotation in listed(document, page.dictionary.get("Annots"))? {
            place.put(&annotation, Role::Annotation);
            if let Object::Dictionary(annotation) = document.resolve(&annotation)? {
                place.appearance(document, &annotation)?;
            }
        }
        place.put(&page.resources, Role::Resource);
        match document.resolve(&page.resources)? {
            Object::Dictionary(resources) => place.below(document, &resources),
            _ => Ok(()),
        }
    }
}

struct Place<'p> {
    places: &'p mut Places,
    page: u32,
    wanted: &'p BTreeSet<u32>,
}

impl Place<'_> {
    fn put(&mut self, object: &Object, role: Role) {
        let number = object.as_reference().map(|id| id.number);
        if let Some(number) = number.filter(|number| self.wanted.contains(number)) {
            self.places.found.entry(number).or_insert((self.page, role));
        }
    }

    /// The parent of a widget, and the streams that show it.
    fn appearance(&mut self, doc: &Document<'_>, widget: &Dictionary) -> Result<(), ReadError> {
        for key in ["Parent", "V"] {
            widget.get(key).into_iter().for_each(|value| self.put(value, Role::Annotation));
        }
        if let Object::Dictionary(appearance) = doc.get(widget, "AP")? {
            for (_, value) in appearance.iter() {
                self.put(value, Role::Annotation);
                // One stream for each state of a box.
                if let Object::Dictionary(states) = doc.resolve(value)? {
                    states.iter().for_each(|(_, state)| self.put(state, Role::Annotation));
                }
            }
        }
        Ok(())
    }

    /// Fonts and images, one level down.
    fn below(&mut self, doc: &Document<'_>, resources: &Dictionary) -> Result<(), ReadError> {
        for (_, group) in resources.iter() {
            if let Object::Dictionary(group) = doc.resolve(group)? {
                group.iter().for_each(|(_, value)| self.put(value, Role::Resource));
            }
        }
        Ok(())
    }
}

/// What a value mentions, but for what leads back up.
fn mentioned(value: &Object) -> Vec<ObjectId> {
    const BACK: [&[u8]; 4] = [b"P", b"Parent", b"Dest", b"StructParent"];
    let (mut found, mut open) = (Vec::new(), vec![value]);
    while let Some(value) = open.pop() {
        let dictionary = match value {
            Object::Reference(id) => {
                found.push(*id);
                continue;
            }
            Object::Array(items) => {
                open.extend(items);
                continue;
            }
            Object::Dictionary(dictionary) => dictionary,
            Object::Stream(stream) => &stream.dictionary,
            _ => continue,
        };
        let ahead = dictionary.iter().filter(|(key, _)| !BACK.contains(&key.as_bytes()));
        open.extend(ahead.map(|(_, value)| value));
    }
    found
}

/// The first page, from 0, that is another one in two documents, or is in one of them alone.
pub(super) fn first_other_page(old: &Document<'_>, new: &Document<'_>) -> Option<u32> {
    let (old, new) = (page_objects(old)?, page_objects(new)?);
    let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let differs = same < old.len().max(new.len());
    u32::try_from(same).ok().filter(|_| differs)
}

fn page_objects(document: &Document<'_>) -> Option<Vec<ObjectId>> {
    let mut objects = Vec::new();
    let walked = document.for_each_page(|page| {
        objects.push(page.object);
        Ok(ControlFlow::Continue(()))
    });
    walked.ok().map(|()| objects)
}

/// The items of an array, or the one thing that stands in its place.
pub(super) fn listed(doc: &Document<'_>, value: Option<&Object>) -> Result<Vec<Object>, ReadError> {
    let Some(value) = value else { return Ok(Vec::new()) };
    Ok(match doc.resolve(value)? {
        Object::Array(items) => items,
        Object::Null => Vec::new(),
        _ => vec![value.clone()],
    })
}
