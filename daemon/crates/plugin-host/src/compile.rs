//! Compiling in a process of its own: the same program, called again, with no file and no socket
//! to open, bounded in memory and time.
//!
//! Bytes of a stranger go through a compiler here. What that process can do with a fault in the
//! compiler is: answer with other bytes. It therefore runs at install time, under the operator's
//! eyes. On a dossier's way it runs once more where the cache does not hold the code: after another
//! wasmtime or processor came, or somebody emptied it; never for a component that was not installed.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::time::Duration;

use sceau_confine::{Answer, Cell, End, Limits, Patience, limit_oneself};

use crate::limits::MOST_COMPONENT;
use crate::machine::Settings;

/// Address space (a Python guest needs 370 MB) and processor time of the compiling process: a JavaScript or
/// Python guest needs 15 s of an optimised program, minutes of one with assertions.
const LIMITS: Limits = Limits { memory: 3 << 30, cpu: 900 };
/// The longest that is waited for it (a busy machine gives it a part of a processor only), and the largest
/// native code that is taken.
const PATIENCE: Patience = Patience { wait: Duration::from_secs(1_800), answer: 512 << 20 };

/// Compiles by calling a program again.
#[derive(Clone, Debug)]
pub struct Compiler {
    /// The program.
    pub program: PathBuf,
    /// Its arguments; [`Settings::word`] follows them. It calls [`compile_here`].
    pub arguments: Vec<String>,
}

/// Why there is no native code.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// More bytes than are read.
    #[error("the component has {0} bytes, more than {MOST_COMPONENT}")]
    TooLarge(usize),
    /// It is no component.
    #[error("it is no WebAssembly component: {0}")]
    NotAComponent(String),
    /// The process could not be called or ended without an answer.
    #[error("the compiling process: {0}")]
    Process(String),
}

impl Compiler {
    /// Native code of a component.
    pub fn compile(&self, component: &[u8], settings: Settings) -> Result<Vec<u8>, CompileError> {
        if component.len() > MOST_COMPONENT {
            return Err(CompileError::TooLarge(component.len()));
        }
        let mut arguments = self.arguments.clone();
        arguments.push(settings.word().to_owned());
        let cell = Cell { program: self.program.clone(), arguments };
        let answer = cell.ask(&[component], PATIENCE);
        native(answer.map_err(|error| CompileError::Process(error.to_string()))?)
    }
}

fn native(answer: Answer) -> Result<Vec<u8>, CompileError> {
    let told = answer.told;
    match answer.end {
        End::Code(0) if !answer.out.is_empty() => Ok(answer.out),
        End::Code(REFUSED) => Err(CompileError::NotAComponent(told)),
        End::Code(code) => Err(CompileError::Process(format!("ended with {code}: {told}"))),
        End::Signal(_) | End::TooLong => {
            Err(CompileError::Process(format!("was ended, beyond its limits? {told}")))
        }
    }
}

/// Exit code of [`compile_here`] for what is no component.
pub(crate) const REFUSED: i32 = 65;

/// The compiling process itself: limits itself, reads a component from standard input, writes the
/// native code to standard output; the exit code.
pub fn compile_here(word: &str) -> i32 {
    match here(word) {
        Ok(()) => 0,
        Err(error) => {
            // Invariant: nobody but the calling process reads this.
            let _ = writeln!(io::stderr(), "{error}");
            match error {
                CompileError::NotAComponent(_) | CompileError::TooLarge(_) => REFUSED,
                CompileError::Process(_) => 70,
            }
        }
    }
}

fn here(word: &str) -> Result<(), CompileError> {
    let process = |error: io::Error| CompileError::Process(error.to_string());
    let settings = Settings::from_word(word)
        .ok_or_else(|| CompileError::Process(format!("unknown settings `{word}`")))?;
    let engine = settings.engine().map_err(|e| CompileError::Process(format!("{e:#}")))?;
    limit_oneself(LIMITS).map_err(process)?;
    let mut component = Vec::new();
    let most = MOST_COMPONENT as u64 + 1;
    io::stdin().lock().take(most).read_to_end(&mut component).map_err(process)?;
    if component.len() > MOST_COMPONENT {
        return Err(CompileError::TooLarge(component.len()));
    }
    let native = engine
        .precompile_component(&component)
        .map_err(|error| CompileError::NotAComponent(format!("{error:#}")))?;
    io::stdout().lock().write_all(&native).map_err(process)
}
