//! The demo's place: the shipped configuration and folders, and a cabinet in which everything is
//! ready.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use sceau_cabinet::{
    AccountCommand, Actor, AddressCommitment, CabinetCommand, Days, DelegationId, DelegationTerms,
    GrantDelegation, PersonDetails, PersonId, Right, Roles, SocieteId,
};
use sceau_engine::core::Request;
use sceau_store::{RedbOptions, RedbStore, StateStore};

use crate::init::{InitOptions, STATE_FILE, Terminal, commitment_key, writer_over};

const SOCIETE: &str = "cabinet-martin";
const EXPERT: &str = "claire.martin@cabinet-martin.example";
const COLLABORATOR: &str = "paul.durand@cabinet-martin.example";

/// The shipped files, as they stand in the sources.
const SHIPPED: [(&str, &str); 8] = [
    ("config/sceau.toml", include_str!("../../../config/sceau.toml")),
    (
        "config/workflows/attestation.toml",
        include_str!("../../../config/workflows/attestation.toml"),
    ),
    (
        "config/workflows/conservation.toml",
        include_str!("../../../config/workflows/conservation.toml"),
    ),
    ("config/workflows/plaquette.toml", include_str!("../../../config/workflows/plaquette.toml")),
    (
        "config/workflows/lettre-de-mission.toml",
        include_str!("../../../config/workflows/lettre-de-mission.toml"),
    ),
    (
        "watch-folders/attestation/LISEZMOI.txt",
        include_str!("../../../watch-folders/attestation/LISEZMOI.txt"),
    ),
    (
        "watch-folders/plaquette/LISEZMOI.txt",
        include_str!("../../../watch-folders/plaquette/LISEZMOI.txt"),
    ),
    (
        "watch-folders/lettre-de-mission/LISEZMOI.txt",
        include_str!("../../../watch-folders/lettre-de-mission/LISEZMOI.txt"),
    ),
];

/// A letter as a word processor exports it.
const SAMPLE: &[u8] = include_bytes!("attestation.pdf");

/// A new directory for temporary files.
pub(super) fn temporary() -> PathBuf {
    let suffix: u64 = u64::from_be_bytes(sceau_signer::random());
    std::env::temp_dir().join(format!("sceau-demo-{suffix:016x}"))
}

/// Makes the directory with the shipped configuration and watched folders; answers its full path.
pub(super) fn make(dir: &Path) -> Result<PathBuf, String> {
    let at = |path: &Path| {
        let path = path.display().to_string();
        move |error: std::io::Error| format!("{path}: {error}")
    };
    let dir = std::path::absolute(dir).map_err(at(dir))?;
    std::fs::DirBuilder::new().mode(0o700).create(&dir).map_err(at(&dir))?;
    for (name, text) in SHIPPED {
        let path = dir.join(name);
        let above = path.parent().unwrap_or(&dir);
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(above).map_err(at(above))?;
        std::fs::write(&path, adapted(name, text)).map_err(at(&path))?;
    }
    Ok(dir)
}

/// The demo waits less and takes any free port; all else is as it ships.
fn adapted(name: &str, text: &str) -> String {
    if name != "config/sceau.toml" {
        return text.to_owned();
    }
    text.replace("listen = \"127.0.0.1:8470\"", "listen = \"127.0.0.1:0\"")
        .replace("[[folder]]\n", "[[folder]]\nstability = \"0s\"\n")
}

/// The state directory, and the people and the délégation that the configuration speaks of.
pub(super) fn found(dir: &Path) -> Result<(), String> {
    let options = InitOptions {
        state: Some(dir.join("state")),
        cabinet: Some("Cabinet Martin".into()),
        societe: Some("Cabinet Martin".into()),
        societe_code: Some(SOCIETE.into()),
        siren: Some("732829320".into()),
        admin_name: Some("Claire Martin".into()),
        admin_email: Some(EXPERT.into()),
        admin_is_expert_comptable: Some(true),
        secret_file: Some(dir.join("sceau.secret")),
        yes: true,
        ..InitOptions::default()
    };
    crate::init::run(options, &mut Terminal).map_err(|error| error.to_string())?;
    populate(&dir.join("state")).map_err(|error| error.to_string())
}

fn populate(state: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let store: Arc<dyn StateStore> =
        Arc::new(RedbStore::open_existing(&state.join(STATE_FILE), RedbOptions::default())?);
    let key = commitment_key(store.as_ref())?;
    let mut core = writer_over(store)?;
    let address = |text: &str| text.parse().map(|email| AddressCommitment::new(&key, &email));
    let delegant = core
        .authority()
        .account_by_address(&address(EXPERT)?, Timestamp::now())
        .ok_or("the first account is missing")?
        .id();
    let paul = PersonId::from_bytes(sceau_signer::random());
    let open = AccountCommand::Open { address: address(COLLABORATOR)?, roles: Roles::default() };
    let grant = GrantDelegation {
        delegation: DelegationId::from_bytes(sceau_signer::random()),
        delegataire: address(COLLABORATOR)?,
        terms: terms(delegant)?,
    };
    let details = PersonDetails { name: "Paul Durand".into(), email: COLLABORATOR.parse()? };
    let request = Request::Cabinet {
        commands: vec![
            CabinetCommand::Account { person: paul, order: open },
            CabinetCommand::Grant(grant),
        ],
        actor: Actor::Person { person: delegant },
        details: vec![(paul, Some(details))],
    };
    for answer in core.process(vec![request])? {
        answer?;
    }
    Ok(())
}

fn terms(delegant: PersonId) -> Result<DelegationTerms, Box<dyn std::error::Error>> {
    Ok(DelegationTerms {
        delegant,
        societe: SOCIETE.parse::<SocieteId>()?,
        rights: [Right::Sceller, Right::Preparer].into(),
        workflows: None,
        channels: Some(["folders".parse()?].into()),
        days: Days::default(),
    })
}

/// Drops the sample as a program that saves does: by a temporary name, then a rename.
pub(super) fn drop_sample(folder: &Path) -> Result<(), String> {
    let at = |error: std::io::Error| format!("{}: {error}", folder.display());
    let hidden = folder.join(".attestation.part");
    std::fs::write(&hidden, SAMPLE).map_err(at)?;
    std::fs::rename(&hidden, folder.join("Attestation Boulangerie.pdf")).map_err(at)
}
