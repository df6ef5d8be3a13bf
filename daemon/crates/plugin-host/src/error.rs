//! Why a plugin did not do its step, told to the one who can mend it.

use std::fmt;
use std::time::Duration;

/// The last panic that a plugin told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panic {
    /// What it said.
    pub message: String,
    /// `file:line:column` in the plugin's source.
    pub place: String,
}

/// A run that ended without an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginError {
    /// The plugin.
    pub plugin: String,
    /// Its version.
    pub version: String,
    /// The step.
    pub step: String,
    /// What ended it.
    pub cause: Cause,
    /// The last panic before it.
    pub panic: Option<Panic>,
}

/// What ended a run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// It ran longer than it may.
    #[error("it ran longer than {} ms", .0.as_millis())]
    Time(Duration),
    /// It wanted more memory than it may have, in bytes.
    #[error("it wanted more than {0} bytes of memory")]
    Memory(u64),
    /// It wanted more elements of tables than it may have.
    #[error("it wanted more than {0} elements of tables")]
    Table(usize),
    /// It went deeper than its stack.
    #[error("it called itself too deeply")]
    Stack,
    /// It called the host more often than it may.
    #[error("it called the host more than {0} times")]
    Calls(u64),
    /// It passed more bytes than may pass at once.
    #[error("it handed over more than {0} bytes at once")]
    Passed(usize),
    /// It trapped.
    #[error("it trapped: {0}")]
    Trap(String),
    /// Its answer is not as the contract says.
    #[error("its answer is not good: {0}")]
    Answer(String),
    /// The host could not run it.
    #[error("the host could not run it: {0}")]
    Host(String),
}

impl Cause {
    /// A stable word for lists and tests.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Time(_) => "time",
            Self::Memory(_) => "memory",
            Self::Table(_) => "table",
            Self::Stack => "stack",
            Self::Calls(_) => "calls",
            Self::Passed(_) => "passed",
            Self::Trap(_) => "trap",
            Self::Answer(_) => "answer",
            Self::Host(_) => "host",
        }
    }

    /// What to do.
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Time(_) => {
                "raise `limits.time` of its manifest if the work is honest, or tell its author"
            }
            Self::Memory(_) => {
                "raise `limits.memory` of its manifest if the document is large, or tell its author"
            }
            Self::Stack | Self::Table(_) | Self::Trap(_) | Self::Answer(_) => {
                "tell its author, with this text; `sceau plugin test --explain` shows each host call"
            }
            Self::Calls(_) | Self::Passed(_) => "tell its author: it does too much in one run",
            Self::Host(_) => "see the daemon's log; retry the dossier when mended",
        }
    }
}

impl fmt::Display for PluginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { plugin, version, step, cause, .. } = self;
        write!(f, "plugin {plugin} {version}, step `{step}`: {cause}")?;
        if let Some(panic) = &self.panic {
            write!(f, "; last panic at {}: {}", panic.place, panic.message)?;
        }
        write!(f, " ({})", cause.remedy())
    }
}

impl std::error::Error for PluginError {}

/// What a host function ends a run with; found again in the trap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stop {
    #[error("too many host calls")]
    Calls,
    #[error("the time is over")]
    Time,
}
