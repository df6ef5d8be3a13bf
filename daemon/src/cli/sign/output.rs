//! The output while it is made: a temporary name beside it, then the whole file at once.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use sceau_disk::{Dir, DiskError, FileSystem, RealFs};
use sceau_pades::{BUFFER_LEN, HashedPrefix};
use sceau_pdf::{Allowance, ByteSource};
use sceau_pki::{DigestAlgorithm, Hasher};

use super::failure::Failure;
use crate::file_source::FileSource;

/// A file under a temporary name in the directory where the output will stand.
#[derive(Debug)]
pub(crate) struct Draft {
    dir: Arc<dyn Dir>,
    name: OsString,
    temporary: PathBuf,
    path: PathBuf,
    /// What the readings of the source and of the draft may cost together.
    allowance: OnceLock<Allowance>,
}

impl Draft {
    /// Creates it; refused where the output exists and must not be replaced.
    pub(crate) fn create(output: &Path, replace: bool) -> Result<Self, Failure> {
        let name = output.file_name().ok_or_else(|| {
            Failure::Usage(format!("{} is not the name of a file", output.display()))
        })?;
        let parent = match output.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let dir = RealFs.open_dir(parent)?;
        if !replace && dir.stat(Path::new(name)).is_ok() {
            return Err(Failure::Exists(output.to_owned()));
        }
        // Short whatever the output's name is: a name has room for 255 bytes only.
        let number = u64::from_le_bytes(sceau_signer::random());
        let temporary = PathBuf::from(format!(".sceau-{number:016x}.tmp"));
        drop(dir.create(&temporary, 0o644)?);
        let path = parent.join(&temporary);
        let (name, allowance) = (name.to_owned(), OnceLock::new());
        Ok(Self { dir, name, temporary, path, allowance })
    }

    /// Copies the document in, hashing it in the same pass. What readings of the source share, those of
    /// the draft share too.
    pub(crate) fn copy(
        &self,
        source: &FileSource,
        algorithm: DigestAlgorithm,
    ) -> Result<HashedPrefix, Failure> {
        let mut hasher = Hasher::new(algorithm);
        let mut file = self.open_to_append()?;
        let mut buffer = vec![0; BUFFER_LEN];
        let mut at = 0;
        while at < source.len() {
            let n = (source.len() - at).min(BUFFER_LEN as u64) as usize;
            source.read_at(at, &mut buffer[..n]).map_err(Failure::reading)?;
            hasher.update(&buffer[..n]);
            file.write_all(&buffer[..n]).map_err(Failure::writing)?;
            at += n as u64;
        }
        if let Some(allowance) = source.allowance() {
            let _ = self.allowance.set(allowance);
        }
        Ok(HashedPrefix { len: at, hasher })
    }

    /// What it holds so far.
    pub(crate) fn source(&self) -> Result<FileSource, Failure> {
        Ok(self.source_again()?.sharing(self.allowance.get().cloned()))
    }

    /// The same for looks that are taken again and again, as long as somebody waits.
    pub(crate) fn source_again(&self) -> Result<FileSource, Failure> {
        FileSource::open(&self.path).map_err(Failure::reading)
    }

    /// Adds the signature's revision and makes all of it durable.
    pub(crate) fn append(&self, tail: &[u8]) -> Result<(), Failure> {
        let mut file = self.open_to_append()?;
        file.write_all(tail).and_then(|()| file.sync_all()).map_err(Failure::writing)
    }

    /// Gives it its name, and makes that durable.
    pub(crate) fn publish(self, replace: bool) -> Result<(), Failure> {
        let name = Path::new(&self.name);
        let renamed = if replace {
            self.dir.rename(&self.temporary, name)
        } else {
            self.dir.rename_no_replace(&self.temporary, name)
        };
        match renamed {
            Ok(()) => Ok(self.dir.sync_dir(Path::new(""))?),
            Err(error) => {
                let failure = match error {
                    DiskError::Exists { .. } => Failure::Exists(PathBuf::from(&self.name)),
                    other => other.into(),
                };
                self.discard();
                Err(failure)
            }
        }
    }

    /// Leaves nothing behind.
    pub(crate) fn discard(self) {
        // The first failure is the one to tell; a stray temporary file is named as such.
        let _ = self.dir.remove(&self.temporary);
    }

    fn open_to_append(&self) -> Result<File, Failure> {
        let opened: io::Result<File> = File::options().append(true).open(&self.path);
        opened.map_err(Failure::writing)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;

    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_output_appears_whole_and_nothing_else_stays() {
        let dir = tempfile::tempdir().unwrap();
        let (input, output) = (dir.path().join("in"), dir.path().join("out"));
        fs::write(&input, b"base").unwrap();
        let draft = Draft::create(&output, false).unwrap();
        let source = FileSource::open(&input).unwrap();
        let prefix = draft.copy(&source, DigestAlgorithm::Sha256).unwrap();
        assert_eq!((prefix.len, prefix.hasher.finish()), (4, sceau_pki::sha256(b"base").to_vec()));
        draft.append(b"+tail").unwrap();
        assert!(!output.exists());
        draft.publish(false).unwrap();
        assert_eq!(fs::read(&output).unwrap(), b"base+tail");
        assert_eq!(names(dir.path()), ["in", "out"]);
    }

    #[test]
    fn an_existing_output_is_replaced_only_when_asked() {
        let dir = tempfile::tempdir().unwrap();
        let output = dir.path().join("out");
        let draft = Draft::create(&output, false).unwrap();
        fs::write(&output, b"of somebody else").unwrap();
        assert!(matches!(draft.publish(false).unwrap_err(), Failure::Exists(_)));
        assert!(matches!(Draft::create(&output, false).unwrap_err(), Failure::Exists(_)));
        assert_eq!(fs::read(&output).unwrap(), b"of somebody else");
        Draft::create(&output, true).unwrap().publish(true).unwrap();
        assert_eq!(fs::read(&output).unwrap(), b"");
        Draft::create(&output, true).unwrap().discard();
        assert_eq!(names(dir.path()), ["out"]);
    }
}
