//! What the folder's file system can do, tried once at each opening and told in the log.

use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;

use sceau_disk::{Dir, DiskError};

use super::place::{self, remove_if_there};
use crate::path::RelPath;

/// Hidden, and ignored by scans.
const ONE: &str = ".sceau-probe-1.tmp";
const TWO: &str = ".sceau-probe-2.tmp";
const TWO_FOLDED: &str = ".SCEAU-PROBE-2.TMP";
const LATIN_1: &[u8] = b".sceau-probe-\xe9.tmp";
const SECOND: i128 = 1_000_000_000;

/// Something that this folder's file system does less well than a local one. The work goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limitation {
    /// Names that are no UTF-8 cannot be made there: nobody can drop one either.
    Utf8NamesOnly,
    /// `a` and `A` are one name.
    CaseInsensitive,
    /// Times are whole seconds: of two changes within one second only the last counts, so the
    /// stability should not be set below two seconds.
    WholeSecondTimes,
}

impl fmt::Display for Limitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8NamesOnly => "only UTF-8 names can be made",
            Self::CaseInsensitive => "names that differ in case only are one name",
            Self::WholeSecondTimes => "times are whole seconds",
        })
    }
}

/// What the probe found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Probed {
    /// Whether a rename without overwrite leaves an existing file alone: without it the folder
    /// cannot be used.
    pub(super) overwrites: bool,
    pub(super) limitations: Vec<Limitation>,
}

/// Tries; leaves nothing behind.
pub(super) fn probe(dir: &dyn Dir) -> Result<Probed, DiskError> {
    let names = [OsStr::new(ONE), OsStr::new(TWO), OsStr::from_bytes(LATIN_1)];
    let names = names.map(|name| RelPath::default().join(name));
    let clear = || names.iter().try_for_each(|name| remove_if_there(dir, name));
    clear()?;
    let probed = try_out(dir, &names);
    clear()?;
    probed
}

fn try_out(dir: &dyn Dir, [one, two, latin_1]: &[RelPath; 3]) -> Result<Probed, DiskError> {
    let mut probed = Probed::default();
    place::make_empty(dir, one)?;
    place::make_empty(dir, two)?;
    let renamed = dir.rename_no_replace(one.as_path(), two.as_path());
    probed.overwrites = match renamed {
        Ok(()) => true,
        Err(DiskError::Exists { .. }) => false,
        Err(error) => return Err(error),
    };
    let meta = dir.stat(two.as_path())?;
    if meta.mtime_ns % SECOND == 0 && meta.ctime_ns % SECOND == 0 {
        probed.limitations.push(Limitation::WholeSecondTimes);
    }
    if dir.stat(TWO_FOLDED.as_ref()).is_ok() {
        probed.limitations.push(Limitation::CaseInsensitive);
    }
    if place::make_empty(dir, latin_1).is_err() {
        probed.limitations.push(Limitation::Utf8NamesOnly);
    }
    Ok(probed)
}
