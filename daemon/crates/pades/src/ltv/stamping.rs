//! A document timestamp on its way: begun again with more room where the token turns out larger.

use sceau_pdf::ByteSource;
use sceau_pki::DigestAlgorithm;

use super::extend::{DocumentTimestamp, ExtendError, Extended, begin_document_timestamp};
use crate::TokenRoom;

/// A document timestamp over a document, which waits for its token.
pub struct Stamping<'s> {
    source: &'s dyn ByteSource,
    room: TokenRoom,
    waiting: DocumentTimestamp,
}

/// What a token made of it.
#[derive(Debug)]
pub enum Stamp<'s> {
    /// It stands.
    Done(Extended),
    /// The token did not fit: another one is needed, over this.
    Again(Stamping<'s>),
}

impl<'s> Stamping<'s> {
    /// Begins one over all of `source`.
    ///
    /// # Errors
    /// [`ExtendError`].
    pub fn begin(source: &'s dyn ByteSource, room: TokenRoom) -> Result<Self, ExtendError> {
        let waiting = begin_document_timestamp(source, room.bytes())?;
        Ok(Self { source, room, waiting })
    }

    /// What the token is to be over: see [`DocumentTimestamp::imprint`].
    #[must_use]
    pub fn imprint(&self) -> &[u8] {
        self.waiting.imprint()
    }

    /// The digest algorithm of [`imprint`](Self::imprint).
    #[must_use]
    pub fn imprint_algorithm(&self) -> DigestAlgorithm {
        self.waiting.imprint_algorithm()
    }

    /// Takes the token, as [`DocumentTimestamp::finish`] does.
    ///
    /// # Errors
    /// [`ExtendError`]; [`ExtendError::Growing`] where tokens do not fit again and again.
    pub fn finish(self, token: &[u8]) -> Result<Stamp<'s>, ExtendError> {
        match self.waiting.finish(token) {
            Err(ExtendError::HoleTooSmall { needed }) => {
                Self::begin(self.source, self.room.grown(needed)?).map(Stamp::Again)
            }
            outcome => outcome.map(Stamp::Done),
        }
    }
}

impl std::fmt::Debug for Stamping<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stamping").field("room", &self.room).finish_non_exhaustive()
    }
}
