//! What is handy with an input and with answers.

use serde::de::DeserializeOwned;

use crate::documents::{self, Document};
use crate::{Finding, Input, Region, Report, Severity, StepError, Verdict};

impl Input {
    /// The step's settings as a type of one's own. The host has checked them against the schema in
    /// `plugin.toml`, so that an error here says that type and schema do not agree.
    ///
    /// # Errors
    /// [`StepError::Misconfigured`] with what does not fit.
    pub fn settings<T: DeserializeOwned>(&self) -> Result<T, StepError> {
        serde_json::from_str(&self.settings)
            .map_err(|error| StepError::misconfigured("settings", format!("settings: {error}")))
    }

    /// The document that is being worked on.
    ///
    /// # Errors
    /// The capability `documents` was not asked or not granted.
    pub fn document(&self) -> Result<Document, StepError> {
        let first = self.documents.first();
        let id =
            first.ok_or_else(|| StepError::other("no-document", "the step has no document"))?;
        Ok(documents::open(id)?)
    }
}

impl Report {
    /// The dossier goes on, with nothing to say.
    pub fn accept() -> Self {
        Self { verdict: Verdict::Accept, findings: Vec::new() }
    }

    /// The verdict that follows from the findings: an error rejects, all else accepts.
    pub fn of(findings: Vec<Finding>) -> Self {
        let wrong = findings.iter().any(|finding| matches!(finding.severity, Severity::Error));
        Self { verdict: if wrong { Verdict::Reject } else { Verdict::Accept }, findings }
    }
}

impl Finding {
    /// A finding without a place.
    pub fn new(
        severity: Severity,
        code: &str,
        fr: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self { code: code.to_owned(), severity, fr: fr.into(), en: en.into(), where_: None }
    }

    /// The same, on a place of a page.
    #[must_use]
    pub fn on(mut self, region: Region) -> Self {
        self.where_ = Some(region);
        self
    }
}
