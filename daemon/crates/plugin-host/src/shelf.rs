//! Where plugins lie: `ID/VERSION/` with manifest, component and, where there is one, signature.
//! What was installed once never changes: a version with other bytes is refused, so that a dossier
//! that is pinned to a digest finds it for as long as it is installed.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use sceau_workflow::faults::{Fault, Faults, Source};

use crate::limits::{MOST_COMPONENT, MOST_MANIFEST};
use crate::manifest::{Manifest, digest, is_id};

/// File name of the detached signature.
pub const SIGNATURE: &str = "plugin.sig";
/// The largest signature file that is read, in bytes.
const MOST_SIGNATURE: usize = 4 << 10;

/// A plugin as files.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// What it is.
    pub manifest: Manifest,
    /// The manifest's bytes.
    pub manifest_bytes: Vec<u8>,
    /// The component.
    pub component: Vec<u8>,
    /// The detached signature, where there is one.
    pub signature: Option<Vec<u8>>,
}

/// Why there is no plugin.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// A file could not be read or written.
    #[error("{path}: {error}")]
    Disk {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file is larger than it may be, in bytes.
    #[error("{path} has more than {most} bytes")]
    TooLarge {
        /// Which.
        path: PathBuf,
        /// The bound.
        most: usize,
    },
    /// The manifest has faults.
    #[error("{}", Faults::render(.0))]
    Manifest(Vec<Fault>),
    /// Another plugin lies there under the same version.
    #[error("{id} {version} is installed already with other content; give it a new version")]
    Taken {
        /// The plugin.
        id: String,
        /// The version.
        version: String,
    },
    /// It is not installed.
    #[error("{id} {version} is not installed")]
    Absent {
        /// The plugin.
        id: String,
        /// The version.
        version: String,
    },
}

impl Parcel {
    /// Reads a plugin from a directory.
    pub fn read(directory: &Path) -> Result<Self, ShelfError> {
        let file = directory.join(Manifest::FILE);
        let manifest_bytes = bounded(&file, MOST_MANIFEST)?;
        let faults = Faults::default();
        let text = String::from_utf8_lossy(&manifest_bytes).into_owned();
        let shown = file.display().to_string();
        let Some(manifest) = Manifest::parse(Source::new(&shown, &text), &faults) else {
            return Err(ShelfError::Manifest(faults.into_sorted()));
        };
        let component = bounded(&directory.join(&manifest.component), MOST_COMPONENT)?;
        let signature = match bounded(&directory.join(SIGNATURE), MOST_SIGNATURE) {
            Ok(bytes) => Some(bytes),
            Err(ShelfError::Disk { error, .. }) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        Ok(Self { manifest, manifest_bytes, component, signature })
    }

    /// What dossiers are pinned to.
    pub fn digest(&self) -> [u8; 32] {
        digest(&self.manifest_bytes, &self.component)
    }
}

/// The installed plugins.
#[derive(Clone, Debug)]
pub struct Shelf {
    directory: PathBuf,
}

impl Shelf {
    /// The plugins beneath `directory`, which need not exist yet.
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Where they lie.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// One of them.
    pub fn get(&self, id: &str, version: &str) -> Result<Parcel, ShelfError> {
        let absent = || ShelfError::Absent { id: id.to_owned(), version: version.to_owned() };
        let place = self.place(id, version).ok_or_else(absent)?;
        if !place.is_dir() {
            return Err(absent());
        }
        Parcel::read(&place)
    }

    /// All of them, in order of id and version; those that cannot be read are told with their place.
    pub fn list(&self) -> Vec<(PathBuf, Result<Parcel, ShelfError>)> {
        let mut found = Vec::new();
        for id in inner(&self.directory) {
            for version in inner(&id) {
                let parcel = Parcel::read(&version);
                found.push((version, parcel));
            }
        }
        found
    }

    /// Puts one there, whole or not at all. True when it was not there before.
    pub fn put(&self, parcel: &Parcel) -> Result<bool, ShelfError> {
        let Manifest { id, version, component, .. } = &parcel.manifest;
        if let Ok(there) = self.get(id, version) {
            if there.digest() != parcel.digest() {
                return Err(ShelfError::Taken { id: id.clone(), version: version.clone() });
            }
            return Ok(false);
        }
        let place = self.directory.join(id).join(version);
        let beside = self.directory.join(id).join(format!(".{version}.{}", std::process::id()));
        let write = || -> io::Result<()> {
            DirBuilder::new().recursive(true).mode(0o755).create(&beside)?;
            durable(&beside.join(Manifest::FILE), &parcel.manifest_bytes)?;
            durable(&beside.join(component), &parcel.component)?;
            if let Some(signature) = &parcel.signature {
                durable(&beside.join(SIGNATURE), signature)?;
            }
            fs::File::open(&beside)?.sync_all()?;
            fs::rename(&beside, &place)?;
            fs::File::open(self.directory.join(id))?.sync_all()
        };
        write().map_err(|error| ShelfError::Disk { path: place.clone(), error })?;
        Ok(true)
    }

    /// Takes one away. Whether a dossier still needs it is the caller's to ask before.
    pub fn remove(&self, id: &str, version: &str) -> Result<(), ShelfError> {
        let absent = || ShelfError::Absent { id: id.to_owned(), version: version.to_owned() };
        let place = self.place(id, version).filter(|place| place.is_dir()).ok_or_else(absent)?;
        fs::remove_dir_all(&place).map_err(|error| ShelfError::Disk { path: place, error })
    }

    /// The place of a version; `None` for what is no id or version.
    fn place(&self, id: &str, version: &str) -> Option<PathBuf> {
        let plain = version.bytes().all(|c| c.is_ascii_digit() || c == b'.');
        let good = is_id(id) && plain && version.starts_with(|c: char| c.is_ascii_digit());
        good.then(|| self.directory.join(id).join(version))
    }
}

fn bounded(path: &Path, most: usize) -> Result<Vec<u8>, ShelfError> {
    use std::io::Read as _;
    let disk = |error| ShelfError::Disk { path: path.to_owned(), error };
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(disk)?;
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(disk)?;
    if bytes.len() > most {
        return Err(ShelfError::TooLarge { path: path.to_owned(), most });
    }
    Ok(bytes)
}

fn durable(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    let mut file = fs::File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The directories in a directory, in order; hidden ones are unfinished.
fn inner(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let hidden = |path: &Path| {
        path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
    };
    let mut found: Vec<PathBuf> =
        entries.map(|e| e.path()).filter(|path| path.is_dir() && !hidden(path)).collect();
    found.sort();
    found
}
