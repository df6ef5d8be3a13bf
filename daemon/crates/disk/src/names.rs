//! Relative names: what may be asked of a directory handle, whatever implements it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path};

use crate::DiskError;

/// The components of a relative path; empty for the directory itself.
///
/// # Errors
/// [`DiskError::BadPath`] for an absolute path, `..` or NUL.
pub(crate) fn components<'p>(
    op: &'static str,
    path: &'p Path,
) -> Result<Vec<&'p OsStr>, DiskError> {
    let bad = || DiskError::BadPath { op, path: path.to_owned() };
    if path.as_os_str().as_bytes().contains(&0) {
        return Err(bad());
    }
    path.components()
        .filter(|part| !matches!(part, Component::CurDir))
        .map(|part| match part {
            Component::Normal(name) => Ok(name),
            _ => Err(bad()),
        })
        .collect()
}

/// The components of the parent and the last name.
///
/// # Errors
/// [`DiskError::BadPath`] as above, and for a path that names the directory itself.
pub(crate) fn split<'p>(
    op: &'static str,
    path: &'p Path,
) -> Result<(Vec<&'p OsStr>, &'p OsStr), DiskError> {
    let mut parts = components(op, path)?;
    match parts.pop() {
        Some(name) => Ok((parts, name)),
        None => Err(DiskError::BadPath { op, path: path.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_leave_the_directory_are_refused() {
        for path in ["/etc/passwd", "..", "a/../b", "a/..", "a\0b"] {
            let refused = components("open", Path::new(path));
            assert!(matches!(refused, Err(DiskError::BadPath { .. })), "{path:?}");
        }
        assert!(matches!(split("open", Path::new(".")), Err(DiskError::BadPath { .. })));
    }

    #[test]
    fn dots_and_doubled_slashes_are_cleaned() {
        let parts = components("open", Path::new("./a//b/.")).unwrap();
        assert_eq!(parts, ["a", "b"]);
        assert!(components("list", Path::new("")).unwrap().is_empty());
        let (parent, name) = split("open", Path::new("x/y")).unwrap();
        assert_eq!((parent, name), (vec![OsStr::new("x")], OsStr::new("y")));
    }
}
