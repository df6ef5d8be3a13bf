//! Memory and tables of a guest, all of them together.

use wasmtime::ResourceLimiter;

use crate::limits::MOST_ELEMENTS;

/// What a guest has and may have.
#[derive(Debug)]
pub(crate) struct Memory {
    limit: u64,
    elements: usize,
    /// Bytes of all memories.
    pub(crate) used: u64,
    /// What was wanted last beyond what may be had.
    pub(crate) refused: Option<Refused>,
}

/// What a guest may not have more of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Bytes of its memories.
    Bytes,
    /// Elements of its tables.
    Elements,
}

impl Memory {
    pub(crate) fn new(limit: u64) -> Self {
        Self { limit, elements: 0, used: 0, refused: None }
    }

    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }
}

impl ResourceLimiter for Memory {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current) as u64;
        let fits = self.used.saturating_add(more) <= self.limit;
        if fits {
            self.used += more;
        } else {
            self.refused = Some(Refused::Bytes);
        }
        Ok(fits)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let elements = self.elements.saturating_add(desired.saturating_sub(current));
        let fits = elements <= MOST_ELEMENTS;
        if fits {
            self.elements = elements;
        } else {
            self.refused = Some(Refused::Elements);
        }
        Ok(fits)
    }

    fn instances(&self) -> usize {
        64
    }

    fn tables(&self) -> usize {
        32
    }

    fn memories(&self) -> usize {
        16
    }
}
