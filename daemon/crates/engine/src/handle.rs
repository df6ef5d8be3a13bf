//! What the rest of the daemon holds of the engine: requests in, answers and views out.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use sceau_cabinet::{EmailAddress, PersonDetails, PersonId, Registry, Signatory};
use sceau_store::StateStore;
use sceau_workflow::machine::{Digest, Dossier, DossierEvent, DossierId, Plan};

use crate::core::{Answer, NotDone, Request};
use crate::queue::{Lanes, Waiting};
use crate::records::{self, DOSSIERS, PERSONS, PLANS};

/// Takes the answer to a request.
pub type Reply = Box<dyn FnOnce(Result<Answer, NotDone>) + Send>;

/// A request and where its answer goes.
pub struct Envelope {
    pub(crate) request: Request,
    pub(crate) reply: Reply,
}

impl Envelope {
    /// The request, and where its answer goes.
    pub fn open(self) -> (Request, Reply) {
        (self.request, self.reply)
    }
}

/// Where requests go: the letter box of the writer's thread, or a proof that turns the wheel itself.
pub trait Inbox: Send + Sync {
    /// Takes the request; gives it back when nobody takes requests any more.
    fn put(&self, envelope: Envelope) -> Result<(), Envelope>;
}

/// What the writer lets others see.
#[derive(Debug)]
pub struct View {
    authority: RwLock<Arc<Registry>>,
    alive_ms: AtomicI64,
    stopped_by: RwLock<Option<String>>,
}

impl View {
    /// The first view.
    pub fn new(authority: Arc<Registry>) -> Self {
        let authority = RwLock::new(authority);
        Self { authority, alive_ms: AtomicI64::new(0), stopped_by: RwLock::new(None) }
    }

    /// Who may do what, as last committed.
    pub fn authority(&self) -> Arc<Registry> {
        Arc::clone(&self.authority.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Shows the authority as committed at `now_ms` (milliseconds since 1970); the writer's alone.
    pub fn show(&self, authority: Arc<Registry>, now_ms: i64) {
        let mut shown = self.authority.write().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&shown, &authority) {
            *shown = authority;
        }
        self.alive_ms.store(now_ms, Ordering::Relaxed);
    }

    pub(crate) fn stopped(&self, why: String) {
        *self.stopped_by.write().unwrap_or_else(PoisonError::into_inner) = Some(why);
    }
}

/// The engine, as others hold it. Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    pub(crate) requests: Arc<dyn Inbox>,
    pub(crate) view: Arc<View>,
    pub(crate) store: Arc<dyn StateStore>,
    pub(crate) lanes: Arc<Lanes>,
}

/// An event of a dossier with its number and time.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct NumberedEvent {
    /// Its number in the dossier, from 1.
    pub number: u64,
    /// When it happened.
    pub at: jiff::Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub event: DossierEvent,
}

impl Handle {
    /// A handle on a writer that hears `requests`, shows itself in `view`, writes to `store` and
    /// fills `lanes`.
    pub fn new(
        requests: Arc<dyn Inbox>,
        view: Arc<View>,
        store: Arc<dyn StateStore>,
        lanes: Arc<Lanes>,
    ) -> Self {
        Self { requests, view, store, lanes }
    }

    /// Sends a request; `reply` is called once, from the writer's thread, after its commit.
    pub fn send(&self, request: Request, reply: Reply) {
        if let Err(refused) = self.requests.put(Envelope { request, reply }) {
            (refused.reply)(Err(NotDone::Stopped));
        }
    }

    /// Sends a request and waits for its answer; for threads that may block.
    pub fn call(&self, request: Request) -> Result<Answer, NotDone> {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        self.send(
            request,
            Box::new(move |answer| {
                let _ = sender.send(answer);
            }),
        );
        receiver.recv().unwrap_or(Err(NotDone::Stopped))
    }

    /// Sends a request and waits for its answer; for tasks.
    pub async fn ask(&self, request: Request) -> Result<Answer, NotDone> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        self.send(
            request,
            Box::new(move |answer| {
                let _ = sender.send(answer);
            }),
        );
        receiver.await.unwrap_or(Err(NotDone::Stopped))
    }

    /// Who may do what, as last committed.
    pub fn authority(&self) -> Arc<Registry> {
        self.view.authority()
    }

    /// What the writer lets others see.
    pub fn view(&self) -> Arc<View> {
        Arc::clone(&self.view)
    }

    /// When the writer last went round its loop (milliseconds since 1970); the watchdog's pulse.
    pub fn alive_ms(&self) -> i64 {
        self.view.alive_ms.load(Ordering::Relaxed)
    }

    /// Why the writer stopped, where it did.
    pub fn stopped_by(&self) -> Option<String> {
        self.view.stopped_by.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A dossier as last committed.
    pub fn dossier(&self, id: &DossierId) -> Result<Option<Dossier>, NotDone> {
        let Some(bytes) = self.store.projection(DOSSIERS, id.as_str().as_bytes())? else {
            return Ok(None);
        };
        Ok(Some(records::decode("dossier", &bytes)?))
    }

    /// At most `limit` dossiers after `after`, in the order in which they came.
    pub fn dossiers(
        &self,
        after: Option<&DossierId>,
        limit: usize,
    ) -> Result<Vec<Dossier>, NotDone> {
        let after = after.map(|id| id.as_str().as_bytes());
        let rows = self.store.scan(DOSSIERS, b"", after, limit)?;
        rows.iter().map(|(_, value)| Ok(records::decode("dossier", value)?)).collect()
    }

    /// The plan of a definition that a dossier is pinned to.
    pub fn plan(&self, definition: &Digest) -> Result<Plan, NotDone> {
        let bytes = self.store.projection(PLANS, definition.bytes())?;
        let missing = || NotDone::Unreadable(format!("the definition {definition} is missing"));
        Ok(records::decode("workflow definition", &bytes.ok_or_else(missing)?)?)
    }

    /// Everything that happened to a dossier.
    pub fn events(&self, id: &DossierId) -> Result<Vec<NumberedEvent>, NotDone> {
        let stream = sceau_store::StreamId::new(records::dossier_stream(id));
        let events = crate::core::stream(self.store.as_ref(), &stream)?;
        let event = |recorded: sceau_store::Recorded| {
            Ok(NumberedEvent {
                number: recorded.version.0,
                at: jiff::Timestamp::from_millisecond(recorded.at_ms)
                    .map_err(|error| NotDone::Unreadable(error.to_string()))?,
                event: records::decode("event", &recorded.bytes)?,
            })
        };
        events.into_iter().map(event).collect()
    }

    /// Name and address of a person, unless they were erased.
    pub fn details(&self, person: PersonId) -> Result<Option<PersonDetails>, NotDone> {
        self.person(person)
    }

    /// A signatory of a dossier as he was named, unless his details were erased.
    pub fn signatory(&self, person: PersonId) -> Result<Option<Signatory>, NotDone> {
        self.person(person)
    }

    /// Every row of the erasable table that tells this address.
    pub fn persons_at(&self, address: &EmailAddress) -> Result<Vec<PersonId>, NotDone> {
        let rows = self.store.scan(PERSONS, b"", None, usize::MAX)?;
        let at = |(key, row): (Vec<u8>, Vec<u8>)| {
            let details: PersonDetails = records::decode("person", &row).ok()?;
            let key = <[u8; 16]>::try_from(key).ok()?;
            (details.email == *address).then(|| PersonId::from_bytes(key))
        };
        Ok(rows.into_iter().filter_map(at).collect())
    }

    fn person<T: serde::de::DeserializeOwned>(&self, id: PersonId) -> Result<Option<T>, NotDone> {
        let row = self.store.projection(PERSONS, id.as_bytes())?;
        Ok(row.map(|bytes| records::decode("person", &bytes)).transpose()?)
    }

    /// Rows that wait or run, with the trouble they met.
    pub fn waiting(&self) -> Vec<Waiting> {
        self.lanes.snapshot()
    }

    /// Where state is kept; for reading only.
    pub fn store(&self) -> &Arc<dyn StateStore> {
        &self.store
    }
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle").field("view", &self.view).finish_non_exhaustive()
    }
}
