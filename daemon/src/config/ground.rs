//! What the disk says about the paths of a configuration.

use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use sceau_workflow::faults::{FaultCode, Faults, Read, Source};

use super::SecretSource;
use super::draft::{Draft, elsewhere};
use super::time::DraftTime;
use crate::init::STATE_FILE;

/// Notes directories that are absent or open to everybody, secrets that others can read, and places
/// that lie within each other. Returns the number of the group that may use the administration socket.
pub(super) fn check(
    draft: &Draft,
    state: Option<&Path>,
    source: Source<'_>,
    faults: &Faults,
) -> Option<u32> {
    let ground = Ground { source, faults };
    draft.folders.iter().filter_map(|folder| folder.path.as_ref()).for_each(|path| {
        ground.folder(path);
    });
    ground.overlaps(draft, state);
    ground.state(draft, state);
    ground.secret(draft, state);
    if let Some((certificate, key)) = draft.http.as_ref().and_then(|http| http.tls.as_ref()) {
        ground.file(certificate);
        ground.private_file(key);
    }
    for file in &draft.trust {
        let _ = ground.file(file);
    }
    if let Some(DraftTime::External(list)) = &draft.time {
        for tsa in list {
            let _ = ground.file(&tsa.trust);
        }
    }
    ground.admin(draft, state)
}

struct Ground<'a> {
    source: Source<'a>,
    faults: &'a Faults,
}

impl Ground<'_> {
    fn note<T>(&self, code: FaultCode, at: &Read<T>, message: String, help: Option<String>) {
        self.faults.note(self.source.fault(code, at.span.clone(), message, help));
    }

    /// A watched folder is a directory into which not everybody may write: whoever writes there
    /// causes acts in the name of the folder's account.
    fn folder(&self, path: &Read<PathBuf>) {
        let shown = path.value.display();
        let meta = match std::fs::metadata(&path.value) {
            Ok(meta) => meta,
            Err(error) => {
                let message = format!("the folder {shown} cannot be reached: {error}");
                let help = Some(format!("create it (mkdir -p {shown}) or mount it"));
                return self.note(FaultCode::Path, path, message, help);
            }
        };
        if !meta.is_dir() {
            return self.note(FaultCode::Path, path, format!("{shown} is no directory"), None);
        }
        if meta.mode() & 0o002 != 0 {
            let message = format!(
                "everybody may write into {shown} (mode {:03o}), and so seal documents",
                meta.mode() & 0o777
            );
            let help = Some(format!("chmod o-w {shown}"));
            self.note(FaultCode::Permissions, path, message, help);
        }
    }

    fn file(&self, path: &Read<PathBuf>) -> Option<std::fs::Metadata> {
        let shown = path.value.display();
        match std::fs::metadata(&path.value) {
            Ok(meta) if meta.is_file() => Some(meta),
            Ok(_) => {
                self.note(FaultCode::Path, path, format!("{shown} is no file"), None);
                None
            }
            Err(error) => {
                let message = format!("the file {shown} cannot be reached: {error}");
                self.note(FaultCode::Path, path, message, None);
                None
            }
        }
    }

    fn private_file(&self, path: &Read<PathBuf>) {
        let Some(meta) = self.file(path) else { return };
        if meta.mode() & 0o077 != 0 {
            let shown = path.value.display();
            let mode = meta.mode() & 0o777;
            let message = format!("others than its owner can reach {shown} (mode {mode:03o})");
            self.note(FaultCode::Permissions, path, message, Some(format!("chmod 600 {shown}")));
        }
    }

    /// Nobody but its owner reaches the state, once there is one.
    fn state(&self, draft: &Draft, state: Option<&Path>) {
        let Some(own) = &draft.state else { return };
        let directory = state.unwrap_or(&own.directory.value);
        let Ok(meta) = std::fs::metadata(directory) else { return };
        if directory.join(STATE_FILE).exists() && meta.mode() & 0o077 != 0 {
            let shown = directory.display();
            let mode = meta.mode() & 0o777;
            let message = format!("others than its owner can reach {shown} (mode {mode:03o})");
            let help = Some(format!("chmod 700 {shown}"));
            self.note(FaultCode::Permissions, &own.directory, message, help);
        }
    }

    /// Before `sceau init` there is no secret yet; after it nothing opens without it.
    fn secret(&self, draft: &Draft, state: Option<&Path>) {
        let Some(own) = &draft.state else { return };
        let Some(Read { value: SecretSource::File(file), span }) = &own.secret else { return };
        let at = Read { value: file.clone(), span: span.clone() };
        let directory = state.unwrap_or(&own.directory.value);
        if file.exists() || directory.join(STATE_FILE).exists() {
            self.private_file(&at);
        }
        if resolved(file).starts_with(resolved(directory)) {
            let message = "the secret lies in the state directory, whose keys it opens".to_owned();
            let help = Some("keep it elsewhere, off the backup path of the state".to_owned());
            self.note(FaultCode::Overlap, &at, message, help);
        }
    }

    /// A group that exists, and a socket that it can reach.
    fn admin(&self, draft: &Draft, state: Option<&Path>) -> Option<u32> {
        let group = draft.group.as_ref()?;
        if let (Some(socket), Some(directory)) = (&draft.socket, draft.state_directory(state))
            && resolved(&socket.value).starts_with(resolved(directory))
        {
            let message = "`group` has no effect: the socket lies in the state directory, which its \
                           owner alone can enter";
            self.note(FaultCode::BadValue, group, message.to_owned(), elsewhere());
        }
        let number = group_id(&group.value);
        if number.is_none() {
            let name = &group.value;
            let message = format!("there is no group `{name}` (in /etc/group)");
            let help = format!(
                "make it (groupadd --system {name}) with the daemon's user in it, or name another"
            );
            self.note(FaultCode::UnknownName, group, message, Some(help));
        }
        number
    }

    fn overlaps(&self, draft: &Draft, state: Option<&Path>) {
        let own = draft.state.as_ref().map(|own| own.directory.value.as_path());
        let state = state.or(own).map(resolved);
        let mut earlier: Vec<(PathBuf, &str)> = Vec::new();
        for folder in &draft.folders {
            let Some(path) = &folder.path else { continue };
            let (place, name) = (resolved(&path.value), folder.shown());
            if state.as_ref().is_some_and(|state| within_each_other(state, &place)) {
                let message = format!("the folder `{name}` and the state directory overlap");
                self.note(FaultCode::Overlap, path, message, None);
            }
            let other = earlier.iter().find(|(other, _)| within_each_other(other, &place));
            if let Some((_, other)) = other {
                let message = format!("the folders `{other}` and `{name}` overlap");
                self.note(FaultCode::Overlap, path, message, None);
            }
            earlier.push((place, name));
        }
    }
}

/// The number of a group, from `/etc/group`.
fn group_id(name: &str) -> Option<u32> {
    let groups = std::fs::read_to_string("/etc/group").ok()?;
    let mut lines = groups.lines().map(|line| line.split(':').collect::<Vec<_>>());
    lines.find(|fields| fields.first() == Some(&name))?.get(2)?.parse().ok()
}

fn within_each_other(one: &Path, other: &Path) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// The path as the disk knows it; of what does not exist yet, the deepest part that does exist is
/// resolved.
fn resolved(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let mut known = PathBuf::new();
    for part in whole.components() {
        match part {
            Component::ParentDir => {
                known.pop();
            }
            part => known.push(part),
        }
        if let Ok(real) = known.canonicalize() {
            known = real;
        }
    }
    known
}
