//! A cabinet with an expert-comptable (who may seal) and Paul (who may not), and its API.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use sceau_cabinet::{
    AccountCommand, Actor, AddressCommitment, ApiToken, CabinetCommand, CommitmentKey, PersonId,
    Roles, Scope, SocieteId, TokenId,
};
use sceau_engine::clock::{SystemClock, SystemEntropy};
use sceau_engine::core::{CoreParts, Request as Order};
use sceau_engine::handle::Handle;
use sceau_engine::queue::Lanes;
use sceau_engine::writer::Writer;
use sceau_store::testing::MemoryStore;
use sceau_workflow::definition::{Parameter, Text};
use sceau_workflow::machine::{
    Command, Digest, DocumentRef, DossierId, Outcome, Plan, PlannedStep, kinds,
};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::ports::{App, Document, Documents, Upload, UploadError, Uploads};
use crate::router::{DOSSIERS, router};

pub(super) const EXPERT: PersonId = PersonId::from_bytes([2; 16]);
pub(super) const PAUL: PersonId = PersonId::from_bytes([3; 16]);
/// The longest document that is taken, in bytes.
pub(super) const MOST: u64 = 3 << 20;
pub(super) const PDF: &[u8] = b"%PDF-1.7\nnothing much\n%%EOF\n";

/// The API and what is behind it.
pub(super) struct World {
    pub(super) routes: Router,
    pub(super) handle: Handle,
    pub(super) shelf: Shelf,
    pub(super) missing: Arc<Mutex<Vec<(String, String)>>>,
    _writer: Writer,
}

/// An answer, whole.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {:?}", String::from_utf8_lossy(&self.body)))
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(super) fn expect(self, status: u16, code: &str) -> Value {
        let json = self.json();
        assert_eq!((self.status.as_u16(), json["code"].as_str()), (status, Some(code)), "{json}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        json
    }
}

impl World {
    pub(super) fn new() -> Self {
        let writer = Writer::start(CoreParts {
            store: Arc::new(MemoryStore::new()),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            kinds: kinds::standard(),
            workflows: [plan("attestation", &["seal", "deliver"]), plan("copie", &["deliver"])]
                .into(),
            lanes: Arc::new(Lanes::default()),
        });
        let writer = writer.unwrap();
        let (handle, shelf) = (writer.handle(), Shelf::default());
        let missing = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&missing);
        let app = App {
            pki: None,
            handle: handle.clone(),
            uploads: Arc::new(shelf.clone()),
            documents: Arc::new(shelf.clone()),
            verifier: Arc::new(|document| Ok(serde_json::json!({ "len": document.len }))),
            readiness: Arc::new(move || told.lock().unwrap().clone()),
            workflows: Arc::new(|workflow| match workflow {
                "attestation" => Some(vec![exercice()]),
                "copie" => Some(Vec::new()),
                _ => None,
            }),
            max_upload: MOST,
            clock: Arc::new(SystemClock),
        };
        let world = Self { routes: router(app), handle, shelf, missing, _writer: writer };
        world.found();
        world
    }

    fn found(&self) {
        let expert_comptable = BTreeSet::from([societe()]);
        let (name, siren) = ("Martin Audit".to_owned(), "732829320".to_owned());
        self.order(vec![
            CabinetCommand::CreateCabinet { name: "Cabinet Martin".into() },
            CabinetCommand::AddSociete { societe: societe(), name, siren },
            open(PersonId::from_bytes([1; 16]), "admin", Roles { admin: true, ..Roles::default() }),
            open(EXPERT, "claire", Roles { admin: false, expert_comptable }),
            open(PAUL, "paul", Roles::default()),
        ]);
    }

    fn order(&self, commands: Vec<CabinetCommand>) {
        let actor = Actor::Operator { uid: 0 };
        self.handle.call(Order::Cabinet { commands, actor, details: Vec::new() }).unwrap();
    }

    /// A token with these scopes; its secret.
    pub(super) fn token(&self, person: PersonId, scopes: &[Scope]) -> String {
        let tokens = self.handle.authority().tokens().count();
        let mark = u8::try_from(tokens).unwrap() + 1;
        let secret = ApiToken::secret(&[mark; 32]);
        self.order(vec![CabinetCommand::CreateToken {
            token: TokenId::from_bytes([mark; 16]),
            person,
            hash: ApiToken::hash_of(&secret),
            scopes: scopes.iter().copied().collect(),
            purpose: "test".to_owned(),
            expires_at: None,
        }]);
        secret
    }

    /// A token that opens all.
    pub(super) fn full(&self, person: PersonId) -> String {
        self.token(person, &[Scope::Submit, Scope::Read])
    }

    pub(super) fn revoke(&self, secret: &str) {
        let authority = self.handle.authority();
        let hash = ApiToken::hash_of(secret);
        let token = authority.tokens().find(|token| token.hash == hash).unwrap().id;
        self.order(vec![CabinetCommand::RevokeToken { token }]);
    }

    pub(super) async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self.routes.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(super) async fn get(&self, secret: &str, path: &str) -> Answer {
        let request = Request::get(path).header("authorization", format!("Bearer {secret}"));
        self.ask(request.body(Body::empty()).unwrap()).await
    }

    /// Hands in a raw PDF; `query` follows the `?`.
    pub(super) async fn post(
        &self,
        secret: &str,
        query: &str,
        more: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        self.post_to(&format!("{DOSSIERS}?{query}"), secret, more, body).await
    }

    /// Hands a raw PDF in elsewhere.
    pub(super) async fn post_to(
        &self,
        path: &str,
        secret: &str,
        more: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::post(path)
            .header("authorization", format!("Bearer {secret}"))
            .header("content-type", "application/pdf");
        for (name, value) in more {
            request = request.header(*name, *value);
        }
        self.ask(request.body(body.into()).unwrap()).await
    }

    /// The last step's delivery ends well.
    pub(super) fn deliver(&self, id: &str, evidence: &[u8]) {
        let id: DossierId = id.parse().unwrap();
        let dossier = self.handle.dossier(&id).unwrap().unwrap();
        let (effect, pending) = dossier.pending.first_key_value().unwrap();
        let kept = self.shelf.put(evidence);
        let value = json!({ "document": dossier.document, "evidence": kept, "places": null });
        let command = Command::Outcome {
            effect: *effect,
            kind: pending.kind.clone(),
            step: dossier.step,
            attempt: dossier.attempt,
            outcome: Outcome::Done { value },
        };
        let (command, actor) = (Box::new(command), "test".to_owned());
        self.handle.call(Order::Dossier { dossier: id, command, actor }).unwrap();
    }

    pub(super) fn dossiers(&self) -> usize {
        self.handle.dossiers(None, 1000).unwrap().len()
    }
}

pub(super) fn societe() -> SocieteId {
    "martin".parse().unwrap()
}

fn open(person: PersonId, name: &str, roles: Roles) -> CabinetCommand {
    let key = CommitmentKey::from_bytes([7; 32]);
    let address = format!("{name}@martin.example").parse().unwrap();
    let address = AddressCommitment::new(&key, &address);
    CabinetCommand::Account { person, order: AccountCommand::Open { address, roles } }
}

fn plan(name: &str, steps: &[&str]) -> (String, (Digest, Plan)) {
    let step = |kind: &&str| PlannedStep {
        id: (*kind).to_owned(),
        kind: (*kind).to_owned(),
        settings: json!({}),
    };
    let steps = steps.iter().map(step).collect();
    let plan = Plan { workflow: name.to_owned(), steps, retention_years: None };
    (name.to_owned(), (Digest::of(name.as_bytes()), plan))
}

/// Documents in memory.
#[derive(Clone, Default)]
pub(super) struct Shelf {
    kept: Arc<Mutex<BTreeMap<Digest, Vec<u8>>>>,
    /// No more than this many bytes at one time went through one upload's `write`.
    pub(super) largest: Arc<Mutex<usize>>,
    pub(super) full: Arc<Mutex<bool>>,
}

impl Shelf {
    pub(super) fn put(&self, bytes: &[u8]) -> DocumentRef {
        let digest = Digest::of(bytes);
        self.kept.lock().unwrap().insert(digest, bytes.to_vec());
        DocumentRef { digest, len: bytes.len() as u64 }
    }

    pub(super) fn count(&self) -> usize {
        self.kept.lock().unwrap().len()
    }
}

struct Draft(Shelf, Vec<u8>);

impl Uploads for Shelf {
    fn begin(&self, _len: u64) -> Result<Box<dyn Upload>, UploadError> {
        if *self.full.lock().unwrap() {
            return Err(UploadError::Full);
        }
        Ok(Box::new(Draft(self.clone(), Vec::new())))
    }
}

impl Upload for Draft {
    fn write(&mut self, bytes: &[u8]) -> Result<(), UploadError> {
        let mut largest = self.0.largest.lock().unwrap();
        *largest = bytes.len().max(*largest);
        self.1.extend_from_slice(bytes);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<DocumentRef, UploadError> {
        Ok(self.0.put(&self.1))
    }
}

impl Documents for Shelf {
    fn open(&self, document: &DocumentRef) -> io::Result<Arc<dyn Document>> {
        let bytes = self.kept.lock().unwrap().get(&document.digest).cloned();
        Ok(Arc::new(Held(bytes.ok_or(io::ErrorKind::NotFound)?)))
    }
}

struct Held(Vec<u8>);

impl Document for Held {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let rest = &self.0[usize::try_from(offset).unwrap().min(self.0.len())..];
        let most = rest.len().min(buf.len());
        buf[..most].copy_from_slice(&rest[..most]);
        Ok(most)
    }
}

fn exercice() -> Parameter {
    let title = Text { fr: "Exercice".into(), en: "Year".into() };
    Parameter { name: "exercice".into(), title, required: false, default: None }
}
