//! The last few object streams, inflated.

use super::object_stream::ObjectStream;
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
