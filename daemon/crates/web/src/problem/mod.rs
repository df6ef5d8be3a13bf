//! Errors as RFC 9457 tells them: a stable code, a status, and words in the caller's language.

mod code;

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use sceau_engine::core::NotDone;
use sceau_workflow::machine::{DossierId, Failure};
use serde_json::{Value, json};

pub use code::Code;

use crate::language::Language;
use crate::view::dossier_path;

/// One error. Handlers return it; [`tell`] writes it once the caller's language is known.
#[derive(Debug, Clone)]
pub(crate) struct Problem(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    code: Code,
    detail: Option<(String, String)>,
    dossier: Option<DossierId>,
    failure: Option<Failure>,
    header: Option<(header::HeaderName, HeaderValue)>,
}

impl Problem {
    /// The problem of that code.
    pub(crate) fn new(code: Code) -> Self {
        let header = code.header();
        Self(Box::new(Parts { code, detail: None, dossier: None, failure: None, header }))
    }

    /// What exactly is wrong, in French and in English.
    #[must_use]
    pub(crate) fn because(mut self, fr: impl Into<String>, en: impl Into<String>) -> Self {
        self.0.detail = Some((fr.into(), en.into()));
        self
    }

    /// The dossier was made, and stopped at once.
    pub(crate) fn rejected(dossier: &DossierId, failure: &Failure) -> Self {
        let mut problem = Self::new(Code::Rejected);
        problem.0.detail = Some((failure.fr.clone(), failure.en.clone()));
        problem.0.dossier = Some(dossier.clone());
        problem.0.failure = Some(failure.clone());
        problem
    }

    fn told(&self, language: Language) -> Value {
        let (status, code) = (self.0.code.status().as_u16(), self.0.code.word());
        let (fr, en) = self.0.code.title();
        let mut value = json!({
            "type": format!("urn:sceau:problem:{code}"),
            "title": language.of(fr, en),
            "status": status,
            "code": code,
        });
        if let Some((fr, en)) = &self.0.detail {
            value["detail"] = json!(language.of(fr, en));
        }
        if let Some(dossier) = &self.0.dossier {
            value["dossier"] = json!(dossier);
            value["links"] = json!({ "self": dossier_path(dossier) });
        }
        if let Some(failure) = &self.0.failure {
            value["failure"] = failure_view(failure);
        }
        value
    }
}

/// A failure as callers see it: in both languages, without what is for the administrator.
pub(crate) fn failure_view(failure: &Failure) -> Value {
    json!({
        "code": failure.code,
        "fault": failure.fault,
        "fr": failure.fr,
        "en": failure.en,
    })
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.code.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the problem that a handler left in its answer.
pub(crate) fn tell(language: Language, response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let Some(problem) = parts.extensions.remove::<Problem>() else {
        return Response::from_parts(parts, body);
    };
    let mut written = (parts.status, Json(problem.told(language))).into_response();
    let headers: &mut HeaderMap = written.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
    headers.extend(parts.headers.drain().filter_map(|(name, value)| Some((name?, value))));
    headers.extend(problem.0.header);
    written
}

impl From<NotDone> for Problem {
    fn from(error: NotDone) -> Self {
        match error {
            NotDone::KeyReused => Self::new(Code::IdempotencyKeyReused),
            NotDone::UnknownWorkflow(_) => Self::new(Code::WorkflowUnknown),
            NotDone::Stopped => Self::new(Code::Stopping),
            other => {
                tracing::error!(error = %other, "a request failed");
                Self::new(Code::Internal)
            }
        }
    }
}
