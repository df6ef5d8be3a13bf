//! The state in which every story begins: keys, certificates, a cabinet with its people.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use sceau_cabinet::{
    AccountCommand, Actor, AddressCommitment, CabinetCommand, CommitmentKey, PersonId, Roles,
    SocieteId,
};
use sceau_disk::{FileSystem, SimFs};
use sceau_engine::core::{CoreParts, Request};
use sceau_pki::SignatureAlgorithm;
use sceau_pki::profile::{Issuance, UnitName, time_stamping_unit};
use sceau_pki::testing::{Holder, TestKey, TestPki};
use sceau_signer::{KeyId, KeyStore, KeyType, LocalKey, Purpose, Secret};
use sceau_store::testing::LossyDisk;
use sceau_store::{BlobStore, RedbOptions, RedbStore};

use crate::support::{Dice, VirtualClock, Wheel};

pub(crate) const TOP: &str = "/srv/depot";
pub(crate) const BLOBS: &str = "/state/blobs";
pub(crate) const KEYS: &str = "/state/keys";
pub(crate) const JOURNAL: &str = "/state/signer";

pub(crate) const ADMIN: PersonId = PersonId::from_bytes([1; 16]);
pub(crate) const EXPERT: PersonId = PersonId::from_bytes([2; 16]);
pub(crate) const PAUL: PersonId = PersonId::from_bytes([3; 16]);
pub(crate) const ROOT: Actor = Actor::Operator { uid: 0 };
/// A blob that nobody refers to: an intake that never came to its commit.
pub(crate) const ORPHAN: &[u8] = b"%PDF-1.7 an intake that was given up";

pub(crate) const ALGORITHM: SignatureAlgorithm = SignatureAlgorithm::EcdsaP256Sha256;

/// When the first time-stamping unit's certificate ends.
pub(crate) const FIRST_UNIT_ENDS: &str = "2028-11-23T00:00:00Z";

/// Both disks of one machine: what survives the processes on it.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub(crate) files: SimFs,
    pub(crate) state: LossyDisk,
}

impl Machine {
    /// What a power cut leaves.
    pub(crate) fn crash(&self, seed: u64) -> Self {
        Self { files: self.files.crash(seed), state: self.state.crash(seed) }
    }
}

/// A machine as `sceau init` leaves it, and what the tests know of its secrets.
#[derive(Debug)]
pub(crate) struct Genesis {
    machine: Machine,
    pub(crate) secret: Secret,
    pub(crate) pki: TestPki,
    /// The time-stamping unit before that of `pki`; it ends at [`FIRST_UNIT_ENDS`].
    pub(crate) first_unit: Holder,
}

/// The one genesis of this process: making keys is slow.
pub(crate) fn genesis() -> &'static Genesis {
    static GENESIS: OnceLock<Genesis> = OnceLock::new();
    GENESIS.get_or_init(Genesis::make)
}

impl Genesis {
    /// A machine of one's own.
    pub(crate) fn machine(&self) -> Machine {
        self.machine.crash(SimFs::KEEP_ALL)
    }

    fn make() -> Self {
        let machine = Machine { files: SimFs::new(), state: LossyDisk::new() };
        for dir in [TOP, BLOBS, KEYS, JOURNAL] {
            machine.files.make_dirs(Path::new(dir)).unwrap();
        }
        let secret = Secret::generate();
        let (pki, first_unit) = make_keys(&machine.files, &secret);
        let blobs = machine.files.open_dir(Path::new(BLOBS)).unwrap();
        BlobStore::open(blobs).unwrap().put(ORPHAN).unwrap();
        found(&machine.state);
        machine.files.sync_all();
        Self { machine, secret, pki, first_unit }
    }
}

fn make_keys(files: &SimFs, secret: &Secret) -> (TestPki, Holder) {
    let dir = files.open_dir(Path::new(KEYS)).unwrap();
    let make = |name: &str, purpose| {
        let id = KeyId::parse(name).unwrap();
        let key = KeyStore::generate(&*dir, &id, purpose, KeyType::P256, secret).unwrap().key;
        test_key(&key)
    };
    let (seal, unit) = (make("seal", Purpose::Seal), make("tsu", Purpose::Timestamp));
    let own = || TestKey::generate(ALGORITHM);
    let first = make("tsu-first", Purpose::Timestamp);
    let pki = TestPki::from_keys([own(), own(), seal, own(), unit]);
    let first = pki.issuing.issue(first, 6, |issuance, issuer| {
        let issuance = Issuance {
            serial: issuance.serial,
            not_before: issuance.not_before,
            not_after: FIRST_UNIT_ENDS.parse().unwrap(),
            public_key: issuance.public_key,
            services: issuance.services,
        };
        let organization = "Cabinet Exemple";
        let siren = sceau_pki::Siren::parse("732829320").unwrap();
        let name = UnitName { organization, siren, common_name: "Premier horodatage" };
        time_stamping_unit(&issuance, issuer, &name)
    });
    (pki, first)
}

fn test_key(key: &LocalKey) -> TestKey {
    TestKey::from_pkcs8(ALGORITHM, &key.to_pkcs8().unwrap())
}

/// The cabinet, its société, an expert-comptable, and Paul who has no right of his own.
fn found(state: &LossyDisk) {
    let clock = VirtualClock::default();
    clock.pass_ms(-3_600_000);
    let store = RedbStore::with_backend(state.backend(), RedbOptions::default()).unwrap();
    let parts = CoreParts {
        store: Arc::new(store),
        clock: Arc::new(clock.clone()),
        entropy: Arc::new(Dice::default()),
        kinds: Default::default(),
        workflows: Default::default(),
        lanes: Default::default(),
    };
    let (wheel, _) = Wheel::start(parts, &clock);
    let roles = |admin, expert: bool| Roles {
        admin,
        expert_comptable: expert.then(societe).into_iter().collect(),
    };
    let open = |person, name: &str, roles| CabinetCommand::Account {
        person,
        order: AccountCommand::Open { address: address(name), roles },
    };
    let commands = vec![
        CabinetCommand::CreateCabinet { name: "Cabinet Martin".into() },
        CabinetCommand::AddSociete {
            societe: societe(),
            name: "Martin Audit".into(),
            siren: "732829320".into(),
        },
        open(ADMIN, "admin", roles(true, false)),
        open(EXPERT, "claire", roles(false, true)),
        open(PAUL, "paul", roles(false, false)),
    ];
    wheel.ask(Request::Cabinet { commands, actor: ROOT, details: Vec::new() }).unwrap();
}

pub(crate) fn societe() -> SocieteId {
    "martin".parse().unwrap()
}

pub(crate) fn address(name: &str) -> AddressCommitment {
    let key = CommitmentKey::from_bytes([7; 32]);
    AddressCommitment::new(&key, &format!("{name}@martin.example").parse().unwrap())
}
