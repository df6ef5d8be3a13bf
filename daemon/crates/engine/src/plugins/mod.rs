//! The plugins as the engine has them: installed ones, what the operator granted, and the machine
//! that runs them.

mod at_once;
mod crew;
mod document;
mod filing;
mod http;
mod memory;
mod output;
mod reader;
mod texts;
mod within;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use sceau_plugin_host::grant::{Effective, Granted};
use sceau_plugin_host::ports::{Http, NoHttp, Secrets};
use sceau_plugin_host::{
    Cache, CacheError, Compiler, Execution, Machine, MachineError, Plugin, Shelf, ShelfError,
};

pub use document::PdfDocument;
pub use filing::NamedDirectories;
pub use http::NetworkHttp;
pub use memory::PluginMemory;
pub use output::{INSPECTION, refusal};
pub use texts::Texts;

/// What the operator granted one plugin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    /// Its rights.
    pub granted: Granted,
    /// Where each secret stands: a file that only the service reads.
    pub secrets: BTreeMap<String, PathBuf>,
    /// Where each directory lies that documents may be put into.
    pub directories: BTreeMap<String, PathBuf>,
}

/// All grants, by the plugin's id.
pub type Grants = BTreeMap<String, Grant>;

/// Where plugins lie and how they are run.
pub struct PluginRoom {
    shelf: Shelf,
    cache: PathBuf,
    compiler: Compiler,
    execution: Execution,
    grants: RwLock<Arc<Grants>>,
    http: Arc<dyn Http>,
    machine: OnceLock<Machine>,
    ready: Mutex<HashMap<[u8; 32], Place>>,
    texts: Arc<Texts>,
}

/// Where one plugin stands once it is ready, with the grants that its rights come from. Whoever makes it ready holds
/// this place alone, and never the whole map: a plugin that compiles keeps no other from running.
type Place = Arc<Mutex<Option<(Arc<Grants>, Arc<Hosted>)>>>;

/// A plugin with its rights.
pub struct Hosted {
    /// The plugin.
    pub plugin: Plugin,
    /// What it may do now.
    pub rights: Effective,
    /// What it asks and was not granted.
    pub missing: Vec<String>,
    /// Its secrets.
    pub secrets: Arc<dyn Secrets>,
    /// Its directories.
    pub directories: BTreeMap<String, PathBuf>,
}

/// Why a plugin cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum HostingError {
    /// It is not installed, or cannot be read.
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    /// Another one is installed than the dossier is pinned to.
    #[error("{plugin} {version}: what is installed is not what the dossier is pinned to")]
    Other {
        /// The plugin.
        plugin: String,
        /// The version.
        version: String,
    },
    /// It cannot be compiled or loaded.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// The machine does not start.
    #[error(transparent)]
    Machine(#[from] MachineError),
}

impl PluginRoom {
    /// The room over a shelf; `cache` is made when the first plugin is run.
    pub fn new(
        shelf: Shelf,
        cache: PathBuf,
        compiler: Compiler,
        execution: Execution,
        grants: Grants,
        http: Arc<dyn Http>,
    ) -> Self {
        Self {
            shelf,
            cache,
            compiler,
            execution,
            grants: RwLock::new(Arc::new(grants)),
            http,
            machine: OnceLock::new(),
            ready: Mutex::default(),
            texts: Arc::default(),
        }
    }

    /// What was read of documents a moment ago.
    pub(crate) fn texts(&self) -> Arc<Texts> {
        Arc::clone(&self.texts)
    }

    /// A room without plugins.
    pub fn empty() -> Self {
        let nowhere = PathBuf::from("/nonexistent");
        let compiler = Compiler { program: nowhere.clone(), arguments: Vec::new() };
        let shelf = Shelf::new(nowhere.clone());
        Self::new(shelf, nowhere, compiler, Execution::Portable, Grants::new(), Arc::new(NoHttp))
    }

    /// The installed plugins.
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// HTTP for plugins.
    pub fn http(&self) -> Arc<dyn Http> {
        Arc::clone(&self.http)
    }

    /// What the operator grants from now on. Runs that have begun end with what they had.
    pub fn grant(&self, grants: Grants) {
        *self.grants.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(grants);
    }

    /// The machine; it is started with the first plugin.
    pub fn machine(&self) -> Result<&Machine, MachineError> {
        if let Some(machine) = self.machine.get() {
            return Ok(machine);
        }
        let started = Machine::new(self.execution.settings())?;
        Ok(self.machine.get_or_init(|| started))
    }

    /// The plugin that a dossier is pinned to, with what it may do now.
    pub fn hosted(
        &self,
        id: &str,
        version: &str,
        pinned: &[u8; 32],
    ) -> Result<Arc<Hosted>, HostingError> {
        let grants = Arc::clone(&self.grants.read().unwrap_or_else(PoisonError::into_inner));
        let place = self.place(pinned);
        let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
        let plugin = match place.as_ref() {
            Some((under, hosted)) if Arc::ptr_eq(under, &grants) => return Ok(Arc::clone(hosted)),
            Some((_, hosted)) => hosted.plugin.clone(),
            None => self.made_ready(id, version, pinned)?,
        };
        let hosted = Arc::new(Hosted::under(plugin, grants.get(id).cloned().unwrap_or_default()));
        *place = Some((grants, Arc::clone(&hosted)));
        Ok(hosted)
    }

    /// Takes an installed version away, with its native code where no other version has the same component.
    /// Whether a dossier still needs it is the caller's to ask before.
    pub fn remove(&self, id: &str, version: &str) -> Result<(), HostingError> {
        let parcel = self.shelf.get(id, version);
        self.shelf.remove(id, version)?;
        // Invariant: what cannot be read was never made ready.
        let Ok(parcel) = parcel else { return Ok(()) };
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        ready.remove(&parcel.digest());
        drop(ready);
        let others = self.shelf.list();
        let mut others = others.iter().filter_map(|(_, other)| other.as_ref().ok());
        if !others.any(|other| other.component == parcel.component) {
            Cache::open(self.cache.clone(), self.compiler.clone())?.forget(&parcel.component)?;
        }
        Ok(())
    }

    fn place(&self, pinned: &[u8; 32]) -> Place {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(ready.entry(*pinned).or_default())
    }

    fn made_ready(
        &self,
        id: &str,
        version: &str,
        pinned: &[u8; 32],
    ) -> Result<Plugin, HostingError> {
        let parcel = self.shelf.get(id, version)?;
        if parcel.digest() != *pinned {
            let (plugin, version) = (id.to_owned(), version.to_owned());
            return Err(HostingError::Other { plugin, version });
        }
        let cache = Cache::open(self.cache.clone(), self.compiler.clone())?;
        let machine = self.machine()?;
        Ok(cache.plugin(machine, parcel.manifest, &parcel.manifest_bytes, &parcel.component)?)
    }
}

impl Hosted {
    fn under(plugin: Plugin, grant: Grant) -> Self {
        let asked = &plugin.manifest.asked;
        let rights = Effective::of(asked, &grant.granted);
        let missing = asked.missing(&grant.granted);
        let (secrets, directories) = (Arc::new(SecretFiles(grant.secrets)), grant.directories);
        Self { plugin, rights, missing, secrets, directories }
    }
}

impl std::fmt::Debug for Hosted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hosted")
            .field("plugin", &self.plugin)
            .field("rights", &self.rights)
            .field("missing", &self.missing)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for PluginRoom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PluginRoom").field("shelf", &self.shelf).finish_non_exhaustive()
    }
}

/// Tests that arm a crash boundary, or come by one, do so alone: there is one for the process.
#[cfg(test)]
pub(crate) fn alone() -> std::sync::MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Secrets in files, read when they are wanted, so that an exchanged one holds at once.
#[derive(Debug)]
struct SecretFiles(BTreeMap<String, PathBuf>);

/// The longest secret, in bytes.
const LONGEST_SECRET: u64 = 4_096;
/// How long its file may take.
const SECRET_WAIT: Duration = Duration::from_secs(5);

impl Secrets for SecretFiles {
    fn secret(&self, name: &str) -> Result<String, String> {
        use std::io::Read as _;
        let path = self.0.get(name).ok_or_else(|| format!("no secret is named `{name}`"))?.clone();
        let read = move || {
            let (mut text, file) = (String::new(), std::fs::File::open(path)?);
            file.take(LONGEST_SECRET).read_to_string(&mut text).map(|_| text)
        };
        let unread = |why: String| format!("the secret `{name}` cannot be read: {why}");
        let text = crew::answered(Instant::now() + SECRET_WAIT, read);
        let text = text.map_err(|overdue| unread(overdue.to_string()))?;
        let text = text.map_err(|error| unread(error.kind().to_string()))?;
        Ok(text.trim_end_matches(['\r', '\n']).to_owned())
    }
}
