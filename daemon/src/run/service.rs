//! Everything that runs, wired together here and nowhere else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use sceau_disk::{DiskError, FileSystem, RealFs};
use sceau_engine::authority::OwnAuthority;
use sceau_engine::clock::{Clock, Entropy, SystemClock, SystemEntropy};
use sceau_engine::core::{CoreParts, LoadError};
use sceau_engine::dispatch::{Dispatcher, PlanShelf};
use sceau_engine::fetch::{Network, Own};
use sceau_engine::handle::Handle;
use sceau_engine::intake::{BlobSink, WatchedFolders};
use sceau_engine::keys::{KeyDoor, RestartingDoor, SealIdentity, Seals};
use sceau_engine::ladder::Sources;
use sceau_engine::queue::Lanes;
use sceau_engine::runners::{self, Workshop};
use sceau_engine::timestamps::{Authority, External, Internal, TimeStamps};
use sceau_engine::writer::Writer;
use sceau_intake::{DocumentSink, Folder};
use sceau_pki::TrustAnchors;
use sceau_signer::{SecretError, SignerConfig, SignerProcess, SpawnError, credential_path};
use sceau_store::{BlobStore, RedbOptions, RedbStore, StateStore, StoreError};
use sceau_workflow::machine::kinds::{
    self, CPU_LANE, KEY_LANE, PLUGIN_LANE, REVOCATION_LANE, TSA_LANE, api_lane,
};
use sceau_workflow::machine::messages::folder_lane;

use super::folders::{self, Folders, FoldersError, WaitingFolder};
use super::housekeeping::{Housekeeping, OwnAuthorityCare};
use super::latecomers::{Ground, Latecomers};
use super::pki::{PkiError, StatePki};
use super::ready::Readiness;
use super::workflows::{CurrentWorkflows, plans};
use crate::authority::{Counter, Desk, PublicUnit};
use crate::config::{Config, SecretSource, TimeConfig};
use crate::init::{GenesisError, STATE_FILE, commitment_key};

/// Free bytes below which nothing new is taken.
const MIN_FREE: u64 = 256 << 20;

/// Why the daemon does not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    /// The configuration names what is not there; all of it.
    #[error("{0}")]
    Configuration(String),
    /// The signer does not start.
    #[error(transparent)]
    Signer(#[from] SpawnError),
    /// The state cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The state cannot be taken up.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The state was not made by `sceau init`.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// A directory of the state cannot be used.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The certificates cannot be used.
    #[error(transparent)]
    Pki(#[from] PkiError),
    /// A socket cannot be opened.
    #[error("{what}: {source}")]
    Socket {
        /// Which.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system gives no threads.
    #[error("the runtime cannot be started: {0}")]
    Runtime(std::io::Error),
}

impl From<FoldersError> for StartError {
    fn from(error: FoldersError) -> Self {
        match error {
            FoldersError::Store(error) => Self::Store(error),
            faults => Self::Configuration(faults.to_string()),
        }
    }
}

impl From<SecretError> for StartError {
    fn from(error: SecretError) -> Self {
        Self::Configuration(error.to_string())
    }
}

/// The running daemon.
pub(crate) struct Service {
    writer: Writer,
    handle: Handle,
    lanes: Arc<Lanes>,
    workers: Vec<JoinHandle<()>>,
    watched: WatchedFolders,
    latecomers: Arc<Latecomers>,
    housekeeping: Housekeeping,
    doors: crate::doors::Doors,
}

impl Service {
    /// Starts everything: signer, writer, workers, folders, admin socket, HTTP.
    pub(crate) fn start(
        config: &Config,
        runtime: &tokio::runtime::Runtime,
    ) -> Result<Self, StartError> {
        let state = &config.state.directory;
        own(state)?;
        let store: Arc<dyn StateStore> =
            Arc::new(RedbStore::open_existing(&state.join(STATE_FILE), RedbOptions::default())?);
        let commitment = commitment_key(store.as_ref())?;
        let blobs_dir = RealFs.open_dir(&state.join("blobs"))?;
        let blobs = BlobStore::open(Arc::clone(&blobs_dir))?;
        let (keys, infos) = start_signer(config)?;
        let pki = StatePki::read(state, &infos, &config.time)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let ends = pki.ends();
        ends.warn(clock.now());
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let anchors = Arc::new(pki.anchors.clone());
        let time = time_stamps(config, (&pki, &anchors), &keys, &clock, &entropy, runtime)?;
        let parts = pki.authority(&infos, (&keys, &store), (&clock, &entropy))?;
        let authority = Arc::new(OwnAuthority::new(parts));
        let (root, root_list) = pki.root();
        let stamps = config.pki.as_ref().is_some_and(|pki| pki.public_tsa);
        let unit = pki.unit.as_ref().filter(|_| stamps);
        let unit = unit.map(|unit| PublicUnit::new(internal(unit, &keys, &clock, &entropy)));
        let own = Own {
            authority: Arc::clone(&authority),
            root: root.clone(),
            root_list: root_list.clone(),
        };
        let network = Network { policy: config.revocation.policy() };
        let revocation =
            Sources::new(vec![Arc::new(own), Arc::new(network)], runtime.handle().clone());
        let counter = Counter { authority: Arc::clone(&authority), root, root_list, unit };
        let (own_seals, shelf) = (Arc::new(pki.own_seals()), pki.shelf());
        let lanes = Arc::new(Lanes::default());
        let writer = Writer::start(CoreParts {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
            kinds: kinds::standard(),
            workflows: plans(&config.workflows),
            lanes: Arc::clone(&lanes),
        })?;
        let handle = writer.handle();
        let (folders, waiting) = folders::resolve(
            config,
            &handle.authority(),
            &commitment,
            &pki.seals,
            store.as_ref(),
            clock.now(),
        )?;
        let seals_at_start = pki.seals.clone();
        let judging = Arc::new(pki.judging(&config.trust)?);
        let plugins = Arc::new(super::plugins::room(config, runtime)?);
        let shop = Workshop {
            blobs: blobs.clone(),
            store: Arc::clone(&store),
            view: handle.view(),
            keys: Arc::clone(&keys),
            seals: Arc::new(Seals::new(pki.seals).with_earlier(pki.earlier)),
            time,
            revocation,
            anchors,
            folders: Arc::new(plain(&folders, &waiting)),
            plugins: Arc::clone(&plugins),
            base: config.file.parent().unwrap_or(Path::new("")).to_owned(),
        };
        let dispatcher = Dispatcher {
            lanes: Arc::clone(&lanes),
            runners: runners::standard(&shop),
            store,
            plans: PlanShelf::default(),
            clock: Arc::clone(&clock),
            entropy,
        };
        let workers = start_workers(&dispatcher, &shop.folders, &handle);
        let room = BlobSink { blobs: blobs.clone(), dir: blobs_dir, min_free_bytes: MIN_FREE };
        let sink: Arc<dyn DocumentSink> = Arc::new(room.clone());
        let watched = WatchedFolders::start(&folders, &sink, &handle, &clock);
        let all: Vec<Arc<Folder>> = shop.folders.values().cloned().collect();
        let ground = Ground {
            config: config.clone(),
            seals: seals_at_start,
            commitment: commitment.clone(),
            handle: handle.clone(),
            sink,
            clock,
        };
        let latecomers = Arc::new(Latecomers::new(waiting, ground));
        let readiness = Readiness {
            handle: handle.clone(),
            keys,
            folders: all.clone(),
            latecomers: Arc::clone(&latecomers),
        };
        let told = config.pki.is_some().then(|| Arc::clone(&authority));
        let desk = Desk { authority, handle: handle.clone(), seals: own_seals, shelf };
        let told = OwnAuthorityCare { ends, authority: told };
        let housekeeping =
            Housekeeping::new(handle.clone(), blobs.clone(), all, Arc::clone(&latecomers), told);
        let doors = crate::doors::Doors::open(
            config,
            &handle,
            &readiness,
            &commitment,
            (&room, &judging, &plugins, &Arc::new(CurrentWorkflows::new(config))),
            (desk, counter),
            runtime,
        )?;
        Ok(Self { writer, handle, lanes, workers, watched, latecomers, housekeeping, doors })
    }

    /// The engine.
    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// What is done once a second.
    pub(crate) fn housekeeping(&self) -> &Housekeeping {
        &self.housekeeping
    }

    /// Ends in order: nothing new comes in; what runs comes to its committed end; the rest waits in
    /// the outbox for the next start.
    pub(crate) fn stop(self, runtime: &tokio::runtime::Runtime) {
        self.doors.close(runtime);
        self.watched.stop();
        self.latecomers.stop();
        self.lanes.close();
        for worker in self.workers {
            if worker.join().is_err() {
                tracing::error!("a worker ended by a panic");
            }
        }
        drop(self.handle);
        self.writer.stop();
    }
}

/// Files made by another user than the state's would lock its owner out.
fn own(state: &Path) -> Result<(), StartError> {
    match foreign_owner(state) {
        Some((owner, user)) => Err(StartError::Configuration(format!(
            "the state {} belongs to the user {owner}, and this is the user {user}: run as its \
             owner, or give it away whole (chown -R)",
            state.display()
        ))),
        None => Ok(()),
    }
}

/// The user to whom the state belongs, and the one who runs this, where they are two.
pub(crate) fn foreign_owner(state: &Path) -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt;
    let owner = |path: &Path| std::fs::metadata(path).map(|meta| meta.uid()).ok();
    let (owner, user) = (owner(state)?, owner(Path::new("/proc/self"))?);
    (owner != user).then_some((owner, user))
}

type Door = (Arc<dyn KeyDoor>, Vec<sceau_signer::KeyInfo>);

/// The signer, as a process of its own; started again when it is gone.
fn start_signer(config: &Config) -> Result<Door, StartError> {
    let secret = secret_path(&config.state.secret)?;
    let mut signer = SignerConfig::for_state(&config.state.directory, &secret);
    signer.accept_earlier_clock =
        matches!(config.time, TimeConfig::Internal { accept_earlier_clock: true });
    if signer.accept_earlier_clock {
        tracing::warn!("time stamps are given although the clock may stand before the last one");
    }
    let exe = std::env::current_exe()
        .map_err(|source| StartError::Socket { what: "this program's own file".into(), source })?;
    let start = move || SignerProcess::spawn(&exe, &["signer".into()], &signer);
    let first = start()?;
    let infos = first.keys().to_vec();
    let client = first.client().clone();
    let again = move || {
        let process = start().map_err(|error| error.to_string())?;
        let client = process.client().clone();
        Ok((process, client))
    };
    let door = RestartingDoor::new((first, client), Box::new(again));
    Ok((Arc::new(door), infos))
}

fn secret_path(source: &SecretSource) -> Result<PathBuf, StartError> {
    match source {
        SecretSource::File(path) => Ok(path.clone()),
        SecretSource::Credential(name) => Ok(credential_path(name)?),
    }
}

fn time_stamps(
    config: &Config,
    (pki, anchors): (&StatePki, &Arc<TrustAnchors>),
    keys: &Arc<dyn KeyDoor>,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
    runtime: &tokio::runtime::Runtime,
) -> Result<Arc<dyn TimeStamps>, StartError> {
    match (&config.time, &pki.unit) {
        (TimeConfig::External(authorities), _) => {
            let authority = |tsa: &crate::config::TsaConfig| Authority {
                url: tsa.url.clone(),
                timeout: tsa.timeout,
            };
            let authorities = authorities.iter().map(authority).collect();
            let world = (Arc::clone(clock), Arc::clone(entropy));
            let (anchors, runtime) = (Arc::clone(anchors), runtime.handle().clone());
            Ok(Arc::new(External::new(authorities, anchors, world, runtime)))
        }
        (TimeConfig::Internal { .. }, Some(unit)) => {
            Ok(Arc::new(internal(unit, keys, clock, entropy)))
        }
        (TimeConfig::Internal { .. }, None) => Err(StartError::Configuration(
            "[time] tsa = \"internal\", but this state has no time-stamping unit: it was made for \
             authorities elsewhere; name them with [[time.tsa]]"
                .to_owned(),
        )),
    }
}

fn internal(
    unit: &SealIdentity,
    keys: &Arc<dyn KeyDoor>,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> Internal {
    Internal {
        key: unit.key.clone(),
        algorithm: unit.algorithm,
        chain: unit.chain.clone(),
        keys: Arc::clone(keys),
        clock: Arc::clone(clock),
        entropy: Arc::clone(entropy),
    }
}

/// Every folder that documents may have come from, watched or not: deliveries go on.
fn plain(folders: &Folders, waiting: &[WaitingFolder]) -> BTreeMap<String, Arc<Folder>> {
    let watched = folders.values().map(|(folder, _)| folder);
    let all = watched.chain(waiting.iter().map(|waiting| &waiting.folder));
    all.map(|folder| (folder.config().name.clone(), Arc::clone(folder))).collect()
}

/// One lane a folder, and more workers than cores where work waits for disks and peers. Lanes of folders that are
/// no longer configured get a worker too: their rows wait visibly.
fn start_workers(
    dispatcher: &Dispatcher,
    folders: &BTreeMap<String, Arc<Folder>>,
    handle: &Handle,
) -> Vec<JoinHandle<()>> {
    let mut lanes: BTreeMap<String, usize> =
        dispatcher.lanes.names().into_iter().map(|lane| (lane, 1)).collect();
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    lanes.extend(folders.keys().map(|name| (folder_lane(name), 2 * cores)));
    lanes.extend([
        (CPU_LANE.to_owned(), cores),
        (KEY_LANE.to_owned(), 2 * cores),
        (TSA_LANE.to_owned(), 2 * cores),
        (PLUGIN_LANE.to_owned(), 2 * cores),
        (REVOCATION_LANE.to_owned(), 2 * cores),
        (api_lane(), 2),
    ]);
    dispatcher.lanes.share_out(PLUGIN_LANE, cores);
    lanes.iter().flat_map(|(lane, count)| dispatcher.start(lane, *count, handle)).collect()
}
