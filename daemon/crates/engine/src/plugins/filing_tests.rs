use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use sceau_disk::boundary::{arm_unwind, disarm};
use sceau_disk::{Fault, SimFs};

use super::*;
use crate::plugins::{PdfDocument, alone};

const ROOT: &str = "/srv/ged";
const TARGET: &str = "/srv/ged/dupont/2026/bilan.pdf";

fn disk() -> SimFs {
    let disk = SimFs::new();
    disk.make_dirs(Path::new(ROOT)).unwrap();
    disk
}

fn put_at(
    disk: &SimFs,
    path: &[&str],
    bytes: &[u8],
    deadline: Instant,
) -> Result<Filed, FilingError> {
    let named = BTreeMap::from([("ged".to_owned(), PathBuf::from(ROOT))]);
    let filing = NamedDirectories::on(Arc::new(disk.clone()), named, "D1/depot");
    let path: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
    filing.put(order(path, bytes, deadline))
}

fn order(path: Vec<String>, bytes: &[u8], deadline: Instant) -> FilingOrder {
    let document = Box::new(PdfDocument::hashed(bytes.to_vec(), "bilan.pdf".to_owned()));
    FilingOrder { document, directory: "ged".to_owned(), path, deadline }
}

fn put(disk: &SimFs, bytes: &[u8]) -> Result<Filed, FilingError> {
    let later = Instant::now() + Duration::from_secs(60);
    put_at(disk, &["dupont", "2026", "bilan.pdf"], bytes, later)
}

fn holds(disk: &SimFs) -> Vec<PathBuf> {
    disk.files().into_keys().collect()
}

#[test]
fn a_document_is_filed_once_and_nothing_is_written_over() {
    let _alone = alone();
    let (disk, large) = (disk(), vec![b'x'; 3 << 20]);
    assert_eq!(put(&disk, &large), Ok(Filed::Written));
    assert_eq!(disk.read_file(Path::new(TARGET)), Some(large.clone()));
    assert_eq!(put(&disk, &large), Ok(Filed::Already));
    assert_eq!(put(&disk, b"another"), Err(FilingError::Exists));
    assert_eq!(disk.read_file(Path::new(TARGET)), Some(large));
    assert_eq!(holds(&disk), [Path::new(TARGET)], "no temporary file stays");
}

#[test]
fn what_stands_in_the_way_is_left_alone() {
    let _alone = alone();
    let in_the_way = |make: &dyn Fn(&SimFs)| {
        let disk = disk();
        make(&disk);
        let before = disk.files();
        let answer = put(&disk, b"bytes");
        assert_eq!(disk.files(), before, "{answer:?}");
        answer
    };
    let year = Path::new("/srv/ged/dupont");
    let link = in_the_way(&|disk| disk.put_symlink(year).unwrap());
    assert!(matches!(link, Err(FilingError::Other(_))), "a link to elsewhere: {link:?}");
    let file = in_the_way(&|disk| disk.write_file(year, b"a file").unwrap());
    assert!(matches!(file, Err(FilingError::Other(_))), "{file:?}");
    let target = |make: fn(&SimFs)| {
        move |disk: &SimFs| {
            disk.make_dirs(Path::new("/srv/ged/dupont/2026")).unwrap();
            make(disk);
        }
    };
    for make in [
        target(|disk| disk.put_symlink(Path::new(TARGET)).unwrap()),
        target(|disk| disk.put_fifo(Path::new(TARGET)).unwrap()),
        target(|disk| disk.make_dirs(Path::new(TARGET)).unwrap()),
        target(|disk| disk.write_file(Path::new(TARGET), b"").unwrap()),
    ] {
        assert_eq!(in_the_way(&make), Err(FilingError::Exists));
    }
}

#[test]
fn a_directory_that_is_away_or_full_is_tried_again_later() {
    let _alone = alone();
    let unavailable = |answer| matches!(answer, Err(FilingError::Unavailable(_)));
    let none = SimFs::new();
    assert!(unavailable(put(&none, b"bytes")), "a share that is not mounted is not made");
    assert!(holds(&none).is_empty());
    let full = disk();
    full.inject(Fault::NoSpaceAfter(2));
    assert!(unavailable(put(&full, b"bytes")));
    full.clear_faults();
    assert!(holds(&full).is_empty(), "nothing half-written stays");
    let late = put_at(&full, &["a.pdf"], b"bytes", Instant::now());
    assert!(unavailable(late) && holds(&full).is_empty());
    assert_eq!(put(&full, b"bytes"), Ok(Filed::Written));
}

/// A share that does not answer before it is told to.
#[derive(Debug)]
struct Hanging(SimFs, Mutex<Receiver<()>>);

impl FileSystem for Hanging {
    fn open_dir(&self, path: &Path) -> Result<Arc<dyn Dir>, DiskError> {
        let _ = self.1.lock().unwrap().recv();
        self.0.open_dir(path)
    }
}

#[test]
fn a_share_that_does_not_answer_holds_nobody_beyond_the_end_of_the_step() {
    let _alone = alone();
    let (disk, (answer, asked)) = (disk(), channel());
    let named = BTreeMap::from([("ged".to_owned(), PathBuf::from(ROOT))]);
    let share = Arc::new(Hanging(disk.clone(), Mutex::new(asked)));
    let filing = NamedDirectories::on(share, named, "D1/depot");
    let (begun, path) = (Instant::now(), vec!["bilan.pdf".to_owned()]);
    let put = |within: Duration| {
        filing
            .put(order(path.clone(), b"bytes", Instant::now() + within))
            .map_err(|e| e.to_string())
    };
    let told = put(Duration::from_millis(50)).unwrap_err();
    assert!(told.contains("longer than the step may"), "{told}");
    // Nobody takes it up while the first is at it.
    let told = put(Duration::from_secs(60)).unwrap_err();
    assert!(told.contains("has not answered"), "{told}");
    assert!(begun.elapsed() < Duration::from_secs(30) && holds(&disk).is_empty());
    answer.send(()).unwrap();
    answer.send(()).unwrap();
    let mut last = put(Duration::from_secs(60));
    while last.as_ref().is_err_and(|told| told.contains("has not answered")) {
        assert!(begun.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(5));
        last = put(Duration::from_secs(60));
    }
    assert_eq!(last, Ok(Filed::Written));
    assert_eq!(
        holds(&disk),
        [Path::new("/srv/ged/bilan.pdf")],
        "the first came too late to file it"
    );
}

/// The simulated daemon runs no plugin: these boundaries are proven here.
#[test]
fn a_power_cut_leaves_the_whole_document_or_none_and_a_second_try_ends_it() {
    let _alone = alone();
    for boundary in ["engine.plugin.filing-written", "engine.plugin.filing-done"] {
        for seed in [SimFs::LOSE_ALL, SimFs::KEEP_ALL, 3, 4] {
            let disk = disk();
            disk.sync_all();
            let left = cut(&disk, boundary, seed);
            let found = left.read_file(Path::new(TARGET));
            assert!(found.as_deref().is_none_or(|bytes| bytes == b"bytes"), "{boundary}, {seed}");
            let done = boundary.ends_with("done");
            assert!(!done || found.is_some(), "what was done is there: {seed}");
            let again = if done { Filed::Already } else { Filed::Written };
            assert_eq!(put(&left, b"bytes"), Ok(again), "{boundary}, {seed}");
            assert_eq!(holds(&left), [Path::new(TARGET)], "{boundary}, {seed}");
        }
    }
}

/// What the disk holds when the power fails at the boundary.
fn cut(disk: &SimFs, boundary: &str, seed: u64) -> SimFs {
    let left = Arc::new(Mutex::new(None));
    let (hooked, picture) = (disk.clone(), Arc::clone(&left));
    let hook = move || *picture.lock().unwrap() = Some(hooked.crash(seed));
    arm_unwind(boundary, 1, hook).unwrap();
    // The thread that has it in hand is the one that goes.
    let told = put(disk, b"bytes").unwrap_err().to_string();
    disarm();
    assert!(told.contains("broke"), "{told}");
    left.lock().unwrap().take().unwrap()
}
