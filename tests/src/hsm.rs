//! A PKCS#11 token of SoftHSM2, and keys with certificates of a small authority made by openssl.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::cabinet::owner_only;
use crate::program::run;

/// Where Debian puts SoftHSM2's module.
pub const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
/// The label of the token.
pub const TOKEN: &str = "Cabinet Exemple";
/// The PIN of its user.
const PIN: &str = "135790";

/// An authority, its keys, and a token that holds some of them.
#[derive(Debug)]
pub struct Hsm {
    folder: TempDir,
}

impl Hsm {
    /// A new authority and a new, empty token.
    ///
    /// # Panics
    /// When openssl or SoftHSM2 is missing (`tests/peers/install.sh apt`).
    pub fn new() -> Self {
        let hsm = Self { folder: tempfile::tempdir().expect("a folder") };
        std::fs::create_dir(hsm.path("tokens")).expect("a folder");
        let configuration = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
            hsm.path("tokens").display()
        );
        std::fs::write(hsm.path("softhsm2.conf"), configuration).expect("written");
        for (name, text) in [("pin", PIN), ("password", "essai"), ("wrong-pin", "000000")] {
            std::fs::write(hsm.path(name), text).expect("written");
            owner_only(&hsm.path(name), 0o600);
        }
        hsm.softhsm(&[
            "--init-token",
            "--free",
            "--label",
            TOKEN,
            "--pin",
            PIN,
            "--so-pin",
            "2468",
        ]);
        hsm.authority();
        hsm
    }

    /// A file of the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The trust anchor of every certificate.
    pub fn anchors(&self) -> PathBuf {
        self.path("root.pem")
    }

    /// What the module needs to find the token.
    pub fn environment(&self) -> (&'static str, OsString) {
        ("SOFTHSM2_CONF", self.path("softhsm2.conf").into())
    }

    /// A new key of a kind of `sceau init --key-type`, its certificate (`NAME.pem`, with the root)
    /// and both in a PKCS#12 file (`NAME.p12`).
    pub fn certified(&self, name: &str, kind: &str) {
        let (key, pem) = (format!("{name}.key"), format!("{name}.pem"));
        self.key(&key, kind);
        let subject = format!("/C=FR/O=Cabinet Exemple/CN=Cachet {name}");
        self.openssl(&["req", "-new", "-key", &key, "-subj", &subject, "-out", "request"]);
        self.openssl(&[
            "x509", "-req", "-in", "request", "-CA", "root.pem", "-CAkey", "root.key", "-days",
            "30", "-extfile", "seal.ext", "-out", &pem,
        ]);
        let out = format!("{name}.p12");
        self.openssl(&[
            "pkcs12",
            "-export",
            "-inkey",
            &key,
            "-in",
            &pem,
            "-certfile",
            "root.pem",
            "-out",
            &out,
            "-passout",
            "file:password",
        ]);
    }

    /// A new key, as unencrypted PKCS#8.
    pub fn key(&self, file: &str, kind: &str) {
        let option = match kind {
            "p256" => "ec_paramgen_curve:P-256".to_owned(),
            "p384" => "ec_paramgen_curve:P-384".to_owned(),
            rsa => format!("rsa_keygen_bits:{}", rsa.trim_start_matches("rsa")),
        };
        let algorithm = if kind.starts_with('p') { "EC" } else { "RSA" };
        self.openssl(&["genpkey", "-algorithm", algorithm, "-pkeyopt", &option, "-out", file]);
    }

    /// Puts a key into the token, under a label and an id.
    pub fn import(&self, file: &str, label: &str, id: &str) {
        let path = self.path(file);
        let path = path.to_str().expect("ours");
        self.softhsm(&[
            "--import", path, "--token", TOKEN, "--label", label, "--id", id, "--pin", PIN,
        ]);
    }

    /// The options of `sceau` that name a key of the token.
    pub fn options(&self, label: &str) -> Vec<OsString> {
        let pin = self.path("pin");
        let mut options: Vec<OsString> = Vec::new();
        for (flag, value) in [
            ("--pkcs11-module", Path::new(MODULE)),
            ("--pkcs11-token", Path::new(TOKEN)),
            ("--pkcs11-key", Path::new(label)),
            ("--pin-file", pin.as_path()),
        ] {
            options.extend([flag.into(), value.into()]);
        }
        options
    }

    fn authority(&self) {
        self.key("root.key", "p256");
        let seal = "basicConstraints=CA:FALSE\nkeyUsage=critical,nonRepudiation\n";
        std::fs::write(self.path("seal.ext"), seal).expect("written");
        self.openssl(&[
            "req",
            "-x509",
            "-new",
            "-key",
            "root.key",
            "-subj",
            "/C=FR/O=Essai/CN=Racine",
            "-days",
            "60",
            "-addext",
            "keyUsage=critical,keyCertSign,cRLSign",
            "-out",
            "root.pem",
        ]);
    }

    fn openssl(&self, arguments: &[&str]) {
        let mut command = Command::new("openssl");
        command.current_dir(self.folder.path()).args(arguments);
        run(&mut command, Duration::from_secs(120)).expect(0);
    }

    fn softhsm(&self, arguments: &[&str]) {
        let mut command = Command::new("softhsm2-util");
        let (name, value) = self.environment();
        command.env(name, value).args(arguments);
        run(&mut command, Duration::from_secs(30)).expect(0);
    }
}

impl Default for Hsm {
    fn default() -> Self {
        Self::new()
    }
}
