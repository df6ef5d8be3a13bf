//! Real files, real time, real inotify: the four kinds of writers, links, devices, odd names.

use std::ffi::OsStr;
use std::fs::{self, File, FileTimes};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, symlink};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use crate::world::{Engine, Port, pdf};
use jiff::Timestamp;
use sceau_disk::{Downgrade, DowngradedFs, FileSystem, RealFs};
use sceau_intake::wake::{Hints, Waker};
use sceau_intake::{
    Adoption, Content, DeliverRequest, Folder, FolderConfig, FolderWatcher, Now, RelPath,
    SourceFate, SourceFile, WatchMode,
};

const STABILITY: Duration = Duration::from_millis(400);

struct Real {
    dir: tempfile::TempDir,
    engine: Arc<Engine>,
    folder: Arc<Folder>,
    hints: Arc<Hints>,
    watcher: FolderWatcher,
    begun: Instant,
}

impl Real {
    fn new(stability: Duration) -> Self {
        Self::over(stability, Arc::new(RealFs))
    }

    fn over(stability: Duration, fs: Arc<dyn FileSystem>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = FolderConfig::new("reel", dir.path());
        config.mode = WatchMode::Local;
        config.stability = Some(stability);
        config.patience = Some(Duration::from_secs(2));
        config.poll = Some(Duration::from_millis(100));
        config.min_free_bytes = 0;
        let engine = Arc::new(Engine::default());
        let port = Arc::new(Port(Arc::clone(&engine)));
        let folder = Folder::new(config, fs, Adoption::First);
        let hints = Hints::new();
        let watcher =
            FolderWatcher::new(Arc::clone(&folder), port.clone(), port, Arc::clone(&hints));
        Self { dir, engine, folder, hints, watcher, begun: Instant::now() }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn tick(&mut self) -> Duration {
        let now = Now { wall: Timestamp::now(), steady: self.begun.elapsed() };
        self.watcher.tick(now).rest
    }

    /// Scans as the daemon does, for that long at most, until so many documents were taken.
    fn run_until(&mut self, taken: usize, longest: Duration) -> usize {
        let begun = Instant::now();
        while begun.elapsed() < longest && self.engine.sources().len() < taken {
            let rest = self.tick();
            self.hints.wait(rest.min(longest.saturating_sub(begun.elapsed())));
        }
        self.engine.sources().len()
    }

    fn contents(&self) -> Vec<Vec<u8>> {
        self.engine.sources().iter().map(|source| self.engine.content(source)).collect()
    }

    /// Runs a writer in a thread beside the scanner; the document must come out whole.
    fn with_writer(mut self, write: impl FnOnce(PathBuf, Vec<u8>) + Send + 'static) {
        let whole = pdf(&"contenu ".repeat(20_000));
        let (at, bytes) = (self.at("x.pdf"), whole.clone());
        let writer = std::thread::spawn(move || write(at, bytes));
        assert_eq!(self.run_until(1, Duration::from_secs(20)), 1);
        writer.join().unwrap();
        assert_eq!(self.contents(), [whole]);
    }
}

#[test]
fn a_slow_append_comes_out_whole() {
    Real::new(STABILITY).with_writer(|at, bytes| {
        let mut file = File::create(at).unwrap();
        for piece in bytes.chunks(bytes.len() / 8) {
            file.write_all(piece).unwrap();
            sleep(Duration::from_millis(100));
        }
    });
}

#[test]
fn a_preallocated_file_comes_out_whole() {
    Real::new(STABILITY).with_writer(|at, bytes| {
        let file = File::create(at).unwrap();
        file.set_len(bytes.len() as u64).unwrap();
        sleep(STABILITY * 2);
        let size = bytes.len() / 4;
        for (index, piece) in bytes.chunks(size).enumerate() {
            file.write_all_at(piece, (index * size) as u64).unwrap();
            sleep(STABILITY * 3 / 2);
        }
    });
}

#[test]
fn a_copy_that_keeps_the_mtime_comes_out_whole() {
    Real::new(STABILITY).with_writer(|at, bytes| {
        let file = File::create(at).unwrap();
        file.set_len(bytes.len() as u64).unwrap();
        let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000);
        for (index, piece) in bytes.chunks(10_000).enumerate() {
            file.write_all_at(piece, (index * 10_000) as u64).unwrap();
            file.set_times(FileTimes::new().set_modified(old)).unwrap();
            sleep(Duration::from_millis(50));
        }
    });
}

#[test]
fn a_rename_into_the_folder_wakes_and_is_taken_at_once() {
    let mut real = Real::new(Duration::from_secs(3600));
    real.tick();
    let _waker = Waker::start(real.dir.path(), false, Arc::clone(&real.hints)).unwrap();
    let (from, to) = (real.at("x.pdf.part"), real.at("x.pdf"));
    fs::write(&from, pdf("a")).unwrap();
    real.tick();
    let hints = Arc::clone(&real.hints);
    let writer = std::thread::spawn(move || {
        sleep(Duration::from_millis(200));
        fs::rename(from, to).unwrap();
        hints
    });
    assert_eq!(real.run_until(1, Duration::from_secs(10)), 1);
    writer.join().unwrap();
    assert!(real.at("en-cours/x.pdf").exists());
}

#[test]
fn a_rename_in_a_sub_folder_made_later_is_heard_too() {
    let hints = Hints::new();
    let dir = tempfile::tempdir().unwrap();
    let _waker = Waker::start(dir.path(), true, Arc::clone(&hints)).unwrap();
    fs::create_dir(dir.path().join("Dupont")).unwrap();
    sleep(Duration::from_millis(200));
    let begun = Instant::now();
    fs::write(dir.path().join("Dupont/x.pdf"), pdf("a")).unwrap();
    hints.wait(Duration::from_secs(10));
    assert!(begun.elapsed() < Duration::from_secs(9));
}

/// Drops, scans and deliveries all at once: every document comes back, once.
#[test]
fn deliveries_go_on_while_the_scanner_works() {
    let real = Real::new(Duration::ZERO);
    let (engine, folder, top) =
        (Arc::clone(&real.engine), Arc::clone(&real.folder), real.dir.path().to_owned());
    let deliveries = std::thread::spawn(move || {
        let mut done = 0;
        while done < DOCUMENTS {
            for source in engine.sources().iter().skip(done) {
                deliver(&folder, &engine, source);
                done += 1;
            }
            sleep(Duration::from_millis(5));
        }
    });
    let drops = std::thread::spawn(move || {
        for n in 0..DOCUMENTS {
            let part = top.join("x.part");
            fs::write(&part, pdf(&n.to_string())).unwrap();
            let name = top.join(format!("{}.pdf", n % 7));
            while name.exists() {
                sleep(Duration::from_millis(5));
            }
            fs::rename(&part, name).unwrap();
            sleep(Duration::from_millis(20));
        }
    });
    let mut real = real;
    let _waker = Waker::start(real.dir.path(), false, Arc::clone(&real.hints)).unwrap();
    real.run_until(DOCUMENTS, Duration::from_secs(60));
    drops.join().unwrap();
    deliveries.join().unwrap();
    real.tick();
    let count = |place: &str| {
        let entries = fs::read_dir(real.at(place)).unwrap().map(|entry| entry.unwrap());
        entries.filter(|entry| entry.file_type().unwrap().is_file()).count()
    };
    assert_eq!((count("livres"), count("livres/originaux")), (DOCUMENTS, DOCUMENTS));
    assert_eq!((count("en-cours"), count("rejetes")), (0, 0));
}

const DOCUMENTS: usize = 40;

fn deliver(folder: &Folder, engine: &Engine, source: &SourceFile) {
    let content = engine.content(source);
    let request = DeliverRequest {
        dossier: hex(&source.digest),
        directory: RelPath::default(),
        file_name: source.original.name().to_owned(),
        content: Content::bytes(&content),
        companions: Vec::new(),
        source: Some(source),
    };
    let delivered = folder.deliver(&request).unwrap();
    assert!(matches!(delivered.source, Some(SourceFate::Moved(_))), "{delivered:?}");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn links_leading_out_are_not_followed() {
    let mut real = Real::new(Duration::ZERO);
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.pdf"), pdf("secret")).unwrap();
    symlink(outside.path().join("secret.pdf"), real.at("lien.pdf")).unwrap();
    symlink(outside.path(), real.at("dossier")).unwrap();
    real.tick();
    real.tick();
    assert!(real.contents().is_empty());
    assert!(real.at("rejetes/lien.pdf").is_symlink());
    assert!(real.at("rejetes/dossier").is_symlink());
    assert!(real.at("rejetes/lien.pdf.erreur.txt").exists());
    assert!(outside.path().join("secret.pdf").exists());
}

/// Without rename-without-overwrite and without hard links, as on many shares.
#[test]
fn a_poor_file_system_takes_and_keeps_apart() {
    let without = Downgrade { no_rename_no_replace: true, no_links: true, ..Downgrade::default() };
    for poor in [without, Downgrade { no_links: false, ..without }] {
        let mut real = Real::over(Duration::ZERO, Arc::new(DowngradedFs(poor)));
        for n in 0..2 {
            fs::write(real.at("x.pdf"), pdf(&n.to_string())).unwrap();
            real.tick();
            real.tick();
        }
        assert_eq!(real.contents().len(), 2);
        assert_eq!(fs::read(real.at("en-cours/x.pdf")).unwrap(), pdf("0"));
        assert_eq!(fs::read(real.at("en-cours/x (2).pdf")).unwrap(), pdf("1"));
    }
}

#[test]
fn odd_names_keep_their_bytes() {
    let mut real = Real::new(Duration::ZERO);
    let names: [&[u8]; 3] =
        [b"d\xe9p\xf4t.pdf", "de\u{301}po\u{302}t.pdf".as_bytes(), &[b'a'; 255]];
    for (index, name) in names.iter().enumerate() {
        fs::write(real.dir.path().join(OsStr::from_bytes(name)), pdf(&index.to_string())).unwrap();
    }
    real.tick();
    real.tick();
    assert_eq!(real.contents().len(), 3);
    for name in names {
        assert!(real.at("en-cours").join(OsStr::from_bytes(name)).exists());
    }
}

#[test]
fn a_directory_is_moved_with_all_it_holds() {
    let mut real = Real::new(Duration::ZERO);
    fs::create_dir(real.at("lot")).unwrap();
    fs::write(real.at("lot/x.pdf"), pdf("a")).unwrap();
    let begun = Instant::now();
    while !real.at("rejetes/lot.erreur.txt").exists() {
        assert!(begun.elapsed() < Duration::from_secs(20));
        let rest = real.tick();
        sleep(rest);
    }
    assert_eq!(fs::read(real.at("rejetes/lot/x.pdf")).unwrap(), pdf("a"));
}
