//! The seam between engine and step: kinds that are registered here alone run through the one
//! reducer, over restarts, late answers and an edited workflow file.

mod authority;
mod kinds;
mod writer;

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard};

use sceau_cabinet::{Channel, PersonId};
use sceau_engine::core::{Answer, CoreParts, NotDone, Request, Submission};
use sceau_engine::dispatch::{Dispatcher, PlanShelf};
use sceau_engine::handle::Handle;
use sceau_engine::queue::{Lanes, Taken, Waiting};
use sceau_engine::records::{self, DOSSIERS};
use sceau_engine::runner::Runners;
use sceau_store::testing::MemoryStore;
use sceau_store::{KeyValue, StateStore, replay};
use sceau_workflow::machine::{
    Command, Digest, DocumentRef, Dossier, DossierEvent, DossierId, Origin, Outcome, Phase, Plan,
    PlannedStep, Refusal, StepKinds,
};
use serde_json::{Value, json};

use crate::alone;
use crate::support::{Dice, VirtualClock, Wheel};
use kinds::{Answering, Collect, Native, Sandbox};

const DAY_MS: i64 = 86_400_000;

/// An engine over a store that outlives it.
struct Engine {
    store: MemoryStore,
    clock: VirtualClock,
    dice: Dice,
    wheel: Arc<Wheel>,
    handle: Handle,
    lanes: Arc<Lanes>,
    dispatcher: Dispatcher,
    alone: MutexGuard<'static, ()>,
}

impl Engine {
    fn start(
        (store, clock, dice): (MemoryStore, VirtualClock, Dice),
        alone: MutexGuard<'static, ()>,
        steps: &[(&str, Value)],
    ) -> Self {
        let lanes = Arc::new(Lanes::default());
        let shared: Arc<dyn StateStore> = Arc::new(store.clone());
        let parts = CoreParts {
            store: Arc::clone(&shared),
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(dice.clone()),
            kinds: StepKinds::default().with(Native).with(Sandbox).with(Collect),
            workflows: BTreeMap::from([("seam".to_owned(), plan(steps))]),
            lanes: Arc::clone(&lanes),
        };
        let (wheel, handle) = Wheel::start(parts, &clock);
        let dispatcher = Dispatcher {
            lanes: Arc::clone(&lanes),
            runners: Runners::default()
                .with("native.run", Answering)
                .with("sandbox.run", Answering),
            store: shared,
            plans: PlanShelf::default(),
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(dice.clone()),
        };
        Self { store, clock, dice, wheel, handle, lanes, dispatcher, alone }
    }

    fn new(steps: &[(&str, Value)]) -> Self {
        let new = (MemoryStore::new(), VirtualClock::default(), Dice::default());
        Self::start(new, alone(), steps)
    }

    /// The process ends and another begins, with the workflow's file as it is now.
    fn restart(self, steps: &[(&str, Value)]) -> Self {
        Self::start((self.store, self.clock, self.dice), self.alone, steps)
    }

    fn submit(&self, mark: &str) -> DossierId {
        let document = DocumentRef { digest: Digest::of(mark.as_bytes()), len: 1 };
        let submission = Submission {
            workflow: "seam".into(),
            account: PersonId::from_bytes([3; 16]),
            societe: "martin".parse().unwrap(),
            origin: Origin { channel: Channel::Api, name: mark.into(), source: Value::Null },
            title: mark.into(),
            parameters: BTreeMap::new(),
            signatories: Vec::new(),
            document,
            sidecar: None,
            owner_uid: None,
            idempotency: None,
        };
        match self.wheel.ask(Request::Submit(Box::new(submission))).unwrap() {
            Answer::Submitted(submitted) => submitted.dossier.received.dossier.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn ask(&self, dossier: &DossierId, command: Command) -> Result<Answer, NotDone> {
        let (dossier, command) = (dossier.clone(), Box::new(command));
        self.wheel.ask(Request::Dossier { dossier, command, actor: "test".into() })
    }

    fn dossier(&self, id: &DossierId) -> Dossier {
        self.handle.dossier(id).unwrap().unwrap()
    }

    /// Every event and record, to see that nothing changed.
    fn picture(&self) -> (u64, Vec<KeyValue>) {
        let head = self.store.audit_head().unwrap().position;
        (head, self.store.scan(DOSSIERS, b"", None, usize::MAX).unwrap())
    }

    fn take(&self, lane: &str) -> Waiting {
        match self.lanes.take(lane, jiff::Timestamp::MAX) {
            Taken::Row(waiting) => *waiting,
            other => panic!("{other:?}"),
        }
    }

    /// Replaying the events gives the records byte for byte.
    fn replays(&self) {
        let mut events: BTreeMap<String, Vec<(DossierEvent, jiff::Timestamp)>> = BTreeMap::new();
        for event in replay(&self.store, 0) {
            let (stream, recorded) = event.unwrap();
            let at = jiff::Timestamp::from_millisecond(recorded.at_ms).unwrap();
            let event = records::decode("event", &recorded.bytes).unwrap();
            events.entry(stream.as_str().to_owned()).or_default().push((event, at));
        }
        for (key, value) in self.store.scan(DOSSIERS, b"", None, usize::MAX).unwrap() {
            let stream = format!("dossier/{}", String::from_utf8(key).unwrap());
            let told = events[&stream].iter().map(|(event, at)| (event, *at));
            assert_eq!(records::encode(&Dossier::replay(told).unwrap()), value);
        }
    }
}

fn plan(steps: &[(&str, Value)]) -> (Digest, Plan) {
    let step = |(kind, settings): &(&str, Value)| PlannedStep {
        id: (*kind).to_owned(),
        kind: (*kind).to_owned(),
        settings: settings.clone(),
    };
    let steps = steps.iter().map(step).collect();
    let plan = Plan { workflow: "seam".into(), steps, retention_years: None };
    (Digest::of(&records::encode(&plan)), plan)
}

fn done(waiting: &Waiting, value: Value) -> Command {
    Command::Outcome {
        effect: waiting.row.id,
        kind: waiting.row.effect.kind.clone(),
        step: waiting.row.step,
        attempt: waiting.row.attempt,
        outcome: Outcome::Done { value },
    }
}

#[test]
fn a_native_step_runs_and_hands_on_what_it_found() {
    let engine = Engine::new(&[("native", json!({ "wish": 7 })), ("native", Value::Null)]);
    let id = engine.submit("a");
    assert!(engine.dispatcher.turn("native", &engine.handle));
    assert_eq!(engine.dossier(&id).step, 1);
    assert!(engine.dispatcher.turn("native", &engine.handle));
    let dossier = engine.dossier(&id);
    assert_eq!(dossier.phase, Phase::Delivered);
    let results: Vec<&Value> = dossier.results.iter().map(|one| one.result.as_ref()).collect();
    let expected = |attempt| json!({ "by": "native.run", "attempt": attempt });
    assert_eq!(results, [&expected(1), &expected(2)]);
    assert!(engine.lanes.snapshot().is_empty());
    engine.replays();
}

/// A worker is killed while it runs; another takes its place; the first answers all the same.
#[test]
fn a_killed_worker_that_answers_late_changes_nothing() {
    let steps = [("sandbox", Value::Null), ("native", Value::Null)];
    let engine = Engine::new(&steps);
    let id = engine.submit("a");
    let first = engine.take("sandbox");
    let died = Command::Step { name: "worker-died".into(), payload: Value::Null };
    engine.ask(&id, died).unwrap();
    // The daemon restarts too: the new worker's row is found again, the old one's is gone.
    let engine = engine.restart(&steps);
    let rows = engine.lanes.snapshot();
    assert_eq!(rows.len(), 1);
    assert_eq!((first.row.attempt, rows[0].row.attempt), (1, 2));
    assert_ne!(rows[0].row.id, first.row.id);

    let before = engine.picture();
    let late = engine.ask(&id, done(&first, json!("forged")));
    assert!(matches!(late, Err(NotDone::Dossier(Refusal::Stale { .. }))), "{late:?}");
    // Nor does it help to claim the living effect from the dead attempt.
    let mut borrowed = done(&rows[0], json!("forged"));
    if let Command::Outcome { attempt, .. } = &mut borrowed {
        *attempt = 1;
    }
    let late = engine.ask(&id, borrowed);
    assert!(matches!(late, Err(NotDone::Dossier(Refusal::Stale { .. }))), "{late:?}");
    assert_eq!(engine.picture(), before, "nothing changed");
    assert_eq!(engine.lanes.snapshot(), rows, "the right attempt still waits");

    assert!(engine.dispatcher.turn("sandbox", &engine.handle));
    assert!(engine.dispatcher.turn("native", &engine.handle));
    let dossier = engine.dossier(&id);
    assert_eq!(dossier.phase, Phase::Delivered);
    assert_eq!(*dossier.results[0].result, json!({ "by": "sandbox.run", "attempt": 2 }));
    let again = engine.ask(&id, done(&first, json!("forged")));
    assert!(matches!(again, Err(NotDone::Dossier(Refusal::Stale { .. }))), "{again:?}");
    engine.replays();
}

/// 21 days, two restarts, and another workflow under the same name on the way.
#[test]
fn a_collection_waits_21_days_over_restarts_and_an_edit() {
    let old = [("collect-stub", json!({ "expires_days": 21 })), ("native", Value::Null)];
    let new = [("native", json!("edited"))];
    let engine = Engine::new(&old);
    let id = engine.submit("a");
    let pinned = engine.dossier(&id).received.definition;
    let begun = engine.clock.now_ms();
    let pass_to = |engine: &Engine, ms: i64| {
        engine.clock.set_ms(begun + ms);
        engine.wheel.ring()
    };
    assert!(!pass_to(&engine, 6 * DAY_MS));
    let engine = engine.restart(&old);
    assert!(!pass_to(&engine, 7 * DAY_MS - 1));
    assert!(pass_to(&engine, 7 * DAY_MS));
    assert_eq!(engine.dossier(&id).state["reminded"], 1);

    let engine = engine.restart(&new);
    let later = engine.submit("b");
    assert_eq!(engine.dossier(&id).received.definition, pinned);
    assert_eq!(engine.dossier(&later).received.definition, plan(&new).0);
    assert_ne!(pinned, plan(&new).0);
    assert!(engine.dispatcher.turn("native", &engine.handle));
    assert_eq!(engine.dossier(&later).phase, Phase::Delivered, "the new one takes the new steps");

    assert!(pass_to(&engine, 14 * DAY_MS));
    assert!(!pass_to(&engine, 21 * DAY_MS - 1));
    let dossier = engine.dossier(&id);
    assert_eq!((dossier.step, &dossier.state["reminded"]), (0, &json!(2)));
    assert_eq!(engine.wheel.next_timer(), Some(begun + 21 * DAY_MS));
    assert!(pass_to(&engine, 21 * DAY_MS));
    assert_eq!(engine.dossier(&id).step, 1, "the old one goes on with the old steps");
    assert!(engine.dispatcher.turn("native", &engine.handle));
    assert_eq!(engine.dossier(&id).phase, Phase::Delivered);
    assert_eq!(engine.wheel.next_timer(), None);
    engine.replays();
}

/// The same without a restart: what is committed with the exchange outlives one.
#[test]
fn workflows_are_exchanged_beneath_dossiers_that_have_begun() {
    let (old, new) =
        ([("native", json!("old")), ("native", Value::Null)], [("native", json!("new"))]);
    let engine = Engine::new(&old);
    let id = engine.submit("a");
    let exchanged = Request::Workflows(BTreeMap::from([("seam".to_owned(), plan(&new))]));
    engine.wheel.ask(exchanged).unwrap();
    let later = engine.submit("b");
    assert_eq!(engine.dossier(&id).received.definition, plan(&old).0);
    assert_eq!(engine.dossier(&later).received.definition, plan(&new).0);
    let nothing = engine.wheel.ask(Request::Workflows(BTreeMap::new()));
    assert!(matches!(nothing, Ok(Answer::Done)), "{nothing:?}");
    let engine = engine.restart(&[("native", json!("a third"))]);
    (0..3).for_each(|_| assert!(engine.dispatcher.turn("native", &engine.handle)));
    for (dossier, steps) in [(&id, 2), (&later, 1)] {
        let dossier = engine.dossier(dossier);
        assert_eq!((dossier.phase, dossier.results.len()), (Phase::Delivered, steps));
    }
    engine.replays();
}

/// A timer that rings after its step is over is taken away and changes nothing.
#[test]
fn a_timer_of_a_step_that_is_over_changes_nothing() {
    let engine =
        Engine::new(&[("collect-stub", json!({ "expires_days": 3 })), ("native", Value::Null)]);
    let id = engine.submit("a");
    engine.clock.pass_ms(3 * DAY_MS);
    engine.wheel.ring();
    assert_eq!(engine.dossier(&id).step, 1);
    let before = engine.picture();
    engine.clock.pass_ms(30 * DAY_MS);
    assert!(engine.wheel.ring());
    assert_eq!(engine.picture(), before);
    assert_eq!(engine.wheel.next_timer(), None);
}

/// A kind that the daemon no longer has: the dossier waits for a person, and goes on once it is back.
#[test]
fn a_kind_that_is_gone_stops_the_dossier_visibly() {
    let steps = [("native", Value::Null), ("from-elsewhere", Value::Null)];
    let engine = Engine::new(&steps);
    let id = engine.submit("a");
    assert!(engine.dispatcher.turn("native", &engine.handle));
    let dossier = engine.dossier(&id);
    assert_eq!(dossier.phase.failure().unwrap().code, "step-unavailable");
    assert!(engine.lanes.snapshot().is_empty());
    engine.ask(&id, Command::Retry { by: "test".into() }).unwrap();
    assert!(matches!(engine.dossier(&id).phase, Phase::NeedsPerson { .. }));
    engine.replays();
}
