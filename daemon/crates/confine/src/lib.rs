//! Our own program, called again as a process that can do little: it works on bytes of a stranger, and
//! what a fault in that work could do is answer with other bytes.
//!
//! ```text
//! Cell::ask(input) -> [ empty environment, three pipes ] -> limit_oneself(..) -> work -> Answer
//! ```
//!
//! Invariants:
//! - After [`limit_oneself`] the process can open neither file nor socket (`RLIMIT_NOFILE=3`), write no
//!   file, and has bounds on memory and processor time.
//! - Whoever asks waits a bounded time and takes a bounded number of bytes; what came before the end is
//!   handed over with how it ended.

use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, setrlimit};

/// Most bytes of standard error that are kept.
const MOST_TOLD: u64 = 64 << 10;
/// How often it is looked whether the process has ended.
const LOOK: Duration = Duration::from_millis(5);

/// A program to call again.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
}

/// How long is waited, and how much is taken.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The longest that is waited; then the process is killed.
    pub wait: Duration,
    /// Most bytes of standard output that are taken.
    pub answer: u64,
}

/// What a process said, and how it ended.
#[derive(Debug)]
pub struct Answer {
    /// Its standard output, cut at [`Patience::answer`].
    pub out: Vec<u8>,
    /// Its standard error, trimmed.
    pub told: String,
    /// How it ended.
    pub end: End,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With this exit code.
    Code(i32),
    /// By this signal: beyond a limit, or a crash.
    Signal(i32),
    /// It was killed, for it took too long.
    TooLong,
}

/// Limits that a process sets itself.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Address space in bytes.
    pub memory: u64,
    /// Processor time in seconds.
    pub cpu: u64,
}

impl Cell {
    /// Gives `input` to a new process, and waits for its answer.
    ///
    /// # Errors
    /// The process cannot be started or waited for; that it ended badly is no error but an [`End`].
    pub fn ask(&self, input: &[&[u8]], patience: Patience) -> io::Result<Answer> {
        let child = Command::new(&self.program)
            .args(&self.arguments)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        converse(child, input, patience)
    }
}

fn converse(mut child: Child, input: &[&[u8]], patience: Patience) -> io::Result<Answer> {
    let (Some(mut stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(io::Error::other("no pipes"));
    };
    let (out, told, end) = std::thread::scope(|scope| {
        let out = scope.spawn(move || read_all(stdout, patience.answer));
        let told = scope.spawn(move || read_all(stderr, MOST_TOLD));
        scope.spawn(move || {
            // Invariant: a process that ends early says why on its standard error.
            let _ = input.iter().try_for_each(|part| stdin.write_all(part));
        });
        let end = wait(&mut child, patience.wait);
        (out.join().unwrap_or_default(), told.join().unwrap_or_default(), end)
    });
    let told = String::from_utf8_lossy(&told).trim().to_owned();
    Ok(Answer { out, told, end: end? })
}

fn read_all(from: impl Read, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Invariant: what broke off is told by how the process ended.
    let _ = from.take(most).read_to_end(&mut bytes);
    bytes
}

fn wait(child: &mut Child, most: Duration) -> io::Result<End> {
    let end = Instant::now() + most;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(ended(status));
        }
        if Instant::now() > end {
            child.kill()?;
            child.wait()?;
            return Ok(End::TooLong);
        }
        std::thread::sleep(LOOK);
    }
}

fn ended(status: ExitStatus) -> End {
    match (status.code(), status.signal()) {
        (Some(code), _) => End::Code(code),
        (None, signal) => End::Signal(signal.unwrap_or_default()),
    }
}

/// Limits the calling process for good: no file and no socket can be opened from here on, for there is
/// no descriptor beyond the three.
///
/// # Errors
/// What the system says; then the process must end.
pub fn limit_oneself(limits: Limits) -> io::Result<()> {
    let limit = |resource, most: u64| {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
    };
    limit(Resource::Nofile, 3)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, 0)?;
    limit(Resource::Cpu, limits.cpu)?;
    limit(Resource::As, limits.memory)?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const SHORT: Patience = Patience { wait: Duration::from_secs(10), answer: 1 << 20 };

    fn shell(script: &str) -> Cell {
        Cell { program: "/bin/sh".into(), arguments: vec!["-c".to_owned(), script.to_owned()] }
    }

    #[test]
    fn what_goes_in_comes_out_and_nothing_of_the_environment_is_there() {
        let answer = shell("cat; env >&2; exit 7").ask(&[b"one, ", b"two"], SHORT).unwrap();
        assert_eq!((answer.out.as_slice(), answer.end), (&b"one, two"[..], End::Code(7)));
        assert!(!answer.told.contains("HOME"), "{}", answer.told);
    }

    #[test]
    fn a_process_that_takes_too_long_is_killed_and_what_it_said_is_kept() {
        let patience = Patience { wait: Duration::from_millis(300), answer: 3 };
        let answer = shell("echo abcdef; exec sleep 60").ask(&[b"x"], patience).unwrap();
        assert_eq!((answer.out.as_slice(), answer.end), (&b"abc"[..], End::TooLong));
        let answer = shell("kill -9 $$").ask(&[], SHORT).unwrap();
        assert_eq!(answer.end, End::Signal(9));
    }
}
