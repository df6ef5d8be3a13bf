//! What `sceau societe seal` made, told to people and to programs.

use std::path::PathBuf;

use sceau_signer::key_file;
use serde::Serialize;

use super::super::outcome::CertificateFacts;
use super::{Made, Named, Probe, SealOrder, place};

/// What was made.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SealOutcome {
    /// The société's code.
    pub(crate) societe: String,
    /// Its name.
    pub(crate) name: String,
    /// Its SIREN, nine digits.
    pub(crate) siren: String,
    /// The seal's certificate.
    pub(crate) seal: CertificateFacts,
    /// Its serial number, in hexadecimal.
    pub(crate) serial: String,
    /// The file of the certificate and its issuers.
    pub(crate) certificate: PathBuf,
    /// The file of the key, encrypted under the secret, or what names the token's key.
    pub(crate) key: PathBuf,
    /// Where the certificates are that were in force before.
    pub(crate) earlier: Option<PathBuf>,
    /// The level that the TEST document reached.
    pub(crate) tested_level: String,
    /// Whether the TEST document's seal came from the embedded authority.
    pub(crate) tested_with_own_authority: bool,
    /// Whether a daemon runs that must be started again before it uses this seal.
    pub(crate) restart_needed: bool,
}

impl SealOutcome {
    pub(super) fn new(
        order: &SealOrder,
        societe: &Named,
        made: &Made,
        earlier: Option<PathBuf>,
        probe: Probe,
    ) -> Self {
        Self {
            societe: order.societe.to_string(),
            name: societe.name.clone(),
            siren: societe.siren.to_string(),
            seal: CertificateFacts::of(&made.chain[0]),
            serial: made.chain[0].serial_hex(),
            certificate: order.state.join("pki").join(place::seal_file(&order.societe)),
            key: order.state.join("keys").join(key_file(&made.key.info.id, &made.key.key)),
            earlier,
            tested_level: probe.level.to_string(),
            tested_with_own_authority: probe.trusted,
            restart_needed: societe.daemon_runs,
        }
    }

    /// The lines for a person.
    pub(crate) fn text(&self) -> String {
        let whose =
            if self.tested_with_own_authority { "our own authority" } else { "the given seal" };
        let mut lines = vec![
            format!("Société:         {} ({}, SIREN {})", self.name, self.societe, self.siren),
            format!("Seal:            {} (until {})", self.seal.subject, self.seal.not_after),
            format!("                 SHA-256 {}", self.seal.sha256),
            format!("Certificate:     {}", self.certificate.display()),
            format!("Key:             {}", self.key.display()),
        ];
        lines
            .extend(self.earlier.iter().map(|path| format!("The one before:  {}", path.display())));
        lines
            .push(format!("TEST document:   sealed {} with {whose}, and valid", self.tested_level));
        lines.push(match self.restart_needed {
            true => "The daemon runs without it: restart it, and it seals with this.".to_owned(),
            false => "The daemon seals with it from its next start on.".to_owned(),
        });
        lines.join("\n")
    }
}
