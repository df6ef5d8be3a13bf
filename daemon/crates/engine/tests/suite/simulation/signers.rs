//! The signer over its journal on the machine's disk, and time stamps that may fail.

use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sceau_disk::{FileSystem, SimFs};
use sceau_engine::clock::Clock;
use sceau_engine::keys::{KeyDoor, RestartingDoor};
use sceau_engine::timestamps::{Granted, Internal, TimeStamps, Wish};
use sceau_pki::DigestAlgorithm;
use sceau_pki::testing::Holder;
use sceau_signer::{
    Entry, KeyId, KeyStore, Purpose, SignError, SignRequest, SignatureValue, Signer, SignerClient,
    read_entries, serve,
};
use sceau_workflow::machine::{Failure, Fault};

use super::genesis::{ALGORITHM, JOURNAL, KEYS, genesis};
use crate::support::{Dice, VirtualClock};

/// A door to a signer in a thread of its own, started again when it is gone; it can be barred.
pub(crate) struct Door {
    inner: RestartingDoor<()>,
    barred: AtomicBool,
}

impl Door {
    pub(crate) fn open(files: &SimFs, clock: &VirtualClock) -> Arc<Self> {
        let (files, clock) = (files.clone(), clock.clone());
        let start = move || start(&files, &clock).map(|client| ((), client));
        let first = start().unwrap();
        let inner = RestartingDoor::new(first, Box::new(start));
        Arc::new(Self { inner, barred: AtomicBool::new(false) })
    }

    /// From now on nobody answers (or somebody does again).
    pub(crate) fn bar(&self, barred: bool) {
        self.barred.store(barred, Ordering::Relaxed);
    }

    fn checked(&self) -> Result<(), SignError> {
        if self.barred.load(Ordering::Relaxed) { Err(SignError::Gone) } else { Ok(()) }
    }
}

impl KeyDoor for Door {
    fn sign(&self, request: SignRequest) -> Result<SignatureValue, SignError> {
        self.checked()?;
        self.inner.sign(request)
    }

    fn alive(&self) -> Result<(), SignError> {
        self.checked()?;
        self.inner.alive()
    }
}

fn start(files: &SimFs, clock: &VirtualClock) -> Result<SignerClient, String> {
    let keys = files.open_dir(Path::new(KEYS)).unwrap();
    let journal = files.open_dir(Path::new(JOURNAL)).unwrap();
    let store = KeyStore::open(&*keys, &genesis().secret).map_err(|error| error.to_string())?;
    let signer = Signer::open(store, &*journal).map_err(|error| error.to_string())?;
    let (own, its) = UnixStream::pair().unwrap();
    let clock = clock.clone();
    std::thread::spawn(move || serve(its, signer, &|| clock.now()));
    SignerClient::new(own).map_err(|error| error.to_string())
}

/// Every seal that the journal tells of.
pub(crate) fn journalled_seals(files: &SimFs) -> Vec<Entry> {
    let journal = files.open_dir(Path::new(JOURNAL)).unwrap();
    let mut entries = read_entries(&*journal).unwrap();
    entries.retain(|entry| entry.purpose == Purpose::Seal);
    entries
}

/// Our own unit, behind a line that can be cut; the first one where `first` says so, and the other after it
/// where `joined` does.
pub(crate) struct Line {
    unit: Internal,
    first_unit: Internal,
    cut: Cut,
    first: Cut,
    joined: Cut,
}

impl Line {
    pub(crate) fn new(
        keys: &Arc<dyn KeyDoor>,
        clock: &VirtualClock,
        dice: &Dice,
        [cut, first, joined]: [&Cut; 3],
    ) -> Self {
        let pki = &genesis().pki;
        let unit = |key: &str, holder: &Holder| Internal {
            key: KeyId::parse(key).unwrap(),
            algorithm: ALGORITHM,
            chain: pki.chain_of(holder),
            keys: Arc::clone(keys),
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(dice.clone()),
        };
        Self {
            unit: unit("tsu", &pki.unit),
            first_unit: unit("tsu-first", &genesis().first_unit),
            cut: Arc::clone(cut),
            first: Arc::clone(first),
            joined: Arc::clone(joined),
        }
    }

    fn unit(&self) -> &Internal {
        if self.first.load(Ordering::Relaxed) { &self.first_unit } else { &self.unit }
    }

    fn checked(&self) -> Result<(), Failure> {
        let dead = || Failure::new("timestamp-unavailable", Fault::Peer, "muet", "dead");
        if self.cut.load(Ordering::Relaxed) { Err(dead()) } else { Ok(()) }
    }
}

/// Whether the line to the time-stamping authority is cut.
pub(crate) type Cut = Arc<AtomicBool>;

impl TimeStamps for Line {
    fn token_len(&self) -> Result<usize, Failure> {
        self.checked()?;
        self.unit().token_len()
    }

    fn token(
        &self,
        imprint: &[u8],
        algorithm: DigestAlgorithm,
        wish: Wish<'_>,
    ) -> Result<Granted, Failure> {
        self.checked()?;
        let given = self.unit().token(imprint, algorithm, wish)?;
        match self.joined.load(Ordering::Relaxed) && wish(&given.token).is_err() {
            true => self.unit.token(imprint, algorithm, wish),
            false => Ok(given),
        }
    }

    fn is_internal(&self) -> bool {
        true
    }
}
