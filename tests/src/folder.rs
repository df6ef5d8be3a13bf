//! A watched folder as the people who use it see it.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::until;
use crate::writers::Writer;

/// Long enough for a document on a busy machine of two cores.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// One folder, and the places in it.
#[derive(Debug, Clone)]
pub struct Watched {
    path: PathBuf,
}

impl Watched {
    /// The folder at `path`.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Results.
    pub fn delivered(&self) -> PathBuf {
        self.path.join("livres")
    }

    /// What could not be worked on.
    pub fn rejected(&self) -> PathBuf {
        self.path.join("rejetes")
    }

    /// What is being worked on.
    pub fn in_progress(&self) -> PathBuf {
        self.path.join("en-cours")
    }

    /// Drops a file by a rename, at once.
    pub fn drop_file(&self, name: impl AsRef<OsStr>, bytes: &[u8]) {
        Writer::RenameIn.write(&self.path.join(name.as_ref()), bytes);
    }

    /// Waits for a delivered PDF whose name begins with `stem`.
    ///
    /// # Panics
    /// When there is none in time; the message shows the whole folder.
    #[track_caller]
    pub fn wait_delivered(&self, stem: &str) -> PathBuf {
        self.wait(&format!("delivered {stem}"), || self.find_delivered(stem))
    }

    /// A delivered PDF whose name begins with `stem`, if it is there.
    pub fn find_delivered(&self, stem: &str) -> Option<PathBuf> {
        self.find(&self.delivered(), |name| name.starts_with(stem.as_bytes()) && is_pdf(name))
    }

    /// Waits for the evidence file of the delivered document whose name begins with `stem`.
    #[track_caller]
    pub fn wait_evidence(&self, stem: &str) -> PathBuf {
        self.wait(&format!("evidence of {stem}"), || {
            self.find(&self.delivered(), |name| {
                name.starts_with(stem.as_bytes()) && name.ends_with(b".preuve.json")
            })
        })
    }

    /// The same, read.
    #[track_caller]
    pub fn evidence(&self, stem: &str) -> serde_json::Value {
        let text = fs::read_to_string(self.wait_evidence(stem)).expect("readable");
        serde_json::from_str(&text).expect("JSON")
    }

    /// Waits for the note beside a rejected file whose name begins with `stem`, and reads it.
    #[track_caller]
    pub fn wait_rejected(&self, stem: &str) -> String {
        let note = self.wait(&format!("rejected {stem}"), || {
            self.find(&self.rejected(), |name| {
                name.starts_with(stem.as_bytes()) && name.ends_with(b".erreur.txt")
            })
        });
        fs::read_to_string(note).expect("a note in UTF-8")
    }

    /// Waits for an answer about this folder.
    #[track_caller]
    pub fn wait<T>(&self, what: &str, ask: impl FnMut() -> Option<T>) -> T {
        let asked =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| until(what, PATIENCE, ask)));
        asked.unwrap_or_else(|_| panic!("no {what}; the folder holds:\n{}", self.show()))
    }

    /// The first file beneath a place, not in its `originaux`, whose name pleases.
    pub fn find(&self, place: &Path, pleases: impl Fn(&[u8]) -> bool) -> Option<PathBuf> {
        files(place).into_iter().find(|path| {
            let name = path.file_name().unwrap_or_default().as_bytes();
            !name.starts_with(b".")
                && pleases(name)
                && !path.components().any(|part| part.as_os_str() == "originaux")
        })
    }

    /// Every file of the folder with its length, for messages.
    pub fn show(&self) -> String {
        let mut lines = Vec::new();
        for path in files(&self.path) {
            let len = path.symlink_metadata().map_or(0, |meta| meta.len());
            let below = path.strip_prefix(&self.path).unwrap_or(&path);
            lines.push(format!("  {:?} {len}", below));
            if path.extension().is_some_and(|extension| extension == "txt") {
                lines.push(fs::read_to_string(&path).unwrap_or_default());
            }
        }
        lines.join("\n")
    }
}

fn is_pdf(name: &[u8]) -> bool {
    name.to_ascii_lowercase().ends_with(b".pdf")
}

/// All files beneath a place, links included and not followed, in a stable order.
pub fn files(place: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}
