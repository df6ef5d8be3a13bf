//! The configured folders, with the accounts that they act for.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use sceau_cabinet::{AddressCommitment, CommitmentKey, Registry};
use sceau_disk::RealFs;
use sceau_engine::intake::FolderRules;
use sceau_intake::{Adoption, Folder};
use sceau_store::{StateStore, StoreError};

use crate::config::{Config, FolderSettings};

/// Projection: folders that were used before (their marker file must be there from then on).
pub(crate) const ADOPTED: &str = "adopted_folders";

/// The folders by name.
pub(crate) type Folders = BTreeMap<String, (Arc<Folder>, FolderRules)>;

/// Why the folders cannot be watched: every one of the reasons.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FoldersError {
    /// The configuration names what the cabinet does not have.
    #[error("{}", .0.join("\n"))]
    Faults(Vec<String>),
    /// The state cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Finds each folder's account and société; gathers all that is missing.
pub(crate) fn resolve(
    config: &Config,
    authority: &Registry,
    key: &CommitmentKey,
    store: &dyn StateStore,
    now: Timestamp,
) -> Result<Folders, FoldersError> {
    let mut folders = Folders::new();
    let mut faults = Vec::new();
    for settings in &config.folders {
        let name = settings.intake.name.clone();
        match rules(settings, authority, key, now) {
            Ok(rules) => {
                let adopted = store.projection(ADOPTED, name.as_bytes())?.is_some();
                let adoption = if adopted { Adoption::Before } else { Adoption::First };
                let folder = Folder::new(settings.intake.clone(), Arc::new(RealFs), adoption);
                folders.insert(name, (folder, rules));
            }
            Err(missing) => faults.extend(missing),
        }
    }
    if faults.is_empty() { Ok(folders) } else { Err(FoldersError::Faults(faults)) }
}

fn rules(
    settings: &FolderSettings,
    authority: &Registry,
    key: &CommitmentKey,
    now: Timestamp,
) -> Result<FolderRules, Vec<String>> {
    let name = &settings.intake.name;
    let mut faults = Vec::new();
    let address = AddressCommitment::new(key, &settings.account);
    let account = authority.account_by_address(&address, now);
    if account.is_none() {
        faults.push(format!(
            "folder `{name}`: no account has the address {} (`sceau account add`)",
            settings.account
        ));
    }
    if authority.societe(&settings.societe).is_none() {
        faults.push(format!(
            "folder `{name}`: there is no société `{}` (`sceau societe add`)",
            settings.societe
        ));
    }
    match account {
        Some(account) if faults.is_empty() => Ok(FolderRules {
            workflow: settings.workflow.clone(),
            account: account.id(),
            societe: settings.societe.clone(),
        }),
        _ => Err(faults),
    }
}
