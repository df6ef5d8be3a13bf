//! The signer as a process: how the daemon starts it, and what it does first.

use std::{
    ffi::OsString,
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::{net::UnixStream, process::CommandExt},
    },
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use sceau_disk::{Dir, DiskError, FileSystem, RealFs};
use thiserror::Error;

use crate::{
    client::SignerClient,
    journal::{JournalError, LOCK, Opening},
    key::KeyType,
    keystore::{KeyStore, KeyStoreError},
    protocol::{Ask, Envelope, FrameError, Hello, Reply, VERSION, read_frame, write_frame},
    request::{KeyId, KeyInfo, Purpose},
    secret::{Secret, SecretError},
    serve::{ServeError, serve},
    signer::Signer,
};

/// The name of the key of the authority's OCSP responder.
const RESPONDER: &str = "ocsp";
/// How long a signer may take to open its keys and journal.
const OPENING_PATIENCE: Duration = Duration::from_secs(60);
/// How long a signer waits for the one before it to let go of the journal.
const PREDECESSOR_PATIENCE: Duration = Duration::from_secs(10);
/// What of the environment the signer is told all the same: where systemd's credentials lie, and
/// where the usual PKCS#11 modules find their configuration. Paths, no secrets.
const HANDED_DOWN: [&str; 5] = [
    "CREDENTIALS_DIRECTORY",
    "SOFTHSM2_CONF",
    "YUBIHSM_PKCS11_CONF",
    "OPENSC_CONF",
    "ChrystokiConfigurationPath",
];
/// How long a signer may take to end after its socket was closed.
const ENDING_PATIENCE: Duration = Duration::from_secs(5);

/// Where the signer finds what it holds.
#[derive(Debug, Clone)]
pub struct SignerConfig {
    /// The directory of key files (`keys/`).
    pub keys: PathBuf,
    /// The directory of the journal (`signer/`).
    pub journal: PathBuf,
    /// The file of the secret; may be beneath `$CREDENTIALS_DIRECTORY`.
    pub secret: PathBuf,
    /// The state directory, within which the secret must not lie.
    pub state: Option<PathBuf>,
    /// See [`Signer::accepting_earlier_clock`].
    pub accept_earlier_clock: bool,
}

impl SignerConfig {
    /// The usual places beneath a state directory.
    pub fn for_state(state: &Path, secret: &Path) -> Self {
        Self {
            keys: state.join("keys"),
            journal: state.join("signer"),
            secret: secret.into(),
            state: Some(state.into()),
            accept_earlier_clock: false,
        }
    }

    fn hello(&self) -> io::Result<Hello> {
        Ok(Hello {
            version: VERSION,
            keys: std::path::absolute(&self.keys)?,
            journal: std::path::absolute(&self.journal)?,
            secret: std::path::absolute(&self.secret)?,
            state: self.state.as_deref().map(std::path::absolute).transpose()?,
            accept_earlier_clock: self.accept_earlier_clock,
        })
    }
}

/// Why no signer could be started.
#[derive(Debug, Error)]
pub enum SpawnError {
    /// The process could not be started.
    #[error("the signer could not be started: {0}")]
    Start(#[source] io::Error),
    /// It started, but could not open what it was told to: configuration, secret or disk.
    #[error("the signer could not open its keys: {0}")]
    NotOpened(String),
    /// It ended, or spoke wrongly, before it was ready.
    #[error("the signer ended before it was ready ({0})")]
    Ended(String),
    /// It is of another version than this process: the executable was exchanged while running.
    #[error("the signer speaks version {0} of the protocol, not {VERSION}; restart the daemon")]
    OtherVersion(u16),
}

/// A running signer and the connection to it. Dropping it closes the connection and waits for the
/// process, killing it when it does not end.
#[derive(Debug)]
pub struct SignerProcess {
    pub(crate) child: Child,
    client: SignerClient,
    keys: Vec<KeyInfo>,
    opening: Opening,
}

impl SignerProcess {
    /// Starts `exe args...` (the same executable, its hidden subcommand) with one end of a socket
    /// pair as its standard input, and tells it what to open. It inherits of the environment only
    /// where credentials and PKCS#11 modules' configurations lie, stands in a process group of its own (a terminal's Ctrl-C is the daemon's to answer), and ends by
    /// itself when this end of the socket closes, however that happens.
    pub fn spawn(exe: &Path, args: &[OsString], config: &SignerConfig) -> Result<Self, SpawnError> {
        let (own, its) = UnixStream::pair().map_err(SpawnError::Start)?;
        let hello = config.hello().map_err(SpawnError::Start)?;
        let mut child = command(exe, args, its.into()).spawn().map_err(SpawnError::Start)?;
        match handshake(own, hello) {
            Ok((client, keys, opening)) => Ok(Self { child, client, keys, opening }),
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(error)
            }
        }
    }

    /// The connection; clone it freely.
    pub fn client(&self) -> &SignerClient {
        &self.client
    }

    /// The keys that it opened.
    pub fn keys(&self) -> &[KeyInfo] {
        &self.keys
    }

    /// What opening its journal found.
    pub fn opening(&self) -> Opening {
        self.opening
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The exit status if the process has ended.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }
}

impl Drop for SignerProcess {
    fn drop(&mut self) {
        self.client.close();
        let deadline = Instant::now() + ENDING_PATIENCE;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(2));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(exe: &Path, args: &[OsString], socket: OwnedFd) -> Command {
    let mut command = Command::new(exe);
    command.args(args).env_clear().current_dir("/").process_group(0);
    let told = HANDED_DOWN.iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
    command.envs(told);
    command.stdin(Stdio::from(socket)).stdout(Stdio::null()).stderr(Stdio::inherit());
    #[cfg(feature = "fault-injection")]
    hand_down_crash_point(&mut command);
    command
}

/// Only the first signer that a process starts is told where to crash: its successor must live.
#[cfg(feature = "fault-injection")]
fn hand_down_crash_point(command: &mut Command) {
    use std::sync::atomic::{AtomicBool, Ordering};
    static DONE: AtomicBool = AtomicBool::new(false);
    if let Some(at) = std::env::var_os("SCEAU_CRASH_AT")
        && !DONE.swap(true, Ordering::Relaxed)
    {
        command.env("SCEAU_CRASH_AT", at);
    }
}

type Handshake = (SignerClient, Vec<KeyInfo>, Opening);

fn handshake(mut stream: UnixStream, hello: Hello) -> Result<Handshake, SpawnError> {
    let ended = |why: String| SpawnError::Ended(why);
    stream.set_read_timeout(Some(OPENING_PATIENCE)).map_err(SpawnError::Start)?;
    write_frame(&mut stream, &Envelope { id: 0, body: Ask::Hello(hello) })
        .map_err(|error| ended(error.to_string()))?;
    let reply = read_frame::<Envelope<Reply>>(&mut stream)
        .map_err(|error| ended(error.to_string()))?
        .ok_or_else(|| ended("its socket closed".into()))?;
    let (version, keys, opening) = match reply.body {
        Reply::Ready { version, keys, entries, cut_bytes } => {
            (version, keys, Opening { entries, cut_bytes })
        }
        Reply::NotOpened { why } => return Err(SpawnError::NotOpened(why)),
        _ => return Err(ended("it answered something else".into())),
    };
    if version != VERSION {
        return Err(SpawnError::OtherVersion(version));
    }
    stream.set_read_timeout(None).map_err(SpawnError::Start)?;
    Ok((SignerClient::new(stream).map_err(SpawnError::Start)?, keys, opening))
}

/// Why the signer process ended otherwise than by the end of its socket.
#[derive(Debug, Error)]
pub enum ChildError {
    /// Its standard input is no socket, or its own limits could not be set.
    #[error("the signer cannot run here: {0}")]
    Start(#[source] io::Error),
    /// The first message was none, or not `Hello` of this version.
    #[error("the signer is started by the daemon, not by hand")]
    NoHello,
    /// The socket failed.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// What it was told to open did not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Serving ended.
    #[error(transparent)]
    Serve(#[from] ServeError),
}

/// Why keys, secret or journal did not open.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The key store.
    #[error(transparent)]
    Keys(#[from] KeyStoreError),
    /// A directory.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// The body of the hidden subcommand `sceau signer`: takes its socket from standard input, opens
/// what the first message names, and serves until the socket closes.
pub fn run_child() -> Result<(), ChildError> {
    harden().map_err(ChildError::Start)?;
    let socket = io::stdin().as_fd().try_clone_to_owned().map_err(ChildError::Start)?;
    let mut stream = UnixStream::from(socket);
    let Some(Envelope { id, body: Ask::Hello(hello) }) = read_frame(&mut stream)? else {
        return Err(ChildError::NoHello);
    };
    let opened = open(&hello);
    let body = match &opened {
        Ok(signer) => Reply::ready(signer.keys(), signer.opening()),
        Err(error) => Reply::NotOpened { why: error.to_string() },
    };
    write_frame(&mut stream, &Envelope { id, body })?;
    Ok(serve(stream, opened?, &Timestamp::now)?)
}

fn open(hello: &Hello) -> Result<Signer, OpenError> {
    let secret = Secret::from_file(&hello.secret, hello.state.as_deref())?;
    let files = RealFs;
    let dir = files.open_dir(&hello.keys)?;
    let keys = with_responder(KeyStore::open(&*dir, &secret)?, &*dir, &secret)?;
    let journal = files.open_dir(&hello.journal)?;
    wait_until_free(&*journal)?;
    let signer = Signer::open(keys, &*journal)?;
    Ok(signer.accepting_earlier_clock(hello.accept_earlier_clock))
}

/// Where there is an authority's key, its OCSP responder has one too: states that were made before there
/// was a responder get it at their first start.
fn with_responder(
    keys: KeyStore,
    dir: &dyn Dir,
    secret: &Secret,
) -> Result<KeyStore, KeyStoreError> {
    let of = |purpose| keys.infos().into_iter().find(|info: &KeyInfo| info.purpose == purpose);
    if of(Purpose::Certificate).is_none() || of(Purpose::Ocsp).is_some() {
        return Ok(keys);
    }
    let id = KeyId::parse(RESPONDER).expect("invariant: a name of ours");
    KeyStore::generate(dir, &id, Purpose::Ocsp, KeyType::P256, secret)?;
    KeyStore::open(dir, secret)
}

/// A daemon that was killed and started again at once may come before its last signer has seen its
/// socket close and ended.
fn wait_until_free(journal: &dyn Dir) -> Result<(), DiskError> {
    let deadline = Instant::now() + PREDECESSOR_PATIENCE;
    loop {
        match journal.try_lock(Path::new(LOCK)) {
            Err(DiskError::Busy { .. }) if Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(10));
            }
            outcome => return outcome.map(drop),
        }
    }
}

/// No core file and no debugger of the same user may show the keys.
fn harden() -> io::Result<()> {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(())
}
