//! A dossier without a store: what happens to it is decided, applied and looked at.

use jiff::{SignedDuration, Timestamp};
use sceau_cabinet::{
    AccountCommand, Actor, AddressCommitment, CabinetCommand, Channel, CommitmentKey, Days,
    DelegationId, DelegationTerms, GrantDelegation, PersonId, Registry, Right, Roles, SocieteId,
};
use sceau_workflow::machine::kinds::{self, PLUGIN, SEAL_SIGN};
use sceau_workflow::machine::messages::{ORIGIN_RESUMED, ORIGIN_STOPPED};
use sceau_workflow::machine::{
    Command, Decision, Digest, DocumentRef, Dossier, DossierEvent, DossierId, EffectId, EffectRow,
    Failure, Fault, Origin, Outcome, Phase, Plan, PlannedStep, Received, Refusal, Routes,
    Situation, StepKinds, decide,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(crate) const EXPERT: PersonId = PersonId::from_bytes([2; 16]);
pub(crate) const PAUL: PersonId = PersonId::from_bytes([3; 16]);

/// A dossier, its outbox, and the authority, without any store.
pub(crate) struct Bench {
    pub(crate) kinds: StepKinds,
    pub(crate) plan: Plan,
    pub(crate) routes: Routes,
    pub(crate) authority: Registry,
    pub(crate) dossier: Option<Dossier>,
    pub(crate) events: Vec<(DossierEvent, Timestamp)>,
    pub(crate) rows: BTreeMap<EffectId, EffectRow>,
    pub(crate) over: Vec<EffectRow>,
    pub(crate) now: Timestamp,
}

impl Bench {
    pub(crate) fn new(granted: bool) -> Self {
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

    pub(crate) fn received(granted: bool) -> Self {
        let mut bench = Self::new(granted);
        bench.ask(&Command::Receive(Box::new(received()))).expect("received");
        bench
    }

    pub(crate) fn found(&mut self) {
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

    pub(crate) fn order(&mut self, command: CabinetCommand) {
        self.now += SignedDuration::from_secs(1);
        let actor = Actor::Operator { uid: 0 };
        let events = sceau_cabinet::decide(&self.authority, actor, command, self.now);
        for event in events.expect("an order that is allowed") {
            self.authority.apply(&event).expect("an event that follows");
        }
    }

    pub(crate) fn grant(&mut self) {
        self.granted(societe());
    }

    /// Another société, its expert-comptable, and his délégation.
    pub(crate) fn grant_for(&mut self, societe: &SocieteId) {
        let (name, siren) = ("Durand".into(), "552100554".into());
        self.order(CabinetCommand::AddSociete { societe: societe.clone(), name, siren });
        let both = [self::societe(), societe.clone()].into();
        let roles = Roles { admin: true, expert_comptable: both };
        let order = AccountCommand::SetRoles { roles };
        self.order(CabinetCommand::Account { person: EXPERT, order });
        self.granted(societe.clone());
    }

    pub(crate) fn granted(&mut self, societe: SocieteId) {
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

    pub(crate) fn revoke(&mut self) {
        let now = self.now;
        let living = self.authority.delegations().filter(|one| one.revoked_since(now).is_none());
        for delegation in living.map(|one| one.id()).collect::<Vec<_>>() {
            self.order(CabinetCommand::Revoke { delegation });
        }
    }

    /// Decides, and holds the decision to what must be true of every one.
    pub(crate) fn ask(&mut self, command: &Command) -> Result<Decision, Refusal> {
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

    pub(crate) fn hold(&mut self, decision: &Decision) {
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

    pub(crate) fn dossier(&self) -> &Dossier {
        self.dossier.as_ref().expect("received")
    }

    pub(crate) fn row(&self, kind: &str) -> EffectRow {
        let found = self.rows.values().find(|row| row.effect.kind == kind);
        found.unwrap_or_else(|| panic!("no {kind} among {:?}", self.dossier().pending)).clone()
    }

    /// A dossier that stands at a plugin's step, before its seal.
    pub(crate) fn at_plugin(does: &str) -> Self {
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
    pub(crate) fn done(&mut self, kind: &str, value: Value) -> Decision {
        let command = outcome(&self.row(kind), Outcome::Done { value });
        self.ask(&command).expect("an outcome that is waited for")
    }

    pub(crate) fn failed(&mut self, kind: &str, fault: Fault) {
        let failure = Failure::new("trouble", fault, "fr", "en");
        let command = outcome(&self.row(kind), Outcome::Failed { failure });
        self.ask(&command).expect("an outcome that is waited for");
    }

    pub(crate) fn retry(&mut self) -> Result<Decision, Refusal> {
        self.ask(&Command::Retry { by: "test".into() })
    }

    pub(crate) fn count(&self, is: impl Fn(&DossierEvent) -> bool) -> usize {
        self.events.iter().filter(|(event, _)| is(event)).count()
    }
}

pub(crate) fn is_notice(row: &EffectRow) -> bool {
    [ORIGIN_STOPPED, ORIGIN_RESUMED].contains(&row.effect.kind.as_str())
}

pub(crate) fn outcome(row: &EffectRow, outcome: Outcome) -> Command {
    Command::Outcome {
        effect: row.id,
        kind: row.effect.kind.clone(),
        step: row.step,
        attempt: row.attempt,
        outcome,
    }
}

pub(crate) fn societe() -> SocieteId {
    "martin".parse().expect("a code")
}

pub(crate) fn address(name: &str) -> AddressCommitment {
    let key = CommitmentKey::from_bytes([7; 32]);
    let address = format!("{name}@martin.example").parse().expect("an address");
    AddressCommitment::new(&key, &address)
}

pub(crate) fn document(mark: &str) -> DocumentRef {
    DocumentRef { digest: Digest::of(mark.as_bytes()), len: mark.len() as u64 }
}

pub(crate) fn received() -> Received {
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

pub(crate) fn prepared(mark: &str) -> Value {
    json!({ "act": Digest::of(mark.as_bytes()), "session": { "of": mark } })
}

pub(crate) fn sealed() -> Value {
    json!({ "sealed": { "document": document("sealed"), "result": { "level": "B-T" } } })
}

pub(crate) fn delivered() -> Value {
    json!({ "evidence": document("evidence") })
}
