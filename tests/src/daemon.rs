//! The running daemon: `sceau run`, from its start to its end.

use std::ffi::OsString;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::cabinet::Cabinet;
use crate::http::{Answer, request};
use crate::{program, until};

const START: Duration = Duration::from_secs(30);
const STOP: Duration = Duration::from_secs(60);

/// A daemon of our own; dropping it kills it.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    log: PathBuf,
}

impl Daemon {
    /// Starts the program under test over a cabinet and waits until it says it is ready.
    pub fn start(cabinet: &Cabinet) -> Self {
        let daemon = Self::spawn(cabinet, program::binary(), &[]);
        daemon.wait_ready(cabinet)
    }

    /// Starts a build of the program with more environment, and does not wait.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn spawn(cabinet: &Cabinet, binary: PathBuf, environment: &[(&str, OsString)]) -> Self {
        let log = cabinet.path("daemon.log");
        let file = File::options().create(true).append(true).open(&log).expect("a log");
        let started = cabinet.clock.daemon(binary, &cabinet.path(""));
        let mut command = cabinet.command(started.path.clone());
        command.arg("run").arg("--config").arg(cabinet.config()).stdin(Stdio::null());
        command.stdout(file.try_clone().expect("a second handle")).stderr(file);
        command.envs(environment.iter().cloned());
        let child = command.spawn().unwrap_or_else(|error| panic!("sceau run: {error}"));
        Self { child, log }
    }

    /// Waits until `sceau status` says that it is ready.
    ///
    /// # Panics
    /// When the daemon ends first, or is not ready within thirty seconds; its log is told.
    #[must_use]
    pub fn wait_ready(mut self, cabinet: &Cabinet) -> Self {
        until("ready daemon", START, || {
            if let Some(status) = self.ended() {
                panic!("the daemon ended with {status}: {}", self.log());
            }
            cabinet.is_ready().then_some(())
        });
        self
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("invariant: our child")
    }

    /// SIGTERM, and the end that it makes.
    ///
    /// # Panics
    /// When it does not end within a minute.
    pub fn stop(mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        program::wait(&mut self.child, STOP)
            .unwrap_or_else(|| panic!("SIGTERM does not end the daemon: {}", self.log()))
    }

    /// SIGKILL: as the power going, without the disk.
    ///
    /// # Panics
    /// When the child cannot be waited for.
    pub fn kill(mut self) {
        self.child.kill().expect("invariant: our child");
        self.child.wait().expect("invariant: our child");
    }

    /// Waits for an end that the daemon makes by itself.
    pub fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        program::wait(&mut self.child, limit)
    }

    /// Sends a signal.
    ///
    /// # Panics
    /// When the process is gone.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("the daemon still runs");
    }

    /// Its process id.
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// All that it wrote so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = self.log();
            let tail: Vec<&str> = log.lines().rev().take(60).collect();
            let tail: Vec<&str> = tail.into_iter().rev().collect();
            std::io::Write::write_all(
                &mut std::io::stderr(),
                format!("--- the daemon's log\n{}\n", tail.join("\n")).as_bytes(),
            )
            .ok();
        }
    }
}

/// GET over the daemon's HTTP; `None` while nobody listens.
pub fn get(cabinet: &Cabinet, path: &str) -> Option<Answer> {
    request(cabinet.http(), "GET", path, &[], b"").ok()
}
