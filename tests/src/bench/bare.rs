//! The bare cost: what any program pays that keeps the same promises, without a line of ours.
//!
//! For each document: the input is read, hashed and stored (write, fsync, rename, fsync of the
//! directory); three commits of 4 KiB; two signatures (seal and timestamp), each journalled and
//! fsynced first; the output is written (input plus 16 KiB) and hashed, the evidence too (8 KiB), both
//! fsynced, renamed, and their directory fsynced; the source is moved away.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::{Key, cores};

const SINGLE: usize = 30;

enum Pair {
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

/// Places and keys for the bare work.
pub(super) struct Bare {
    folder: TempDir,
    seal: Pair,
    time: Pair,
    state: Mutex<File>,
    journal: Mutex<File>,
    number: AtomicUsize,
}

impl Bare {
    pub(super) fn new(key: Key) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str| Mutex::new(File::create(folder.path().join(name)).expect("a file"));
        let (state, journal) = (file("state"), file("journal"));
        for place in ["in", "blobs", "out", "done"] {
            fs::create_dir(folder.path().join(place)).expect("a place");
        }
        let number = AtomicUsize::new(0);
        Self { seal: pair(key), time: pair(key), folder, state, journal, number }
    }

    /// One document after the other, on one thread.
    pub(super) fn latency(&self, document: &[u8]) -> Duration {
        let mut times: Vec<Duration> = (0..SINGLE)
            .map(|_| {
                let source = self.dropped(document);
                let began = Instant::now();
                self.work(&source);
                began.elapsed()
            })
            .collect();
        times.sort();
        times[SINGLE / 2]
    }

    /// Documents a second on all cores.
    pub(super) fn throughput(&self, document: &[u8], batch: usize) -> f64 {
        let sources: Vec<_> = (0..batch).map(|_| self.dropped(document)).collect();
        let next = AtomicUsize::new(0);
        let began = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..cores() {
                scope.spawn(|| {
                    while let Some(source) = sources.get(next.fetch_add(1, Ordering::Relaxed)) {
                        self.work(source);
                    }
                });
            }
        });
        batch as f64 / began.elapsed().as_secs_f64()
    }

    fn dropped(&self, document: &[u8]) -> std::path::PathBuf {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.path().join(format!("in/{number:06}"));
        fs::write(&path, document).expect("dropped");
        path
    }

    fn work(&self, source: &Path) {
        let name = source.file_name().expect("a name");
        let bytes = fs::read(source).expect("read");
        let digest = Sha256::digest(&bytes);
        self.durable("blobs", name, &[&bytes]);
        append(&self.state, &[0; 4096]);
        let seal = self.sign(&self.seal, &digest);
        let time = self.sign(&self.time, &seal);
        append(&self.state, &[0; 4096]);
        let tail = [&seal[..], &time, &[b'0'; 16384]].concat();
        let mut whole = Sha256::new();
        whole.update(&bytes);
        whole.update(&tail);
        self.durable("out", name, &[&bytes, &tail]);
        let mut evidence = name.to_owned();
        evidence.push(".json");
        self.durable("out", &evidence, &[&whole.finalize(), &[b' '; 8192]]);
        fs::rename(source, self.folder.path().join("done").join(name)).expect("moved");
        append(&self.state, &[0; 4096]);
    }

    fn sign(&self, pair: &Pair, message: &[u8]) -> Vec<u8> {
        let signature = match pair {
            Pair::P256(pair) => {
                pair.sign(&SystemRandom::new(), message).expect("signed").as_ref().to_vec()
            }
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
                    .expect("signed");
                signature
            }
        };
        append(&self.journal, &signature);
        signature
    }

    fn durable(&self, place: &str, name: &std::ffi::OsStr, parts: &[&[u8]]) {
        let place = self.folder.path().join(place);
        let mut temporary = name.to_owned();
        temporary.push(".tmp");
        let mut file = File::create(place.join(&temporary)).expect("created");
        parts.iter().for_each(|part| file.write_all(part).expect("written"));
        file.sync_all().expect("synced");
        fs::rename(place.join(&temporary), place.join(name)).expect("renamed");
        File::open(&place).and_then(|folder| folder.sync_all()).expect("synced");
    }
}

fn append(file: &Mutex<File>, bytes: &[u8]) {
    let mut file = file.lock().expect("no thread failed");
    file.write_all(bytes).expect("written");
    file.sync_data().expect("synced");
}

fn pair(key: Key) -> Pair {
    match key {
        Key::P256 => {
            Pair::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key"))
        }
        Key::Rsa3072 => Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa3072).expect("a key")),
    }
}
