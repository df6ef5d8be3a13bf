//! The first records of a state: the cabinet, its first société, its first administrator.

use std::{path::Path, sync::Arc};

use sceau_cabinet::{
    AccountCommand, Actor, AddressCommitment, CabinetCommand, CommitmentKey, EmailAddress,
    PersonDetails, PersonId, Roles, SocieteId,
};
use sceau_engine::{
    clock::{SystemClock, SystemEntropy},
    core::{Core, CoreParts, LoadError, NotDone, Request},
    records,
};
use sceau_store::{ProjectionWrite, RedbOptions, RedbStore, StateStore, StoreError, Transaction};
use thiserror::Error;

/// The state file within the state directory.
pub(crate) const STATE_FILE: &str = "state.redb";
/// The table, erasable like the details of people, that holds the key of address commitments.
pub(crate) const COMMITMENT_KEY: &str = "commitment_key";

/// Who founds what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Genesis {
    /// The cabinet's name.
    pub(crate) cabinet: String,
    /// The société's code.
    pub(crate) societe: SocieteId,
    /// Its name.
    pub(crate) societe_name: String,
    /// Its SIREN, nine digits.
    pub(crate) siren: String,
    /// The first administrator.
    pub(crate) admin: PersonId,
    /// His or her name.
    pub(crate) admin_name: String,
    /// His or her address.
    pub(crate) admin_email: EmailAddress,
    /// Whether he or she is an expert-comptable of the société.
    pub(crate) admin_is_expert_comptable: bool,
    /// The numeric user who runs the ceremony.
    pub(crate) uid: u32,
}

/// Why the first records were not written.
#[derive(Debug, Error)]
pub(crate) enum GenesisError {
    /// The state file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The state cannot be taken up.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The cabinet's rules refuse it.
    #[error(transparent)]
    Refused(#[from] NotDone),
    /// The key of address commitments is not there, or not 32 bytes.
    #[error("the state holds no key of address commitments")]
    NoCommitmentKey,
}

/// Makes the state file of a state directory and writes the first records, through the engine's own
/// writer: events, erasable details and audit entry are those of any later change.
pub(crate) fn write_genesis(state_dir: &Path, genesis: &Genesis) -> Result<(), GenesisError> {
    let store = RedbStore::open(&state_dir.join(STATE_FILE), RedbOptions::default())?;
    let store: Arc<dyn StateStore> = Arc::new(store);
    let key = sceau_signer::random();
    store.commit(&[keep_key(&key)])?;
    let mut core = writer_over(store)?;
    let founding = founding(genesis, &CommitmentKey::from_bytes(key));
    core.process(vec![founding])?.into_iter().try_for_each(|answer| answer.map(drop))?;
    Ok(())
}

/// A writer over the records of a state that no daemon holds: no workflows, no lanes.
pub(crate) fn writer_over(store: Arc<dyn StateStore>) -> Result<Core, LoadError> {
    Core::load(CoreParts {
        store,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        kinds: Default::default(),
        workflows: Default::default(),
        lanes: Default::default(),
    })
}

/// The key under which addresses are committed to, of a state that [`write_genesis`] began.
pub(crate) fn commitment_key(store: &dyn StateStore) -> Result<CommitmentKey, GenesisError> {
    let row = store.projection(COMMITMENT_KEY, COMMITMENT_KEY.as_bytes())?;
    let key = row.and_then(|bytes| records::decode::<[u8; 32]>("commitment key", &bytes).ok());
    key.map(CommitmentKey::from_bytes).ok_or(GenesisError::NoCommitmentKey)
}

fn keep_key(key: &[u8; 32]) -> Transaction {
    let write = ProjectionWrite {
        table: COMMITMENT_KEY.to_owned(),
        key: COMMITMENT_KEY.as_bytes().to_vec(),
        value: Some(records::encode(key)),
    };
    Transaction {
        at_ms: jiff::Timestamp::now().as_millisecond(),
        projections: vec![write],
        ..Transaction::default()
    }
}

fn founding(genesis: &Genesis, key: &CommitmentKey) -> Request {
    let expert_comptable =
        genesis.admin_is_expert_comptable.then(|| genesis.societe.clone()).into_iter().collect();
    let open = AccountCommand::Open {
        address: AddressCommitment::new(key, &genesis.admin_email),
        roles: Roles { admin: true, expert_comptable },
    };
    let details =
        PersonDetails { name: genesis.admin_name.clone(), email: genesis.admin_email.clone() };
    Request::Cabinet {
        commands: vec![
            CabinetCommand::CreateCabinet { name: genesis.cabinet.clone() },
            CabinetCommand::AddSociete {
                societe: genesis.societe.clone(),
                name: genesis.societe_name.clone(),
                siren: genesis.siren.clone(),
            },
            CabinetCommand::Account { person: genesis.admin, order: open },
        ],
        actor: Actor::Operator { uid: genesis.uid },
        details: vec![(genesis.admin, Some(details))],
    }
}
