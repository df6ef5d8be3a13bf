//! Whether the seals of a state can reach what the workflows of the folders ask for.

use std::path::Path;

use sceau_pki::Certificate;
use sceau_workflow::definition::{SealLevel, SealSettings, WorkflowDefinition};
use sceau_workflow::faults::{FaultCode, Faults, Source};
use serde::Deserialize;

use super::folder::DraftFolder;
use super::workflows::Workflows;

/// Notes a folder whose workflow asks for B-LT or more, where nobody can ever tell whether the seal's
/// certificate was revoked. Before `sceau init` there is no seal, and nothing to say.
pub(super) fn check(
    folders: &[DraftFolder],
    workflows: &Workflows,
    state: &Path,
    source: Source<'_>,
    faults: &Faults,
) {
    for folder in folders {
        let (Some(wanted), Some(societe)) = (&folder.workflow, &folder.societe) else { continue };
        let workflow = workflows.good.get(&wanted.value);
        let Some(level) = workflow.and_then(|one| highest(&one.definition)) else { continue };
        let pki = state.join("pki");
        let Some(silent) = silent(&pki, societe.as_str()) else { continue };
        let message = format!(
            "the workflow `{}` seals up to {level}, and the certificate of « {silent} » names nobody \
             who tells whether it was revoked",
            wanted.value
        );
        let help = "say level = \"B-T\" there, or give the société another seal: sceau societe seal \
                    CODE --renew";
        let at = wanted.span.clone();
        faults.note(source.fault(FaultCode::BadValue, at, message, Some(help.to_owned())));
    }
}

/// The highest level above B-T of the workflow's seals, by its name.
fn highest(workflow: &WorkflowDefinition) -> Option<&'static str> {
    let seals = workflow.steps.iter().filter(|step| step.kind == "seal");
    let levels = seals.filter_map(|step| SealSettings::deserialize(&step.settings).ok());
    match levels.map(|settings| settings.level).max()? {
        SealLevel::BB | SealLevel::BT => None,
        SealLevel::BLt => Some("B-LT"),
        SealLevel::BLta => Some("B-LTA"),
    }
}

/// The first certificate of the seal's chain about which nobody can be asked. Our own authority
/// answers for what it issued, and the root's list for the authority.
fn silent(pki: &Path, societe: &str) -> Option<String> {
    let chain = certificates(&pki.join(format!("seal-{societe}.pem")));
    let issuing = certificates(&pki.join("issuing.pem"));
    let (root, list) = (certificates(&pki.join("root.pem")), pki.join("root.crl").exists());
    let answered = |one: &&Certificate| {
        let issued = |by: &Certificate| one.verify_signed_by(by).is_ok();
        let names = !one.ocsp_urls().is_empty() || !one.crl_urls().is_empty();
        let ours = issuing.iter().any(issued) || (list && root.iter().any(issued));
        names || ours || one.is_self_issued()
    };
    chain.iter().find(|one| !answered(one)).map(|one| one.subject().to_string())
}

/// None where the file cannot be read: whoever starts the daemon is told elsewhere.
fn certificates(path: &Path) -> Vec<Certificate> {
    let pem = std::fs::read(path).unwrap_or_default();
    Certificate::from_pem_bundle(&pem).unwrap_or_default()
}
