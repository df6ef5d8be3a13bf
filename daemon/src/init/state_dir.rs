//! The whole of a state directory or nothing of it: it is built beside its place and renamed.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    sync::Arc,
};

use sceau_disk::{Dir, DiskError, FileSystem, Kind, RealFs, boundary};

use super::InitError;

/// The sub-directories of a state directory, parents first.
const FOLDERS: [&str; 6] = ["keys", "offline", "pki", "blobs", "signer", "run"];

/// A state directory in the making; removed again unless it is published.
#[derive(Debug)]
pub(super) struct Draft {
    parent: Arc<dyn Dir>,
    dir: Arc<dyn Dir>,
    temporary: PathBuf,
    name: OsString,
    path: PathBuf,
    published: bool,
}

impl Draft {
    /// Begins a draft beside `target`, whose parent must exist and which must not.
    pub(super) fn begin(target: &Path) -> Result<Self, InitError> {
        let target = std::path::absolute(target)
            .map_err(|source| InitError::Read { path: target.into(), source })?;
        let (Some(above), Some(name)) = (target.parent(), target.file_name()) else {
            return Err(InitError::Exists(target));
        };
        let parent = RealFs.open_dir(above)?;
        match parent.stat(Path::new(name)) {
            Err(DiskError::NotFound { .. }) => {}
            Ok(_) => return Err(InitError::Exists(target)),
            Err(error) => return Err(error.into()),
        }
        let suffix: u32 = u32::from_be_bytes(sceau_signer::random());
        let mut temporary = prefix(name);
        temporary.push(format!("{suffix:08x}"));
        parent.create_dir(Path::new(&temporary), 0o700)?;
        let dir = parent.open_dir(Path::new(&temporary))?;
        let path = above.join(&temporary);
        let draft = Self {
            parent,
            dir,
            temporary: temporary.into(),
            name: name.to_owned(),
            path,
            published: false,
        };
        FOLDERS.iter().try_for_each(|folder| draft.dir.create_dir(Path::new(folder), 0o700))?;
        Ok(draft)
    }

    /// What interrupted ceremonies left beside this one: hidden directories that nothing uses.
    pub(super) fn leftovers(&self) -> Result<Vec<PathBuf>, DiskError> {
        let prefix = prefix(&self.name);
        let entries = self.parent.list(Path::new(""))?.into_iter();
        let others = entries.filter(|entry| {
            entry.name.as_encoded_bytes().starts_with(prefix.as_encoded_bytes())
                && Path::new(&entry.name) != self.temporary
        });
        Ok(others.map(|entry| self.path.with_file_name(entry.name)).collect())
    }

    /// Where it stands until it is published.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// One of its sub-directories.
    pub(super) fn folder(&self, name: &str) -> Result<Arc<dyn Dir>, DiskError> {
        self.dir.open_dir(Path::new(name))
    }

    /// Writes a file into it, durable with its content; its name becomes so by publishing.
    pub(super) fn write(&self, path: &str, content: &[u8]) -> Result<(), DiskError> {
        let mut file = self.dir.create(Path::new(path), 0o600)?;
        file.write_all(content)?;
        file.sync()
    }

    /// Makes every name durable, then gives the directory its place: the one step that counts.
    pub(super) fn publish(mut self) -> Result<(), InitError> {
        sync_tree(&*self.dir, Path::new(""))?;
        boundary!("init.before_rename");
        self.parent.rename_no_replace(&self.temporary, Path::new(&self.name)).map_err(|error| {
            match error {
                DiskError::Exists { .. } => InitError::Exists(self.path.with_file_name(&self.name)),
                other => other.into(),
            }
        })?;
        self.published = true;
        boundary!("init.after_rename");
        Ok(self.parent.sync_dir(Path::new(""))?)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.published {
            // What cannot be removed stays under its hidden name and harms nobody.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// Drafts of `state` are called `.state.init-` and eight hexadecimal digits.
fn prefix(name: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".init-");
    prefix
}

fn sync_tree(dir: &dyn Dir, at: &Path) -> Result<(), DiskError> {
    for entry in dir.list(at)? {
        if entry.meta.kind == Kind::Dir {
            sync_tree(dir, &at.join(&entry.name))?;
        }
    }
    dir.sync_dir(at)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn names(path: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(path).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_published_draft_is_owner_only_and_leaves_no_trace() {
        let above = tempfile::tempdir().unwrap();
        let target = above.path().join("state");
        let draft = Draft::begin(&target).unwrap();
        draft.write("pki/root.pem", b"x").unwrap();
        assert!(!target.exists());
        draft.publish().unwrap();
        assert_eq!(names(above.path()), ["state"]);
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&target), 0o700);
        assert_eq!(mode(&target.join("keys")), 0o700);
        assert_eq!(mode(&target.join("pki/root.pem")), 0o600);
    }

    #[test]
    fn a_dropped_draft_leaves_nothing() {
        let above = tempfile::tempdir().unwrap();
        let draft = Draft::begin(&above.path().join("state")).unwrap();
        draft.write("pki/root.pem", b"x").unwrap();
        drop(draft);
        assert!(names(above.path()).is_empty());
    }

    #[test]
    fn what_an_interrupted_ceremony_left_is_found() {
        let above = tempfile::tempdir().unwrap();
        let target = above.path().join("state");
        std::mem::forget(Draft::begin(&target).unwrap());
        std::mem::forget(Draft::begin(&above.path().join("other")).unwrap());
        let leftovers = Draft::begin(&target).unwrap().leftovers().unwrap();
        assert_eq!(leftovers.len(), 1, "{leftovers:?}");
        assert!(leftovers[0].is_dir());
    }

    #[test]
    fn what_exists_is_refused_before_and_at_the_end() {
        let above = tempfile::tempdir().unwrap();
        let target = above.path().join("state");
        let draft = Draft::begin(&target).unwrap();
        std::fs::create_dir(&target).unwrap();
        assert!(matches!(draft.publish(), Err(InitError::Exists(path)) if path == target));
        assert!(matches!(Draft::begin(&target), Err(InitError::Exists(_))));
        assert_eq!(names(above.path()), ["state"]);
    }
}
