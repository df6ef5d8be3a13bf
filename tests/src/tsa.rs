//! A foreign time-stamping authority on loopback, made by `tests/peers/tsa.py`, with a PKI of its
//! own and a seal in a PKCS#12 file.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::ports::free_port;
use crate::{fixtures, peers, root};

/// The password of [`ForeignPki::p12`].
pub const P12_PASSWORD: &str = "essai";

/// Certificates, keys and a port; the authority itself may run or not.
#[derive(Debug)]
pub struct ForeignPki {
    folder: TempDir,
    port: u16,
}

/// A running authority; dropping it kills it.
#[derive(Debug)]
pub struct Tsa {
    child: Child,
}

impl ForeignPki {
    /// A new PKI, and an authority that runs under it.
    pub fn start() -> (Self, Tsa) {
        Self::over(&fixtures::small("base"))
    }

    /// The same, whose `sealed.pdf` (B-T) and `untimed.pdf` (B-B) are of this document.
    pub fn over(base: &[u8]) -> (Self, Tsa) {
        let pki = Self { folder: tempfile::tempdir().expect("a folder"), port: free_port() };
        std::fs::write(pki.path("base.pdf"), base).expect("written");
        std::fs::write(pki.path("password"), P12_PASSWORD).expect("written");
        crate::cabinet::owner_only(&pki.path("password"), 0o600);
        let tsa = pki.serve();
        (pki, tsa)
    }

    /// Starts the authority (again), under the keys that it had.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn serve(&self) -> Tsa {
        let mut python = Command::new(peers().join("venv/bin/python"));
        python.arg(root().join("tests/peers/tsa.py")).arg(self.folder.path());
        python.arg(self.path("base.pdf")).arg(self.port.to_string()).stdout(Stdio::piped());
        let mut child = python.spawn().unwrap_or_else(|error| panic!("tsa.py: {error}"));
        let mut line = String::new();
        let output = child.stdout.take().expect("invariant: piped");
        BufReader::new(output).read_line(&mut line).expect("a line");
        assert_eq!(line.trim(), "ready", "the authority does not come up");
        Tsa { child }
    }

    /// A file of the PKI's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The trust anchor of its seal and of its authority.
    pub fn anchors(&self) -> PathBuf {
        self.path("root.pem")
    }

    /// A seal's key, certificate and chain; the password stands in the file `password`.
    pub fn p12(&self) -> PathBuf {
        self.path("seal.p12")
    }

    /// The authority's address; `fate` is empty, `refuse`, `lie`, `flood` or `big`.
    pub fn url(&self, fate: &str) -> String {
        format!("http://127.0.0.1:{}/{fate}", self.port)
    }

    /// The `[time]` part of a configuration that asks this authority.
    pub fn time_section(&self) -> String {
        self.time_sections(&[""])
    }

    /// The same with one authority for each fate, in that order.
    pub fn time_sections(&self, fates: &[&str]) -> String {
        let trust = self.anchors();
        let section = |fate: &&str| {
            let (url, trust) = (self.url(fate), trust.display());
            format!("[[time.tsa]]\nurl = \"{url}\"\ntrust = \"{trust}\"\ntimeout = \"2s\"\n")
        };
        fates.iter().map(section).collect()
    }
}

impl Drop for Tsa {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
