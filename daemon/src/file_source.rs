//! A document in a file, for the rooms that know bytes only.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, FileTypeExt, OpenOptionsExt};
use std::path::Path;

use sceau_pdf::{Allowance, ByteSource};

/// `O_NONBLOCK` of Linux: opening a FIFO that nobody writes into returns at once.
const NONBLOCK: i32 = 0o4000;

/// A regular file, read at any offset; its length is that at the time of opening.
///
/// A file that shrinks while it is open gives `UnexpectedEof`, never a fault of the process: it is
/// read, not mapped.
#[derive(Debug)]
pub(crate) struct FileSource {
    file: File,
    len: u64,
    allowance: Option<Allowance>,
}

impl FileSource {
    /// Opens `path` for reading.
    ///
    /// # Errors
    /// What the system says; `InvalidInput` where it is a directory, a FIFO, a socket or a device.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::options().read(true).custom_flags(NONBLOCK).open(path)?;
        let meta = file.metadata()?;
        if meta.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !meta.is_file() {
            let kind = if meta.file_type().is_fifo() { "a FIFO" } else { "not a regular file" };
            return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("it is {kind}")));
        }
        Ok(Self { file, len: meta.len(), allowance: None })
    }

    /// The same, all readings of which share what they may cost.
    pub(crate) fn sharing(self, allowance: Option<Allowance>) -> Self {
        Self { allowance, ..self }
    }
}

impl ByteSource for FileSource {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(buf, offset)
    }

    fn allowance(&self) -> Option<Allowance> {
        self.allowance.clone()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn reads_at_offsets_and_refuses_what_is_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.pdf");
        std::fs::write(&path, b"0123456789").unwrap();
        let source = FileSource::open(&path).unwrap();
        let mut buf = [0; 3];
        source.read_at(7, &mut buf).unwrap();
        assert_eq!((source.len(), &buf), (10, b"789"));
        assert_eq!(source.read_at(8, &mut buf).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        let error = FileSource::open(dir.path()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::IsADirectory);
    }
}
