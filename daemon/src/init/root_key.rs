//! Taking the root's key out of the state, to be kept where no network reaches.

use std::path::{Path, PathBuf};

use clap::Args;
use sceau_disk::{Dir, DiskError, FileSystem, RealFs};
use sceau_signer::{KeyId, KeyStore, Secret};

use super::{InitError, ceremony::ROOT};

/// The options of `sceau ca export-root`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ExportRootOptions {
    /// The state directory
    #[arg(long, value_name = "DIR")]
    pub(crate) state: PathBuf,
    /// The file of the secret that opens its keys
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: PathBuf,
    /// Take the key out of the state once it is written elsewhere
    #[arg(long)]
    pub(crate) remove: bool,
    /// The file to write; it must not exist, and stays encrypted under the secret
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// Copies the root's key file out of a state, after having opened it with the secret; durable when
/// this returns. The daemon never needs that key, and may be running.
pub(crate) fn export_root(options: &ExportRootOptions) -> Result<(), InitError> {
    let secret = Secret::from_file(&options.secret_file, Some(&options.state))?;
    let offline = RealFs.open_dir(&options.state.join("offline"))?;
    let root = KeyId::parse(ROOT).expect("invariant: an id of ours");
    KeyStore::open_one(&*offline, &root, &secret)?;
    let exported = Exported::copy(&*offline, &options.file)?;
    if options.remove {
        offline.remove(Path::new(&file_name()))?;
        offline.sync_dir(Path::new(""))?;
    }
    exported.keep();
    Ok(())
}

/// A copy of the root's key file, removed again unless it is kept.
pub(super) struct Exported(Option<PathBuf>);

impl Exported {
    /// Copies durably, and never over another file.
    pub(super) fn copy(offline: &dyn Dir, target: &Path) -> Result<Self, InitError> {
        let target = std::path::absolute(target)
            .map_err(|source| InitError::Read { path: target.into(), source })?;
        let (Some(above), Some(name)) = (target.parent(), target.file_name()) else {
            return Err(InitError::Exists(target));
        };
        let above = RealFs.open_dir(above)?;
        let mut copy = above.create(Path::new(name), 0o600).map_err(|error| match error {
            DiskError::Exists { .. } => InitError::Exists(target.clone()),
            other => other.into(),
        })?;
        let exported = Self(Some(target.clone()));
        let source = offline.open(Path::new(&file_name()))?;
        copy.copy_from(&*source, 0, source.meta()?.len)?;
        copy.sync()?;
        above.sync_dir(Path::new(""))?;
        Ok(exported)
    }

    /// The copy stays.
    pub(super) fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Exported {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// The key file's name beneath `offline/`.
pub(super) fn file_name() -> String {
    format!("{ROOT}.p8")
}
