//! The routes, and what every request passes on its way to them.

use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn;
use axum::routing::{get, post};
use axum::{Router, middleware};

use crate::ports::App;
use crate::problem::{Code, Problem};
use crate::{dossiers, download, guard, health, log, pki, submit};

/// Where dossiers are handed in and listed.
pub(crate) const DOSSIERS: &str = "/api/v1/dossiers";

/// The whole API.
pub fn router(app: App) -> Router {
    let public = app.pki.clone().map(pki::routes).unwrap_or_default();
    let desk = submit::Desk::new(app.clone());
    let submit = post(submit::submit).with_state(desk.clone());
    let verify = post(submit::verify).with_state(desk);
    let read = Router::new()
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route(DOSSIERS, get(dossiers::list))
        .route("/api/v1/dossiers/{id}", get(dossiers::show))
        .route("/api/v1/dossiers/{id}/document", get(download::document))
        .route("/api/v1/dossiers/{id}/evidence", get(download::evidence))
        .route_layer(from_fn(guard::in_time))
        .with_state(app);
    Router::new()
        .route(DOSSIERS, submit)
        .route("/api/v1/verifications", verify)
        .merge(read)
        .fallback(|| async { Problem::new(Code::NotFound) })
        .method_not_allowed_fallback(|| async { Problem::new(Code::MethodNotAllowed) })
        .layer(DefaultBodyLimit::disable())
        // Bounds of its own, and no browser's session that another site could use.
        .merge(public)
        .layer(middleware::from_fn(guard::same_site))
        .layer(middleware::from_fn(guard::dress))
        .layer(middleware::from_fn(log::access))
}
