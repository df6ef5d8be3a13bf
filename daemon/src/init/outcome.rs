//! What was made, told to people and to programs.

use std::path::{Path, PathBuf};

use sceau_pki::Certificate;
use serde::Serialize;

use super::{
    ceremony::Ceremony,
    plan::{Plan, SealSource},
    probe::Probe,
};

/// What `sceau init` made.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Outcome {
    /// The state directory.
    pub(crate) state: PathBuf,
    /// The file of the secret that opens its keys.
    pub(crate) secret_file: PathBuf,
    /// The cabinet's name.
    pub(crate) cabinet: String,
    /// The société's code.
    pub(crate) societe: String,
    /// The root certificate of the embedded authority.
    pub(crate) root: CertificateFacts,
    /// The seal's certificate.
    pub(crate) seal: CertificateFacts,
    /// The certificate of the internal time-stamping unit, if there is one.
    pub(crate) time_stamping_unit: Option<CertificateFacts>,
    /// Addresses of outside time-stamping authorities, for `[time]` of the configuration.
    pub(crate) tsa: Vec<String>,
    /// Where the root's key was put, if not into the state.
    pub(crate) root_key: Option<PathBuf>,
    /// The level that the TEST document reached.
    pub(crate) tested_level: String,
    /// Whether every address in `tsa` gave a time-stamp over the TEST document.
    pub(crate) tsa_tested: bool,
    /// Whether the TEST document's seal came from the embedded authority.
    pub(crate) tested_with_own_authority: bool,
    /// Hidden directories that interrupted runs left; they may be removed.
    pub(crate) leftovers: Vec<PathBuf>,
}

/// What tells a certificate from others.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CertificateFacts {
    /// Its subject.
    pub(crate) subject: String,
    /// SHA-256 of its DER, in hexadecimal.
    pub(crate) sha256: String,
    /// Its last instant.
    pub(crate) not_after: String,
}

impl CertificateFacts {
    pub(super) fn of(certificate: &Certificate) -> Self {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Self {
            subject: certificate.subject().to_string(),
            sha256: hex(&certificate.fingerprint()),
            not_after: certificate.not_after().to_string(),
        }
    }
}

impl Outcome {
    pub(super) fn new(plan: &Plan, made: &Ceremony, probe: Probe, leftovers: Vec<PathBuf>) -> Self {
        Self {
            state: absolute(&plan.state),
            secret_file: absolute(&plan.secret_file),
            cabinet: plan.cabinet.clone(),
            societe: plan.societe_id.to_string(),
            root: CertificateFacts::of(&made.root),
            seal: CertificateFacts::of(&made.seal[0]),
            time_stamping_unit: made.unit.as_ref().map(|unit| CertificateFacts::of(&unit[0])),
            tsa: plan.tsa.clone(),
            root_key: plan.export_root_key.as_deref().map(absolute),
            tested_level: probe.level.to_string(),
            tsa_tested: plan.test_tsa && !plan.tsa.is_empty(),
            tested_with_own_authority: probe.trusted,
            leftovers,
        }
    }

    /// The lines for a person.
    pub(crate) fn text(&self) -> String {
        let mut lines = vec![
            format!("State directory: {}", self.state.display()),
            format!("Secret:          {}", self.secret_file.display()),
            "                 Without it the keys are lost; keep a copy, apart from the state's backup.".into(),
            format!("Seal:            {} (until {})", self.seal.subject, self.seal.not_after),
            format!("Root:            {}", self.root.subject),
            format!("                 SHA-256 {}", self.root.sha256),
            "                 pki/root.pem is installed nowhere: give it to those who are to trust it.".into(),
        ];
        lines.extend(self.time_lines());
        lines.push(match &self.root_key {
            Some(path) => format!("Root key:        {} (the state holds none)", path.display()),
            None => {
                "Root key:        offline/root.p8 in the state; the daemon never opens it.".into()
            }
        });
        let whose =
            if self.tested_with_own_authority { "our own authority" } else { "the given seal" };
        lines
            .push(format!("TEST document:   sealed {} with {whose}, and valid", self.tested_level));
        lines.extend(
            self.leftovers.iter().map(|path| {
                format!("An interrupted run left {}; it may be removed.", path.display())
            }),
        );
        lines.join("\n")
    }

    fn time_lines(&self) -> Vec<String> {
        match &self.time_stamping_unit {
            Some(unit) => vec![
                format!("Time:            {}", unit.subject),
                "                 An internal time-stamp, not an independent one.".into(),
            ],
            None => {
                let head = "Time:            from outside; in the configuration:".to_owned();
                let lines = self
                    .tsa
                    .iter()
                    .map(|url| format!("                 [[time.tsa]] url = {url:?}"));
                let tested = self.tsa_tested.then(|| {
                    "                 Each was asked for a time-stamp, and gave a good one."
                        .to_owned()
                });
                std::iter::once(head).chain(lines).chain(tested).collect()
            }
        }
    }
}

/// As it will be found from any other directory.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.into())
}

/// What is about to be made, for a last look.
pub(super) fn summary(plan: &Plan) -> String {
    let seal = match &plan.seal {
        SealSource::OwnAuthority => "issued by the embedded authority".to_owned(),
        SealSource::P12 { file, .. } => format!("from {}", file.display()),
        SealSource::Token(_) => "with the key of a PKCS#11 token".to_owned(),
    };
    let time = match plan.tsa.as_slice() {
        [] => "internal time-stamping unit".to_owned(),
        addresses => addresses.join(", "),
    };
    format!(
        "\nState directory: {}\nSecret:          {}\nCabinet:         {}\n\
         Société:         {} ({}, SIREN {})\nAdministrator:   {} <{}>\n\
         Seal:            {seal}\nTime:            {time}\nKeys:            {}\n",
        plan.state.display(),
        plan.secret_file.display(),
        plan.cabinet,
        plan.societe,
        plan.societe_id,
        plan.siren,
        plan.admin_name,
        plan.admin_email,
        plan.key_type.as_str(),
    )
}
