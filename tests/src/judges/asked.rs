//! A judge that runs as one process, or two of them when proving: a line to ask, a line of JSON as the
//! answer.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::proving;

const PATIENCE: Duration = Duration::from_secs(600);

/// The processes: their input, and the lines that a thread reads from each.
pub(super) struct Judge {
    name: &'static str,
    inner: Vec<Mutex<Inner>>,
    next: AtomicUsize,
}

struct Inner {
    child: Child,
    input: ChildStdin,
    answers: Receiver<String>,
}

impl Judge {
    /// Starts the process, twice when proving.
    ///
    /// # Panics
    /// When it cannot be started: peers are never optional.
    pub(super) fn start(name: &'static str, command: &mut Command) -> Self {
        let count = if proving() { 2 } else { 1 };
        let inner = (0..count).map(|_| Mutex::new(Inner::start(name, command))).collect();
        Self { name, inner, next: AtomicUsize::new(0) }
    }

    /// Asks one question (fields joined by tabs) and waits for its answer.
    ///
    /// # Panics
    /// When the process has ended, or does not answer within ten minutes.
    pub(super) fn ask(&self, question: &[&str]) -> Value {
        let answer = self.ask_within(question, PATIENCE);
        answer.unwrap_or_else(|| panic!("{} does not answer", self.name))
    }

    /// The same; `None` when there is no answer within `limit`. Then the process is of no more use.
    ///
    /// # Panics
    /// When the process has ended.
    pub(super) fn ask_within(&self, question: &[&str], limit: Duration) -> Option<Value> {
        let mut inner = self.free();
        let line = question.join("\t") + "\n";
        assert!(inner.input.write_all(line.as_bytes()).is_ok(), "{} has ended", self.name);
        match inner.answers.recv_timeout(limit) {
            Ok(answer) => Some(
                serde_json::from_str(&answer)
                    .unwrap_or_else(|error| panic!("{}: {error} in {answer}", self.name)),
            ),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => panic!("{} has ended", self.name),
        }
    }

    /// How long an answer takes of a process that has given it once; `None` when it is longer than
    /// `limit`.
    ///
    /// # Panics
    /// When the process has ended.
    pub(super) fn time(&self, question: &[&str], limit: Duration) -> Option<Duration> {
        self.ask_within(question, limit)?;
        let began = Instant::now();
        self.ask_within(question, limit)?;
        Some(began.elapsed())
    }

    /// One that is not asked now, or the next in turn.
    fn free(&self) -> MutexGuard<'_, Inner> {
        if let Some(free) = self.inner.iter().find_map(|inner| inner.try_lock().ok()) {
            return free;
        }
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.inner.len();
        self.inner[turn].lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Inner {
    fn start(name: &'static str, command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {error} (tests/peers/install.sh)"));
        let input = child.stdin.take().expect("invariant: piped");
        let output = child.stdout.take().expect("invariant: piped");
        let (send, answers) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    break;
                }
            }
        });
        Self { child, input, answers }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
