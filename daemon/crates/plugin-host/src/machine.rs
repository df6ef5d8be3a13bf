//! The machine: wasmtime with our settings, the linked host, and plugins that are ready to run.

use std::sync::Arc;

use wasmtime::component::{Component, HasSelf, InstancePre, Linker};
use wasmtime::{Config, Engine, OptLevel};

use crate::bindings::EveryKind;
use crate::check::{self, NotOfTheContract};
use crate::host::Ctx;
use crate::limits::STACK;
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

    pub(crate) fn config(self) -> Config {
        let mut config = Config::new();
        config.wasm_component_model(true);
        config.epoch_interruption(true);
        config.consume_fuel(self.fuel);
        config.max_wasm_stack(STACK);
        config.cranelift_opt_level(OptLevel::Speed);
        config.wasm_backtrace_max_frames(std::num::NonZeroUsize::new(32));
        config
    }

    /// An engine, and nothing linked.
    pub(crate) fn engine(self) -> wasmtime::Result<Engine> {
        let mut config = self.config();
        if self.portable {
            config.target("pulley64")?;
        }
        Engine::new(&config)
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
    pub(crate) engine: Engine,
    pub(crate) ticker: Ticker,
    pub(crate) settings: Settings,
    linker: Linker<Ctx>,
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
}

impl Machine {
    /// A machine with these settings.
    pub fn new(settings: Settings) -> Result<Self, MachineError> {
        let start = |error: wasmtime::Error| MachineError::Start(format!("{error:#}"));
        let engine = settings.engine().map_err(start)?;
        let mut linker = Linker::new(&engine);
        EveryKind::add_to_linker::<_, HasSelf<_>>(&mut linker, |ctx| ctx).map_err(start)?;
        let ticker =
            Ticker::start(engine.weak()).map_err(|error| MachineError::Start(error.to_string()))?;
        Ok(Self { engine, ticker, settings, linker })
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
        let compiled = Component::new(&self.engine, component).map_err(|error| {
            let (plugin, detail) = (manifest.id.clone(), format!("{error:#}"));
            MachineError::Load { plugin, detail }
        })?;
        self.ready(manifest, [0; 32], &compiled)
    }

    /// Takes a compiled component, checks it against its manifest's kind and links it.
    pub(crate) fn ready(
        &self,
        manifest: Manifest,
        digest: [u8; 32],
        component: &Component,
    ) -> Result<Plugin, MachineError> {
        let contract = |what| MachineError::Contract { plugin: manifest.id.clone(), what };
        let imports = check::check(&self.engine, component, &manifest).map_err(contract)?;
        let ready = self
            .linker
            .instantiate_pre(component)
            .map_err(|error| contract(NotOfTheContract::Type(format!("{error:#}"))))?;
        crate::run::fits(manifest.kind, &ready)
            .map_err(|error| contract(NotOfTheContract::Type(format!("{error:#}"))))?;
        Ok(Plugin { manifest: Arc::new(manifest), digest, imports: imports.into(), ready })
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
