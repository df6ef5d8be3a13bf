//! Running programs within bounds of time, and keeping what they said.

use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::root;

/// What a program said, and how it ended.
#[derive(Debug, Clone)]
pub struct Said {
    /// Exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Said {
    /// Demands an exit code.
    ///
    /// # Panics
    /// When it was another one; the message holds all that was said.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert!(self.code == Some(code), "exit {code} expected: {self}");
        self
    }

    /// Standard output as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error} in {self}"))
    }

    /// Both outputs, one after the other.
    pub fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit {:?}\n--- out\n{}\n--- err\n{}", self.code, self.out, self.err)
    }
}

/// The program under test: `SCEAU_BIN`, or this checkout's build in the profile `checked`.
///
/// # Panics
/// When it is not there: `tests/run.sh` builds it.
pub fn binary() -> PathBuf {
    built("SCEAU_BIN", "checked/sceau")
}

/// The same program with its crash boundaries armed: `SCEAU_CRASH_BIN`, or `target/crash/sceau`.
///
/// # Panics
/// When it is not there: `tests/run.sh` builds it.
pub fn crash_binary() -> PathBuf {
    built("SCEAU_CRASH_BIN", "crash/sceau")
}

fn built(variable: &str, place: &str) -> PathBuf {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let path = std::env::var_os(variable).map_or_else(|| target.join(place), PathBuf::from);
    assert!(path.is_file(), "{} is missing: tests/run.sh builds it", path.display());
    path
}

/// Runs `sceau` with these arguments, without input, for at most two minutes.
pub fn sceau<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Said {
    let mut command = Command::new(binary());
    command.args(arguments);
    run(&mut command, Duration::from_secs(120))
}

/// Runs a command to its end, without input, for at most `limit`.
///
/// # Panics
/// When it cannot be started, or does not end in time.
pub fn run(command: &mut Command, limit: Duration) -> Said {
    match run_within(command, limit) {
        Ok(said) => said,
        Err(said) => panic!("{command:?} still runs after {limit:?}: {said}"),
    }
}

/// The same; the error is what a command had said that was ended after `limit`.
///
/// # Errors
/// What it said until then.
///
/// # Panics
/// When it cannot be started.
pub fn run_within(command: &mut Command, limit: Duration) -> Result<Said, Said> {
    let (mut out, mut err) = (scratch(), scratch());
    command.stdin(Stdio::null()).stdout(handle(&out)).stderr(handle(&err));
    let mut child =
        command.spawn().unwrap_or_else(|error| panic!("{:?}: {error}", command.get_program()));
    let status = wait(&mut child, limit);
    if status.is_none() {
        let _ = child.kill();
        let _ = child.wait();
    }
    let code = status.and_then(|status| status.code());
    let said = Said { code, out: text(&mut out), err: text(&mut err) };
    if status.is_some() { Ok(said) } else { Err(said) }
}

/// Waits for the end of a child; `None` when it still runs after `limit`.
pub fn wait(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("invariant: a child can be waited for") {
            return Some(status);
        }
        if began.elapsed() > limit {
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn scratch() -> File {
    tempfile::tempfile().expect("a temporary file")
}

fn handle(file: &File) -> Stdio {
    file.try_clone().expect("a second handle").into()
}

fn text(file: &mut File) -> String {
    let mut bytes = Vec::new();
    file.rewind().expect("the start of the file");
    file.read_to_end(&mut bytes).expect("what was written");
    String::from_utf8_lossy(&bytes).into_owned()
}
