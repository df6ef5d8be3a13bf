//! What the state's records say about a société: from the store, or from the daemon that holds it.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use sceau_cabinet::{Registry, SocieteId};
use sceau_pki::siren::Siren;
use sceau_store::{RedbOptions, RedbStore, StoreError};

use super::SealError;
use crate::admin::{
    client::AdminClient,
    protocol::{CabinetRequest, CabinetResponse, SocieteView},
};
use crate::init::{STATE_FILE, writer_over};

/// The société as its seal names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// Its name now.
    pub(crate) name: String,
    /// Its SIREN.
    pub(crate) siren: Siren,
    /// Since when it is closed.
    pub(crate) closed_since: Option<Timestamp>,
    /// Whether a daemon was running that told so.
    pub(crate) daemon_runs: bool,
}

impl Named {
    /// Reads the state file, or, where a daemon holds it, asks that daemon.
    pub(crate) fn find(
        state: &Path,
        daemon: &AdminClient,
        societe: &SocieteId,
        now: Timestamp,
    ) -> Result<Self, SealError> {
        match RedbStore::open_existing(&state.join(STATE_FILE), RedbOptions::default()) {
            Ok(store) => Self::of_registry(&*registry(store)?, societe, now),
            Err(StoreError::InUse) => Self::told(daemon, societe),
            Err(error) => Err(records(error)),
        }
    }

    fn of_registry(
        registry: &Registry,
        code: &SocieteId,
        now: Timestamp,
    ) -> Result<Self, SealError> {
        let unknown = || SealError::Unknown(code.clone());
        let societe = registry.societe(code).ok_or_else(unknown)?;
        Ok(Self {
            name: societe.name().to_owned(),
            siren: Siren::parse(societe.siren()).map_err(records)?,
            closed_since: societe.closed_since(now),
            daemon_runs: false,
        })
    }

    fn told(daemon: &AdminClient, code: &SocieteId) -> Result<Self, SealError> {
        let told = daemon.cabinet(CabinetRequest::SocieteList).map_err(records)?;
        let CabinetResponse::Societes { societes } = told else {
            return Err(SealError::Records("the daemon did not tell the sociétés".to_owned()));
        };
        let found = societes.into_iter().find(|view| view.societe == *code);
        let SocieteView { name, siren, closed_since, .. } =
            found.ok_or_else(|| SealError::Unknown(code.clone()))?;
        let siren = Siren::parse(&siren).map_err(records)?;
        Ok(Self { name, siren, closed_since, daemon_runs: true })
    }
}

/// Who may do what, as the events say; the store is closed again.
fn registry(store: RedbStore) -> Result<Arc<Registry>, SealError> {
    Ok(writer_over(Arc::new(store)).map_err(records)?.authority())
}

fn records(error: impl std::fmt::Display) -> SealError {
    SealError::Records(error.to_string())
}
