//! Changes to an unsigned document before it is signed: stamps and attachments, in one revision.

mod attach;
pub(crate) mod font;
mod pdf_a;
mod request;
mod stamp;

pub use request::{Attachment, Corner, Relationship, Stamp, StampPage, UpdateRefusal};

use crate::write::Increment;
use crate::{Document, Revision};
pub(crate) use pdf_a::PdfA;

/// A revision in the making. Nothing is written until [`finish`](Self::finish).
pub struct Update<'d, 's> {
    increment: Increment<'d, 's>,
    claim: Option<PdfA>,
    /// A change failed half way: nothing may be written.
    broken: bool,
}

impl<'d, 's> Update<'d, 's> {
    /// Begins a revision upon `doc`.
    ///
    /// # Errors
    /// [`UpdateRefusal`] where the document is signed or encrypted.
    pub fn new(doc: &'d Document<'s>) -> Result<Self, UpdateRefusal> {
        if doc.is_encrypted() || doc.crypt().is_some() {
            return Err(UpdateRefusal::Encrypted);
        }
        if doc.signature_fields()?.iter().any(|field| field.value.is_some()) {
            return Err(UpdateRefusal::Signed);
        }
        Ok(Self { increment: Increment::new(doc), claim: PdfA::claimed(doc)?, broken: false })
    }

    /// Puts lines of text upon pages, over what they show.
    ///
    /// # Errors
    /// [`UpdateRefusal`]; the update cannot be finished then. A document that claims PDF/A is refused,
    /// for the stamp's font is not embedded.
    pub fn stamp(&mut self, stamp: &Stamp) -> Result<&mut Self, UpdateRefusal> {
        self.whole()?;
        if let Some(claim) = self.claim {
            let why = "a stamp's font would not be embedded";
            return Err(UpdateRefusal::PdfA { part: claim.part, why });
        }
        self.broken = true;
        stamp::apply(&mut self.increment, stamp)?;
        self.broken = false;
        Ok(self)
    }

    /// Embeds a file and associates it with the document (ISO 32000-2, 7.11.4 and 14.13).
    ///
    /// # Errors
    /// [`UpdateRefusal`]; the update cannot be finished then. A document that claims a part of PDF/A
    /// that allows no such attachment is refused.
    pub fn attach(&mut self, attachment: &Attachment) -> Result<&mut Self, UpdateRefusal> {
        self.whole()?;
        if let Some(claim) = self.claim.filter(|claim| !claim.allows_attachments()) {
            let why = "it allows no attachment of any kind";
            return Err(UpdateRefusal::PdfA { part: claim.part, why });
        }
        self.broken = true;
        attach::apply(&mut self.increment, attachment)?;
        self.broken = false;
        Ok(self)
    }

    /// The revision; its tail is empty where nothing was asked.
    ///
    /// # Errors
    /// [`UpdateRefusal`] where it cannot be written.
    pub fn finish(self) -> Result<Revision, UpdateRefusal> {
        self.whole()?;
        if self.increment.is_empty() {
            let base_len = self.increment.doc().source().len();
            return Ok(Revision { base_len, tail: Vec::new(), hole: None });
        }
        Ok(self.increment.finish(None)?)
    }

    fn whole(&self) -> Result<(), UpdateRefusal> {
        if self.broken {
            return Err(UpdateRefusal::Request { what: "an update of which a change failed" });
        }
        Ok(())
    }
}
