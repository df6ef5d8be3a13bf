//! `GET /api/v1/dossiers` and `GET /api/v1/dossiers/{id}`: one's own dossiers, as committed.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use sceau_cabinet::{PersonId, Scope};
use sceau_engine::core::NotDone;
use sceau_engine::handle::Handle;
use sceau_workflow::machine::{Dossier, DossierId};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::ports::App;
use crate::problem::{Code, Problem};
use crate::{auth, view};

/// Dossiers in one answer, unless the caller wants fewer.
const LIMIT: usize = 50;
/// Most dossiers in one answer.
const MOST: usize = 500;
/// Dossiers read from the store in one go.
const PAGE: usize = 500;

/// What of the list is wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    after: Option<String>,
    limit: Option<usize>,
}

/// The caller's own dossiers in the order in which they came.
pub(crate) async fn list(
    State(app): State<App>,
    headers: HeaderMap,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let account = auth::caller(&app, &headers, Scope::Read)?;
    let Query(wanted) = wanted.map_err(|_| Problem::new(Code::ParameterInvalid))?;
    let after = wanted.after.map(|after| after.parse::<DossierId>()).transpose();
    let after = after.map_err(|_| Problem::new(Code::ParameterInvalid))?;
    let limit = wanted.limit.unwrap_or(LIMIT).clamp(1, MOST);
    let handle = app.handle.clone();
    let found = blocking(move || own(&handle, account, after, limit + 1)).await?;
    let more = found.len() > limit;
    let shown = &found[..found.len().min(limit)];
    let next = shown.last().filter(|_| more).map(|dossier| &dossier.received.dossier);
    let dossiers: Vec<Value> = shown.iter().map(view::summary).collect();
    Ok(Json(json!({ "dossiers": dossiers, "next": next })))
}

fn own(
    handle: &Handle,
    account: PersonId,
    mut after: Option<DossierId>,
    limit: usize,
) -> Result<Vec<Dossier>, NotDone> {
    let mut found = Vec::new();
    while found.len() < limit {
        let page = handle.dossiers(after.as_ref(), PAGE)?;
        let last = page.len() < PAGE;
        after = page.last().map(|dossier| dossier.received.dossier.clone());
        found.extend(page.into_iter().filter(|dossier| dossier.received.account == account));
        if last {
            break;
        }
    }
    found.truncate(limit);
    Ok(found)
}

/// One dossier with everything that happened to it.
pub(crate) async fn show(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let dossier = owned(&app, &headers, &id).await?;
    let handle = app.handle.clone();
    let told = blocking(move || {
        let events = handle.events(&dossier.received.dossier)?;
        Ok(view::whole(&dossier, &events, &handle.waiting()))
    });
    Ok(Json(told.await?))
}

/// The caller's dossier of that name. What is another's and what never was look the same.
pub(crate) async fn owned(app: &App, headers: &HeaderMap, id: &str) -> Result<Dossier, Problem> {
    let account = auth::caller(app, headers, Scope::Read)?;
    let nothing = || Problem::new(Code::NotFound);
    let id: DossierId = id.parse().map_err(|_| nothing())?;
    let handle = app.handle.clone();
    let dossier = blocking(move || handle.dossier(&id)).await?;
    dossier.filter(|dossier| dossier.received.account == account).ok_or_else(nothing)
}

/// Reads the store where blocking is allowed.
async fn blocking<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, NotDone> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(read).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(Problem::new(Code::Internal)),
    }
}
