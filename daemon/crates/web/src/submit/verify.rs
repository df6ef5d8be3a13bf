//! `POST /api/v1/verifications`: a PDF in, the report on its signatures out. No dossier is made of it;
//! its bytes are collected as orphans.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use sceau_cabinet::Scope;
use sceau_workflow::machine::DocumentRef;
use serde_json::Value;

use super::{Desk, LONGEST, TURN, intake, is_form};
use crate::auth;
use crate::body::{Tap, announced};
use crate::ports::VerifyError;
use crate::problem::{Code, Problem};

/// Judges a document and answers with the report.
pub(crate) async fn verify(State(desk): State<Desk>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let tap = Tap::new(body, 0);
    let judged = tokio::time::timeout(LONGEST, desk.judge(&parts, &tap)).await;
    match judged.unwrap_or_else(|_| Err(Problem::new(Code::RequestTooSlow))) {
        Ok(report) => Json(report).into_response(),
        Err(problem) => {
            tokio::spawn(tap.linger(parts.headers));
            problem.into_response()
        }
    }
}

impl Desk {
    async fn judge(&self, parts: &Parts, tap: &Tap) -> Result<Value, Problem> {
        let app = &self.app;
        auth::caller(app, &parts.headers, Scope::Read)?;
        if is_form(parts)? {
            return Err(Problem::new(Code::MediaTypeUnsupported));
        }
        let len = announced(&parts.headers).unwrap_or(0);
        if len > app.max_upload {
            return Err(intake::too_large(app.max_upload));
        }
        let turn = tokio::time::timeout(TURN, self.room.acquire()).await;
        let _turn = turn.map_err(|_| Problem::new(Code::Busy))?;
        tap.allow(app.max_upload);
        let document = intake::keep(app, tap.clone(), len).await?;
        self.report(document).await
    }

    async fn report(&self, document: DocumentRef) -> Result<Value, Problem> {
        let verifier = Arc::clone(&self.app.verifier);
        match tokio::task::spawn_blocking(move || verifier(&document)).await {
            Ok(Ok(report)) => Ok(report),
            Ok(Err(VerifyError::Unreadable(why))) => {
                let fr = format!("Ce PDF ne peut pas être lu : {why}.");
                Err(Problem::new(Code::NotAPdf)
                    .because(fr, format!("This PDF cannot be read: {why}.")))
            }
            Ok(Err(VerifyError::Broken(error))) => {
                tracing::error!(error, "a document could not be verified");
                Err(Problem::new(Code::Internal))
            }
            Err(_) => Err(Problem::new(Code::Internal)),
        }
    }
}
