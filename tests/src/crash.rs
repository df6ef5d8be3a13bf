//! The crash proof's round: a cabinet at work, killed at one boundary, started again, and finished.

mod acts;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::{self, File};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use sha2::{Digest as _, Sha256};

use crate::cabinet::{COLLABORATOR, Cabinet};
use crate::daemon::Daemon;
use crate::fixtures;
use crate::folder::{Watched, files};
use crate::http::{Answer, request};
use crate::program::{crash_binary, run};

/// How long the armed program may work before its boundary counts as not reached.
const WORK: Duration = Duration::from_secs(25);

/// What the name of a document begins with whose seal climbs to B-LTA.
pub const CLIMBING: &str = "durable";

/// What comes after the last result: originals put away, rows removed.
const QUIET: Duration = Duration::from_millis(600);
/// How long the program may take after a restart, on a busy machine.
const FINISH: Duration = Duration::from_secs(90);

/// The boundaries that the program enumerates of itself.
pub fn boundaries() -> Vec<String> {
    let said = run(Command::new(crash_binary()).arg("boundaries"), Duration::from_secs(20));
    said.expect(0).out.lines().map(str::to_owned).collect()
}

/// A cabinet that goes through many crashes, and all that was ever dropped into it.
#[derive(Debug)]
pub struct Crashing {
    /// The cabinet.
    pub cabinet: Cabinet,
    token: String,
    rounds: u32,
    /// Whether this round's boundary is one of the climb to B-LTA: such documents take seconds, so
    /// that other rounds go without.
    climbs: bool,
    /// Content of each good document, by the stem of its name: each must come out once.
    pub expected: BTreeMap<String, Vec<u8>>,
    /// The dossiers with which each posted document was answered, by its Idempotency-Key: one each.
    pub posted: BTreeMap<String, BTreeSet<String>>,
}

impl Crashing {
    /// A cabinet with a folder whose documents may have sidecars, one whose workflow the
    /// collaborator has no right for yet, and one whose seals climb to B-LTA.
    pub fn new() -> Self {
        let mut cabinet = Cabinet::uninitialised();
        let quick = "stability = \"0s\"\npatience = \"1s\"\npoll = \"1s\"";
        cabinet.folders[0].2 = format!("{quick}\nsidecar = \"optional\"\nsidecar_wait = \"1s\"");
        cabinet.folders.push(("plaquettes".into(), "plaquette".into(), quick.to_owned()));
        cabinet.folders.push(("conservations".into(), "conservation".into(), quick.to_owned()));
        let cabinet = cabinet.finish();
        let daemon = Daemon::start(&cabinet);
        let workflows = ["--workflow", "attestation", "--workflow", "conservation"];
        cabinet.grant_with("sceller", &workflows);
        let token = cabinet.token(COLLABORATOR, "submit,read");
        assert!(daemon.stop().success());
        let (expected, posted) = (BTreeMap::new(), BTreeMap::new());
        Self { cabinet, token, rounds: 0, climbs: false, expected, posted }
    }

    /// One round: works under a program that dies at the `nth` hit of a boundary, then starts it
    /// again unarmed and waits until everything dropped has come out. Whether it died.
    pub fn round(&mut self, boundary: &str, nth: u32) -> bool {
        self.rounds += 1;
        self.climbs =
            ["engine.extend.", "engine.stamp."].iter().any(|its| boundary.starts_with(its));
        self.plant_orphan();
        let arm = [("SCEAU_CRASH_AT", OsString::from(format!("{boundary}:{nth}")))];
        let mut armed = Daemon::spawn(&self.cabinet, crash_binary(), &arm);
        let died = self.work(&mut armed);
        armed.kill();
        let healthy = Daemon::spawn(&self.cabinet, crash_binary(), &[]).wait_ready(&self.cabinet);
        let finished = catch_unwind(AssertUnwindSafe(|| self.finish()));
        if let Err(fault) = finished {
            let why = fault.downcast_ref::<String>().cloned().unwrap_or_default();
            panic!("killed at {boundary}:{nth}, and not finished after the restart: {why}");
        }
        assert!(healthy.stop().success(), "after {boundary}:{nth}");
        died
    }

    /// A blob that nobody refers to, two days old: it is collected at the next start.
    fn plant_orphan(&self) {
        let bytes = self.stem("orphan").into_bytes();
        let id = hex::encode(Sha256::digest(&bytes));
        let folder = self.cabinet.state().join("blobs").join(&id[..2]);
        fs::create_dir_all(&folder).expect("a shard");
        let path = folder.join(id);
        fs::write(&path, bytes).expect("an orphan");
        let old = SystemTime::now() - Duration::from_secs(2 * 86_400);
        let file = File::options().write(true).open(&path).expect("an orphan");
        file.set_modified(old).expect("an old orphan");
    }

    fn stem(&self, what: &str) -> String {
        format!("{what}-{:04}", self.rounds)
    }

    /// Everything that people do to it, until it dies or there is nothing left to do.
    fn work(&mut self, armed: &mut Daemon) -> bool {
        let began = Instant::now();
        let (mut signer, mut quiet) = (None, None);
        let mut todo = self.script();
        while began.elapsed() < WORK {
            signer = signer.or_else(|| child_of(armed));
            let signer_gone = signer.is_some_and(|pid| child_of(armed) != Some(pid));
            if armed.ended().is_some() || signer_gone {
                return true;
            }
            let up = self.cabinet.is_ready();
            match todo.pop() {
                Some(act) if up => act(self),
                Some(act) => todo.push(act),
                None if self.all_out()
                    && quiet.is_some_and(|since: Instant| since.elapsed() > QUIET) =>
                {
                    break;
                }
                None if self.all_out() => quiet = quiet.or_else(|| Some(Instant::now())),
                None => {}
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        armed.ended().is_some()
    }

    /// Last act first.
    fn script(&self) -> Vec<fn(&mut Self)> {
        vec![Self::allow_and_retry, Self::drop_again, Self::try_to_post, Self::drop_all]
    }

    fn drop_all(&mut self) {
        let folder = self.attestations();
        for what in ["simple", "fiche"] {
            let (stem, bytes) = self.good(what);
            if what == "fiche" {
                folder.drop_file(format!("{stem}.toml"), b"title = \"Avec fiche\"\n");
            }
            folder.drop_file(format!("{stem}.pdf"), &bytes);
        }
        folder.drop_file(format!("{}.pdf", self.stem("vide")), b"");
        let (stem, bytes) = self.good("premier");
        folder.drop_file(format!("{stem}.pdf"), &bytes);
        let (stem, bytes) = self.good("sans-droit");
        self.plaquettes().drop_file(format!("{stem}.pdf"), &bytes);
        if self.climbs {
            let (stem, bytes) = self.good(CLIMBING);
            self.conservations().drop_file(format!("{stem}.pdf"), &bytes);
        }
    }

    /// The same content under another name, once the first has been taken.
    fn drop_again(&mut self) {
        let (folder, first) = (self.attestations(), self.stem("premier"));
        let began = Instant::now();
        while folder.path().join(format!("{first}.pdf")).exists() {
            if began.elapsed() > WORK / 5 {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        if let Some(bytes) = self.expected.get(&first) {
            folder.drop_file(format!("{}.pdf", self.stem("second")), bytes);
        }
    }

    fn good(&mut self, what: &str) -> (String, Vec<u8>) {
        let stem = self.stem(what);
        let bytes = fixtures::small(&format!("{stem} of {}", self.cabinet.state().display()));
        self.expected.insert(stem.clone(), bytes.clone());
        (stem, bytes)
    }

    /// The crash may come before the answer; [`Self::finish`] asks again.
    fn try_to_post(&mut self) {
        drop(self.post());
    }

    /// Posts the round's document under its Idempotency-Key, and keeps the dossier that is answered.
    fn post(&mut self) -> Option<Answer> {
        let (bearer, key) = (self.bearer(), self.stem("poste"));
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/pdf"),
            ("Idempotency-Key", key.as_str()),
        ];
        let path = format!("/api/v1/dossiers?workflow=attestation&societe=exemple&title={key}");
        let document = fixtures::small(&key);
        let answer = request(self.cabinet.http(), "POST", &path, &headers, &document).ok()?;
        if [200, 201, 202].contains(&answer.status) {
            let id = answer.json()["id"].as_str().expect("an id").to_owned();
            self.posted.entry(key).or_default().insert(id);
        }
        Some(answer)
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// What the API tells about a posted document, or its result.
    fn fetch(&self, below: &str) -> Option<Answer> {
        let (bearer, path) = (self.bearer(), format!("/api/v1/dossiers/{below}"));
        request(self.cabinet.http(), "GET", &path, &[("Authorization", &bearer)], b"").ok()
    }

    /// After the restart the same request is answered, whatever was answered before, with one dossier.
    fn post_again(&mut self) {
        let answer = self.post().expect("an answer after the restart");
        let ids = self.posted.get(&self.stem("poste"));
        let ids =
            ids.unwrap_or_else(|| panic!("posted in vain: {} {}", answer.status, answer.text()));
        assert_eq!(ids.len(), 1, "one Idempotency-Key, several dossiers: {ids:?}");
    }

    fn is_posted_out(&self) -> bool {
        let delivered = |id: &String| {
            let answer = self.fetch(id).filter(|answer| answer.status == 200);
            answer.is_some_and(|answer| answer.json()["state"] == "delivered")
        };
        self.posted.get(&self.stem("poste")).into_iter().flatten().all(delivered)
    }

    /// Gives the missing right and asks again; [`Self::take_back`] takes it away for the next round.
    fn allow_and_retry(&mut self) {
        let began = Instant::now();
        let mut waiting = Vec::new();
        while waiting.is_empty() {
            if self.all_out() || began.elapsed() > WORK / 5 || !self.cabinet.is_ready() {
                return;
            }
            waiting = self.cabinet.dossiers_in(&["needs-person", "rejected"]);
        }
        let grant = ["--by", crate::cabinet::ADMIN, "--to", COLLABORATOR, "--societe", "exemple"];
        let mut arguments = vec!["delegation", "grant", "--json"];
        arguments.extend(grant);
        arguments.extend(["--right", "sceller", "--right", "preparer", "--workflow", "plaquette"]);
        self.cabinet.admin(arguments);
        for dossier in waiting {
            self.cabinet.admin(["dossier", "retry", &dossier]);
        }
        let out = self.stem("sans-droit");
        let began = Instant::now();
        while self.plaquettes().find_delivered(&out).is_none() && began.elapsed() < WORK / 3 {
            if !self.cabinet.is_ready() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// After the restart: what the crash kept from being dropped is dropped now, as people would.
    fn finish(&mut self) {
        if !self.expected.contains_key(&self.stem("simple")) {
            self.drop_all();
        }
        self.post_again();
        let began = Instant::now();
        while !(self.all_out() && self.is_posted_out()) {
            self.allow_and_retry();
            assert!(began.elapsed() < FINISH, "{}", self.missing());
            std::thread::sleep(Duration::from_millis(50));
        }
        self.take_back();
        let empty = self.stem("vide");
        self.attestations().wait_rejected(&empty);
    }

    /// Revokes what [`Self::allow_and_retry`] granted, also in rounds that a crash cut short.
    fn take_back(&self) {
        let said = self.cabinet.admin(["delegation", "list", "--json"]).expect(0);
        for one in said.json().as_array().into_iter().flatten() {
            if one["workflows"].to_string().contains("plaquette") {
                self.cabinet.revoke(one["id"].as_str().expect("an id"));
            }
        }
    }

    fn missing(&self) -> String {
        let missing = self.expected.keys().filter(|stem| self.delivered(stem).is_empty());
        let missing: Vec<&String> = missing.collect();
        let open = self.cabinet.dossiers_in(&["running", "needs-person", "rejected"]);
        let shown =
            open.iter().map(|dossier| self.cabinet.admin(["dossier", "show", dossier]).all());
        let shown: Vec<String> = shown.collect();
        let round = format!("-{:04}", self.rounds);
        let folders = self.folders().map(|folder| folder.show());
        let lines = folders.iter().flat_map(|text| text.lines());
        let lines: Vec<&str> = lines.filter(|line| line.contains(&round)).collect();
        format!("missing {missing:?}\n{}\n{}", shown.join("\n"), lines.join("\n"))
    }

    /// Whether this round's documents have come out; those of earlier rounds had before it began.
    fn all_out(&self) -> bool {
        let round = self.stem("");
        let mut stems = self.expected.keys().filter(|stem| stem.ends_with(&round));
        stems.all(|stem| !self.delivered(stem).is_empty())
    }

    /// How many rounds it went through.
    pub fn rounds(&self) -> u32 {
        self.rounds
    }

    /// Every delivered PDF of a stem.
    pub fn delivered(&self, stem: &str) -> Vec<PathBuf> {
        let places = self.folders().map(|folder| folder.delivered());
        let all = places.iter().flat_map(|place| files(place));
        all.filter(|path| is_result(path) && name(path).starts_with(stem)).collect()
    }

    fn attestations(&self) -> Watched {
        self.cabinet.watched("attestations")
    }

    fn plaquettes(&self) -> Watched {
        self.cabinet.watched("plaquettes")
    }

    fn conservations(&self) -> Watched {
        self.cabinet.watched("conservations")
    }

    fn folders(&self) -> [Watched; 3] {
        [self.attestations(), self.plaquettes(), self.conservations()]
    }

    /// Files that no reader of the folders should find: temporary names left behind.
    pub fn leftovers(&self) -> Vec<PathBuf> {
        let all = files(&self.cabinet.path("watch")).into_iter();
        all.filter(|path| {
            let name = name(path);
            name.ends_with(".tmp") || name.ends_with(".part") || name.contains("sceau-tmp")
        })
        .collect()
    }
}

impl Default for Crashing {
    fn default() -> Self {
        Self::new()
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn is_result(path: &Path) -> bool {
    let original = path.components().any(|part| part.as_os_str() == "originaux");
    !original && !name(path).starts_with('.') && name(path).ends_with(".pdf")
}

/// The first child of the daemon: the signer.
fn child_of(daemon: &Daemon) -> Option<i32> {
    let parent = daemon.pid().as_raw_nonzero().get();
    let numbers = fs::read_dir("/proc").ok()?.flatten();
    let mut pids = numbers.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.find(|pid| parent_of(*pid) == Some(parent))
}

fn parent_of(pid: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut rest = stat.rsplit_once(") ")?.1.split(' ');
    let state = rest.next()?;
    let parent = rest.next()?.parse().ok()?;
    (state != "Z").then_some(parent)
}
