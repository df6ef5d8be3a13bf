//! Hostile bytes for every parser of bytes from outside.
//!
//! A target takes any bytes and must neither panic nor hang; it tells whether it took them for what it
//! reads, and what it promises of them is checked. Seeds lie in `seeds/<target>`; a find goes there too, so that it
//! is tried in every run from then on. `cargo run -p sceau-fuzz --release -- TARGET SECONDS` runs
//! one for long, the tests of this crate all of them shortly, and always with the same inputs.

mod messages;
mod mutate;
mod pdf;

use std::panic::{RefUnwindSafe, catch_unwind};
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
    /// Takes any bytes and tells whether they are what it reads; a panic is a find.
    pub run: fn(&[u8]) -> bool,
    /// What its hostile inputs are made of, beside the seeds.
    words: &'static [&'static [u8]],
    /// How many inputs it takes in a few seconds.
    pub few: usize,
}

const fn pdf(name: &'static str, run: fn(&[u8]) -> bool, few: usize) -> Target {
    Target { name, run, words: mutate::PDF, few }
}

const fn message(name: &'static str, run: fn(&[u8]) -> bool, few: usize) -> Target {
    Target { name, run, words: mutate::DER, few }
}

/// All targets. A new parser of bytes from outside gets a line here and a folder of seeds.
pub const TARGETS: &[Target] = &[
    pdf("content", pdf::content, 3000),
    pdf("document", pdf::document, 300),
    pdf("object-stream", pdf::object_stream, 1000),
    pdf("xref-stream", pdf::xref_stream, 1000),
    Target::new("pictures", pdf::picture, mutate::PICTURES, 1000),
    message("cms", messages::cms, 3000),
    message("time-stamp", messages::time_stamp, 3000),
    message("time-stamp-token", messages::token, 3000),
    message("time-stamp-request", messages::time_stamp_request, 3000),
    message("ocsp", messages::ocsp, 3000),
    message("ocsp-request", messages::ocsp_request, 3000),
    message("crl", messages::crl, 3000),
    message("certificate", messages::certificate, 3000),
    message("pem", messages::pem, 3000),
    message("pkcs12", messages::pkcs12, 1000),
];

/// How long to fire.
#[derive(Debug, Clone, Copy)]
pub enum Budget {
    /// So many changed inputs, whatever they take.
    Inputs(usize),
    /// As many as there is time for.
    Time(Duration),
}

/// What was tried without a find.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tried {
    /// Changed inputs.
    pub inputs: usize,
    /// How many of them were taken for what the target reads.
    pub taken: usize,
}

/// An input that did not go well.
#[derive(Debug)]
pub struct Find {
    /// The input.
    pub input: Vec<u8>,
    /// How long it took, where that was too long; none for a panic.
    pub took: Option<Duration>,
}

/// What a test fires: a few inputs of each target; with `SCEAU_PROVE=1` as many as a minute allows.
pub fn budget(target: &Target) -> Budget {
    match std::env::var_os("SCEAU_PROVE").is_some_and(|value| value == "1") {
        true => Budget::Time(Duration::from_secs(60)),
        false => Budget::Inputs(target.few),
    }
}

impl Target {
    /// A target whose inputs are made of `words`, beside its seeds.
    pub const fn new(
        name: &'static str,
        run: fn(&[u8]) -> bool,
        words: &'static [&'static [u8]],
        few: usize,
    ) -> Self {
        Self { name, run, words, few }
    }

    /// Fires, always with the same inputs, and demands that nothing is found.
    ///
    /// # Panics
    /// At a find, and where the target takes nothing, or everything: then it tests nothing.
    pub fn withstand(&self, budget: Budget) {
        match self.fire(budget, 7) {
            Ok(tried) => {
                let (taken, inputs) = (tried.taken, tried.inputs);
                assert!(0 < taken && taken < inputs, "{}: {tried:?}", self.name);
            }
            Err(find) => {
                let input = String::from_utf8_lossy(&find.input).into_owned();
                panic!("{}: {:?} with {input}", self.name, find.took);
            }
        }
    }

    /// Demands that a fault is found that lies behind the parser, in what it takes of changed inputs.
    ///
    /// # Panics
    /// When it is not.
    pub fn find_planted(&self) {
        let seeds = self.seeds();
        let planted = |input: &[u8]| {
            let taken = (self.run)(input);
            assert!(!taken || seeds.iter().any(|seed| seed == input), "planted");
            taken
        };
        let found = self.fire_at(planted, Budget::Inputs(self.few), 7);
        let find = found.err().unwrap_or_else(|| panic!("{}: nothing is found", self.name));
        assert!(find.took.is_none() && (self.run)(&find.input), "{}", self.name);
    }

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

    /// Tries the seeds, then changed ones; the same for the same `number`.
    ///
    /// # Errors
    /// The first find.
    pub fn fire(&self, budget: Budget, number: u64) -> Result<Tried, Find> {
        self.fire_at(self.run, budget, number)
    }

    /// The same at something else that takes the target's inputs.
    ///
    /// # Errors
    /// The first find.
    pub fn fire_at(
        &self,
        run: impl Fn(&[u8]) -> bool + RefUnwindSafe,
        budget: Budget,
        number: u64,
    ) -> Result<Tried, Find> {
        let seeds = self.seeds();
        for seed in &seeds {
            one(&run, seed)?;
        }
        let (began, mut mutator) = (Instant::now(), Mutator::new(number, self.words));
        let mut tried = Tried::default();
        while match budget {
            Budget::Inputs(count) => tried.inputs < count,
            Budget::Time(time) => began.elapsed() < time,
        } {
            tried.taken += usize::from(one(&run, &mutator.changed(&seeds))?);
            tried.inputs += 1;
        }
        Ok(tried)
    }
}

fn one(run: &(impl Fn(&[u8]) -> bool + RefUnwindSafe), input: &[u8]) -> Result<bool, Find> {
    let began = Instant::now();
    let ended = catch_unwind(|| run(input));
    let took = began.elapsed();
    match ended {
        Ok(taken) if took <= LIMIT => Ok(taken),
        Ok(_) => Err(Find { input: input.to_vec(), took: Some(took) }),
        Err(_) => Err(Find { input: input.to_vec(), took: None }),
    }
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name)
}
