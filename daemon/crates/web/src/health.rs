//! `/livez` and `/readyz`, for whoever supervises the daemon; without a token.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::ports::App;

/// How long the parts may take to tell.
const LONGEST: Duration = Duration::from_secs(5);

/// The process lives and answers.
pub(crate) async fn live() -> Json<Value> {
    Json(json!({ "status": "live" }))
}

/// Whether work goes on; otherwise what is not ready, and why.
pub(crate) async fn ready(State(app): State<App>) -> Response {
    let readiness = Arc::clone(&app.readiness);
    let asked = tokio::task::spawn_blocking(move || readiness());
    let missing = match tokio::time::timeout(LONGEST, asked).await {
        Ok(Ok(missing)) => missing,
        _ => vec![("daemon".to_owned(), "its parts do not answer".to_owned())],
    };
    if missing.is_empty() {
        return Json(json!({ "status": "ready" })).into_response();
    }
    let missing: Vec<Value> =
        missing.iter().map(|(part, why)| json!({ "part": part, "why": why })).collect();
    let body = Json(json!({ "status": "not-ready", "missing": missing }));
    (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
}
