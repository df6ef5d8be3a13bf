//! Compiling in a process of its own: the same program, called again, with no file and no socket
//! to open, bounded in memory and time.
//!
//! Bytes of a stranger go through a compiler here. What that process can do with a fault in the
//! compiler is: answer with other bytes. It therefore runs at install time, under the operator's
//! eyes, and never on a dossier's way.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, setrlimit};

use crate::limits::MOST_COMPONENT;
use crate::machine::Settings;

/// Address space of the compiling process, in bytes (a Python guest needs 370 MB).
const MEMORY: u64 = 3 << 30;
/// Processor time of the compiling process, in seconds (a JavaScript or Python guest needs 15 s of an
/// optimised program, minutes of one with assertions).
const CPU: u64 = 900;
/// The longest that is waited for it: a busy machine gives it a part of a processor only.
const WAIT: Duration = Duration::from_secs(1_800);
/// The largest native code that is taken, in bytes.
const MOST_NATIVE: u64 = 512 << 20;

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
        let process = |error: io::Error| CompileError::Process(error.to_string());
        let child = Command::new(&self.program)
            .args(&self.arguments)
            .arg(settings.word())
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(process)?;
        converse(child, component)
    }
}

fn converse(mut child: Child, component: &[u8]) -> Result<Vec<u8>, CompileError> {
    let (Some(mut stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(CompileError::Process("no pipes".to_owned()));
    };
    let (native, told, status) = std::thread::scope(|scope| {
        let native = scope.spawn(move || read_all(stdout, MOST_NATIVE));
        let told = scope.spawn(move || read_all(stderr, 64 << 10));
        scope.spawn(move || {
            // Invariant: a process that ends early says why on its standard error.
            let _ = stdin.write_all(component);
        });
        let status = wait(&mut child);
        (native.join().unwrap_or_default(), told.join().unwrap_or_default(), status)
    });
    let told = String::from_utf8_lossy(&told).trim().to_owned();
    match status.map_err(|error| CompileError::Process(error.to_string()))? {
        Some(0) if !native.is_empty() => Ok(native),
        Some(REFUSED) => Err(CompileError::NotAComponent(told)),
        Some(code) => Err(CompileError::Process(format!("ended with {code}: {told}"))),
        None => Err(CompileError::Process(format!(
            "was ended; {CPU} s of processor time or {} s in all were not enough? {told}",
            WAIT.as_secs()
        ))),
    }
}

fn read_all(from: impl Read, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Invariant: what broke off does not load; the status tells why.
    let _ = from.take(most).read_to_end(&mut bytes);
    bytes
}

/// The exit code; `None` for a process that was killed.
fn wait(child: &mut Child) -> io::Result<Option<i32>> {
    let end = Instant::now() + WAIT;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.code());
        }
        if Instant::now() > end {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(5));
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
    limit_oneself().map_err(process)?;
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

/// No file and no socket can be opened from here on: there is no descriptor beyond the three.
fn limit_oneself() -> io::Result<()> {
    let limit = |resource, most: u64| {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
    };
    limit(Resource::Nofile, 3)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, 0)?;
    limit(Resource::Cpu, CPU)?;
    limit(Resource::As, MEMORY)?;
    Ok(())
}
