//! The configured folders, with the accounts that they act for.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use sceau_cabinet::{AddressCommitment, CommitmentKey, Registry, SocieteId};
use sceau_disk::RealFs;
use sceau_engine::intake::FolderRules;
use sceau_engine::keys::SealIdentity;
use sceau_intake::{Adoption, Folder};
use sceau_store::{StateStore, StoreError};

use crate::config::{Config, FolderSettings};

/// Projection: folders that were used before (their marker file must be there from then on).
pub(crate) const ADOPTED: &str = "adopted_folders";

/// The folders by name.
pub(crate) type Folders = BTreeMap<String, (Arc<Folder>, FolderRules)>;

/// A folder that names an account or a société that the cabinet does not have yet: it is watched
/// from the moment on when both are there.
#[derive(Debug)]
pub(crate) struct WaitingFolder {
    pub(crate) folder: Arc<Folder>,
    pub(crate) settings: FolderSettings,
    /// What is missing, and the command that mends it.
    pub(crate) missing: Vec<String>,
}

/// The configured folders: those that are watched from the start, and the others.
pub(crate) type Resolved = (Folders, Vec<WaitingFolder>);

/// Why the folders cannot be watched: every one of the reasons.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FoldersError {
    /// A société of the cabinet cannot seal.
    #[error("{}", .0.join("\n"))]
    Faults(Vec<String>),
    /// The state cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The seals in force.
pub(crate) type InForce = BTreeMap<SocieteId, SealIdentity>;

/// Finds each folder's account, société and seal; gathers all seals that are missing. Accounts and
/// sociétés are added through the running daemon, so that their lack does not keep it from starting.
pub(crate) fn resolve(
    config: &Config,
    authority: &Registry,
    key: &CommitmentKey,
    seals: &InForce,
    store: &dyn StateStore,
    now: Timestamp,
) -> Result<Resolved, FoldersError> {
    let (mut folders, mut waiting) = Resolved::default();
    let mut faults = Vec::new();
    for settings in &config.folders {
        let name = settings.intake.name.clone();
        warn_of_others(config, settings, seals, now);
        if authority.societe(&settings.societe).is_some() {
            faults.extend(without_seal(config, settings, seals, now));
        }
        let adopted = store.projection(ADOPTED, name.as_bytes())?.is_some();
        let adoption = if adopted { Adoption::Before } else { Adoption::First };
        let folder = Folder::new(settings.intake.clone(), Arc::new(RealFs), adoption);
        match rules(config, settings, authority, key, now) {
            Ok(rules) => drop(folders.insert(name, (folder, rules))),
            Err(missing) => {
                let settings = settings.clone();
                waiting.push(WaitingFolder { folder, settings, missing });
            }
        }
    }
    if faults.is_empty() { Ok((folders, waiting)) } else { Err(FoldersError::Faults(faults)) }
}

/// Why the folder's société cannot be sealed for, where the folder's workflow seals.
pub(super) fn without_seal(
    config: &Config,
    settings: &FolderSettings,
    seals: &InForce,
    now: Timestamp,
) -> Option<String> {
    let why = unsealed(&settings.societe, seals, now).filter(|_| does_seal(config, settings))?;
    Some(format!("folder `{}`: {why}", settings.intake.name))
}

/// Of the other sociétés that a sidecar file may name it is only said, once: their documents stop by
/// themselves.
fn warn_of_others(config: &Config, settings: &FolderSettings, seals: &InForce, now: Timestamp) {
    let own = settings.societe.as_str();
    let others = settings.intake.societes.iter().filter(|code| *code != own);
    for other in others.filter(|_| does_seal(config, settings)) {
        let code = other.parse().ok();
        if let Some(why) = code.and_then(|code: SocieteId| unsealed(&code, seals, now)) {
            tracing::warn!(folder = settings.intake.name, "{why}");
        }
    }
}

fn does_seal(config: &Config, settings: &FolderSettings) -> bool {
    let steps = config.workflows.get(&settings.workflow).map(|loaded| &loaded.definition.steps);
    steps.is_some_and(|steps| steps.iter().any(|step| step.kind == "seal"))
}

/// Why nothing can be sealed for a société now, and what to do.
fn unsealed(societe: &SocieteId, seals: &InForce, now: Timestamp) -> Option<String> {
    let Some(seal) = seals.get(societe).and_then(|seal| seal.chain.first()) else {
        return Some(format!(
            "the société `{societe}` has no seal; `sceau societe seal {societe}` makes one"
        ));
    };
    let (from, until) = (seal.not_before(), seal.not_after());
    if until < now {
        return Some(format!(
            "the seal of the société `{societe}` ended at {until}; \
             `sceau societe seal {societe} --renew` makes another"
        ));
    }
    (now < from).then(|| {
        format!("the seal of the société `{societe}` begins at {from} only; is the clock right?")
    })
}

/// For whom a folder acts, or what is missing for that.
pub(super) fn rules(
    config: &Config,
    settings: &FolderSettings,
    authority: &Registry,
    key: &CommitmentKey,
    now: Timestamp,
) -> Result<FolderRules, Vec<String>> {
    let mut faults = Vec::new();
    let address = AddressCommitment::new(key, &settings.account);
    let account = authority.account_by_address(&address, now);
    if account.is_none() {
        faults.push(format!(
            "no account has the address {}; `sceau account add` opens it",
            settings.account
        ));
    }
    if authority.societe(&settings.societe).is_none() {
        faults.push(format!(
            "there is no société `{}`; `sceau societe list` shows those that there are, `sceau societe add` adds one",
            settings.societe
        ));
    }
    match account {
        Some(account) if faults.is_empty() => Ok(FolderRules {
            workflow: settings.workflow.clone(),
            account: account.id(),
            societe: settings.societe.clone(),
            parameters: config
                .workflows
                .get(&settings.workflow)
                .map(|loaded| loaded.definition.parameters.clone())
                .unwrap_or_default(),
        }),
        _ => Err(faults),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use jiff::SignedDuration;
    use sceau_signer::KeyId;

    use super::*;

    #[test]
    fn a_seal_must_be_there_and_valid() {
        let certificate = sceau_signer::open_p12(TEST_SEAL, "test").unwrap().chain.remove(0);
        let (from, until) = (certificate.not_before(), certificate.not_after());
        let societe: SocieteId = "martin".parse().unwrap();
        let seal = SealIdentity {
            key: KeyId::parse("seal-martin").unwrap(),
            algorithm: sceau_pki::SignatureAlgorithm::EcdsaP256Sha256,
            chain: vec![certificate],
            own_authority: false,
        };
        let seals = InForce::from([(societe.clone(), seal)]);
        let (second, none) = (SignedDuration::from_secs(1), InForce::new());
        assert_eq!(unsealed(&societe, &seals, from), None);
        assert_eq!(unsealed(&societe, &seals, until), None);
        let why = |seals, at| unsealed(&societe, seals, at).unwrap();
        assert!(why(&none, from).contains("`sceau societe seal martin` makes one"));
        assert!(why(&seals, until + second).contains("`sceau societe seal martin --renew`"));
        assert!(why(&seals, from - second).contains("is the clock right?"));
    }

    const TEST_SEAL: &[u8] = include_bytes!("../../crates/signer/tests/fixtures/modern.p12");
}
