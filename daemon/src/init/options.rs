//! What `sceau init` may be told, by flags or by an answers file. Flags win.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;

use super::{InitError, console::yes};
use crate::keys::{SchemeArgs, TokenArgs};

/// Largest answers file read, in bytes.
const MAX_ANSWERS: u64 = 64 * 1024;

/// The options of `sceau init`; also the keys of an answers file (TOML, with `_` for `-`).
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct InitOptions {
    /// The state directory to make; it must not exist yet
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// The cabinet's name
    #[arg(long, value_name = "NAME")]
    pub(crate) cabinet: Option<String>,
    /// The name of the first société (a legal person), as its seal shows it
    #[arg(long, value_name = "NAME")]
    pub(crate) societe: Option<String>,
    /// The short code of that société in folders and commands (a-z, 0-9, -); made of its name otherwise
    #[arg(long, value_name = "CODE")]
    pub(crate) societe_code: Option<String>,
    /// The SIREN of that société: nine digits
    #[arg(long, value_name = "N")]
    pub(crate) siren: Option<String>,
    /// The first administrator's name
    #[arg(long, value_name = "NAME")]
    pub(crate) admin_name: Option<String>,
    /// The first administrator's e-mail address
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) admin_email: Option<String>,
    /// The first administrator is an expert-comptable of the société (yes or no)
    #[arg(long, value_name = "YES|NO", value_parser = yes, num_args = 0..=1, default_missing_value = "yes")]
    pub(crate) admin_is_expert_comptable: Option<bool>,
    /// The file of the secret that opens the keys, outside the state directory; made when absent
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,
    /// Take the seal (key, certificate and chain) from a PKCS#12 file
    #[arg(long, value_name = "FILE")]
    pub(crate) seal_p12: Option<PathBuf>,
    /// The file that holds the password of the PKCS#12 file, readable by its owner alone
    #[arg(long, value_name = "FILE")]
    pub(crate) seal_p12_password_file: Option<PathBuf>,
    /// A PKCS#11 token's key for the seal, in place of one that is made
    #[command(flatten)]
    pub(crate) pkcs11: TokenArgs,
    /// How the seal's key signs
    #[command(flatten)]
    pub(crate) scheme: SchemeArgs,
    /// Take the time from this RFC 3161 authority instead of an internal one; may be repeated
    #[arg(long, value_name = "URL")]
    pub(crate) tsa: Vec<String>,
    /// The address beneath which the world reaches the authority's services (http://pki.cabinet.example):
    /// it stands in every certificate, and [pki] base_url of the configuration must say the same
    #[arg(long, value_name = "URL")]
    pub(crate) pki_url: Option<String>,
    /// The kind of key to make: p256, p384, rsa2048, rsa3072 or rsa4096
    #[arg(long, value_name = "KIND")]
    pub(crate) key_type: Option<String>,
    /// Write the root key to this file (encrypted under the secret) and keep none in the state
    #[arg(long, value_name = "FILE")]
    pub(crate) export_root_key: Option<PathBuf>,
    /// Make the final test with the seal of the PKCS#12 file instead of a throw-away one
    #[arg(long)]
    pub(crate) test_real_seal: bool,
    /// Ask each --tsa for a time-stamp over the TEST document, and make nothing if one gives none
    #[arg(long)]
    pub(crate) test_tsa: bool,
    /// Read answers from this TOML file
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    pub(crate) answers: Option<PathBuf>,
    /// Ask nothing: what is missing is a fault
    #[arg(long)]
    #[serde(skip)]
    pub(crate) yes: bool,
    /// Tell the result as JSON
    #[arg(long)]
    #[serde(skip)]
    pub(crate) json: bool,
}

impl InitOptions {
    /// Fills what no flag gave from the answers file, if one is named. Paths in it are relative to
    /// the file.
    pub(super) fn with_answers(mut self) -> Result<Self, InitError> {
        let Some(path) = self.answers.take() else { return Ok(self) };
        let mut answers = read(&path)?;
        let base = path.parent().unwrap_or(Path::new(""));
        for place in [
            &mut answers.state,
            &mut answers.secret_file,
            &mut answers.seal_p12,
            &mut answers.seal_p12_password_file,
            &mut answers.export_root_key,
            &mut answers.pkcs11.pkcs11_module,
            &mut answers.pkcs11.pin_file,
            &mut answers.pkcs11.certificate,
        ] {
            *place = place.take().map(|path| base.join(path));
        }
        Ok(self.over(answers))
    }

    fn over(self, below: Self) -> Self {
        Self {
            state: self.state.or(below.state),
            cabinet: self.cabinet.or(below.cabinet),
            societe: self.societe.or(below.societe),
            societe_code: self.societe_code.or(below.societe_code),
            siren: self.siren.or(below.siren),
            admin_name: self.admin_name.or(below.admin_name),
            admin_email: self.admin_email.or(below.admin_email),
            admin_is_expert_comptable: self
                .admin_is_expert_comptable
                .or(below.admin_is_expert_comptable),
            secret_file: self.secret_file.or(below.secret_file),
            seal_p12: self.seal_p12.or(below.seal_p12),
            seal_p12_password_file: self.seal_p12_password_file.or(below.seal_p12_password_file),
            pkcs11: if self.pkcs11.is_given() { self.pkcs11 } else { below.pkcs11 },
            scheme: if self.scheme == SchemeArgs::default() { below.scheme } else { self.scheme },
            tsa: if self.tsa.is_empty() { below.tsa } else { self.tsa },
            pki_url: self.pki_url.or(below.pki_url),
            key_type: self.key_type.or(below.key_type),
            export_root_key: self.export_root_key.or(below.export_root_key),
            test_real_seal: self.test_real_seal || below.test_real_seal,
            test_tsa: self.test_tsa || below.test_tsa,
            answers: None,
            yes: self.yes,
            json: self.json,
        }
    }
}

fn read(path: &Path) -> Result<InitOptions, InitError> {
    let unread = |source| InitError::Read { path: path.into(), source };
    let length = std::fs::metadata(path).map_err(unread)?.len();
    if length > MAX_ANSWERS {
        return Err(InitError::Answers {
            path: path.into(),
            why: format!("it is longer than {MAX_ANSWERS} bytes"),
        });
    }
    let text = std::fs::read_to_string(path).map_err(unread)?;
    toml::from_str(&text)
        .map_err(|fault| InitError::Answers { path: path.into(), why: fault.to_string() })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn answers(text: &str) -> (tempfile::TempDir, InitOptions) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("answers.toml");
        std::fs::write(&path, text).unwrap();
        let options = InitOptions { answers: Some(path), ..InitOptions::default() };
        (dir, options)
    }

    #[test]
    fn flags_win_and_paths_are_relative_to_the_answers() {
        let (dir, mut options) =
            answers("state = \"s\"\ncabinet = \"Below\"\ntsa = [\"http://a\"]\nsiren = \"1\"\n");
        options.cabinet = Some("Above".into());
        let merged = options.with_answers().unwrap();
        assert_eq!(merged.cabinet.as_deref(), Some("Above"));
        assert_eq!(merged.siren.as_deref(), Some("1"));
        assert_eq!(merged.state, Some(dir.path().join("s")));
        assert_eq!(merged.tsa, ["http://a"]);
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place() {
        let (_dir, options) = answers("cabinet = \"C\"\nsirene = \"1\"\n");
        let fault = options.with_answers().unwrap_err().to_string();
        assert!(fault.contains("line 2") && fault.contains("sirene"), "{fault}");
    }
}
