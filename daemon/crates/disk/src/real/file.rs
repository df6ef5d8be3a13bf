//! Open files of Linux.

use std::any::Any;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use rustix::fs::{self, FileType, Stat};
use rustix::io::{Errno, pread, pwrite, retry_on_intr};

use super::errno::failed;
use crate::{DiskError, Kind, Meta, ReadFile, WriteFile};

/// Bytes moved by one call of the copy that goes through our own memory.
const COPY_CHUNK: usize = 128 << 10;

/// The largest length given to one `copy_file_range`, so that a signal is never kept waiting long.
const KERNEL_CHUNK: u64 = 64 << 20;

/// A regular file opened for reading.
#[derive(Debug)]
pub(super) struct RealReadFile {
    pub(super) fd: OwnedFd,
    pub(super) path: PathBuf,
}

impl ReadFile for RealReadFile {
    fn meta(&self) -> Result<Meta, DiskError> {
        let stat = fs::fstat(&self.fd).map_err(|errno| failed("stat", &self.path, errno))?;
        Ok(meta_of(&stat))
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize, DiskError> {
        retry_on_intr(|| pread(&self.fd, &mut *buf, offset))
            .map_err(|errno| failed("read", &self.path, errno))
    }
}

/// A regular file opened for writing; `position` is where the next byte goes.
#[derive(Debug)]
pub(super) struct RealWriteFile {
    pub(super) fd: OwnedFd,
    pub(super) path: PathBuf,
    pub(super) position: u64,
    pub(super) kernel_copy: bool,
}

impl RealWriteFile {
    fn fail(&self, op: &'static str, errno: Errno) -> DiskError {
        failed(op, &self.path, errno)
    }

    /// Copies inside the kernel until the end, `len`, or the first refusal; whatever is left is
    /// the caller's to copy. 0 from the kernel is not trusted to mean the end of the source.
    fn copy_in_kernel(&mut self, src: &OwnedFd, offset: u64, len: u64) -> u64 {
        let mut done = 0;
        while self.kernel_copy && done < len {
            let (mut input, mut output) = (offset + done, self.position);
            let chunk = (len - done).min(KERNEL_CHUNK) as usize;
            let copied = retry_on_intr(|| {
                fs::copy_file_range(src, Some(&mut input), &self.fd, Some(&mut output), chunk)
            });
            match copied {
                Ok(0) => break,
                Ok(copied) => {
                    done += copied as u64;
                    self.position += copied as u64;
                }
                Err(_) => self.kernel_copy = false,
            }
        }
        done
    }

    fn copy_through_memory(
        &mut self,
        src: &dyn ReadFile,
        offset: u64,
        len: u64,
    ) -> Result<u64, DiskError> {
        let mut chunk = vec![0; COPY_CHUNK.min(usize::try_from(len).unwrap_or(COPY_CHUNK))];
        let mut done = 0;
        while done < len {
            let want = chunk.len().min(usize::try_from(len - done).unwrap_or(chunk.len()));
            match src.read_at(offset + done, &mut chunk[..want])? {
                0 => break,
                read => {
                    self.write_all(&chunk[..read])?;
                    done += read as u64;
                }
            }
        }
        Ok(done)
    }
}

impl WriteFile for RealWriteFile {
    fn write_all(&mut self, mut bytes: &[u8]) -> Result<(), DiskError> {
        while !bytes.is_empty() {
            match retry_on_intr(|| pwrite(&self.fd, bytes, self.position)) {
                Ok(0) => return Err(self.fail("write", Errno::IO)),
                Ok(written) => {
                    self.position += written as u64;
                    bytes = &bytes[written..];
                }
                Err(errno) => return Err(self.fail("write", errno)),
            }
        }
        Ok(())
    }

    fn copy_from(&mut self, src: &dyn ReadFile, offset: u64, len: u64) -> Result<u64, DiskError> {
        let in_kernel = match (src as &dyn Any).downcast_ref::<RealReadFile>() {
            Some(real) => self.copy_in_kernel(&real.fd, offset, len),
            None => 0,
        };
        if in_kernel == len {
            return Ok(len);
        }
        let rest = self.copy_through_memory(src, offset + in_kernel, len - in_kernel)?;
        Ok(in_kernel + rest)
    }

    fn sync(&mut self) -> Result<(), DiskError> {
        retry_on_intr(|| fs::fdatasync(&self.fd)).map_err(|errno| self.fail("sync", errno))
    }

    fn meta(&self) -> Result<Meta, DiskError> {
        let stat = fs::fstat(&self.fd).map_err(|errno| self.fail("stat", errno))?;
        Ok(meta_of(&stat))
    }

    fn set_len(&mut self, len: u64) -> Result<(), DiskError> {
        retry_on_intr(|| fs::ftruncate(&self.fd, len))
            .map_err(|errno| self.fail("set length", errno))?;
        self.position = len;
        Ok(())
    }
}

pub(super) fn meta_of(stat: &Stat) -> Meta {
    Meta {
        kind: kind_of(stat),
        len: u64::try_from(stat.st_size).unwrap_or(0),
        dev: stat.st_dev,
        ino: stat.st_ino,
        mtime_ns: nanoseconds(stat.st_mtime, stat.st_mtime_nsec),
        ctime_ns: nanoseconds(stat.st_ctime, stat.st_ctime_nsec),
        uid: stat.st_uid,
        mode: stat.st_mode,
    }
}

fn kind_of(stat: &Stat) -> Kind {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Dir,
        FileType::Symlink => Kind::Symlink,
        _ => Kind::Other,
    }
}

fn nanoseconds(seconds: impl Into<i128>, nanos: impl Into<i128>) -> i128 {
    seconds.into() * 1_000_000_000 + nanos.into()
}
