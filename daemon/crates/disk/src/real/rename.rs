//! Renaming without ever replacing, on file systems that help and on those that do not.
//!
//! The ladder: `RENAME_NOREPLACE`; else a hard link and an unlink (a crash between them leaves
//! both names); else an empty placeholder made with `O_EXCL`, which reserves the name and is then
//! renamed over (a crash between them leaves the placeholder). A server that refuses to rename
//! over anything (EEXIST) never replaces by itself, so there the placeholder goes away first.

use rustix::fs::{self, AtFlags, Mode, OFlags, RenameFlags};
use rustix::io::{Errno, retry_on_intr};

use super::Downgrade;
use super::resolve::At;

type Outcome = Result<(), Errno>;

pub(super) fn no_replace(from: &At<'_, '_>, to: &At<'_, '_>, without: Downgrade) -> Outcome {
    match by_flag(from, to, without) {
        Err(errno) if refused(errno) => {}
        decided => return decided,
    }
    match by_link(from, to, without) {
        Err(errno) if refused(errno) || no_links(errno) => {}
        decided => return decided,
    }
    by_placeholder(from, to)
}

/// The file system does not know the call (as against: the call failed).
fn refused(errno: Errno) -> bool {
    matches!(errno, Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP)
}

/// No links here, as file systems say it; those in user space often say EIO for any call that they
/// lack.
fn no_links(errno: Errno) -> bool {
    matches!(errno, Errno::PERM | Errno::MLINK | Errno::IO)
}

fn by_flag(from: &At<'_, '_>, to: &At<'_, '_>, without: Downgrade) -> Outcome {
    if without.no_rename_no_replace {
        return Err(Errno::INVAL);
    }
    let flags = RenameFlags::NOREPLACE;
    retry_on_intr(|| fs::renameat_with(&from.parent, from.name, &to.parent, to.name, flags))
}

fn by_link(from: &At<'_, '_>, to: &At<'_, '_>, without: Downgrade) -> Outcome {
    if without.no_links {
        return Err(Errno::PERM);
    }
    let flags = AtFlags::empty();
    retry_on_intr(|| fs::linkat(&from.parent, from.name, &to.parent, to.name, flags))?;
    let unlinked = retry_on_intr(|| fs::unlinkat(&from.parent, from.name, flags));
    if unlinked.is_err() {
        let _ = fs::unlinkat(&to.parent, to.name, flags);
    }
    unlinked
}

fn by_placeholder(from: &At<'_, '_>, to: &At<'_, '_>) -> Outcome {
    let stat = fs::statat(&from.parent, from.name, AtFlags::SYMLINK_NOFOLLOW)?;
    let is_dir = fs::FileType::from_raw_mode(stat.st_mode) == fs::FileType::Directory;
    let undo = if is_dir { AtFlags::REMOVEDIR } else { AtFlags::empty() };
    reserve(to, is_dir)?;
    let renamed = retry_on_intr(|| plain(from, to));
    if renamed.is_ok() {
        return renamed;
    }
    let _ = fs::unlinkat(&to.parent, to.name, undo);
    match renamed {
        Err(Errno::EXIST) => retry_on_intr(|| plain(from, to)),
        failed => failed,
    }
}

fn reserve(to: &At<'_, '_>, is_dir: bool) -> Outcome {
    if is_dir {
        return retry_on_intr(|| fs::mkdirat(&to.parent, to.name, Mode::RWXU));
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let file = retry_on_intr(|| fs::openat(&to.parent, to.name, flags, Mode::RUSR | Mode::WUSR))?;
    // File systems that write through to a server may create an empty file only some time after it
    // was closed, and then over what was renamed to its name; a byte makes them do it now.
    let _ = rustix::io::write(&file, b"\n");
    Ok(())
}

fn plain(from: &At<'_, '_>, to: &At<'_, '_>) -> Outcome {
    fs::renameat(&from.parent, from.name, &to.parent, to.name)
}
