//! The signer is stopped at each of its crash boundaries, on a file system that forgets what was not
//! synced. What was answered is in the journal; one act has one entry; what was not answered can be
//! asked again.

#![allow(clippy::unwrap_used)]

use std::{
    collections::{BTreeMap, BTreeSet},
    os::unix::net::UnixStream,
    path::Path,
    sync::{Mutex, PoisonError},
    thread::{self, JoinHandle},
};

use jiff::Timestamp;
use sceau_disk::{
    Fault, FileSystem, SimFs,
    boundary::{Action, Crashed, arm, boundaries, disarm},
};
use sceau_pki::SignatureAlgorithm;
use sceau_signer::{
    Authorisation, KeyId, KeyStore, KeyType, Purpose, Secret, ServeError, SignError, SignRequest,
    SignatureValue, Signer, SignerClient, read_entries, serve,
};

const NOW: i64 = 1_800_000_000_000;
/// Documents sealed in one run.
const DOSSIERS: usize = 5;

/// Boundaries are armed for the whole process: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

struct World {
    fs: SimFs,
    secret: Secret,
}

type Served = JoinHandle<Result<(), ServeError>>;

impl World {
    fn new() -> Self {
        let fs = SimFs::new();
        fs.make_dirs(Path::new("/keys")).unwrap();
        fs.make_dirs(Path::new("/journal")).unwrap();
        let world = Self { fs, secret: Secret::generate() };
        let keys = world.fs.open_dir(Path::new("/keys")).unwrap();
        let id = KeyId::parse("seal").unwrap();
        KeyStore::generate(&*keys, &id, Purpose::Seal, KeyType::P256, &world.secret).unwrap();
        world.fs.sync_all();
        world
    }

    /// What a power cut leaves.
    fn after_power_cut(&self, seed: u64) -> Self {
        Self { fs: self.fs.crash(seed), secret: self.secret.clone() }
    }

    fn start(&self) -> (SignerClient, Served) {
        let keys = self.fs.open_dir(Path::new("/keys")).unwrap();
        let journal = self.fs.open_dir(Path::new("/journal")).unwrap();
        let store = KeyStore::open(&*keys, &self.secret).unwrap();
        let signer = Signer::open(store, &*journal).unwrap();
        let (own, its) = UnixStream::pair().unwrap();
        let clock = || Timestamp::from_millisecond(NOW).unwrap();
        let served = thread::spawn(move || serve(its, signer, &clock));
        (SignerClient::new(own).unwrap(), served)
    }

    fn acts(&self) -> Vec<[u8; 32]> {
        let journal = self.fs.open_dir(Path::new("/journal")).unwrap();
        read_entries(&*journal).unwrap().into_iter().map(|entry| entry.act).collect()
    }
}

fn request(dossier: usize) -> SignRequest {
    SignRequest {
        request_id: [dossier as u8; 16],
        key: KeyId::parse("seal").unwrap(),
        purpose: Purpose::Seal,
        authorisation: Authorisation {
            dossier: format!("dossier-{dossier}"),
            step: "seal".into(),
            attempt: 1,
            delegation_digest: None,
            expires_at_ms: NOW + 30_000,
        },
        algorithm: SignatureAlgorithm::EcdsaP256Sha256,
        to_be_signed: attributes([dossier as u8; 32]),
    }
}

/// SignedAttributes with content-type id-data and a message-digest.
fn attributes(digest: [u8; 32]) -> Vec<u8> {
    const HEAD: [u8; 28] = [
        0x31, 0x4b, 0x30, 0x18, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 3, 0x31, 0x0b, 6,
        9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1,
    ];
    const MIDDLE: [u8; 17] =
        [0x30, 0x2f, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 4, 0x31, 0x22, 4, 0x20];
    [HEAD.as_slice(), &MIDDLE, &digest].concat()
}

/// Asks for every dossier's seal from threads of their own; the answers by dossier.
fn ask_all(client: &SignerClient) -> BTreeMap<usize, Result<SignatureValue, SignError>> {
    thread::scope(|scope| {
        let asking: Vec<_> = (0..DOSSIERS)
            .map(|dossier| {
                let client = client.clone();
                (dossier, scope.spawn(move || client.sign(request(dossier))))
            })
            .collect();
        asking.into_iter().map(|(dossier, thread)| (dossier, thread.join().unwrap())).collect()
    })
}

fn ended_by_crash(served: Served, name: &str) -> bool {
    match served.join() {
        Ok(outcome) => {
            outcome.unwrap();
            false
        }
        Err(panic) => {
            assert_eq!(panic.downcast_ref::<Crashed>().expect("a crash").name, name);
            true
        }
    }
}

/// Whatever was answered holds, and everything can be brought to its end.
fn check(world: &World, answered: &BTreeMap<usize, SignatureValue>, case: &str) {
    let (client, served) = world.start();
    for (dossier, value) in ask_all(&client) {
        let value = value.unwrap();
        if let Some(before) = answered.get(&dossier) {
            assert_eq!(value.bytes, before.bytes, "{case}");
            assert!(value.replayed, "{case}: signed twice");
        }
    }
    drop(client);
    served.join().unwrap().unwrap();
    let acts = world.acts();
    assert_eq!(acts.len(), DOSSIERS, "{case}");
    assert_eq!(acts.iter().collect::<BTreeSet<_>>().len(), DOSSIERS, "{case}");
}

#[test]
fn nothing_answered_is_lost_and_nothing_is_signed_twice() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut stopped = BTreeSet::new();
    for boundary in boundaries().into_iter().filter(|name| name.starts_with("signer.")) {
        for hit in 1..=3 {
            let world = World::new();
            let (client, served) = world.start();
            arm(boundary, hit, Action::Unwind).unwrap();
            let answers = ask_all(&client);
            drop(client);
            let crashed = ended_by_crash(served, boundary);
            disarm();
            stopped.extend(crashed.then_some(boundary));
            let answered: BTreeMap<usize, SignatureValue> = answers
                .into_iter()
                .filter_map(|(dossier, answer)| Some((dossier, answer.ok()?)))
                .collect();
            for seed in 0..6 {
                let case = format!("{boundary}:{hit}, power cut {seed}");
                check(&world.after_power_cut(seed), &answered, &case);
            }
            check(&world, &answered, &format!("{boundary}:{hit}, killed"));
        }
    }
    let all =
        ["signer.after_journal_sync", "signer.after_journal_write", "signer.before_journal_write"];
    assert_eq!(stopped, BTreeSet::from(all), "a boundary was never stopped at");
}

#[test]
fn a_full_disk_gives_no_signature_and_leaves_the_journal_whole() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let world = World::new();
    let (client, served) = world.start();
    client.sign(request(0)).unwrap();
    for room in [0, 1, 50, 200] {
        world.fs.inject(Fault::NoSpaceAfter(room));
        let refusal = client.sign(request(1)).unwrap_err();
        assert!(matches!(&refusal, SignError::Journal(_)) && refusal.is_transient(), "{refusal}");
        world.fs.clear_faults();
    }
    assert!(!client.sign(request(1)).unwrap().replayed);
    drop(client);
    served.join().unwrap().unwrap();
    assert_eq!(world.after_power_cut(SimFs::LOSE_ALL).acts().len(), 2);
}

#[test]
fn a_failed_sync_ends_the_signer_without_an_answer() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let world = World::new();
    let (client, served) = world.start();
    world.fs.inject(Fault::Sync("/journal/journal".into()));
    let refusal = client.sign(request(0)).unwrap_err();
    assert!(matches!(refusal, SignError::Journal(_)), "{refusal}");
    assert!(matches!(served.join().unwrap(), Err(ServeError::Journal)));
    assert_eq!(client.sign(request(0)), Err(SignError::Gone));
    world.fs.clear_faults();
    check(&world.after_power_cut(3), &BTreeMap::new(), "after a failed sync");
}
