//! On which page an object is seen.

use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;

use sceau_pdf::{Dictionary, Document, Object, Page, ReadError};

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
        places
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

/// The items of an array, or the one thing that stands in its place.
pub(super) fn listed(doc: &Document<'_>, value: Option<&Object>) -> Result<Vec<Object>, ReadError> {
    let Some(value) = value else { return Ok(Vec::new()) };
    Ok(match doc.resolve(value)? {
        Object::Array(items) => items,
        Object::Null => Vec::new(),
        _ => vec![value.clone()],
    })
}
