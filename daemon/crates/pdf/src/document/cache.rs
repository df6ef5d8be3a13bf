//! The last few object streams, inflated, the last large object, parsed, and the letters of the last fonts.

use super::Located;
use super::object_stream::ObjectStream;
use crate::ObjectId;
use crate::text::Letters;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// The most that is kept, in bytes; one larger stream is kept alone.
const KEPT: usize = 8 << 20;

/// Least recently used goes first.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<VecDeque<(u32, Arc<ObjectStream>)>>);

impl Cache {
    pub(super) fn get(&self, number: u32) -> Option<Arc<ObjectStream>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(held, _)| *held == number)?;
        let found = kept.remove(at)?;
        let stream = Arc::clone(&found.1);
        kept.push_back(found);
        Some(stream)
    }

    pub(super) fn put(&self, number: u32, stream: Arc<ObjectStream>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back((number, stream));
        while kept.len() > 1 && kept.iter().map(|(_, stream)| stream.size()).sum::<usize>() > KEPT {
            kept.pop_front();
        }
    }
}

/// An object whose text is at least this long is kept, in bytes: a page tree of one node, say, which is
/// walked again and again.
const LARGE: usize = 32 << 10;
/// Copying a kept object costs this much less than reading its text again.
pub(super) const LARGE_AGAIN: usize = 4;

/// The large object that was read last, and the length of its text in bytes.
#[derive(Debug, Default)]
pub(super) struct Large(Mutex<Option<(ObjectId, Located, usize)>>);

impl Large {
    pub(super) fn get(&self, id: ObjectId) -> Option<(Located, usize)> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref()
            .filter(|(held, ..)| *held == id)
            .map(|(_, object, len)| (object.clone(), *len))
    }

    pub(super) fn keep(&self, id: ObjectId, object: &Located, len: usize) {
        if len >= LARGE {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            *kept = Some((id, object.clone(), len));
        }
    }
}

/// Font programs whose letters are kept.
const PROGRAMS: usize = 16;

/// What letters the glyphs of the last few font programs are.
#[derive(Debug, Default)]
pub(crate) struct Programs(Mutex<VecDeque<(ObjectId, Arc<Letters>)>>);

impl Programs {
    pub(crate) fn get(&self, id: ObjectId) -> Option<Arc<Letters>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(held, _)| *held == id).map(|(_, letters)| Arc::clone(letters))
    }

    pub(crate) fn put(&self, id: ObjectId, letters: Arc<Letters>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back((id, letters));
        while kept.len() > PROGRAMS {
            kept.pop_front();
        }
    }
}
