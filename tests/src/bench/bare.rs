//! The bare cost: what any program pays that keeps the same promises, without a line of ours.
//!
//! For each document: the input is read, hashed and stored (write, fsync, rename, fsync of the
//! directory); five commits of 4 KiB, each one fsync (it came; what is to be signed; the signature;
//! the sealed document; its delivery); two signatures (seal and time stamp), each journalled and
//! fsynced first; output (input and 16 KiB) and evidence (16 KiB) are written, hashed, fsynced and
//! renamed, and their directory fsynced; the source is moved away.

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

use super::line::Many;
use super::{Key, cores};
use crate::memory;

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

    /// One document.
    pub(super) fn one(&self, document: &[u8]) -> Duration {
        let source = self.dropped(document);
        let began = Instant::now();
        self.work(&source);
        began.elapsed()
    }

    /// Many documents, by as many threads as cores or by four times as many, whichever is faster:
    /// the work is waiting for the disk for the most part.
    pub(super) fn many(&self, documents: &[Vec<u8>]) -> Many {
        let [few, more] = [cores(), 4 * cores()].map(|threads| self.by(threads, documents));
        if few.elapsed < more.elapsed { few } else { more }
    }

    fn by(&self, threads: usize, documents: &[Vec<u8>]) -> Many {
        let sources: Vec<_> = documents.iter().map(|document| self.dropped(document)).collect();
        let next = AtomicUsize::new(0);
        let this = rustix::process::getpid();
        let (cpu, began) = (memory::cpu(this), Instant::now());
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while let Some(source) = sources.get(next.fetch_add(1, Ordering::Relaxed)) {
                        self.work(source);
                    }
                });
            }
        });
        let (elapsed, cpu) = (began.elapsed(), memory::cpu(this) - cpu);
        Many { documents: documents.len(), elapsed, cpu }
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
        self.renamed("blobs", name, &[&bytes]);
        self.synced("blobs");
        self.commit();
        self.commit();
        let seal = self.sign(&self.seal, &digest);
        self.commit();
        let time = self.sign(&self.time, &seal);
        self.commit();
        let tail = [&seal[..], &time, &[b'0'; 16384]].concat();
        let mut whole = Sha256::new();
        whole.update(&bytes);
        whole.update(&tail);
        let evidence = [&whole.finalize()[..], &[b' '; 16384]].concat();
        std::hint::black_box(Sha256::digest(&evidence));
        let mut evidence_name = name.to_owned();
        evidence_name.push(".json");
        self.renamed("out", name, &[&bytes, &tail]);
        self.renamed("out", &evidence_name, &[&evidence]);
        self.synced("out");
        fs::rename(source, self.folder.path().join("done").join(name)).expect("moved");
        self.commit();
    }

    fn commit(&self) {
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

    fn renamed(&self, place: &str, name: &std::ffi::OsStr, parts: &[&[u8]]) {
        let place = self.folder.path().join(place);
        let mut temporary = name.to_owned();
        temporary.push(".tmp");
        let mut file = File::create(place.join(&temporary)).expect("created");
        parts.iter().for_each(|part| file.write_all(part).expect("written"));
        file.sync_all().expect("synced");
        fs::rename(place.join(&temporary), place.join(name)).expect("renamed");
    }

    fn synced(&self, place: &str) {
        let place = self.folder.path().join(place);
        File::open(place).and_then(|folder| folder.sync_all()).expect("synced");
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
