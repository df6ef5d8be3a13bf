//! Any interleaving of writers and scans: what is taken is always a whole document.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::prelude::*;
use sceau_disk::{FileSystem, SimFs};

use crate::world::{TOP, World, pdf, secs};

/// One way of bringing a document into the folder, cut into steps.
#[derive(Debug, Clone)]
enum Writer {
    /// Appends piece by piece.
    Append { pieces: usize },
    /// Sets the length first, then fills from the start (Windows' CopyFile).
    Preallocate { pieces: usize },
    /// As `Preallocate`, but the last piece comes before the middle.
    EndsFirst,
    /// Writes under a temporary name, then renames.
    Rename,
    /// Writes in place over a whole older document, without a pause as long as the stability.
    Overwrite { pieces: usize },
}

/// What happens next in the world.
#[derive(Debug, Clone)]
enum Turn {
    Write(usize),
    Pass(u64),
    Scan,
    Hint(usize),
    WriteDuringCopy(usize),
    Restart,
}

struct Progress {
    writer: Writer,
    name: String,
    whole: Vec<u8>,
    left: Vec<Vec<u8>>,
    renamed: bool,
}

impl Progress {
    fn new(index: usize, writer: Writer) -> Self {
        let whole = pdf(&format!("document {index} {}", "x".repeat(40 + index * 7)));
        let left = steps(&writer, &whole);
        Self { writer, name: format!("{index}.pdf"), whole, left, renamed: false }
    }

    fn path(&self) -> PathBuf {
        let part = matches!(self.writer, Writer::Rename) && !self.renamed;
        Path::new(TOP).join(format!("{}{}", self.name, if part { ".part" } else { "" }))
    }

    fn done(&self) -> usize {
        steps(&self.writer, &self.whole).len() - self.left.len()
    }

    fn is_finished(&self) -> bool {
        self.left.is_empty() && (self.renamed || !matches!(self.writer, Writer::Rename))
    }

    /// The next step. A writer whose unfinished file was set aside begins again.
    fn advance(&mut self, fs: &SimFs) {
        if self.is_finished() {
            return;
        }
        if self.done() > 0 && fs.read_file(&self.path()).is_none() {
            self.left = steps(&self.writer, &self.whole);
        }
        if self.left.is_empty() {
            let top = fs.open_dir(Path::new(TOP)).unwrap();
            top.rename(format!("{}.part", self.name).as_ref(), self.name.as_ref()).unwrap();
            self.renamed = true;
        } else {
            let step = self.left.remove(0);
            fs.write_file(&self.path(), &step).unwrap();
        }
    }

    /// Whether its file looks whole without being so: then its next step comes before time passes.
    fn must_not_rest(&self) -> bool {
        match self.writer {
            Writer::EndsFirst => self.done() == 3,
            Writer::Overwrite { .. } => self.done() >= 2 && !self.left.is_empty(),
            _ => false,
        }
    }
}

fn steps(writer: &Writer, whole: &[u8]) -> Vec<Vec<u8>> {
    let cut = |n: usize, of: usize| whole.len() * n / of;
    let filled = |n: usize, of: usize| {
        let mut bytes = vec![0; whole.len()];
        bytes[..cut(n, of)].copy_from_slice(&whole[..cut(n, of)]);
        bytes
    };
    match *writer {
        Writer::Append { pieces } => {
            (1..=pieces).map(|n| whole[..cut(n, pieces)].to_vec()).collect()
        }
        Writer::Preallocate { pieces } => (0..=pieces).map(|n| filled(n, pieces)).collect(),
        Writer::EndsFirst => {
            let mut ends = filled(1, 3);
            ends[cut(2, 3)..].copy_from_slice(&whole[cut(2, 3)..]);
            vec![vec![0; whole.len()], filled(1, 3), ends, whole.to_vec()]
        }
        Writer::Rename => vec![whole[..cut(1, 2)].to_vec(), whole.to_vec()],
        Writer::Overwrite { pieces } => {
            let older = [&b"%PDF-1.4 older"[..], &whole[14..]].concat();
            let mixed = |n: usize| [&whole[..cut(n, pieces)], &older[cut(n, pieces)..]].concat();
            (0..=pieces).map(mixed).collect()
        }
    }
}

fn writer() -> impl Strategy<Value = Writer> {
    prop_oneof![
        (1usize..6).prop_map(|pieces| Writer::Append { pieces }),
        (1usize..6).prop_map(|pieces| Writer::Preallocate { pieces }),
        Just(Writer::EndsFirst),
        Just(Writer::Rename),
        (1usize..6).prop_map(|pieces| Writer::Overwrite { pieces }),
    ]
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        4 => (0usize..4).prop_map(Turn::Write),
        3 => (1u64..8).prop_map(Turn::Pass),
        4 => Just(Turn::Scan),
        1 => (0usize..4).prop_map(Turn::Hint),
        1 => (0usize..4).prop_map(Turn::WriteDuringCopy),
        1 => Just(Turn::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn what_is_taken_is_whole_and_nothing_whole_is_forgotten(
        writers in proptest::collection::vec(writer(), 1..4),
        turns in proptest::collection::vec(turn(), 1..60),
    ) {
        let mut world = World::new();
        let shared = |(index, writer)| Arc::new(Mutex::new(Progress::new(index, writer)));
        let all: Vec<_> = writers.into_iter().enumerate().map(shared).collect();
        for turn in turns {
            world = play(world, &all, turn);
        }
        world.engine.state.lock().unwrap().during_copy = None;
        for progress in &all {
            let mut progress = progress.lock().unwrap();
            while !progress.is_finished() {
                tick_of_the_clock(&mut world);
                progress.advance(&world.fs);
            }
        }
        world.run(12);
        let taken: Vec<_> =
            world.engine.sources().iter().map(|source| world.engine.content(source)).collect();
        for progress in &all {
            let progress = progress.lock().unwrap();
            prop_assert!(taken.contains(&progress.whole), "{} forgotten", progress.name);
        }
        for content in &taken {
            let whole = all.iter().any(|progress| progress.lock().unwrap().is_whole(content));
            prop_assert!(whole, "{}", String::from_utf8_lossy(content));
        }
    }
}

impl Progress {
    /// The older document that an overwriter finds is whole too.
    fn is_whole(&self, content: &[u8]) -> bool {
        let older = matches!(self.writer, Writer::Overwrite { .. })
            && steps(&self.writer, &self.whole)[0] == content;
        older || self.whole == content
    }
}

type Shared = Arc<Mutex<Progress>>;

fn play(mut world: World, all: &[Shared], turn: Turn) -> World {
    tick_of_the_clock(&mut world);
    let at = |index: usize| &all[index % all.len()];
    match turn {
        Turn::Write(index) => at(index).lock().unwrap().advance(&world.fs),
        Turn::Pass(seconds) => {
            for progress in all {
                let mut progress = progress.lock().unwrap();
                while progress.must_not_rest() {
                    tick_of_the_clock(&mut world);
                    progress.advance(&world.fs);
                }
            }
            world.pass(secs(seconds));
        }
        Turn::Scan => drop(world.tick()),
        Turn::Hint(index) => {
            let progress = at(index).lock().unwrap();
            if progress.renamed {
                world.hints.renamed_in(progress.name.as_str().into());
            }
        }
        Turn::WriteDuringCopy(index) => {
            let (progress, fs) = (Arc::clone(at(index)), world.fs.clone());
            world.engine.state.lock().unwrap().during_copy =
                Some(Box::new(move || progress.lock().unwrap().advance(&fs)));
        }
        Turn::Restart => world = world.restart(None),
    }
    world
}

fn tick_of_the_clock(world: &mut World) {
    world.pass(Duration::from_millis(1));
}
