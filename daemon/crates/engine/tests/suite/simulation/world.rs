//! A whole daemon on one thread: the folder's scanner, the writer, every lane, the signer, on disks
//! that forget and a clock that stands until told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sceau_cabinet::{
    CabinetCommand, Channel, Days, DelegationId, DelegationTerms, GrantDelegation, Right,
};
use sceau_disk::SimFs;
use sceau_disk::boundary::Crashed;
use sceau_engine::clock::Clock;
use sceau_engine::core::{Request, Submission};
use sceau_engine::queue::{Taken, Waiting};
use sceau_intake::Adoption;
use sceau_store::collect_orphans;
use sceau_workflow::machine::{Command, Digest, DocumentRef, Dossier, DossierId, Origin, Phase};
use serde_json::Value;

use super::daemon::Daemon;
use super::genesis::{EXPERT, Machine, PAUL, ROOT, TOP, address, genesis, societe};
use super::signers::Cut;
use super::sources::Lists;
use crate::support::{Dice, VirtualClock};

/// A story that has not come to its end after so many steps never will.
const MOST_STEPS: usize = 20_000;

/// What the disks looked like when the power failed.
pub(crate) type Picture = Arc<Mutex<Option<Machine>>>;

/// How a story's daemon is configured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    /// The folder's workflow.
    pub(crate) workflow: &'static str,
}

/// A machine, and the daemon that runs on it.
pub(crate) struct World {
    pub(crate) machine: Machine,
    pub(crate) clock: VirtualClock,
    pub(crate) dice: Dice,
    pub(crate) cut: Cut,
    /// Whether time stamps are the first unit's.
    pub(crate) first_unit: Cut,
    /// Whether the other unit is asked after it.
    pub(crate) joined: Cut,
    pub(crate) lists: Lists,
    pub(crate) picture: Picture,
    pub(crate) setup: Setup,
    pub(crate) adoption: Adoption,
    daemon: Option<Daemon>,
}

impl World {
    pub(crate) fn new(setup: Setup) -> Self {
        let clock = VirtualClock::default();
        let world = Self {
            machine: genesis().machine(),
            lists: Lists::new(&clock),
            clock,
            dice: Dice::default(),
            cut: Arc::new(AtomicBool::new(false)),
            first_unit: Arc::new(AtomicBool::new(false)),
            joined: Arc::new(AtomicBool::new(false)),
            picture: Picture::default(),
            setup,
            adoption: Adoption::First,
            daemon: None,
        };
        world.tell_disks_the_time();
        world
    }

    /// The same machine after the power failed: other disks, and nothing runs.
    pub(crate) fn reborn(mut self, machine: Machine) -> Self {
        if self.daemon.take().is_some_and(|daemon| daemon.folder.status().adopted) {
            self.adoption = Adoption::Before;
        }
        self.machine = machine;
        *self.picture.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.tell_disks_the_time();
        self
    }

    /// An orderly restart.
    pub(crate) fn restart(self) -> Self {
        let machine = self.machine.crash(SimFs::KEEP_ALL);
        self.reborn(machine)
    }

    /// The running daemon; started when it does not run.
    pub(crate) fn daemon(&mut self) -> &mut Daemon {
        if self.daemon.is_none() {
            self.daemon = Some(Daemon::start(self));
        }
        self.daemon.as_mut().unwrap()
    }

    pub(crate) fn pass_ms(&self, ms: i64) {
        self.clock.pass_ms(ms);
        self.tell_disks_the_time();
    }

    fn tell_disks_the_time(&self) {
        self.machine.files.set_time_ns(i128::from(self.clock.now_ms()) * 1_000_000);
    }

    /// Cuts the line to the time-stamping authority, or mends it.
    pub(crate) fn cut_line(&self, cut: bool) {
        self.cut.store(cut, Ordering::Relaxed);
    }

    /// The smallest piece of work that is due; lets time pass to the next when none is.
    pub(crate) fn step(&mut self) {
        if !self.work() {
            let next = self.next_ms().max(self.clock.now_ms() + 1);
            self.pass_ms(next - self.clock.now_ms());
        }
        self.unwind_when_crashed();
    }

    /// Does one piece of work that is due now; tells whether there was one.
    pub(crate) fn work(&mut self) -> bool {
        let clock = self.clock.clone();
        let daemon = self.daemon();
        if daemon.wheel.ring() {
            return true;
        }
        for lane in daemon.lanes.names() {
            if daemon.dispatcher.turn(&lane, &daemon.handle) {
                return true;
            }
        }
        let due = clock.now_ms() >= daemon.scan_at;
        if due {
            daemon.scan(&clock);
        }
        due
    }

    fn next_ms(&mut self) -> i64 {
        let daemon = self.daemon();
        let rows = daemon.lanes.snapshot().into_iter().map(|row| row.due.as_millisecond());
        rows.chain(daemon.wheel.next_timer()).chain([daemon.scan_at]).min().unwrap()
    }

    /// A crash in the signer's thread is one of the whole machine.
    fn unwind_when_crashed(&self) {
        if self.picture.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
            std::panic::resume_unwind(Box::new(Crashed { name: "signer" }));
        }
    }

    /// Works until `done`.
    pub(crate) fn run_until(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> bool) {
        for _ in 0..MOST_STEPS {
            if done(self) {
                return;
            }
            self.step();
        }
        let phases: Vec<_> = self.dossiers().into_iter().map(|dossier| dossier.phase).collect();
        let rows = self.daemon().lanes.snapshot();
        let rows: Vec<_> = rows.iter().map(|w| (&w.row.effect.kind, w.tries, w.due)).collect();
        panic!("never {what}: {phases:?} {rows:?} {:?}", self.names());
    }

    /// Works until nothing waits, neither a row nor a timer of a step nor a file at the folder's top,
    /// and the folder was looked at once more.
    pub(crate) fn settle(&mut self) {
        let mut since = None;
        self.run_until("settled", |world| {
            let at_work = world.dossiers().iter().any(Dossier::is_at_work);
            let rows = !world.daemon().lanes.snapshot().is_empty();
            let quiet = !at_work && !rows && world.dropped().is_empty();
            let scans = world.daemon().scans;
            quiet && scans > *since.get_or_insert(scans)
        });
    }

    /// Works until no row waits; for stories that leave a file at the folder's top.
    pub(crate) fn settle_rows(&mut self) {
        self.run_until("settled", |world| world.daemon().lanes.snapshot().is_empty());
    }

    /// What housekeeping does from time to time.
    pub(crate) fn collect(&mut self) {
        let now_ms = self.clock.now_ms();
        let daemon = self.daemon();
        let grace = Duration::from_secs(24 * 3600);
        collect_orphans(daemon.store.as_ref(), &daemon.blobs, grace, now_ms).unwrap();
    }

    pub(crate) fn ask(&mut self, request: Request) {
        self.daemon().wheel.ask(request).unwrap();
        self.unwind_when_crashed();
    }

    /// Lets Paul seal, under a délégation that never was before.
    pub(crate) fn grant(&mut self) {
        let count = self.daemon().handle.authority().delegations().count();
        let terms = DelegationTerms {
            delegant: EXPERT,
            societe: societe(),
            rights: [Right::Sceller].into(),
            workflows: None,
            channels: None,
            days: Days::default(),
        };
        let delegation = DelegationId::from_bytes([count as u8 + 1; 16]);
        let delegataire = address("paul");
        let command = CabinetCommand::Grant(GrantDelegation { delegation, delegataire, terms });
        self.order(command);
    }

    /// Takes every right back from Paul; nothing happens where he has none.
    pub(crate) fn revoke(&mut self) {
        let now = self.clock.now();
        let authority = self.daemon().handle.authority();
        let living = authority.delegations().filter(|d| d.revoked_since(now).is_none());
        for delegation in living.map(sceau_cabinet::Delegation::id).collect::<Vec<_>>() {
            self.order(CabinetCommand::Revoke { delegation });
        }
    }

    fn order(&mut self, command: CabinetCommand) {
        self.ask(Request::Cabinet { commands: vec![command], actor: ROOT, details: Vec::new() });
    }

    pub(crate) fn may_seal(&mut self) -> bool {
        let question = sceau_cabinet::Question {
            who: PAUL,
            right: Right::Sceller,
            societe: societe(),
            workflow: None,
            channel: None,
            at: self.clock.now(),
        };
        self.daemon().handle.authority().may(&question).is_yes()
    }

    pub(crate) fn command(&mut self, dossier: &DossierId, command: Command) {
        let (dossier, command) = (dossier.clone(), Box::new(command));
        self.ask(Request::Dossier { dossier, command, actor: "test".into() });
    }

    /// Somebody asks every stopped dossier to go on.
    pub(crate) fn retry(&mut self) {
        for dossier in self.dossiers() {
            if matches!(dossier.phase, Phase::Rejected { .. } | Phase::NeedsPerson { .. }) {
                self.command(&dossier.received.dossier, Command::Retry { by: "test".into() });
            }
        }
    }

    /// `retry` of dossiers that only wait for their next try: it is due now.
    pub(crate) fn retry_hurries(&mut self) {
        for dossier in self.dossiers() {
            self.command(&dossier.received.dossier, Command::Retry { by: "test".into() });
        }
    }

    /// Hands a document in by the API, in the workflow `plain`, whose seal needs no time stamp.
    pub(crate) fn submit_plain(&mut self, bytes: &[u8]) {
        let stored = self.daemon().blobs.put(bytes).unwrap();
        let submission = Submission {
            workflow: "plain".into(),
            account: PAUL,
            societe: societe(),
            origin: Origin { channel: Channel::Api, name: "plain.pdf".into(), source: Value::Null },
            title: "plain".into(),
            parameters: BTreeMap::new(),
            signatories: Vec::new(),
            document: DocumentRef { digest: Digest::new(stored.id.0), len: stored.len },
            sidecar: None,
            owner_uid: None,
            idempotency: None,
        };
        self.ask(Request::Submit(Box::new(submission)));
    }

    /// Takes the one row that waits, as a worker does that is at it for long.
    pub(crate) fn take_row(&mut self) -> Waiting {
        let mut rows = self.daemon().lanes.snapshot();
        assert_eq!(rows.len(), 1);
        let (lane, due) = (rows.remove(0).row.effect.lane.clone(), jiff::Timestamp::MAX);
        match self.daemon().lanes.take(&lane, due) {
            Taken::Row(waiting) => *waiting,
            other => panic!("{other:?}"),
        }
    }

    /// That worker does its work; what it would tell the writer.
    pub(crate) fn run_row(&mut self, waiting: Waiting) -> Request {
        self.daemon().dispatcher.run(waiting)
    }

    pub(crate) fn dossiers(&mut self) -> Vec<Dossier> {
        self.daemon().handle.dossiers(None, 100).unwrap()
    }

    pub(crate) fn dossier(&mut self) -> Dossier {
        let mut dossiers = self.dossiers();
        assert_eq!(dossiers.len(), 1);
        dossiers.remove(0)
    }

    /// Drops a file durably, as another program would.
    pub(crate) fn drop_file(&self, name: &str, bytes: &[u8]) {
        self.machine.files.write_file(&Path::new(TOP).join(name), bytes).unwrap();
        self.machine.files.sync_all();
    }

    pub(crate) fn read(&self, name: &str) -> Option<Vec<u8>> {
        self.machine.files.read_file(&Path::new(TOP).join(name))
    }

    /// Every file beneath the folder but its marker, by its path from the top.
    pub(crate) fn names(&self) -> Vec<String> {
        let beneath = |path: PathBuf| {
            let name = path.strip_prefix(TOP).ok()?.to_string_lossy().into_owned();
            (name != ".sceau-folder").then_some(name)
        };
        self.machine.files.files().into_keys().filter_map(beneath).collect()
    }

    /// What stands at the folder's top and is nobody's note.
    pub(crate) fn dropped(&self) -> Vec<String> {
        let mut names = self.names();
        names.retain(|name| !name.contains('/') && !name.starts_with("ATTENTION"));
        names
    }
}
