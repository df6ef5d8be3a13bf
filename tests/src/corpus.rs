//! The corpus: foreign PDFs that `tests/corpus/gather.sh` gathered, each signed by `sceau sign` and
//! put before the judges.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::forms::level_options;
use crate::judges::Level;
use crate::ladder::LadderPki;
use crate::program::{Said, binary, run_within};
use crate::tsa::{ForeignPki, Tsa};
use crate::{judges, peers, root};

/// The seconds of a processor that `sceau sign` may take for one file, its refusal included: those of a
/// clock would tell how busy the machine is.
pub const LIMIT: u64 = 5;

/// When it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Signed, the original its prefix, and every judge accepts.
    Accepted,
    /// The same, and DSS, whose verdict is TOTAL-PASSED at the level asked for, warns that its renderer
    /// draws a page differently than before.
    Remarked(Vec<String>),
    /// Signed, and somebody has something against it.
    Disputed(Vec<String>),
    /// Refused with this reason.
    Refused(String),
    /// Neither: no end in time, a crash, an exit code that is no refusal.
    Broken(String),
}

/// One file with what `qpdf` says of it and what became of it.
#[derive(Debug, Clone)]
pub struct Case {
    /// The file's name: the beginning of its SHA-256.
    pub name: String,
    /// Where it comes from: kind, package, path.
    pub origin: String,
    /// Clean by `qpdf`; none where `qpdf` cannot say.
    pub clean: Option<bool>,
    /// The level that was asked for.
    pub level: Level,
    /// What became of it.
    pub fate: Fate,
    /// How long signing took.
    pub took: Duration,
}

impl Case {
    /// By all, with a remark or without.
    fn is_accepted(&self) -> bool {
        matches!(self.fate, Fate::Accepted | Fate::Remarked(_))
    }
}

/// All cases of a run.
#[derive(Debug, Default)]
pub struct Table(pub Vec<Case>);

/// The gathered files: one of each source in turn, so that the first ones are of many.
///
/// # Panics
/// When nothing was gathered.
pub fn files() -> Vec<PathBuf> {
    let folder = peers().join("corpus/files");
    let entries = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error} (tests/corpus/gather.sh)", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    in_turn(files)
}

/// One of each source in turn; within a source they are by chance, named by digest as they are.
fn in_turn(files: Vec<PathBuf>) -> Vec<PathBuf> {
    let origins = origins();
    let mut counts = BTreeMap::<String, usize>::new();
    let mut placed: Vec<_> = files
        .into_iter()
        .map(|file| {
            let source = origins.get(&stem(&file)).map_or("", String::as_str);
            let source = source.split(' ').take(2).collect::<Vec<_>>().join(" ");
            let turn = counts.entry(source.clone()).or_default();
            *turn += 1;
            (*turn, source, file)
        })
        .collect();
    placed.sort();
    placed.into_iter().map(|(.., file)| file).collect()
}

fn stem(file: &Path) -> String {
    file.file_stem().expect("a name").to_string_lossy().into_owned()
}

/// Half of the files at B-B, of the others one in four at B-LTA and the rest at B-T; always the same
/// ones.
fn level_of(name: &str) -> Level {
    match name.chars().last().and_then(|digit| digit.to_digit(16)) {
        Some(7 | 15) => Level::Lta,
        Some(digit) if digit % 2 == 1 => Level::T,
        _ => Level::B,
    }
}

/// Who answers while files are signed: under one authority, a unit of its own for B-T; under several, all
/// that B-LTA asks about.
#[derive(Debug)]
pub struct Authorities {
    plain: ForeignPki,
    _tsa: Tsa,
    ladder: LadderPki,
}

impl Authorities {
    /// All of them.
    ///
    /// # Panics
    /// When one does not come up.
    pub fn start() -> Self {
        let (plain, tsa) = ForeignPki::start();
        Self { plain, _tsa: tsa, ladder: LadderPki::start() }
    }

    /// The root of what is signed at a level.
    fn anchors(&self, level: Level) -> PathBuf {
        match level {
            Level::B | Level::T => self.plain.anchors(),
            Level::Lt | Level::Lta => self.ladder.path("root.pem"),
        }
    }

    /// The key and how a level is reached.
    fn options(&self, level: Level) -> Vec<OsString> {
        let (p12, password, mut options) = match level {
            Level::B | Level::T => (
                self.plain.p12(),
                self.plain.path("password"),
                vec!["--level".into(), level.name().into()],
            ),
            Level::Lt | Level::Lta => {
                let ladder = &self.ladder;
                (ladder.path("signer.p12"), ladder.path("password"), level_options(level, ladder))
            }
        };
        if level == Level::T {
            options.extend(["--tsa".into(), self.plain.url("").into()]);
        }
        options.extend(["--p12".into(), p12.into(), "--password-file".into(), password.into()]);
        options
    }
}

/// The disputes that are the judges' own, with their reasons: `tests/corpus/disputed.txt`.
pub fn known_disputes() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(root().join("tests/corpus/disputed.txt")).expect("the list");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once(' '))
        .map(|(name, reason)| (name.to_owned(), reason.to_owned()))
        .collect()
}

/// Signs each file at its level and has it judged; two at a time.
pub fn run(files: &[PathBuf], authorities: &Authorities) -> Table {
    let origins = origins();
    let _ = std::fs::remove_file(peers().join("corpus/last-run.txt"));
    let (next, cases) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let scratch = tempfile::tempdir().expect("a folder");
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let case = case(file, authorities, &scratch, &origins);
                    note(&case);
                    cases.lock().expect("no thread failed").push(case);
                }
            });
        }
    });
    Table(cases.into_inner().expect("no thread failed"))
}

fn case(file: &Path, authorities: &Authorities, scratch: &TempDir, origins: &Origins) -> Case {
    let name = stem(file);
    let level = level_of(&name);
    let output = scratch.path().join(format!("{name}.pdf"));
    let began = Instant::now();
    let said = sign(file, &output, authorities, level);
    let took = began.elapsed();
    let clean = judges::is_clean(file);
    let fate = fate(said, (file, &output), authorities, clean, level);
    let _ = std::fs::remove_file(&output);
    let origin = origins.get(&name).cloned().unwrap_or_default();
    Case { name, origin, clean, level, fate, took }
}

/// The file `.peers/corpus/last-run.txt` tells how far a long run is.
fn note(case: &Case) {
    use std::io::Write as _;
    let path = peers().join("corpus/last-run.txt");
    let file = std::fs::File::options().append(true).create(true).open(path);
    // It is for whoever watches; the table is what counts.
    let _ = file.and_then(|mut file| {
        writeln!(file, "{} {:?} {:.1?} {:?}", case.name, case.clean, case.took, case.fate)
    });
}

fn sign(file: &Path, output: &Path, authorities: &Authorities, level: Level) -> Result<Said, Said> {
    let mut command = Command::new("prlimit");
    command.arg(format!("--cpu={LIMIT}")).arg("--").arg(binary());
    command.arg("sign").arg(file).arg(output).args(["--json", "--field", "SceauCorpus"]);
    command.args(authorities.options(level));
    run_within(&mut command, PATIENCE)
}

fn fate(
    said: Result<Said, Said>,
    (file, output): (&Path, &Path),
    authorities: &Authorities,
    clean: Option<bool>,
    level: Level,
) -> Fate {
    /// `sceau sign`: the document is refused.
    const REFUSED: i32 = 65;
    let said = match said {
        Ok(said) => said,
        Err(said) => return Fate::Broken(format!("no end within {PATIENCE:?}: {said}")),
    };
    match said.code {
        Some(0) => {}
        Some(REFUSED) if !said.err.contains("would not be valid") => {
            return Fate::Refused(said.err.trim().trim_start_matches("sceau sign: ").to_owned());
        }
        _ => return Fate::Broken(said.to_string()),
    }
    let field = said.json()["field"].as_str().unwrap_or_default().to_owned();
    let mut against = judges::against_newest(output, &authorities.anchors(level), &field, level);
    if !begins_with(output, file) {
        against.push("the original is not its beginning".to_owned());
    }
    if clean == Some(true) && judges::is_clean(output) != Some(true) {
        against.push("qpdf: no longer clean".to_owned());
    }
    match against.iter().all(|one| one.starts_with(judges::REMARK)) {
        true if against.is_empty() => Fate::Accepted,
        true => Fate::Remarked(against),
        false => Fate::Disputed(against),
    }
}

fn begins_with(whole: &Path, beginning: &Path) -> bool {
    let (whole, beginning) = (std::fs::read(whole), std::fs::read(beginning));
    whole.expect("the output").starts_with(&beginning.expect("the original"))
}

type Origins = BTreeMap<String, String>;

fn origins() -> Origins {
    let index = std::fs::read_to_string(peers().join("corpus/index.txt")).expect("the index");
    let lines = index.lines().filter_map(|line| line.split_once('\t'));
    lines.map(|(name, origin)| (name.to_owned(), origin.replace('\t', " "))).collect()
}

impl Table {
    fn count(&self, of: impl Fn(&Case) -> bool) -> usize {
        self.0.iter().filter(|case| of(case)).count()
    }

    /// Of the files that `qpdf` calls clean, how many are accepted by all, with a remark or without:
    /// both numbers.
    pub fn clean(&self) -> (usize, usize) {
        let clean = |case: &Case| case.clean == Some(true);
        (self.count(|case| clean(case) && case.is_accepted()), self.count(clean))
    }

    /// The files that `qpdf` calls clean and that forbid a signature themselves: by the permissions of
    /// their encryption, by a certification, or for want of a page.
    pub fn forbidding(&self) -> usize {
        const OWN: [&str; 3] = ["permissions do not allow", "allows no change", "has no page"];
        self.count(|case| match &case.fate {
            Fate::Refused(said) => {
                case.clean == Some(true) && OWN.iter().any(|reason| said.contains(reason))
            }
            _ => false,
        })
    }

    /// The cases that somebody disputes or has a remark about, without those that `known` names.
    pub fn newly_disputed(&self, known: &BTreeMap<String, String>) -> Vec<&Case> {
        let new = |case: &&Case| {
            let told = matches!(case.fate, Fate::Disputed(_) | Fate::Remarked(_));
            told && !known.contains_key(&case.name)
        };
        self.0.iter().filter(new).collect()
    }

    /// How often each reason for a refusal was given: of clean files, and of others.
    fn reasons(&self) -> BTreeMap<String, (usize, usize)> {
        let mut reasons = BTreeMap::<String, (usize, usize)>::new();
        for case in &self.0 {
            let Fate::Refused(said) = &case.fate else { continue };
            // What follows the file's name; details of one file make no reason of their own.
            let reason = said.split_once(".pdf: ").map_or(said.as_str(), |(_, reason)| reason);
            let count = reasons.entry(reason.chars().take(90).collect()).or_default();
            match case.clean {
                Some(true) => count.0 += 1,
                _ => count.1 += 1,
            }
        }
        reasons
    }

    /// The cases that are neither signed nor refused.
    pub fn broken(&self) -> Vec<&Case> {
        self.0.iter().filter(|case| matches!(case.fate, Fate::Broken(_))).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<22}{:>8}{:>10}{:>10}{:>10}{:>9}{:>8}",
            "by qpdf", "files", "accepted", "remarked", "disputed", "refused", "broken"
        )?;
        for (name, clean) in
            [("clean", Some(true)), ("not clean", Some(false)), ("cannot say", None)]
        {
            let count =
                |of: fn(&Fate) -> bool| self.count(|case| case.clean == clean && of(&case.fate));
            writeln!(
                f,
                "{name:<22}{:>8}{:>10}{:>10}{:>10}{:>9}{:>8}",
                count(|_| true),
                count(|fate| *fate == Fate::Accepted),
                count(|fate| matches!(fate, Fate::Remarked(_))),
                count(|fate| matches!(fate, Fate::Disputed(_))),
                count(|fate| matches!(fate, Fate::Refused(_))),
                count(|fate| matches!(fate, Fate::Broken(_))),
            )?;
        }
        for level in Level::ALL {
            let of = |case: &Case| case.level == level && case.clean == Some(true);
            let (files, accepted) = (self.count(of), self.count(|c| of(c) && c.is_accepted()));
            if files > 0 {
                writeln!(f, "at {}: {accepted} of {files} clean ones accepted", level.name())?;
            }
        }
        let (accepted, clean) = self.clean();
        let share = 100.0 * accepted as f64 / clean.max(1) as f64;
        let slowest = self.0.iter().map(|case| case.took).max().unwrap_or_default();
        writeln!(
            f,
            "accepted of the clean ones, remarked included: {share:.2} %; the slowest took {slowest:.1?}"
        )?;
        writeln!(f, "{} of the clean ones forbid a signature themselves", self.forbidding())?;
        for (reason, (clean, other)) in self.reasons() {
            writeln!(f, "refused: {clean} clean, {other} others: {reason}")?;
        }
        for case in self.0.iter().filter(|case| case.fate != Fate::Accepted) {
            let clean = if case.clean == Some(true) { "clean" } else { "unclean" };
            let (name, level) = (&case.name, case.level.name());
            writeln!(f, "{name} {clean} {level} ({}): {:?}", case.origin, case.fate)?;
        }
        Ok(())
    }
}
