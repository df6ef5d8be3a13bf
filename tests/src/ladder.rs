//! The PKI of `tests/peers/ladder.yml` on loopback: OCSP, revocation lists, issuers, time-stamps.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::ports::free_port;
use crate::{peers, root};

/// A running PKI; dropping it kills it.
#[derive(Debug)]
pub struct LadderPki {
    folder: TempDir,
    port: u16,
    child: Child,
    begin: SystemTime,
}

impl LadderPki {
    /// With new keys.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// With a seal for each kind of key too: `rsa2048`, `rsa3072`, `rsa4096`, `p384`; `signer` is P-256.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn start_with_keys() -> Self {
        Self::start_with(&["keys"])
    }

    fn start_with(more: &[&str]) -> Self {
        let (folder, port) = (tempfile::tempdir().expect("a folder"), free_port());
        let mut python = Command::new(peers().join("venv/bin/python"));
        python.arg(root().join("tests/peers/ladder.py")).arg(folder.path()).arg(port.to_string());
        python.args(more).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = python.spawn().unwrap_or_else(|error| panic!("ladder.py: {error}"));
        let mut line = String::new();
        let output = child.stdout.take().expect("invariant: piped");
        BufReader::new(output).read_line(&mut line).expect("a line");
        let begin = line.trim().strip_prefix("ready ").and_then(|moment| moment.parse().ok());
        let begin = begin.unwrap_or_else(|| panic!("the PKI does not come up: {line}"));
        let begin = SystemTime::UNIX_EPOCH + Duration::from_secs_f64(begin);
        let pki = Self { folder, port, child, begin };
        pki.wait_for_port();
        pki
    }

    fn wait_for_port(&self) {
        for _ in 0..100 {
            if std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("nobody listens on port {}", self.port);
    }

    /// A file of the PKI's folder: `root.pem`, `password`, `NAME.p12`.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// How long ago the moments of `ladder.yml` began.
    ///
    /// # Panics
    /// When the clock was set back.
    pub fn age(&self) -> Duration {
        self.begin.elapsed().expect("a clock that goes forward")
    }

    /// The address of a time-stamping unit: `tsa` ends two hours from the start, `tsa2` does not.
    pub fn tsa(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}/ladder/tsa/{name}", self.port)
    }
}

impl Drop for LadderPki {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
