//! `sceau:documents`: the documents of this step, and no others.

use wasmtime::component::Resource;

use super::Ctx;
use crate::bindings::sceau::documents::documents::{DocumentError, Host, HostDocument, Signature};
use crate::limits::{MOST_OPEN, MOST_RANGE};
use crate::ports::{Document, Unreadable};

/// An open document.
pub struct Opened {
    id: String,
    document: Box<dyn Document>,
}

type Handle = Resource<Opened>;
type Answer<T> = wasmtime::Result<Result<T, DocumentError>>;

impl Host for Ctx {
    fn open(&mut self, id: String) -> Answer<Handle> {
        let opened = self.call(
            "documents.open",
            || id.clone(),
            |ctx| {
                if !ctx.rights.documents() {
                    ctx.refuse("documents");
                    return Err(DocumentError::Denied);
                }
                if ctx.open >= MOST_OPEN {
                    let why = format!("more than {MOST_OPEN} documents are open");
                    return Err(DocumentError::Other(why));
                }
                ctx.world.documents.open(&id).ok_or(DocumentError::NotFound)
            },
        )?;
        match opened {
            Ok(document) => {
                let handle = self.table.push(Opened { id, document })?;
                self.open += 1;
                Ok(Ok(handle))
            }
            Err(error) => Ok(Err(error)),
        }
    }
}

impl Ctx {
    fn told<T>(
        &mut self,
        name: &'static str,
        handle: &Handle,
        tell: impl FnOnce(&Opened) -> T,
    ) -> wasmtime::Result<T> {
        self.call(name, String::new, |ctx| ctx.table.get(handle).map(tell))?.map_err(Into::into)
    }

    fn asked<T>(
        &mut self,
        name: &'static str,
        detail: String,
        handle: &Handle,
        ask: impl FnOnce(&mut dyn Document) -> Result<T, DocumentError>,
    ) -> Answer<T> {
        let answer = self.call(
            name,
            || detail,
            |ctx| ctx.table.get_mut(handle).map(|opened| ask(opened.document.as_mut())),
        )?;
        Ok(answer?)
    }
}

impl HostDocument for Ctx {
    fn id(&mut self, handle: Handle) -> wasmtime::Result<String> {
        self.told("documents.id", &handle, |opened| opened.id.clone())
    }

    fn name(&mut self, handle: Handle) -> wasmtime::Result<String> {
        self.told("documents.name", &handle, |opened| opened.document.name())
    }

    fn media_type(&mut self, handle: Handle) -> wasmtime::Result<String> {
        self.told("documents.media-type", &handle, |opened| opened.document.media_type())
    }

    fn size(&mut self, handle: Handle) -> wasmtime::Result<u64> {
        self.told("documents.size", &handle, |opened| opened.document.size())
    }

    fn sha256(&mut self, handle: Handle) -> wasmtime::Result<Vec<u8>> {
        self.told("documents.sha256", &handle, |opened| opened.document.sha256().to_vec())
    }

    fn read(&mut self, handle: Handle, offset: u64, count: u32) -> Answer<Vec<u8>> {
        self.asked("documents.read", format!("{offset}+{count}"), &handle, |document| {
            if count as usize > MOST_RANGE {
                return Err(DocumentError::TooLarge(MOST_RANGE as u64));
            }
            let within = offset.checked_add(u64::from(count)).is_some_and(|e| e <= document.size());
            if !within {
                return Err(DocumentError::OutOfRange);
            }
            Ok(document.read(offset, count)?)
        })
    }

    fn page_count(&mut self, handle: Handle) -> Answer<u32> {
        self.asked("documents.page-count", String::new(), &handle, |document| {
            Ok(document.page_count()?)
        })
    }

    fn page_text(&mut self, handle: Handle, page: u32) -> Answer<String> {
        self.asked("documents.page-text", page.to_string(), &handle, |document| {
            document.page_text(page)?.ok_or(DocumentError::OutOfRange)
        })
    }

    fn metadata(&mut self, handle: Handle, key: String) -> Answer<Option<String>> {
        self.asked("documents.metadata", key.clone(), &handle, |document| {
            Ok(document.metadata(&key)?)
        })
    }

    fn signatures(&mut self, handle: Handle) -> Answer<Vec<Signature>> {
        self.asked("documents.signatures", String::new(), &handle, |document| {
            let told = document.signatures()?.into_iter().map(|note| Signature {
                field: note.field,
                signatory: note.signatory,
                signed_at_ms: note.signed_at_ms,
                covers_whole_document: note.covers_whole_document,
            });
            Ok(told.collect())
        })
    }

    fn drop(&mut self, handle: Handle) -> wasmtime::Result<()> {
        self.table.delete(handle)?;
        self.open -= 1;
        Ok(())
    }
}

impl From<Unreadable> for DocumentError {
    fn from(error: Unreadable) -> Self {
        Self::Unreadable(error.0)
    }
}
