//! Three kinds of step that no other file knows: native, in a sandbox, waiting for people.

use jiff::{SignedDuration, Timestamp};
use sceau_engine::runner::{Job, RunResult, Runner};
use sceau_workflow::machine::{Effect, Outcome, Reaction, StepContext, StepInput, StepKind, Timer};
use serde_json::{Value, json};

/// A step whose work is done by a runner of our own.
pub(crate) struct Native;

impl StepKind for Native {
    fn kind(&self) -> &'static str {
        "native"
    }

    fn enter(&self, context: &StepContext<'_>) -> Reaction {
        let payload = context.settings.clone();
        let effect = Effect { lane: "native".into(), kind: "native.run".into(), payload };
        Reaction::ask(json!({ "stage": "asked" }), effect)
    }

    fn on(&self, _: &StepContext<'_>, state: &Value, input: StepInput<'_>) -> Reaction {
        match input {
            StepInput::Outcome { outcome: Outcome::Done { value }, .. } => {
                Reaction::done(None, value.clone())
            }
            StepInput::Outcome { outcome: Outcome::Failed { failure }, .. } => {
                Reaction::failed(failure.clone())
            }
            _ => Reaction::wait(state.clone(), Vec::new()),
        }
    }
}

/// A step whose work is done by a worker in a sandbox, that may be killed and answer late.
pub(crate) struct Sandbox;

impl StepKind for Sandbox {
    fn kind(&self) -> &'static str {
        "sandbox"
    }

    fn enter(&self, context: &StepContext<'_>) -> Reaction {
        let deaths = context.carried.get("deaths").and_then(Value::as_u64).unwrap_or(0);
        let state = json!({ "deaths": deaths });
        let effect =
            Effect { lane: "sandbox".into(), kind: "sandbox.run".into(), payload: state.clone() };
        Reaction::ask(state, effect)
    }

    fn on(&self, _: &StepContext<'_>, state: &Value, input: StepInput<'_>) -> Reaction {
        match input {
            StepInput::Outcome { outcome: Outcome::Done { value }, .. } => {
                Reaction::done(None, value.clone())
            }
            StepInput::Command { name: "worker-died", .. } => {
                let deaths = state["deaths"].as_u64().unwrap_or(0) + 1;
                Reaction::again("its worker died", json!({ "deaths": deaths }))
            }
            _ => Reaction::wait(state.clone(), Vec::new()),
        }
    }
}

/// A step that waits for people, reminds them, and ends after its days.
pub(crate) struct Collect;

impl StepKind for Collect {
    fn kind(&self) -> &'static str {
        "collect-stub"
    }

    fn enter(&self, context: &StepContext<'_>) -> Reaction {
        let after = |days: i64| context.now + SignedDuration::from_hours(24 * days);
        let timer = |name: &str, due: Timestamp| Timer { name: name.into(), due };
        let days = context.settings["expires_days"].as_i64().unwrap_or(1);
        let timers = vec![
            timer("reminder-7", after(7)),
            timer("reminder-14", after(14)),
            timer("end", after(days)),
        ];
        Reaction::wait(json!({ "reminded": 0, "since": context.now }), timers)
    }

    fn on(&self, context: &StepContext<'_>, state: &Value, input: StepInput<'_>) -> Reaction {
        match input {
            StepInput::Timer { name: "end" } => {
                let (now, mut result) = (context.now, state.clone());
                result["ended"] = json!(now);
                Reaction::done(None, result)
            }
            StepInput::Timer { .. } => {
                let mut state = state.clone();
                state["reminded"] = json!(state["reminded"].as_u64().unwrap_or(0) + 1);
                Reaction::wait(state, Vec::new())
            }
            _ => Reaction::wait(state.clone(), Vec::new()),
        }
    }
}

/// Answers with the attempt that it was asked for.
pub(crate) struct Answering;

impl Runner for Answering {
    fn run(&self, job: &Job) -> RunResult {
        RunResult::Done(json!({ "by": job.row.effect.kind, "attempt": job.row.attempt }))
    }
}
