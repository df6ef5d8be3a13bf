//! The machine: wasmtime with our settings, the linked host, and plugins that are ready to run.

use std::sync::Arc;

use wasmtime::component::{Component, InstancePre};
use wasmtime::{Config, Engine, OptLevel};

use crate::check::{self, NotOfTheContract};
use crate::home::{Home, Seats};
use crate::host::Ctx;
use crate::limits::{Limits, STACK};
use crate::manifest::Manifest;
use crate::ticker::Ticker;

/// How components are made to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Code of an interpreter instead of the processor's: needs no memory that is executable.
    pub portable: bool,
    /// Count fuel: the same work uses the same fuel. For tests of plugins.
    pub fuel: bool,
}

impl Settings {
    /// Native code.
    pub const NATIVE: Self = Self { portable: false, fuel: false };
    /// For an interpreter.
    pub const PORTABLE: Self = Self { portable: true, fuel: false };

    pub(crate) fn config(self) -> wasmtime::Result<Config> {
        let mut config = Config::new();
        if self.portable {
            config.target("pulley64")?;
        }
        config.wasm_component_model(true);
        config.epoch_interruption(true);
        config.consume_fuel(self.fuel);
        config.max_wasm_stack(STACK);
        // The code checks its bounds itself: no page is protected while a plugin runs, which would interrupt
        // every processor, and the process needs no handler of signals.
        config.signals_based_traps(false);
        config.memory_guard_size(0);
        config.memory_reservation(*Limits::MEMORY.end());
        config.memory_reservation_for_growth(0);
        config.cranelift_opt_level(OptLevel::Speed);
        config.wasm_backtrace_max_frames(std::num::NonZeroUsize::new(32));
        Ok(config)
    }

    /// An engine that gives each instance memory of its own, and nothing linked.
    pub(crate) fn engine(self) -> wasmtime::Result<Engine> {
        Engine::new(&self.config()?)
    }

    /// The words by which the compiling process is told.
    pub fn word(self) -> &'static str {
        match (self.portable, self.fuel) {
            (false, false) => "native",
            (true, false) => "portable",
            (false, true) => "native-fuel",
            (true, true) => "portable-fuel",
        }
    }

    /// The settings of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [(false, false), (true, false), (false, true), (true, true)];
        let settings = all.map(|(portable, fuel)| Self { portable, fuel });
        settings.into_iter().find(|settings| settings.word() == word)
    }
}

/// What the operator wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Execution {
    /// Native code where memory may be made executable, else the interpreter.
    #[default]
    Auto,
    /// Native code.
    Native,
    /// The interpreter.
    Portable,
}

impl Execution {
    /// The settings for it on this machine.
    pub fn settings(self) -> Settings {
        match self {
            Self::Native => Settings::NATIVE,
            Self::Portable => Settings::PORTABLE,
            Self::Auto if native_runs() => Settings::NATIVE,
            Self::Auto => Settings::PORTABLE,
        }
    }
}

/// Whether this process may make memory executable (under `MemoryDenyWriteExecute=` it may not):
/// a module with one empty function is made to run.
fn native_runs() -> bool {
    const MODULE: &[u8] =
        b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x04\x01\x02\0\x0b";
    let made = Settings::NATIVE.engine().and_then(|engine| wasmtime::Module::new(&engine, MODULE));
    made.is_ok()
}

/// Why the machine cannot do it.
#[derive(Debug, thiserror::Error)]
pub enum MachineError {
    /// wasmtime refused its settings, or a thread could not be started.
    #[error("the machine for plugins does not start: {0}")]
    Start(String),
    /// The compiled code could not be loaded.
    #[error("the compiled code of {plugin} could not be loaded: {detail}")]
    Load {
        /// The plugin.
        plugin: String,
        /// What the machine says.
        detail: String,
    },
    /// The component is not one of the contract.
    #[error("{plugin}: {what}")]
    Contract {
        /// The plugin.
        plugin: String,
        /// What is not.
        what: NotOfTheContract,
    },
}

/// Runs plugins.
pub struct Machine {
    pub(crate) ticker: Ticker,
    pub(crate) settings: Settings,
    /// Where instances live: the first that a component fits into is its own, and the last takes each.
    homes: Vec<Home>,
}

/// A plugin that is ready: checked and linked. Cheap to clone.
#[derive(Clone)]
pub struct Plugin {
    /// What it is and asks.
    pub manifest: Arc<Manifest>,
    /// What dossiers are pinned to ([`crate::manifest::digest`]).
    pub digest: [u8; 32],
    /// What it imports.
    pub imports: Arc<[String]>,
    pub(crate) ready: InstancePre<Ctx>,
    pub(crate) seats: Option<Arc<Seats>>,
}

impl Plugin {
    /// Whether its memory is kept ready from one run to the next: where it fits into a seat of the pool.
    pub fn is_pooled(&self) -> bool {
        self.seats.is_some()
    }
}

impl Machine {
    /// A machine with these settings.
    pub fn new(settings: Settings) -> Result<Self, MachineError> {
        let start = |error: wasmtime::Error| MachineError::Start(format!("{error:#}"));
        let apart = Home::apart(settings).map_err(start)?;
        let homes: Vec<Home> = Home::pooled(settings).into_iter().chain([apart]).collect();
        let engines = homes.iter().map(|home| home.engine.weak()).collect();
        let ticker =
            Ticker::start(engines).map_err(|error| MachineError::Start(error.to_string()))?;
        Ok(Self { ticker, settings, homes })
    }

    /// The settings that it was made with.
    pub fn settings(&self) -> Settings {
        self.settings
    }

    /// Compiles within this process.
    #[cfg(feature = "testing")]
    pub fn compiled_here(
        &self,
        manifest: Manifest,
        component: &[u8],
    ) -> Result<Plugin, MachineError> {
        let compiled = self.settled(|engine| Component::new(engine, component));
        let (home, compiled) = compiled.map_err(|error| {
            let (plugin, detail) = (manifest.id.clone(), format!("{error:#}"));
            MachineError::Load { plugin, detail }
        })?;
        self.ready(manifest, [0; 32], home, &compiled)
    }

    /// A component in the first home that it fits into. Where it fits into none, what the last says.
    pub(crate) fn settled(
        &self,
        load: impl Fn(&Engine) -> wasmtime::Result<Component>,
    ) -> wasmtime::Result<(&Home, Component)> {
        let mut refused = wasmtime::Error::msg("there is no home for instances");
        for home in &self.homes {
            match load(&home.engine) {
                Ok(component) => return Ok((home, component)),
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }

    /// wasmtime's own hash over version, settings and processor features: the same for every home.
    pub(crate) fn compatibility(&self) -> impl std::hash::Hash + '_ {
        self.homes.last().map(|home| home.engine.precompile_compatibility_hash())
    }

    /// Takes a compiled component, checks it against its manifest's kind and links it.
    pub(crate) fn ready(
        &self,
        manifest: Manifest,
        digest: [u8; 32],
        home: &Home,
        component: &Component,
    ) -> Result<Plugin, MachineError> {
        let contract = |what| MachineError::Contract { plugin: manifest.id.clone(), what };
        let imports = check::check(&home.engine, component, &manifest).map_err(contract)?;
        let ready = home
            .linker
            .instantiate_pre(component)
            .map_err(|error| contract(NotOfTheContract::Type(format!("{error:#}"))))?;
        crate::run::fits(manifest.kind, &ready)
            .map_err(|error| contract(NotOfTheContract::Type(format!("{error:#}"))))?;
        let seats = home.seats.clone();
        Ok(Plugin { manifest: Arc::new(manifest), digest, imports: imports.into(), ready, seats })
    }
}

impl std::fmt::Debug for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Machine").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plugin").field("manifest", &self.manifest).finish_non_exhaustive()
    }
}
