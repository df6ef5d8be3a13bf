//! One run: a fresh store, one call, one answer.

mod answer;
mod call;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use wasmtime::component::InstancePre;
use wasmtime::{CallHook, Store, Trap, UpdateDeadline};

use crate::error::{Cause, PluginError, Stop};
use crate::grant::Effective;
use crate::home::Seats;
use crate::host::trace::Spent;
use crate::host::{Ctx, LogLine, Memory, Refused};
use crate::limits::{MOST_ELEMENTS, MOST_PASSED, SELF_TEST};
use crate::machine::{Machine, Plugin};
use crate::manifest::Kind;
use crate::ports::{Clock, Documents, Filing, Http, Random, Secrets, State};

pub use answer::{
    Answer, Artifact, Decision, Delivery, Finding, Prepared, Region, Rejection, Report, Ruling,
    Severity, StepFault, Verdict,
};
pub(crate) use call::fits;
pub use call::{Call, Happened, Sealed, StepWork};

/// What a run can reach.
pub struct World {
    /// The documents of its step.
    pub documents: Box<dyn Documents>,
    /// HTTP out.
    pub http: Arc<dyn Http>,
    /// Directories to put documents into.
    pub filing: Arc<dyn Filing>,
    /// Its memory for this société.
    pub state: Box<dyn State>,
    /// Secrets by name.
    pub secrets: Arc<dyn Secrets>,
    /// The moment.
    pub clock: Box<dyn Clock>,
    /// Unpredictable bytes.
    pub random: Box<dyn Random>,
    /// Where the step runs.
    pub context: BTreeMap<String, String>,
    /// Whether each host call is noted in [`Spent::trace`].
    pub explain: bool,
}

/// How a run went.
#[derive(Debug)]
pub struct Run {
    /// Its answer, or what ended it.
    pub result: Result<Answer, PluginError>,
    /// What it used up.
    pub spent: Spent,
    /// What it logged.
    pub log: Vec<LogLine>,
    /// The facts that it emitted: name and JSON text. Kept only when the step succeeds.
    pub events: Vec<(String, String)>,
}

impl Machine {
    /// Runs one step.
    pub fn run(&self, plugin: &Plugin, call: &Call, rights: &Effective, world: World) -> Run {
        let time = plugin.manifest.limits.time;
        self.bounded(plugin, &call.step, rights.clone(), world, time, |store, plugin| {
            call::call(store, &plugin.ready, plugin.manifest.kind, call)
        })
    }

    /// Runs the plugin's own test, with no rights.
    pub fn self_test(&self, plugin: &Plugin, world: World) -> Run {
        let rights = Effective::default();
        self.bounded(plugin, "self-test", rights, world, SELF_TEST, |store, plugin| {
            call::self_test(store, &plugin.ready)
        })
    }

    fn bounded(
        &self,
        plugin: &Plugin,
        step: &str,
        rights: Effective,
        world: World,
        time: Duration,
        act: impl FnOnce(&mut Store<Ctx>, &Plugin) -> wasmtime::Result<Answer>,
    ) -> Run {
        let _seat = plugin.seats.as_ref().map(Seats::take);
        let begun = Instant::now();
        let memory = Memory::new(plugin.manifest.limits.memory);
        let ctx = Ctx::new(world, rights, memory, begun + time);
        let mut store = self.store(plugin, ctx);
        let _running = self.ticker.guard();
        let answer = act(&mut store, plugin);
        let fuel = self.settings.fuel.then(|| u64::MAX - store.get_fuel().unwrap_or(u64::MAX));
        let late = begun.elapsed() > time;
        let mut ctx = store.into_data();
        let result = match answer {
            Ok(_) if late => Err(Cause::Time(time)),
            Ok(answer) => answer.checked(&mut ctx.output).map_err(Cause::Answer),
            Err(error) => Err(cause(&error, &ctx, time)),
        };
        ctx.spent.time = begun.elapsed();
        ctx.spent.memory = ctx.memory.used;
        ctx.spent.fuel = fuel;
        let panic = ctx.panic.take();
        let told = |cause| PluginError {
            plugin: plugin.manifest.id.clone(),
            version: plugin.manifest.version.clone(),
            step: step.to_owned(),
            cause,
            panic,
        };
        Run {
            result: result.map_err(told),
            spent: ctx.spent,
            log: ctx.log.lines,
            events: ctx.events,
        }
    }

    fn store(&self, plugin: &Plugin, ctx: Ctx) -> Store<Ctx> {
        let mut store = Store::new(plugin.ready.engine(), ctx);
        store.limiter(|ctx| &mut ctx.memory);
        store.set_hostcall_fuel(MOST_PASSED);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|ctx| {
            if Instant::now() >= ctx.data().deadline {
                return Err(Stop::Time.into());
            }
            Ok(UpdateDeadline::Continue(1))
        });
        if self.settings.fuel {
            // Invariant: a store of an engine that counts fuel takes any amount.
            let _ = store.set_fuel(u64::MAX);
            store.call_hook(|mut ctx, hook| {
                if matches!(hook, CallHook::CallingHost) {
                    ctx.data_mut().fuel_left = ctx.get_fuel().ok();
                }
                Ok(())
            });
        }
        store
    }
}

/// What ended a run, as told to the one who can mend it.
fn cause(error: &wasmtime::Error, ctx: &Ctx, time: Duration) -> Cause {
    match error.downcast_ref::<Stop>() {
        Some(Stop::Time) => return Cause::Time(time),
        Some(Stop::Calls) => return Cause::Calls(crate::limits::MOST_CALLS),
        None => {}
    }
    let trap = error.downcast_ref::<Trap>().copied();
    if trap == Some(Trap::StackOverflow) {
        return Cause::Stack;
    }
    match ctx.memory.refused {
        Some(Refused::Bytes) => return Cause::Memory(ctx.memory.limit()),
        Some(Refused::Elements) => return Cause::Table(MOST_ELEMENTS),
        None => {}
    }
    let text = format!("{error:#}");
    if text.contains("fuel allocated for hostcalls") {
        return Cause::Passed(MOST_PASSED);
    }
    Cause::Trap(crate::host::clean(&text))
}

/// A linked component, as the calls take it.
pub(crate) type Ready = InstancePre<Ctx>;

/// Words of a kind that the caller did not mean.
pub(crate) fn wrong_work(kind: Kind) -> wasmtime::Error {
    wasmtime::Error::msg(format!(
        "the plugin is of kind {}, and was called as another",
        kind.word()
    ))
}
