//! `decide`: one command, one decision. Each command has its own file; what they share is here.

mod cancel;
mod outcome;
mod receive;
mod renewal;
mod retry;
mod step_command;
mod timer;

use jiff::Timestamp;
use sceau_cabinet::Registry;
use serde_json::Value;

use crate::definition::Destination;

use super::{
    Command, Decision, Dossier, DossierEvent, DossierId, Effect, EffectId, EffectRow, Failure,
    Next, Plan, PlannedStep, Reaction, Refusal, Routes, Settled, StepContext, StepInput, StepKind,
    StepKinds, StepName, Timer, TimerChange, messages,
};

/// A step that begins again and again without waiting is stopped after this many rounds.
const MOST_ROUNDS: usize = 64;

/// A dossier that is handed from workflow to workflow more often than this goes round in circles.
const MOST_ROUTES: u32 = 8;

/// What a decision is made in the light of.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// The workflow that the dossier is pinned to.
    pub plan: &'a Plan,
    /// The workflows that a routing step can hand it to.
    pub routes: &'a Routes,
    /// The kinds of step.
    pub kinds: &'a StepKinds,
    /// Who may do what.
    pub authority: &'a Registry,
    /// Now.
    pub now: Timestamp,
}

/// Decides `command` for `dossier` (none before it is received); answers the decision, and the dossier as it is
/// once that is committed: what its events add up to, as a replay would. Pure: the same arguments give the
/// same answer; nothing has happened until the caller has committed it.
pub fn decide(
    dossier: Option<&Dossier>,
    situation: &Situation<'_>,
    command: &Command,
) -> Result<(Decision, Dossier), Refusal> {
    match (command, dossier) {
        (Command::Receive(received), None) => receive::decide(received, situation),
        (Command::Receive(received), Some(_)) => Err(Refusal::Exists(received.dossier.clone())),
        (_, None) => Err(Refusal::Unknown(DossierId::new(0, [0; 10]))),
        (command, Some(dossier)) => decide_known(dossier, situation, command),
    }
}

fn decide_known(
    dossier: &Dossier,
    situation: &Situation<'_>,
    command: &Command,
) -> Result<(Decision, Dossier), Refusal> {
    let mut work = Work::on(dossier.clone(), situation);
    match command {
        Command::Receive(_) => return Err(Refusal::Exists(work.id())),
        Command::Outcome { effect, kind, step, attempt, outcome } => {
            outcome::decide(&mut work, *effect, kind, (*step, *attempt), outcome)?;
        }
        Command::Timer { step, attempt, name } => {
            timer::decide(&mut work, (*step, *attempt), name)?
        }
        Command::Step { name, payload } => step_command::decide(&mut work, name, payload)?,
        Command::Retry { by } => retry::decide(&mut work, by)?,
        Command::Cancel { by, reason } => cancel::decide(&mut work, by, reason)?,
    }
    Ok(work.done())
}

/// A decision in the making: the dossier as it will be, and what was decided so far.
struct Work<'a> {
    dossier: Dossier,
    situation: &'a Situation<'a>,
    /// The workflow that the dossier is pinned to by now.
    plan: &'a Plan,
    decision: Decision,
}

/// A step about to be entered.
struct Entering {
    step: usize,
    reason: Option<String>,
    carried: Value,
}

impl Entering {
    fn at(step: usize) -> Self {
        Self { step, reason: None, carried: Value::Null }
    }
}

impl<'a> Work<'a> {
    fn on(dossier: Dossier, situation: &'a Situation<'a>) -> Self {
        let decision = Decision::default();
        Self { dossier, situation, plan: situation.plan, decision }
    }

    fn done(self) -> (Decision, Dossier) {
        (self.decision, self.dossier)
    }

    fn id(&self) -> DossierId {
        self.dossier.received.dossier.clone()
    }

    fn emit(&mut self, event: DossierEvent) {
        self.dossier.apply(&event, self.situation.now);
        self.decision.events.push(event);
    }

    /// Enters steps until one waits, stops, or all are done.
    fn enter_from(&mut self, first: Entering) {
        let mut entering = Some(first);
        for _ in 0..MOST_ROUNDS {
            let Some(Entering { step, reason, carried }) = entering.take() else { return };
            let Some(planned) = self.plan.steps.get(step) else {
                return self.complete();
            };
            if self.is_passed_over(planned) {
                entering = Some(Entering::at(step + 1));
                continue;
            }
            let attempt = self.dossier.attempt + 1;
            self.emit(DossierEvent::StepEntered { step, attempt, reason });
            let Some(kind) = self.kind(planned) else { return self.stop_at_unknown(planned) };
            let reaction = kind.enter(&self.context(planned, &carried));
            entering = self.react(reaction);
        }
        self.stop(messages::never_waits());
    }

    /// Hands an input to the current step and follows where it leads.
    fn input(&mut self, input: StepInput<'_>) {
        let planned = &self.plan.steps[self.dossier.step];
        let Some(kind) = self.kind(planned) else { return self.stop_at_unknown(planned) };
        let state = self.dossier.state.clone();
        let reaction = kind.on(&self.context(planned, &Value::Null), &state, input);
        if let Some(entering) = self.react(reaction) {
            self.enter_from(entering);
        }
    }

    /// Turns a reaction into events and rows; answers which step to enter next, if any.
    fn react(&mut self, reaction: Reaction) -> Option<Entering> {
        let step = self.dossier.step;
        let attempt = self.dossier.attempt;
        if let Some(authorised) = reaction.authorised {
            self.decision.stands_on.extend(authorised.stands_on.iter().cloned());
            self.emit(DossierEvent::Authorised(Box::new(authorised)));
        }
        if let Some((level, document)) = reaction.reached {
            self.emit(DossierEvent::LevelReached { step, attempt, level, document });
        }
        for effect in reaction.effects {
            self.ask(effect);
        }
        match reaction.next {
            Next::Wait { state, timers } => {
                self.wait(state, timers);
                None
            }
            Next::Again { reason, carried } => {
                self.drop_pending();
                Some(Entering { step, reason: Some(reason), carried })
            }
            Next::Done { document, kept, result } => {
                self.drop_pending();
                let result = Settled::from(result);
                self.emit(DossierEvent::StepDone { step, attempt, document, kept, result });
                Some(Entering::at(step + 1))
            }
            Next::Route { to, result } => self.route(to, result),
            Next::Failed(failure) => {
                self.stop(failure);
                None
            }
        }
    }

    /// Pins the dossier to the current definition of another workflow, and asks for that one's
    /// rights, for the société in whose name it goes on, before its first step.
    fn route(&mut self, to: Destination, result: Value) -> Option<Entering> {
        let Destination { workflow, societe } = to;
        let Some((definition, plan)) = self.situation.routes.get(&workflow) else {
            self.stop(messages::no_such_route(&workflow));
            return None;
        };
        if self.dossier.routed >= MOST_ROUTES {
            self.stop(messages::never_waits());
            return None;
        }
        let (step, attempt) = (self.dossier.step, self.dossier.attempt);
        self.drop_pending();
        let (document, kept, result) = (None, Vec::new(), Settled::from(result));
        self.emit(DossierEvent::StepDone { step, attempt, document, kept, result });
        let name = |s: &PlannedStep| StepName { id: s.id.clone(), kind: s.kind.clone() };
        let steps = self.plan.steps.iter().map(name).collect();
        let (definition, from) = (*definition, self.dossier.received.definition);
        self.emit(DossierEvent::Routed { workflow, definition, from, steps, societe });
        self.plan = plan;
        match receive::missing_right(self) {
            Some(failure) => {
                self.emit(DossierEvent::StepEntered {
                    step: 0,
                    attempt: attempt + 1,
                    reason: None,
                });
                self.stop(failure);
                None
            }
            None => Some(Entering::at(0)),
        }
    }

    fn wait(&mut self, state: Value, timers: Vec<Timer>) {
        let (step, attempt) = (self.dossier.step, self.dossier.attempt);
        if state != self.dossier.state {
            self.emit(DossierEvent::StepMoved { step, attempt, state });
        }
        let change = |timer: Timer| TimerChange { step, attempt, name: timer.name, due: timer.due };
        self.decision.timers.extend(timers.into_iter().map(change));
    }

    fn ask(&mut self, effect: Effect) {
        let dossier = self.id();
        let (step, attempt) = (self.dossier.step, self.dossier.attempt);
        let id = EffectId::derive(&dossier, step, attempt, self.dossier.effects_asked);
        let (lane, kind) = (effect.lane.clone(), effect.kind.clone());
        self.emit(DossierEvent::EffectAsked { id, lane, kind });
        self.decision.effects.push(EffectRow { id, dossier, step, attempt, effect });
    }

    fn end(&mut self, id: EffectId) {
        if let Some(pending) = self.dossier.pending.get(&id).cloned() {
            self.emit(DossierEvent::EffectEnded { id });
            self.decision.effects.retain(|row| row.id != id);
            self.decision.ended.push((pending.lane, id));
        }
    }

    /// Work of the step that is over is no longer wanted; what its channel is told still is.
    fn drop_pending(&mut self) {
        self.end_where(|kind| !messages::is_notice(kind));
    }

    fn end_where(&mut self, unwanted: impl Fn(&str) -> bool) {
        let pending = self.dossier.pending.iter();
        let ended: Vec<EffectId> =
            pending.filter(|(_, effect)| unwanted(&effect.kind)).map(|(id, _)| *id).collect();
        ended.into_iter().for_each(|id| self.end(id));
    }

    /// Stops the dossier and tells its channel; a delivered one stays what it is.
    fn stop(&mut self, failure: Failure) {
        self.drop_pending();
        if self.dossier.is_renewing() {
            return self.fail_renewal(failure);
        }
        let notice = messages::stop_notice(&self.dossier, &failure);
        self.emit(DossierEvent::Stopped { failure });
        if let Some(effect) = notice {
            self.ask(effect);
        }
    }

    fn kind(&self, planned: &PlannedStep) -> Option<&'a dyn StepKind> {
        self.situation.kinds.get(&planned.kind)
    }

    /// A dossier may be pinned to a kind that this daemon no longer has: it waits for a person, and
    /// is never left hanging.
    fn stop_at_unknown(&mut self, planned: &PlannedStep) {
        self.stop(messages::kind_unavailable(&planned.kind));
    }

    fn context<'c>(&'c self, planned: &'c PlannedStep, carried: &'c Value) -> StepContext<'c> {
        StepContext {
            dossier: &self.dossier,
            settings: &planned.settings,
            step_id: &planned.id,
            authority: self.situation.authority,
            now: self.situation.now,
            carried,
        }
    }
}
