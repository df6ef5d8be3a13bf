//! `sceau init`: the key ceremony that makes a state directory, the whole of it or nothing.
//!
//! Order: gather the plan (every fault at once, or by asking); open or make the secret; build keys,
//! certificates and first records in a hidden directory beside the place; seal and validate a TEST
//! document with them; make everything durable; rename. Whatever fails before the rename leaves no
//! state directory, and no new secret.

mod ceremony;
mod console;
mod genesis;
mod options;
mod outcome;
mod plan;
mod probe;
mod root_key;
mod seal;
mod state_dir;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

use std::{
    io,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use sceau_cabinet::PersonId;
use sceau_disk::DiskError;
use sceau_pki::profile::{ProfileError, WrongSignature};
use sceau_signer::{KeyError, KeyId, KeyStore, KeyStoreError, P12Fault, Secret, SecretError};
use thiserror::Error;

use crate::keys::TokenKeyError;

pub(crate) use console::{Console, Terminal};
pub(crate) use genesis::{
    Genesis, GenesisError, STATE_FILE, commitment_key, write_genesis, writer_over,
};
pub(crate) use options::InitOptions;
pub(crate) use outcome::{CertificateFacts, Outcome};
use plan::Plan;
pub(crate) use probe::ProbeError;
use root_key::Exported;
pub(crate) use root_key::{ExportRootOptions, export_root};
pub(crate) use seal::{
    IssuingOrder, IssuingOutcome, Named, SealError, SealOrder, SealOutcome, UnitOrder, UnitOutcome,
    is_seal_key, is_unit_key, renew_issuing, renew_unit, seal,
};
use state_dir::Draft;

/// Why no state directory was made.
#[derive(Debug, Error)]
pub(crate) enum InitError {
    /// Values are missing or wrong; all of them.
    #[error("{}", .0.join("\n"))]
    Faults(Vec<String>),
    /// The answers file is not one.
    #[error("{}: {why}", path.display())]
    Answers {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        why: String,
    },
    /// A given file could not be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The terminal ended before everything was answered.
    #[error("the questions were not answered: {0}")]
    Asking(#[source] io::Error),
    /// The person at the terminal said no.
    #[error("nothing was made")]
    Declined,
    /// The state directory exists already.
    #[error("{} exists already; a state is made once, and never overwritten", .0.display())]
    Exists(PathBuf),
    /// The secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The given seal.
    #[error("{}: {fault}", path.display())]
    P12 {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: P12Fault,
    },
    /// The certificate of the given seal.
    #[error("{}: {fault}; give the PKCS#12 file of a seal that is in force", path.display())]
    SealCertificate {
        /// The PKCS#12 file.
        path: PathBuf,
        /// Why it may not seal.
        fault: sceau_pades::CertificateFault,
    },
    /// The given seal is another legal person's.
    #[error(
        "{}: the seal's certificate is of {found}, and the société's SIREN makes {expected}: \
         give the société's own seal, or correct the SIREN", path.display()
    )]
    SealOfAnother {
        /// The PKCS#12 file.
        path: PathBuf,
        /// The organizationIdentifier in the certificate.
        found: String,
        /// That of the société.
        expected: String,
    },
    /// The disk.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The token.
    #[error(transparent)]
    Token(#[from] TokenKeyError),
    /// The key store.
    #[error(transparent)]
    KeyStore(#[from] KeyStoreError),
    /// A key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A certificate's content.
    #[error("a certificate cannot be made: {0}")]
    Profile(#[from] ProfileError),
    /// A certificate's signature. Ourselves.
    #[error("a certificate's signature does not verify: {0}")]
    Signature(#[from] WrongSignature),
    /// The first records.
    #[error("the first records: {0}")]
    Genesis(#[from] GenesisError),
    /// The final test.
    #[error("the final test failed, so nothing was made: {0}")]
    Probe(#[from] ProbeError),
}

impl InitError {
    /// The exit code of sysexits.h: 64 usage, 65 data, 66 a file that cannot be read, 69 a token or an
    /// outside authority that does not serve, 70 ourselves, 73 cannot create, 74 disk.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Faults(_) | Self::Asking(_) | Self::Declined => 64,
            Self::Answers { .. } | Self::P12 { .. } | Self::Profile(_) => 65,
            Self::SealCertificate { .. } | Self::SealOfAnother { .. } => 65,
            Self::Read { .. } => 66,
            Self::Token(error) => error.exit_code(),
            Self::KeyStore(KeyStoreError::Token { .. }) => 69,
            Self::Probe(ProbeError::Authority(_)) => 69,
            Self::Exists(_) => 73,
            Self::Secret(_) | Self::Disk(_) | Self::KeyStore(_) | Self::Genesis(_) => 74,
            Self::Key(_) | Self::Signature(_) | Self::Probe(_) => 70,
        }
    }
}

/// Makes a state directory. Nothing is printed to standard output; the outcome is the caller's to
/// tell.
pub(crate) fn run(options: InitOptions, console: &mut dyn Console) -> Result<Outcome, InitError> {
    let attended = console.is_interactive() && !options.yes;
    let plan = plan::plan(options.with_answers()?, console)?;
    if attended {
        console.tell(&outcome::summary(&plan));
        let agreed = console::ask_yes(console, "Make it?", true).map_err(InitError::Asking)?;
        agreed.then_some(()).ok_or(InitError::Declined)?;
    }
    found(&plan)
}

/// Carries out a plan.
fn found(plan: &Plan) -> Result<Outcome, InitError> {
    let draft = Draft::begin(&plan.state)?;
    let secret = OpenedSecret::open(plan)?;
    let now = Timestamp::now();
    let made = ceremony::hold(plan, &draft, &secret.secret, now)?;
    write_genesis(draft.path(), &genesis_of(plan))?;
    let made = reopened(made, plan, &draft)?;
    let probe = probe::run(&made.bench(), now)?;
    if plan.test_tsa {
        probe::ask_authorities(&plan.tsa)?;
    }
    let exported =
        plan.export_root_key.as_ref().map(|target| move_root_key(&draft, target)).transpose()?;
    let leftovers = draft.leftovers()?;
    draft.publish()?;
    secret.keep();
    exported.into_iter().for_each(Exported::keep);
    Ok(Outcome::new(plan, &made, probe, leftovers))
}

/// The test uses the keys as the daemon will open them: from their files, with the secret's file.
fn reopened(
    mut made: ceremony::Ceremony,
    plan: &Plan,
    draft: &Draft,
) -> Result<ceremony::Ceremony, InitError> {
    let secret = Secret::from_file(&plan.secret_file, Some(&plan.state))?;
    let keys = draft.folder("keys")?;
    KeyStore::open(&*keys, &secret)?;
    let open = |id: &str| {
        let id = KeyId::parse(id).expect("invariant: an id of ours");
        KeyStore::open_one(&*keys, &id, &secret)
    };
    if made.test_seal.1[0].der() == made.seal[0].der() {
        made.test_seal.0 = open(&format!("seal-{}", plan.societe_id))?.key;
    }
    if made.unit.is_some() {
        made.test_unit = Some(open(ceremony::UNIT)?.key);
    }
    Ok(made)
}

fn genesis_of(plan: &Plan) -> Genesis {
    Genesis {
        cabinet: plan.cabinet.clone(),
        societe: plan.societe_id.clone(),
        societe_name: plan.societe.clone(),
        siren: plan.siren.to_string(),
        admin: PersonId::from_bytes(sceau_signer::random()),
        admin_name: plan.admin_name.clone(),
        admin_email: plan.admin_email.clone(),
        admin_is_expert_comptable: plan.admin_is_expert_comptable,
        uid: uid(),
    }
}

/// The user who runs this process.
fn uid() -> u32 {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").map_or(u32::MAX, |meta| meta.uid())
}

/// Copies the root's key elsewhere and takes it out of the draft.
fn move_root_key(draft: &Draft, target: &Path) -> Result<Exported, InitError> {
    let offline = draft.folder("offline")?;
    let exported = Exported::copy(&*offline, target)?;
    offline.remove(Path::new(&root_key::file_name()))?;
    Ok(exported)
}

/// The secret, and whether this run made its file.
struct OpenedSecret {
    secret: Secret,
    made: Option<PathBuf>,
}

impl OpenedSecret {
    /// Reads the secret's file, or makes it when there is none.
    fn open(plan: &Plan) -> Result<Self, InitError> {
        let (path, state) = (plan.secret_file.as_path(), Some(plan.state.as_path()));
        match Secret::from_file(path, state) {
            Ok(secret) => Ok(Self { secret, made: None }),
            Err(SecretError::NotFound(_)) => {
                let secret = Secret::create(path, state)?;
                Ok(Self { secret, made: Some(path.into()) })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The state exists: its secret stays.
    fn keep(mut self) {
        self.made = None;
    }
}

impl Drop for OpenedSecret {
    fn drop(&mut self) {
        if let Some(path) = &self.made {
            let _ = std::fs::remove_file(path);
        }
    }
}
