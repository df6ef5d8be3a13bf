//! `sceau:places`: where texts stand on the pages of this step's documents. It gives nothing away that
//! `documents` does not, so that capability covers it.

use super::Ctx;
use crate::bindings::sceau::places::places::{Host, PlaceError};
use crate::bindings::sceau::types::types::Region;
use crate::limits::MOST_PLACED;
use crate::ports::{Document, PageBox, Unreadable};

type Answer<T> = wasmtime::Result<Result<T, PlaceError>>;

impl Host for Ctx {
    fn of_text(
        &mut self,
        document: String,
        page: u32,
        first: u32,
        count: u32,
    ) -> Answer<Vec<Region>> {
        let detail = || format!("{} {page} {first}+{count}", super::clean(&document));
        self.call("places.of-text", detail, |ctx| {
            let mut opened = ctx.placed(&document)?;
            if count > MOST_PLACED {
                return Err(PlaceError::TooLarge(u64::from(MOST_PLACED)));
            }
            let first = first as usize;
            let boxes = opened.text_places(page, first..first + count as usize)?;
            let boxes = boxes.ok_or(PlaceError::OutOfRange)?;
            Ok(boxes.into_iter().map(|at| region(&document, page, at)).collect())
        })
    }

    fn of_page(&mut self, document: String, page: u32) -> Answer<Region> {
        let detail = || format!("{} {page}", super::clean(&document));
        self.call("places.of-page", detail, |ctx| {
            let at = ctx.placed(&document)?.page_box(page)?.ok_or(PlaceError::OutOfRange)?;
            Ok(region(&document, page, at))
        })
    }
}

impl Ctx {
    fn placed(&mut self, id: &str) -> Result<Box<dyn Document>, PlaceError> {
        if !self.rights.documents() {
            self.refuse("documents");
            return Err(PlaceError::Denied);
        }
        self.world.documents.open(id).ok_or(PlaceError::NotFound)
    }
}

fn region(document: &str, page: u32, at: PageBox) -> Region {
    let PageBox { x, y, width, height } = at;
    Region { document: document.to_owned(), page, x, y, width, height }
}

impl From<Unreadable> for PlaceError {
    fn from(error: Unreadable) -> Self {
        Self::Unreadable(error.0)
    }
}
