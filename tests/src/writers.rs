//! Four ways in which a file comes into a folder, as real programs do it.

use std::fs::{self, File, FileTimes, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

/// A way to put bytes under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// A scanner or a print driver: the file grows, with pauses, one of them longer than the
    /// stability wait of the tests.
    SlowAppend,
    /// Windows' CopyFile: the final size first, full of zeros, then the content.
    PreallocateThenFill,
    /// A careful program: another name in another folder of the same file system, then a rename.
    RenameIn,
    /// `cp -p`, rsync `--inplace --times`: the modification time is an old one all along.
    KeepModificationTime,
}

/// All of them.
pub const ALL: [Writer; 4] = [
    Writer::SlowAppend,
    Writer::PreallocateThenFill,
    Writer::RenameIn,
    Writer::KeepModificationTime,
];

const PAUSE: Duration = Duration::from_millis(200);
/// Longer than [`crate::cabinet::STABILITY`]: an unfinished file that looks finished to a clock.
const LONG_PAUSE: Duration = Duration::from_millis(2500);

impl Writer {
    /// Writes `bytes` under `path`, and returns when the writer is done with it.
    ///
    /// # Panics
    /// When the file system refuses.
    pub fn write(self, path: &Path, bytes: &[u8]) {
        let done = match self {
            Self::SlowAppend => slow_append(path, bytes),
            Self::PreallocateThenFill => preallocate_then_fill(path, bytes),
            Self::RenameIn => rename_in(path, bytes),
            Self::KeepModificationTime => keep_modification_time(path, bytes),
        };
        done.unwrap_or_else(|error| panic!("{self:?} {}: {error}", path.display()));
    }
}

fn slow_append(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create_new(path)?;
    for (index, part) in quarters(bytes).enumerate() {
        file.write_all(part)?;
        file.flush()?;
        sleep(if index == 2 { LONG_PAUSE } else { PAUSE });
    }
    Ok(())
}

fn preallocate_then_fill(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let file = File::create_new(path)?;
    file.set_len(bytes.len() as u64)?;
    sleep(LONG_PAUSE);
    let mut file = OpenOptions::new().write(true).open(path)?;
    for part in quarters(bytes) {
        file.write_all(part)?;
        sleep(PAUSE);
    }
    Ok(())
}

fn rename_in(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().and_then(Path::parent).expect("a folder above the watched one");
    let elsewhere = tempfile::Builder::new().prefix(".elsewhere").tempdir_in(folder)?;
    let there = elsewhere.path().join("document");
    fs::write(&there, bytes)?;
    fs::rename(there, path)
}

fn keep_modification_time(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let times = FileTimes::new().set_modified(long_ago).set_accessed(long_ago);
    let mut file = File::create_new(path)?;
    for part in quarters(bytes) {
        file.write_all(part)?;
        file.set_times(times)?;
        sleep(PAUSE);
    }
    Ok(())
}

fn quarters(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.chunks(bytes.len().div_ceil(4).max(1))
}
