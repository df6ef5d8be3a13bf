//! Hostile bytes for every parser of bytes from outside.
//!
//! A target takes any bytes and must neither panic nor hang; what it says of them is all the same,
//! but what it promises is checked. Seeds lie in `seeds/<target>`; a find goes there too, so that it
//! is tried in every run from then on. `cargo run -p sceau-fuzz --release -- TARGET SECONDS` runs
//! one for long, the test of this crate all of them shortly.

mod mutate;
mod pdf;

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub use mutate::Mutator;

/// The longest that one input may take.
pub const LIMIT: Duration = Duration::from_secs(5);

/// A parser under fire.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, and that of its folder of seeds.
    pub name: &'static str,
    /// Takes any bytes; a panic is a find.
    pub run: fn(&[u8]),
}

/// All targets. A new parser of bytes from outside gets a line here and a folder of seeds.
pub const TARGETS: &[Target] = &[
    Target { name: "content", run: pdf::content },
    Target { name: "document", run: pdf::document },
    Target { name: "object-stream", run: pdf::object_stream },
    Target { name: "xref-stream", run: pdf::xref_stream },
];

/// An input that did not go well.
#[derive(Debug)]
pub struct Find {
    /// The input.
    pub input: Vec<u8>,
    /// How long it took, where that was too long; none for a panic.
    pub took: Option<Duration>,
}

impl Target {
    /// The seeds, sorted by name.
    ///
    /// # Panics
    /// When there are none.
    pub fn seeds(&self) -> Vec<Vec<u8>> {
        let folder = folder(self.name);
        let entries = std::fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.sort();
        assert!(!paths.is_empty(), "no seeds in {}", folder.display());
        paths.iter().filter_map(|path| std::fs::read(path).ok()).collect()
    }

    /// Tries the seeds, then changed ones, for as long as `time`; gives back how many were tried.
    ///
    /// # Errors
    /// The first find.
    pub fn fire(&self, time: Duration, number: u64) -> Result<usize, Find> {
        let seeds = self.seeds();
        for seed in &seeds {
            self.one(seed)?;
        }
        let (began, mut mutator, mut tried) = (Instant::now(), Mutator::new(number), seeds.len());
        while began.elapsed() < time {
            let input = mutator.changed(&seeds);
            self.one(&input)?;
            tried += 1;
        }
        Ok(tried)
    }

    fn one(&self, input: &[u8]) -> Result<(), Find> {
        let began = Instant::now();
        let ended = catch_unwind(|| (self.run)(input));
        let took = began.elapsed();
        match ended {
            Ok(()) if took <= LIMIT => Ok(()),
            Ok(()) => Err(Find { input: input.to_vec(), took: Some(took) }),
            Err(_) => Err(Find { input: input.to_vec(), took: None }),
        }
    }
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name)
}
