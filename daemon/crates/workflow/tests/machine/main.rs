//! The dossier's machine, held by its rules: told cases, and random ones.

mod plugins;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use sceau_cabinet::{
    AccountCommand, Actor, AddressCommitment, CabinetCommand, Channel, CommitmentKey, Days,
    DelegationId, DelegationTerms, GrantDelegation, PersonId, Registry, Right, Roles, SocieteId,
};
use sceau_workflow::machine::kinds::{self, DELIVER, PLUGIN, SEAL_FINISH, SEAL_PREPARE, SEAL_SIGN};
use sceau_workflow::machine::messages::{ORIGIN_RESUMED, ORIGIN_STOPPED};
use sceau_workflow::machine::{
    Command, Decision, Digest, DocumentRef, Dossier, DossierEvent, DossierId, EffectId, EffectRow,
    Failure, Fault, Origin, Outcome, Phase, Plan, PlannedStep, Received, Refusal, Routes,
    Situation, StepKinds, decide,
};
use serde_json::{Value, json};

const EXPERT: PersonId = PersonId::from_bytes([2; 16]);
const PAUL: PersonId = PersonId::from_bytes([3; 16]);

/// A dossier, its outbox, and the authority, without any store.
struct Bench {
    kinds: StepKinds,
    plan: Plan,
    routes: Routes,
    authority: Registry,
    dossier: Option<Dossier>,
    events: Vec<(DossierEvent, Timestamp)>,
    rows: BTreeMap<EffectId, EffectRow>,
    over: Vec<EffectRow>,
    now: Timestamp,
}

impl Bench {
    fn new(granted: bool) -> Self {
        let step = |kind: &str| PlannedStep {
            id: kind.into(),
            kind: kind.into(),
            settings: json!({ "level": "B-T" }),
        };
        let plan = Plan {
            workflow: "attestation".into(),
            steps: ["seal", "deliver"].map(step).into(),
            retention_years: None,
        };
        let mut bench = Self {
            kinds: kinds::standard(),
            plan,
            routes: Routes::default(),
            authority: Registry::default(),
            dossier: None,
            events: Vec::new(),
            rows: BTreeMap::new(),
            over: Vec::new(),
            now: "2026-11-23T12:00:00Z".parse().expect("a moment"),
        };
        bench.found();
        if granted {
            bench.grant();
        }
        bench
    }

    fn received(granted: bool) -> Self {
        let mut bench = Self::new(granted);
        bench.ask(&Command::Receive(Box::new(received()))).expect("received");
        bench
    }

    fn found(&mut self) {
        let expert = Roles { admin: true, expert_comptable: [societe()].into() };
        let open = |person, name, roles| CabinetCommand::Account {
            person,
            order: AccountCommand::Open { address: address(name), roles },
        };
        self.order(CabinetCommand::CreateCabinet { name: "Cabinet".into() });
        let (name, siren) = ("Martin".into(), "732829320".into());
        self.order(CabinetCommand::AddSociete { societe: societe(), name, siren });
        self.order(open(EXPERT, "claire", expert));
        self.order(open(PAUL, "paul", Roles::default()));
    }

    fn order(&mut self, command: CabinetCommand) {
        self.now += SignedDuration::from_secs(1);
        let actor = Actor::Operator { uid: 0 };
        let events = sceau_cabinet::decide(&self.authority, actor, command, self.now);
        for event in events.expect("an order that is allowed") {
            self.authority.apply(&event).expect("an event that follows");
        }
    }

    fn grant(&mut self) {
        self.granted(societe());
    }

    /// Another société, its expert-comptable, and his délégation.
    fn grant_for(&mut self, societe: &SocieteId) {
        let (name, siren) = ("Durand".into(), "552100554".into());
        self.order(CabinetCommand::AddSociete { societe: societe.clone(), name, siren });
        let both = [self::societe(), societe.clone()].into();
        let roles = Roles { admin: true, expert_comptable: both };
        let order = AccountCommand::SetRoles { roles };
        self.order(CabinetCommand::Account { person: EXPERT, order });
        self.granted(societe.clone());
    }

    fn granted(&mut self, societe: SocieteId) {
        let count = u8::try_from(self.authority.delegations().count()).expect("few");
        let terms = DelegationTerms {
            delegant: EXPERT,
            societe,
            rights: [Right::Sceller].into(),
            workflows: None,
            channels: None,
            days: Days::default(),
        };
        let delegation = DelegationId::from_bytes([count + 1; 16]);
        let delegataire = address("paul");
        self.order(CabinetCommand::Grant(GrantDelegation { delegation, delegataire, terms }));
    }

    fn revoke(&mut self) {
        let now = self.now;
        let living = self.authority.delegations().filter(|one| one.revoked_since(now).is_none());
        for delegation in living.map(|one| one.id()).collect::<Vec<_>>() {
            self.order(CabinetCommand::Revoke { delegation });
        }
    }

    /// Decides, and holds the decision to what must be true of every one.
    fn ask(&mut self, command: &Command) -> Result<Decision, Refusal> {
        self.now += SignedDuration::from_secs(1);
        let situation = Situation {
            plan: &self.plan,
            routes: &self.routes,
            kinds: &self.kinds,
            authority: &self.authority,
            now: self.now,
        };
        let (decision, after) = decide(self.dossier.as_ref(), &situation, command)?;
        let again = decide(self.dossier.as_ref(), &situation, command)?;
        assert_eq!((&decision, &after), (&again.0, &again.1), "pure");
        self.hold(&decision);
        assert_eq!(self.dossier.as_ref(), Some(&after), "it is what the events add up to");
        Ok(decision)
    }

    fn hold(&mut self, decision: &Decision) {
        let before = self.dossier.take();
        let authorised = decision.events.iter().any(|e| matches!(e, DossierEvent::Authorised(_)));
        assert_eq!(authorised, !decision.stands_on.is_empty(), "an act stands on something");
        for (subject, version) in &decision.stands_on {
            assert_eq!(self.authority.version(subject), *version);
        }
        self.events.extend(decision.events.iter().map(|event| (event.clone(), self.now)));
        let told = self.events.iter().map(|(event, at)| (event, *at));
        let dossier = Dossier::replay(told).expect("it begins with what was received");
        if let Some(before) = before {
            assert!(dossier.attempt >= before.attempt, "attempts never go back");
            let count = before.version + decision.events.len() as u64;
            assert_eq!(dossier.version, count, "one version an event");
        }
        for (_, id) in &decision.ended {
            self.over.extend(self.rows.remove(id));
        }
        for row in &decision.effects {
            assert!(self.rows.insert(row.id, row.clone()).is_none(), "an effect's name is its own");
        }
        if let Some((_, plan)) = self.routes.get(&dossier.received.workflow) {
            self.plan = Plan::clone(plan);
        }
        let rows: BTreeSet<_> = self.rows.keys().collect();
        assert_eq!(rows, dossier.pending.keys().collect(), "the outbox is what is pending");
        for row in self.rows.values().filter(|row| row.effect.kind == SEAL_SIGN) {
            let authorised = dossier.authorised.as_ref().expect("authorised before it is asked");
            assert_eq!(row.effect.payload["authorised"], json!(authorised));
            assert_eq!(dossier.state["act"], json!(authorised.act), "the committed bytes");
        }
        let waits = self.rows.values().any(|row| !is_notice(row));
        assert_eq!(waits, dossier.phase == Phase::Running, "work is wanted while it runs, only");
        self.dossier = Some(dossier);
    }

    fn dossier(&self) -> &Dossier {
        self.dossier.as_ref().expect("received")
    }

    fn row(&self, kind: &str) -> EffectRow {
        let found = self.rows.values().find(|row| row.effect.kind == kind);
        found.unwrap_or_else(|| panic!("no {kind} among {:?}", self.dossier().pending)).clone()
    }

    /// A dossier that stands at a plugin's step, before its seal.
    fn at_plugin(does: &str) -> Self {
        let mut bench = Self::new(true);
        let settings = json!({
            "plugin": "trial", "version": "1.0.0", "does": does, "settings": {}, "on_failure": "stop",
            "outcomes": {
                "on": "continue", "other": { "workflow": "plaquette" }, "lost": { "workflow": "x" },
                "theirs": { "workflow": "plaquette", "societe": "durand" },
            },
        });
        let id = "check".to_owned();
        bench.plan.steps.insert(0, PlannedStep { id, kind: "plugin".into(), settings });
        let steps = bench.plan.steps[1..].to_vec();
        let other = Arc::new(Plan { workflow: "plaquette".into(), steps, retention_years: None });
        bench.routes.insert("plaquette".into(), (Digest::of(b"plaquette"), other));
        bench.ask(&Command::Receive(Box::new(received()))).expect("new");
        assert_eq!(bench.row(PLUGIN).effect.lane, "plugin");
        bench
    }

    /// The effect of that kind ends with `value`.
    fn done(&mut self, kind: &str, value: Value) -> Decision {
        let command = outcome(&self.row(kind), Outcome::Done { value });
        self.ask(&command).expect("an outcome that is waited for")
    }

    fn failed(&mut self, kind: &str, fault: Fault) {
        let failure = Failure::new("trouble", fault, "fr", "en");
        let command = outcome(&self.row(kind), Outcome::Failed { failure });
        self.ask(&command).expect("an outcome that is waited for");
    }

    fn retry(&mut self) -> Result<Decision, Refusal> {
        self.ask(&Command::Retry { by: "test".into() })
    }

    fn count(&self, is: impl Fn(&DossierEvent) -> bool) -> usize {
        self.events.iter().filter(|(event, _)| is(event)).count()
    }
}

fn is_notice(row: &EffectRow) -> bool {
    [ORIGIN_STOPPED, ORIGIN_RESUMED].contains(&row.effect.kind.as_str())
}

fn outcome(row: &EffectRow, outcome: Outcome) -> Command {
    Command::Outcome {
        effect: row.id,
        kind: row.effect.kind.clone(),
        step: row.step,
        attempt: row.attempt,
        outcome,
    }
}

fn societe() -> SocieteId {
    "martin".parse().expect("a code")
}

fn address(name: &str) -> AddressCommitment {
    let key = CommitmentKey::from_bytes([7; 32]);
    let address = format!("{name}@martin.example").parse().expect("an address");
    AddressCommitment::new(&key, &address)
}

fn document(mark: &str) -> DocumentRef {
    DocumentRef { digest: Digest::of(mark.as_bytes()), len: mark.len() as u64 }
}

fn received() -> Received {
    Received {
        dossier: DossierId::new(1, [1; 10]),
        workflow: "attestation".into(),
        definition: Digest::of(b"definition"),
        account: PAUL,
        societe: societe(),
        origin: Origin {
            channel: Channel::Folder("depot".into()),
            name: "bilan.pdf".into(),
            source: Value::Null,
        },
        title: "bilan".into(),
        parameters: BTreeMap::new(),
        signatories: Vec::new(),
        document: document("bilan"),
        sidecar: None,
        key: Digest::of(b"key"),
        owner_uid: None,
    }
}

fn prepared(mark: &str) -> Value {
    json!({ "act": Digest::of(mark.as_bytes()), "session": { "of": mark } })
}

fn sealed() -> Value {
    json!({ "sealed": { "document": document("sealed"), "result": { "level": "B-T" } } })
}

fn delivered() -> Value {
    json!({ "evidence": document("evidence") })
}

#[test]
fn a_dossier_goes_from_drop_to_delivery() {
    let mut bench = Bench::received(true);
    bench.done(SEAL_PREPARE, prepared("a"));
    bench.done(SEAL_SIGN, json!({ "signature": "ab" }));
    assert_eq!(bench.row(SEAL_FINISH).effect.lane, "tsa");
    bench.done(SEAL_FINISH, sealed());
    assert_eq!(bench.dossier().document, document("sealed"));
    assert_eq!(bench.row(DELIVER).effect.lane, "folder:depot");
    bench.done(DELIVER, delivered());
    assert_eq!(bench.dossier().phase, Phase::Delivered);
    assert!(matches!(bench.retry(), Err(Refusal::WrongPhase { .. })));
}

#[test]
fn a_missing_right_rejects_at_intake_and_retry_asks_again() {
    let mut bench = Bench::received(false);
    assert_eq!(bench.dossier().phase.failure().map(|f| f.code.as_str()), Some("right-missing"));
    bench.done(ORIGIN_STOPPED, Value::Null);
    bench.retry().expect("a rejected one may be retried");
    assert!(matches!(bench.dossier().phase, Phase::Rejected { .. }), "still no right");
    bench.grant();
    bench.retry().expect("a rejected one may be retried");
    assert_eq!(bench.dossier().phase, Phase::Running);
    bench.row(SEAL_PREPARE);
}

#[test]
fn a_right_that_went_before_the_act_stops_it() {
    let mut bench = Bench::received(true);
    bench.revoke();
    bench.done(SEAL_PREPARE, prepared("a"));
    assert!(matches!(bench.dossier().phase, Phase::Rejected { .. }));
    assert_eq!(bench.count(|event| matches!(event, DossierEvent::Authorised(_))), 0);
}

#[test]
fn another_delegation_means_another_preparation() {
    let mut bench = Bench::received(true);
    bench.revoke();
    bench.grant();
    bench.done(SEAL_PREPARE, prepared("a"));
    assert_eq!(bench.dossier().attempt, 2);
    assert_eq!(bench.count(|event| matches!(event, DossierEvent::Authorised(_))), 0);
    bench.done(SEAL_PREPARE, prepared("b"));
    bench.row(SEAL_SIGN);
}

#[test]
fn an_expired_authorisation_is_asked_for_again_for_the_same_act() {
    let mut bench = Bench::received(true);
    bench.done(SEAL_PREPARE, prepared("a"));
    let first = bench.dossier().authorised.clone().expect("authorised");
    bench.now += SignedDuration::from_mins(5);
    bench.done(SEAL_SIGN, json!("expired"));
    let second = bench.dossier().authorised.clone().expect("authorised");
    assert_eq!((first.act, first.attempt), (second.act, second.attempt));
    assert!(second.expires_at > first.expires_at);
    bench.revoke();
    bench.done(SEAL_SIGN, json!("expired"));
    assert!(matches!(bench.dossier().phase, Phase::Rejected { .. }));
}

#[test]
fn a_signature_outlives_a_dead_authority_and_nothing_else_does() {
    for (fault, kept) in [(Fault::Peer, true), (Fault::Ourselves, false)] {
        let mut bench = Bench::received(true);
        bench.done(SEAL_PREPARE, prepared("a"));
        bench.done(SEAL_SIGN, json!({ "signature": "ab" }));
        bench.failed(SEAL_FINISH, fault);
        assert!(matches!(bench.dossier().phase, Phase::NeedsPerson { .. }));
        bench.retry().expect("a stopped one may be retried");
        let kind = if kept { SEAL_FINISH } else { SEAL_PREPARE };
        assert_eq!(bench.row(kind).attempt, 2);
        assert_eq!(bench.dossier().state.get("signature").is_some(), kept);
    }
}

#[test]
fn a_time_stamp_that_needs_more_room_begins_again() {
    let mut bench = Bench::received(true);
    bench.done(SEAL_PREPARE, prepared("a"));
    bench.done(SEAL_SIGN, json!({ "signature": "ab" }));
    bench.done(SEAL_FINISH, json!({ "hole_too_small": { "timestamp_len": 9000 } }));
    let row = bench.row(SEAL_PREPARE);
    assert_eq!((row.attempt, &row.effect.payload["timestamp_len"]), (2, &json!(9000)));
}

#[test]
fn an_answer_that_nobody_understands_asks_for_a_person() {
    let mut bench = Bench::received(true);
    bench.done(SEAL_PREPARE, json!("?"));
    assert_eq!(bench.dossier().phase.failure().map(|f| f.code.as_str()), Some("unexpected-answer"));
    let mut bench = Bench::received(true);
    bench.done(SEAL_PREPARE, prepared("a"));
    bench.done(SEAL_SIGN, json!({ "signature": 1 }));
    assert!(matches!(bench.dossier().phase, Phase::NeedsPerson { .. }));
}

#[test]
fn outcomes_of_attempts_that_are_over_change_nothing() {
    let mut bench = Bench::received(true);
    let first = bench.row(SEAL_PREPARE);
    bench.failed(SEAL_PREPARE, Fault::Ourselves);
    bench.retry().expect("a stopped one may be retried");
    let second = bench.row(SEAL_PREPARE);
    let value = || Outcome::Done { value: prepared("late") };
    let stale = [
        outcome(&first, value()),
        outcome(&EffectRow { attempt: first.attempt, ..second.clone() }, value()),
        outcome(&EffectRow { step: 1, ..second }, value()),
    ];
    for command in stale {
        assert!(matches!(bench.ask(&command), Err(Refusal::Stale { .. })));
    }
    bench.row(SEAL_PREPARE);
}

#[test]
fn a_cancelled_dossier_tells_its_folder_and_wants_nothing_more() {
    let mut bench = Bench::received(true);
    let cancel = Command::Cancel { by: "test".into(), reason: "essai".into() };
    bench.ask(&cancel).expect("a living one may be cancelled");
    assert_eq!(bench.dossier().phase, Phase::Cancelled);
    bench.done(ORIGIN_STOPPED, Value::Null);
    assert!(matches!(bench.ask(&cancel), Err(Refusal::WrongPhase { .. })));
    assert!(matches!(bench.retry(), Err(Refusal::WrongPhase { .. })));
}

#[test]
fn a_kind_that_is_gone_asks_for_a_person_and_goes_on_once_it_is_back() {
    let mut bench = Bench::new(true);
    bench.kinds = StepKinds::default().with(kinds::Deliver);
    bench.ask(&Command::Receive(Box::new(received()))).expect("received");
    assert_eq!(bench.dossier().phase.failure().map(|f| f.code.as_str()), Some("step-unavailable"));
    bench.kinds = kinds::standard();
    bench.retry().expect("a stopped one may be retried");
    bench.row(SEAL_PREPARE);
    bench.kinds = StepKinds::default().with(kinds::Deliver);
    bench.done(SEAL_PREPARE, prepared("a"));
    assert!(matches!(bench.dossier().phase, Phase::NeedsPerson { .. }));
}

/// Something that may happen to a dossier.
#[derive(Clone, Debug)]
enum Happens {
    Ends { which: usize, how: usize },
    Late { which: usize },
    Rings,
    Clicks,
    Retried,
    Cancelled,
    Granted,
    Revoked,
    Passes,
}

fn happens() -> impl Strategy<Value = Happens> {
    let index = || any::<prop::sample::Index>().prop_map(|index| index.index(1 << 16));
    prop_oneof![
        12 => (index(), 0..8usize).prop_map(|(which, how)| Happens::Ends { which, how }),
        2 => index().prop_map(|which| Happens::Late { which }),
        1 => Just(Happens::Rings),
        1 => Just(Happens::Clicks),
        3 => Just(Happens::Retried),
        1 => Just(Happens::Cancelled),
        1 => Just(Happens::Granted),
        1 => Just(Happens::Revoked),
        1 => Just(Happens::Passes),
    ]
}

/// How an effect of that kind may end: mostly well.
fn ending(kind: &str, how: usize, mark: usize) -> Outcome {
    let failed = |fault| Outcome::Failed { failure: Failure::new("trouble", fault, "fr", "en") };
    let value = match (how, kind) {
        (0, _) => return failed(Fault::Document),
        (1, _) => return failed(Fault::Peer),
        (2, SEAL_SIGN) => json!("expired"),
        (2, SEAL_FINISH) => json!({ "hole_too_small": { "timestamp_len": 9000 } }),
        (3, _) => json!({ "what": "is this?" }),
        (_, SEAL_PREPARE) => prepared(&mark.to_string()),
        (_, SEAL_SIGN) => json!({ "signature": format!("{mark:04x}") }),
        (_, SEAL_FINISH) => sealed(),
        (_, DELIVER) => delivered(),
        _ => Value::Null,
    };
    Outcome::Done { value }
}

impl Bench {
    fn happen(&mut self, what: &Happens, mark: usize) {
        let refused = match what {
            Happens::Ends { which, how } => {
                let rows: Vec<EffectRow> = self.rows.values().cloned().collect();
                let Some(row) = rows.get(which % rows.len().max(1)) else { return };
                let ended = self.ask(&outcome(row, ending(&row.effect.kind, *how, mark)));
                ended.expect("an outcome that is waited for");
                return;
            }
            Happens::Late { which } => {
                let Some(row) = self.over.get(which % self.over.len().max(1)).cloned() else {
                    return;
                };
                let late = self.ask(&outcome(&row, ending(&row.effect.kind, 7, mark)));
                assert!(matches!(late, Err(Refusal::Stale { .. })));
                return;
            }
            Happens::Rings => {
                let (step, attempt) = (self.dossier().step, self.dossier().attempt);
                self.ask(&Command::Timer { step, attempt, name: "unknown".into() })
            }
            Happens::Clicks => {
                self.ask(&Command::Step { name: "unknown".into(), payload: Value::Null })
            }
            Happens::Retried => self.retry(),
            Happens::Cancelled if mark.is_multiple_of(4) => {
                self.ask(&Command::Cancel { by: "test".into(), reason: "essai".into() })
            }
            Happens::Cancelled => return,
            Happens::Granted => return self.grant(),
            Happens::Revoked => return self.revoke(),
            Happens::Passes => {
                self.now += SignedDuration::from_hours(1);
                return;
            }
        };
        let allowed =
            matches!(refused, Ok(_) | Err(Refusal::WrongPhase { .. } | Refusal::Stale { .. }));
        assert!(allowed, "{refused:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever happens in whatever order: every decision holds to [`Bench::hold`], and one act is
    /// authorised for one preparation.
    #[test]
    fn nothing_that_happens_breaks_the_rules(
        granted in any::<bool>(),
        story in prop::collection::vec(happens(), 0..60),
    ) {
        let mut bench = Bench::received(granted);
        for (mark, what) in story.iter().enumerate() {
            bench.happen(what, mark);
        }
        let mut acts: BTreeMap<u32, BTreeSet<Digest>> = BTreeMap::new();
        for (event, _) in &bench.events {
            if let DossierEvent::Authorised(authorised) = event {
                acts.entry(authorised.attempt).or_default().insert(authorised.act);
            }
        }
        prop_assert!(acts.values().all(|acts| acts.len() == 1), "one attempt, one act");
        if bench.dossier().phase == Phase::Delivered {
            prop_assert_eq!(bench.dossier().results.len(), 2);
        }
    }
}
