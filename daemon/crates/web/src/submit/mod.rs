//! `POST /api/v1/dossiers`: a document and what is wanted of it.
//!
//! The document is the body itself (`application/pdf`; the rest stands in the query), or a part of a
//! form. Its bytes are durable before the writer hears of it; what no dossier comes to refer to is
//! collected later.

mod form;
mod intake;
mod verify;
mod wanted;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sceau_cabinet::{Channel, Scope};
use sceau_engine::core::{Answer, Request as Order, Submission, Submitted};
use sceau_workflow::machine::{Digest, DocumentRef, Origin, Phase};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::body::{Tap, announced};
use crate::ports::App;
use crate::problem::{Code, Problem};
use crate::{auth, idempotency, view};
pub(crate) use verify::verify;
use wanted::Draft;
pub(crate) use wanted::Wanted;

/// Uploads at one time.
const MOST_UPLOADS: usize = 32;
/// How long an upload waits for its turn.
const TURN: Duration = Duration::from_secs(10);
/// How long one upload may take.
const LONGEST: Duration = Duration::from_secs(30 * 60);
/// What a form may hold besides its document, in bytes.
const FORM_BYTES: u64 = 1 << 20;

static REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Where documents are handed in.
#[derive(Clone)]
pub(crate) struct Desk {
    app: App,
    room: Arc<Semaphore>,
}

impl Desk {
    pub(crate) fn new(app: App) -> Self {
        Self { app, room: Arc::new(Semaphore::new(MOST_UPLOADS)) }
    }
}

/// Takes a document and answers once its dossier is committed.
pub(crate) async fn submit(State(desk): State<Desk>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let tap = Tap::new(body, 0);
    let taken = tokio::time::timeout(LONGEST, desk.take(&parts, &tap)).await;
    let answer = taken.unwrap_or_else(|_| Err(Problem::new(Code::RequestTooSlow)));
    match answer {
        Ok(response) => response,
        Err(problem) => {
            tokio::spawn(tap.linger(parts.headers));
            problem.into_response()
        }
    }
}

impl Desk {
    async fn take(&self, parts: &Parts, tap: &Tap) -> Result<Response, Problem> {
        let app = &self.app;
        auth::caller(app, &parts.headers, Scope::Submit)?;
        let key = idempotency::key(&parts.headers)?;
        let form = is_form(parts)?;
        let most = app.max_upload.saturating_add(if form { FORM_BYTES } else { 0 });
        if announced(&parts.headers).is_some_and(|len| len > most) {
            return Err(intake::too_large(app.max_upload));
        }
        let turn = tokio::time::timeout(TURN, self.room.acquire()).await;
        let _turn = turn.map_err(|_| Problem::new(Code::Busy))?;
        let draft = Draft::from_query(parts.uri.query().unwrap_or_default())?;
        let (wanted, document) = if form {
            self.form(parts, tap, draft).await?
        } else {
            self.raw(parts, tap, draft).await?
        };
        self.hand_in(parts, key, wanted, document).await
    }

    async fn raw(
        &self,
        parts: &Parts,
        tap: &Tap,
        draft: Draft,
    ) -> Result<(Wanted, DocumentRef), Problem> {
        let wanted = draft.check(&self.app)?;
        tap.allow(self.app.max_upload);
        let len = announced(&parts.headers).unwrap_or(0);
        let document = intake::keep(&self.app, tap.clone(), len).await?;
        Ok((wanted, document))
    }

    async fn form(
        &self,
        parts: &Parts,
        tap: &Tap,
        draft: Draft,
    ) -> Result<(Wanted, DocumentRef), Problem> {
        let (draft, document) = form::read(&self.app, parts, tap, draft).await?;
        Ok((draft.check(&self.app)?, document))
    }

    /// The token is asked again: an upload may take long enough to see it revoked.
    async fn hand_in(
        &self,
        parts: &Parts,
        key: Option<String>,
        wanted: Wanted,
        document: DocumentRef,
    ) -> Result<Response, Problem> {
        let account = auth::caller(&self.app, &parts.headers, Scope::Submit)?;
        let with_key = key.is_some();
        let idempotency = key.map(|key| idempotency::of(key, &wanted, &document));
        let submission = Submission {
            account,
            origin: Origin {
                channel: Channel::Api,
                name: wanted.name.clone(),
                source: Value::Null,
            },
            sidecar: wanted.particulars(),
            workflow: wanted.workflow,
            societe: wanted.societe,
            title: wanted.title,
            parameters: wanted.parameters,
            signatories: wanted.signatories,
            document,
            owner_uid: None,
            idempotency,
        };
        let answer = self.app.handle.ask(Order::Submit(Box::new(submission))).await?;
        match answer {
            Answer::Submitted(submitted) if submitted.dossier.received.account == account => {
                Ok(told(&submitted, with_key))
            }
            // Invariant: a document's key names its account, so another's dossier is no duplicate.
            _ => Err(Problem::new(Code::Internal)),
        }
    }
}

/// A form, or the document itself.
fn is_form(parts: &Parts) -> Result<bool, Problem> {
    let unsupported = || Problem::new(Code::MediaTypeUnsupported);
    if parts.headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return Err(unsupported());
    }
    let value = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next()).map(str::trim);
    match essence.map(str::to_ascii_lowercase).as_deref() {
        Some("application/pdf") => Ok(false),
        Some("multipart/form-data") => Ok(true),
        _ => Err(unsupported()),
    }
}

/// 201 for a new dossier, 200 for one that was there, 403 for one that was rejected at once.
fn told(submitted: &Submitted, with_key: bool) -> Response {
    let dossier = &submitted.dossier;
    let mut response = match &dossier.phase {
        Phase::Rejected { failure } => {
            Problem::rejected(&dossier.received.dossier, failure).into_response()
        }
        _ => {
            let status = if submitted.duplicate { StatusCode::OK } else { StatusCode::CREATED };
            let mut body = view::summary(dossier);
            body["duplicate"] = json!(submitted.duplicate);
            (status, Json(body)).into_response()
        }
    };
    let headers = response.headers_mut();
    if let Ok(place) = HeaderValue::try_from(view::dossier_path(&dossier.received.dossier)) {
        headers.insert(header::LOCATION, place);
    }
    if with_key && submitted.duplicate {
        headers.insert(REPLAYED.clone(), HeaderValue::from_static("true"));
    }
    response
}

impl Wanted {
    /// What is said besides the document, in one digest: the same document with other particulars
    /// is another dossier. None where nothing was said.
    fn particulars(&self) -> Option<Digest> {
        let parameters = self.said();
        let nothing = parameters.is_empty() && self.said_title.is_none();
        let said = json!({ "parameters": parameters, "title": self.said_title });
        (!nothing).then(|| Digest::of(said.to_string().as_bytes()))
    }

    /// Parameters and signatories (under what no parameter can be called), as digests hold them; never
    /// kept.
    pub(crate) fn said(&self) -> BTreeMap<String, Value> {
        let mut said = self.parameters.clone();
        if !self.signatories.is_empty() {
            said.insert("[[signatories]]".to_owned(), json!(self.signatories));
        }
        said
    }
}
