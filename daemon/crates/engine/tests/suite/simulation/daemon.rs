//! The daemon of a story: what lives as long as its process.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sceau_disk::FileSystem;
use sceau_engine::clock::Clock;
use sceau_engine::core::CoreParts;
use sceau_engine::dispatch::{Dispatcher, PlanShelf};
use sceau_engine::handle::Handle;
use sceau_engine::intake::{BlobSink, FolderRules, Submitter, show_troubles};
use sceau_engine::keys::{KeyDoor, SealIdentity, Seals};
use sceau_engine::plugins::PluginRoom;
use sceau_engine::queue::Lanes;
use sceau_engine::runners::{self, Workshop};
use sceau_intake::wake::Hints;
use sceau_intake::{Folder, FolderConfig, FolderWatcher, Now, SidecarRule};
use sceau_signer::KeyId;
use sceau_store::{BlobStore, RedbOptions, RedbStore, StateStore};
use sceau_workflow::definition::{Parameter, StepParsers, Text, WorkflowDefinition};
use sceau_workflow::faults::{Faults, Source};
use sceau_workflow::machine::{Digest, Plan, PlannedStep, kinds};

use super::genesis::{ALGORITHM, BLOBS, PAUL, TOP, genesis, societe};
use super::signers::{Door, Line};
use super::world::World;
use crate::support::{BEGIN_MS, VirtualClock, Wheel};

/// What lives as long as the process.
pub(crate) struct Daemon {
    pub(crate) wheel: Arc<Wheel>,
    pub(crate) handle: Handle,
    pub(crate) lanes: Arc<Lanes>,
    pub(crate) store: Arc<dyn StateStore>,
    pub(crate) blobs: BlobStore,
    pub(crate) door: Arc<Door>,
    pub(crate) dispatcher: Dispatcher,
    pub(crate) folder: Arc<Folder>,
    pub(crate) watcher: FolderWatcher,
    pub(crate) scan_at: i64,
    pub(crate) scans: u64,
}

impl Daemon {
    pub(crate) fn start(world: &World) -> Self {
        let (files, clock) = (&world.machine.files, &world.clock);
        let options = RedbOptions { cache_bytes: 1 << 20, ..RedbOptions::default() };
        let store = RedbStore::with_backend(world.machine.state.backend(), options).unwrap();
        let store: Arc<dyn StateStore> = Arc::new(store);
        let blob_dir = files.open_dir(Path::new(BLOBS)).unwrap();
        let blobs = BlobStore::open(Arc::clone(&blob_dir)).unwrap();
        let door = Door::open(files, clock);
        let keys: Arc<dyn KeyDoor> = door.clone();
        let lanes = Arc::new(Lanes::default());
        let parts = CoreParts {
            store: Arc::clone(&store),
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(world.dice.clone()),
            kinds: kinds::standard(),
            workflows: workflows(),
            lanes: Arc::clone(&lanes),
        };
        let (wheel, handle) = Wheel::start(parts, clock);
        let folder = Folder::new(config(), Arc::new(files.clone()), world.adoption);
        let shop = Workshop {
            blobs: blobs.clone(),
            store: Arc::clone(&store),
            view: handle.view(),
            keys: Arc::clone(&keys),
            seals: Arc::new(seals()),
            time: Arc::new(Line::new(
                &keys,
                clock,
                &world.dice,
                [&world.cut, &world.first_unit, &world.joined],
            )),
            revocation: world.lists.sources(),
            anchors: Arc::new(genesis().pki.anchors()),
            folders: Arc::new([("depot".to_owned(), Arc::clone(&folder))].into()),
            plugins: Arc::new(PluginRoom::empty()),
            base: PathBuf::new(),
        };
        let dispatcher = Dispatcher {
            lanes: Arc::clone(&lanes),
            runners: runners::standard(&shop),
            store: Arc::clone(&store),
            plans: PlanShelf::default(),
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(world.dice.clone()),
        };
        let workflow = world.setup.workflow.to_owned();
        let exercice = Parameter {
            name: "exercice".into(),
            title: Text { fr: "Exercice".into(), en: "Year".into() },
            required: false,
            default: None,
        };
        let parameters = vec![exercice];
        let rules = FolderRules { workflow, account: PAUL, societe: societe(), parameters };
        let sink = BlobSink { blobs: blobs.clone(), dir: blob_dir, min_free_bytes: 0 };
        let submitter = Submitter::new(rules, handle.clone());
        let watcher = FolderWatcher::new(
            Arc::clone(&folder),
            Arc::new(sink),
            Arc::new(submitter),
            Hints::new(),
        );
        let scan_at = clock.now_ms();
        Self {
            wheel,
            handle,
            lanes,
            store,
            blobs,
            door,
            dispatcher,
            folder,
            watcher,
            scan_at,
            scans: 0,
        }
    }

    pub(crate) fn scan(&mut self, clock: &VirtualClock) {
        let since = u64::try_from(clock.now_ms() - BEGIN_MS).unwrap();
        let now = Now { wall: clock.now(), steady: Duration::from_millis(since) };
        let tick = self.watcher.tick(now);
        show_troubles(&self.folder, &self.lanes.snapshot());
        let rest = i64::try_from(tick.rest.as_millis()).unwrap().max(1);
        self.scan_at = clock.now_ms() + rest;
        self.scans += 1;
    }
}

fn config() -> FolderConfig {
    let mut config = FolderConfig::new("depot", TOP);
    config.stability = Some(Duration::from_secs(1));
    config.poll = Some(Duration::from_secs(30));
    config.sidecar = SidecarRule::Optional { wait: Duration::ZERO };
    config.min_free_bytes = 0;
    config
}

fn seals() -> Seals {
    let seal = SealIdentity {
        key: KeyId::parse("seal").unwrap(),
        algorithm: ALGORITHM,
        chain: genesis().pki.seal_chain(),
        own_authority: true,
    };
    Seals::new([(societe(), seal)].into())
}

/// The workflows that ship, one whose seal needs no time stamp, and one whose seal lasts.
pub(crate) fn workflows() -> BTreeMap<String, (Digest, Plan)> {
    const PLAIN: &str = "schema = 1\nname = \"plain\"\ntitle = { fr = \"p\", en = \"p\" }\n\
        [[step]]\nkind = \"seal\"\nlevel = \"B-B\"\n[[step]]\nkind = \"deliver\"\n";
    const DURABLE: &str = "schema = 1\nname = \"durable\"\ntitle = { fr = \"d\", en = \"d\" }\n\
        retention_years = 5\n\
        [[step]]\nkind = \"seal\"\nlevel = \"B-LTA\"\n[[step]]\nkind = \"deliver\"\n";
    const SHIPPED: [(&str, &str); 4] = [
        ("plain", PLAIN),
        ("durable", DURABLE),
        ("attestation", include_str!("../../../../../../config/workflows/attestation.toml")),
        ("plaquette", include_str!("../../../../../../config/workflows/plaquette.toml")),
    ];
    SHIPPED.iter().map(|(name, text)| ((*name).to_owned(), plan(name, text))).collect()
}

fn plan(name: &str, text: &str) -> (Digest, Plan) {
    let faults = Faults::default();
    let source = Source::new(name, text);
    let definition = WorkflowDefinition::parse(source, name, &StepParsers::standard(), &faults);
    let definition = definition.unwrap();
    let hash = Digest::new(definition.hash());
    let step = |step: sceau_workflow::definition::StepDefinition| PlannedStep {
        id: step.id,
        kind: step.kind,
        settings: step.settings,
    };
    let retention_years = definition.retention_years;
    let steps = definition.steps.into_iter().map(step).collect();
    (hash, Plan { workflow: name.to_owned(), steps, retention_years })
}
