//! Native code, kept under a name that says of what and for whom it was made, in a directory that
//! only its owner can enter.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::compile::{CompileError, Compiler};
use crate::machine::{Machine, MachineError, Plugin};
use crate::manifest::{Manifest, digest};

/// A directory of native code.
#[derive(Clone, Debug)]
pub struct Cache {
    directory: PathBuf,
    compiler: Compiler,
}

/// Why there is no plugin.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The directory is not one's own alone.
    #[error("{0} must belong to the user of the service and be closed to all others (chmod 700)")]
    Open(PathBuf),
    /// It could not be read or written.
    #[error("{path}: {error}")]
    Disk {
        /// Where.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// There is no native code.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// It does not run here.
    #[error(transparent)]
    Machine(#[from] MachineError),
}

impl Cache {
    /// The cache in `directory`, which is made when absent.
    pub fn open(directory: PathBuf, compiler: Compiler) -> Result<Self, CacheError> {
        let disk = |error| CacheError::Disk { path: directory.clone(), error };
        DirBuilder::new().recursive(true).mode(0o700).create(&directory).map_err(disk)?;
        let found = fs::symlink_metadata(&directory).map_err(disk)?;
        let own = found.uid() == rustix::process::geteuid().as_raw();
        if !found.is_dir() || !own || found.permissions().mode() & 0o077 != 0 {
            return Err(CacheError::Open(directory));
        }
        Ok(Self { directory, compiler })
    }

    /// A plugin that is ready to run: from the cache, or compiled now. Code that does not load
    /// (another machine's, broken) is made anew once.
    pub fn plugin(
        &self,
        machine: &Machine,
        manifest: Manifest,
        manifest_bytes: &[u8],
        component: &[u8],
    ) -> Result<Plugin, CacheError> {
        let path = self.path(machine, component);
        let pinned = digest(manifest_bytes, component);
        if path.exists()
            && let Ok((home, loaded)) = machine.settled(|engine| load(engine, &path))
        {
            return Ok(machine.ready(manifest, pinned, home, &loaded)?);
        }
        let native = self.compiler.compile(component, machine.settings())?;
        self.write(&path, &native)
            .map_err(|error| CacheError::Disk { path: path.clone(), error })?;
        let loaded = machine.settled(|engine| load(engine, &path));
        let (home, loaded) = loaded.map_err(|error| MachineError::Load {
            plugin: manifest.id.clone(),
            detail: format!("{error:#}"),
        })?;
        Ok(machine.ready(manifest, pinned, home, &loaded)?)
    }

    /// Takes the native code of a component away, whatever machine it was made for.
    pub fn forget(&self, component: &[u8]) -> Result<(), CacheError> {
        let disk = |error| CacheError::Disk { path: self.directory.clone(), error };
        let mine = format!("{}.", hex::encode(Sha256::digest(component)));
        for entry in fs::read_dir(&self.directory).map_err(disk)?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(&mine) {
                fs::remove_file(entry.path()).map_err(disk)?;
            }
        }
        Ok(())
    }

    /// Named by component, wasmtime's version and settings, and the processor's features (all three
    /// are in wasmtime's own compatibility hash).
    fn path(&self, machine: &Machine, component: &[u8]) -> PathBuf {
        let mut compatible = Fold(Sha256::new());
        std::hash::Hash::hash(&machine.compatibility(), &mut compatible);
        let compatible = hex::encode(&compatible.0.finalize()[..8]);
        let name = format!("{}.{compatible}.cwasm", hex::encode(Sha256::digest(component)));
        self.directory.join(name)
    }

    fn write(&self, path: &Path, native: &[u8]) -> io::Result<()> {
        let beside = path.with_extension(format!("{}.new", std::process::id()));
        fs::write(&beside, native)?;
        fs::set_permissions(&beside, fs::Permissions::from_mode(0o600))?;
        fs::File::open(&beside)?.sync_all()?;
        fs::rename(&beside, path)
    }
}

#[expect(
    unsafe_code,
    reason = "wasmtime offers no safe way to load what was compiled before; the only one in the workspace"
)]
fn load(engine: &Engine, path: &Path) -> wasmtime::Result<Component> {
    // SAFETY: wasmtime asks that the bytes came out of its own compiler. They were written by
    // `Cache::write` alone, from our compiling process, into a directory that `Cache::open` found
    // to belong to this user and to be closed to all others; nothing from outside gets there, and
    // whoever can write there can do already what this process can. wasmtime itself compares
    // version, settings and processor features in the file's head, and refuses others.
    unsafe { Component::deserialize_file(engine, path) }
}

/// Hashes what tells itself through `std::hash::Hash`, the same in every process.
struct Fold(Sha256);

impl std::hash::Hasher for Fold {
    fn finish(&self) -> u64 {
        0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
}
