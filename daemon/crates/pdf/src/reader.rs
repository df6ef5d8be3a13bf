//! Bytes of the source in windows that grow as far as a parser asks, within a budget of work.

use crate::syntax::SyntaxError;
use crate::{Allowance, ByteSource, Limits, ReadError};
use std::sync::{Mutex, PoisonError};

const BLOCK: usize = 4 << 10;
const READ_AHEAD: usize = 256 << 10;

/// Bytes that may be worked through for one document, whatever it says: hostile files make a reader
/// parse or inflate the same bytes again and again.
#[derive(Debug)]
pub(crate) struct Budget {
    own: Allowance,
    shared: [Option<Allowance>; 2],
}

impl Budget {
    /// For a reading of `source` within `limits`, and within what the source's readings share.
    pub(crate) fn of(limits: &Limits, source: &dyn ByteSource) -> Self {
        let mut budget = Self::new(limits, source.len());
        budget.shared[1] = source.allowance();
        budget
    }

    /// `work` bytes and eight times `len`; of large files twice `len` and 2 GiB, whatever is less. And
    /// no more than what is shared.
    pub(crate) fn new(limits: &Limits, len: u64) -> Self {
        let large = len.saturating_mul(2).saturating_add(2 << 30);
        let own = len.saturating_mul(8).min(large).saturating_add(limits.work);
        Self { own: Allowance::new(own), shared: [limits.shared.clone(), None] }
    }

    /// Bytes that are left.
    pub(crate) fn left(&self) -> u64 {
        let shared = self.shared.iter().flatten().map(Allowance::left);
        shared.fold(self.own.left(), u64::min)
    }

    /// Takes `bytes` off the budget.
    pub(crate) fn spend(&self, bytes: usize) -> Result<(), ReadError> {
        let bytes = bytes as u64;
        let mut shared = self.shared.iter().flatten();
        let fits = self.own.spend(bytes) && shared.all(|all| all.spend(bytes));
        if fits { Ok(()) } else { Err(ReadError::TooComplex { limit: "work" }) }
    }
}

/// Reads windows of a source, with one block kept and some read-ahead where access is in order.
pub(crate) struct Reader<'s> {
    source: &'s dyn ByteSource,
    block: Mutex<Block>,
}

#[derive(Default)]
struct Block {
    offset: u64,
    bytes: Vec<u8>,
}

impl<'s> Reader<'s> {
    pub(crate) fn new(source: &'s dyn ByteSource) -> Self {
        Self { source, block: Mutex::default() }
    }

    /// Parses at `offset` in a window that grows up to `limit` bytes. `parse` gets the window and
    /// whether the source ends with it; it must not read from this reader.
    pub(crate) fn parse<T>(
        &self,
        offset: u64,
        limit: usize,
        budget: &Budget,
        parse: impl Fn(&[u8], bool) -> Result<T, SyntaxError>,
    ) -> Result<T, ReadError> {
        let mut want = BLOCK / 4;
        loop {
            budget.spend(if want > BLOCK { want } else { want / 4 })?;
            let (parsed, len, complete) = self.with(offset, want, |bytes, complete| {
                let shown = &bytes[..want.min(bytes.len())];
                let complete = complete && shown.len() == bytes.len();
                (parse(shown, complete), shown.len(), complete)
            })?;
            match parsed {
                Ok(value) => return Ok(value),
                Err(SyntaxError::Malformed(what)) => return Err(ReadError::damaged(what)),
                Err(SyntaxError::TooDeep) => {
                    return Err(ReadError::TooComplex { limit: "nesting" });
                }
                Err(SyntaxError::TooLarge) => {
                    return Err(ReadError::TooComplex { limit: "things in one object" });
                }
                Err(SyntaxError::Incomplete) if complete => {
                    return Err(ReadError::damaged("the file ends within an object"));
                }
                Err(SyntaxError::Incomplete) if len >= limit => {
                    return Err(ReadError::TooComplex { limit: "object length" });
                }
                Err(SyntaxError::Incomplete) => want = (len * 4).min(limit),
            }
        }
    }

    /// Copies exactly `buf.len()` bytes, through the kept block.
    pub(crate) fn copy(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        self.with(offset, buf.len(), |bytes, _| {
            let from = bytes.get(..buf.len());
            from.map(|from| buf.copy_from_slice(from))
        })?
        .ok_or(ReadError::damaged("the file ends too early"))
    }

    /// Reads `len` bytes or up to the end, past the kept block.
    pub(crate) fn bytes(&self, offset: u64, len: usize) -> Result<Vec<u8>, ReadError> {
        let left = self.source.len().saturating_sub(offset);
        let mut bytes = vec![0; len.min(usize::try_from(left).unwrap_or(usize::MAX))];
        self.source.read_at(offset, &mut bytes)?;
        Ok(bytes)
    }

    fn with<T>(
        &self,
        offset: u64,
        want: usize,
        look: impl FnOnce(&[u8], bool) -> T,
    ) -> Result<T, ReadError> {
        let len = self.source.len();
        if offset > len {
            return Err(ReadError::damaged("an offset points past the end of the file"));
        }
        let mut block = self.block.lock().unwrap_or_else(PoisonError::into_inner);
        let end = offset.saturating_add(want as u64).min(len);
        if offset < block.offset || end > block.end() {
            block.load(self.source, offset, want, len)?;
        }
        let complete = block.end() == len;
        Ok(look(&block.bytes[(offset - block.offset) as usize..], complete))
    }
}

impl Block {
    fn end(&self) -> u64 {
        self.offset + self.bytes.len() as u64
    }

    fn load(
        &mut self,
        source: &dyn ByteSource,
        offset: u64,
        want: usize,
        len: u64,
    ) -> Result<(), ReadError> {
        let in_order = offset >= self.offset && offset <= self.end();
        let ahead = if in_order { (self.bytes.len() * 2).min(READ_AHEAD) } else { BLOCK };
        let size = (want.max(ahead) as u64).min(len - offset) as usize;
        self.bytes.clear();
        self.bytes.shrink_to(READ_AHEAD);
        self.bytes.resize(size, 0);
        self.offset = offset;
        let read = source.read_at(offset, &mut self.bytes);
        if read.is_err() {
            self.bytes.clear();
        }
        Ok(read?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(work: u64) -> Limits {
        Limits { work, ..Limits::default() }
    }

    #[test]
    fn a_window_grows_until_the_parser_is_content_or_the_limit_is_reached() {
        let source = vec![b'a'; 100_000];
        let reader = Reader::new(&source);
        let budget = Budget::new(&limits(1 << 20), 100_000);
        let ask = |wanted: usize, limit| {
            reader.parse(10, limit, &budget, |bytes, _| {
                if bytes.len() >= wanted { Ok(bytes.len()) } else { Err(SyntaxError::Incomplete) }
            })
        };
        assert!(ask(50_000, 60_000).is_ok());
        assert!(matches!(ask(50_000, 40_000), Err(ReadError::TooComplex { .. })));
        assert!(matches!(ask(100_000, 1 << 20), Err(ReadError::Damaged { .. })));
    }

    #[test]
    fn the_budget_ends() {
        let budget = Budget::new(&limits(128 << 20), 0);
        assert!(budget.spend(100 << 20).is_ok());
        assert!(budget.spend(100 << 20).is_err());
        assert!(budget.spend(1).is_ok());
    }

    #[test]
    fn what_is_shared_ends_for_all() {
        let limits = Limits { shared: Some(Allowance::new(100)), ..Limits::default() };
        let (one, other) = (Budget::new(&limits, 0), Budget::new(&limits, 0));
        assert!(one.spend(60).is_ok());
        assert!(other.spend(60).is_err());
        assert!(other.spend(40).is_ok());
        assert!(one.spend(1).is_err());
    }

    #[test]
    fn an_offset_past_the_end_is_damage() {
        let source = b"abc".to_vec();
        let reader = Reader::new(&source);
        let mut buf = [0; 2];
        assert!(reader.copy(1, &mut buf).is_ok());
        assert!(reader.copy(2, &mut buf).is_err());
        assert!(reader.copy(u64::MAX, &mut buf).is_err());
    }
}
