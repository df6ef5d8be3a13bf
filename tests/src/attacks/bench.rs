//! Files to attack: signed a moment ago by Sceau and by pyHanko, under one root.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{base, lossy};
use crate::exit::PASSED;
use crate::program::{Said, run, sceau};
use crate::tsa::{ForeignPki, Tsa};
use crate::{peers, program, root};

/// How long a process is waited for on a crowded machine.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// The base signed by both, under one root.
#[derive(Debug)]
pub struct Bench {
    pki: ForeignPki,
    _tsa: Tsa,
}

impl Default for Bench {
    fn default() -> Self {
        Self::new()
    }
}

impl Bench {
    /// Over [`base`].
    pub fn new() -> Self {
        Self::over(&base(""))
    }

    /// Without the reference that leads nowhere: pyHanko ends in an exception at it as soon as the page
    /// changes, and judges nothing.
    pub fn sound() -> Self {
        let base = lossy(&base(""));
        Self::over(base.replace(" 50 0 R", "       ").as_bytes())
    }

    /// Over another document.
    pub fn over(base: &[u8]) -> Self {
        let (pki, tsa) = ForeignPki::over(base);
        let bench = Self { pki, _tsa: tsa };
        bench.seal("seal.p12", "sceau.pdf", &["--level", "B-T", "--tsa", &bench.url()]);
        bench
    }

    /// The base as `sceau sign` seals it.
    pub fn seal(&self, p12: &str, name: &str, more: &[&str]) -> Vec<u8> {
        let mut sceau = Command::new(program::binary());
        sceau.arg("sign").args(["base.pdf", name, "--p12", p12, "--password-file", "password"]);
        sceau.args(["--guard", "allow", "--force"]).args(more).current_dir(self.path(""));
        run(&mut sceau, PATIENCE).expect(PASSED);
        self.read(name)
    }

    /// A file of its folder.
    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).expect("made")
    }

    /// Its place.
    pub fn path(&self, name: &str) -> PathBuf {
        self.pki.path(name)
    }

    /// The base certified with `/P` of this value by pyHanko; and the same, signed by us behind that: we
    /// certify nothing.
    pub fn certified(&self, permission: &str) -> [(&'static str, Vec<u8>); 2] {
        let certified = self.pyhanko(&format!("certify{permission}"), &self.read("base.pdf"));
        [("Sceau", self.sign_again(&certified)), ("pyHanko", certified)]
    }

    /// The base, signed by each.
    pub fn signed(&self) -> [(&'static str, Vec<u8>); 2] {
        [("Sceau", self.read("sceau.pdf")), ("pyHanko", self.read("sealed.pdf"))]
    }

    /// `file` with a further signature of ours, which is not shown.
    pub fn sign_again(&self, file: &[u8]) -> Vec<u8> {
        let path = self.path("once.pdf");
        std::fs::write(&path, file).expect("written");
        run(&mut self.command("sign", &path), PATIENCE).expect(PASSED);
        self.read("again.pdf")
    }

    /// What pyHanko makes of it: see `tests/peers/pyhanko_second.py`.
    pub fn pyhanko(&self, kind: &str, file: &[u8]) -> Vec<u8> {
        std::fs::write(self.path("once.pdf"), file).expect("written");
        let mut python = Command::new(peers().join("venv/bin/python"));
        python.arg(root().join("tests/peers/pyhanko_second.py")).arg(kind);
        python.arg(self.path("")).args([self.path("once.pdf"), self.path("again.pdf")]);
        run(&mut python, PATIENCE).expect(PASSED);
        self.read("again.pdf")
    }

    /// The file that is judged next.
    pub fn write(&self, bytes: &[u8]) -> PathBuf {
        let path = self.path("judged.pdf");
        std::fs::write(&path, bytes).expect("written");
        path
    }

    /// What `sceau verify` says of it.
    pub fn verify(&self, file: &Path) -> Said {
        let anchors = self.path("root.pem");
        sceau([
            "verify".as_ref(),
            file.as_os_str(),
            "--trust".as_ref(),
            anchors.as_os_str(),
            "--json".as_ref(),
        ])
    }

    /// Where its authority answers.
    pub fn url(&self) -> String {
        self.pki.url("")
    }

    /// `sceau verify`, `inspect` or `sign` of a file.
    pub fn command(&self, name: &str, file: &Path) -> Command {
        let mut sceau = Command::new(program::binary());
        sceau.arg(name).arg(file);
        if name == "sign" {
            sceau
                .arg(self.path("again.pdf"))
                .args(["--force", "--level", "B-B", "--guard", "warn"]);
            sceau.arg("--p12").arg(self.path("seal.p12"));
            sceau.arg("--password-file").arg(self.path("password"));
        }
        sceau
    }
}
