//! Where the bytes of a document come from.

use crate::Allowance;
use std::io;
use std::sync::Arc;

/// A document's bytes, read at any offset. The length never changes while a document is open.
pub trait ByteSource: Send + Sync {
    /// The length in bytes.
    fn len(&self) -> u64;

    /// Fills the whole of `buf` from `offset`.
    ///
    /// # Errors
    /// `UnexpectedEof` where the source ends before `buf` is full; otherwise what the medium says.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<()>;

    /// What all readings of these bytes together may cost, where somebody reads them several times for
    /// one purpose.
    fn allowance(&self) -> Option<Allowance> {
        None
    }

    /// Whether there is no byte at all.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl ByteSource for [u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).map_err(|_| ended())?;
        let end = start.checked_add(buf.len()).ok_or_else(ended)?;
        buf.copy_from_slice(self.get(start..end).ok_or_else(ended)?);
        Ok(())
    }
}

impl ByteSource for Vec<u8> {
    fn len(&self) -> u64 {
        self.as_slice().len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        self.as_slice().read_at(offset, buf)
    }
}

impl<T: ByteSource + ?Sized> ByteSource for Arc<T> {
    fn len(&self) -> u64 {
        T::len(self)
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        T::read_at(self, offset, buf)
    }

    fn allowance(&self) -> Option<Allowance> {
        T::allowance(self)
    }
}

impl<T: ByteSource + ?Sized> ByteSource for &T {
    fn len(&self) -> u64 {
        T::len(self)
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        T::read_at(self, offset, buf)
    }

    fn allowance(&self) -> Option<Allowance> {
        T::allowance(self)
    }
}

/// The first `len` bytes of a source: an earlier revision of the document.
pub struct Prefix<'s> {
    source: &'s dyn ByteSource,
    len: u64,
}

impl<'s> Prefix<'s> {
    /// The first `len` bytes of `source`, or all of it where it is shorter.
    pub fn new(source: &'s dyn ByteSource, len: u64) -> Self {
        Self { source, len: len.min(source.len()) }
    }
}

impl ByteSource for Prefix<'_> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(buf.len() as u64).ok_or_else(ended)?;
        if end > self.len {
            return Err(ended());
        }
        self.source.read_at(offset, buf)
    }

    fn allowance(&self) -> Option<Allowance> {
        self.source.allowance()
    }
}

/// A base followed by the tail of a revision, without joining them in memory.
pub struct Appended<'s> {
    base: &'s dyn ByteSource,
    tail: &'s [u8],
}

impl<'s> Appended<'s> {
    /// The bytes of `base`, then those of `tail`.
    pub fn new(base: &'s dyn ByteSource, tail: &'s [u8]) -> Self {
        Self { base, tail }
    }
}

impl ByteSource for Appended<'_> {
    fn len(&self) -> u64 {
        self.base.len() + self.tail.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        let base_len = self.base.len();
        let in_base = base_len.saturating_sub(offset).min(buf.len() as u64) as usize;
        let (first, second) = buf.split_at_mut(in_base);
        if !first.is_empty() {
            self.base.read_at(offset, first)?;
        }
        if second.is_empty() {
            return Ok(());
        }
        self.tail.read_at(offset.max(base_len) - base_len, second)
    }
}

fn ended() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_past_the_end_is_an_error_and_never_wraps() {
        let bytes = b"0123456789".to_vec();
        let mut buf = [0; 4];
        assert!(bytes.read_at(7, &mut buf).is_err());
        assert!(bytes.read_at(u64::MAX, &mut buf).is_err());
        assert!(Prefix::new(&bytes, 8).read_at(u64::MAX - 1, &mut buf).is_err());
        assert!(Prefix::new(&bytes, 8).read_at(5, &mut buf).is_err());
    }

    #[test]
    fn appended_reads_across_the_seam() {
        let base = b"base".to_vec();
        let joined = Appended::new(&base, b"tail");
        let mut buf = [0; 6];
        joined.read_at(1, &mut buf).unwrap();
        assert_eq!(&buf, b"asetai");
        let mut buf = [0; 2];
        joined.read_at(5, &mut buf).unwrap();
        assert_eq!(&buf, b"ai");
        assert!(joined.read_at(7, &mut buf).is_err());
    }
}
