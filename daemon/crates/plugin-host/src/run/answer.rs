//! What a plugin answers, taken over and checked: bounded texts, names in their form.

use serde::Serialize;

use crate::bindings::exports::sceau::after_seal::step as after_seal;
use crate::bindings::exports::sceau::notify::step as notify;
use crate::bindings::exports::sceau::prepare::step as prepare;
use crate::bindings::exports::sceau::route::step as route;
use crate::bindings::exports::sceau::validate::step as validate;
use crate::bindings::sceau::types::types::{self, StepError};
use crate::host::output::Output;
use crate::limits::{MOST_ITEMS, MOST_TEXT};
use crate::manifest::is_id;

/// What a plugin answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Its self-test went well.
    Well,
    /// Of kind `prepare`.
    Prepared(Prepared),
    /// Of kind `route`.
    Decision(Decision),
    /// Of kind `validate`.
    Report(Report),
    /// Of kind `notify`.
    Delivery(Delivery),
    /// Of kind `after-seal`.
    Artifacts(Vec<Artifact>),
    /// It did not succeed, and says why.
    Fault(StepFault),
}

/// A new document, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    made: Option<String>,
    /// The bytes of the new document; nobody has looked at them yet.
    pub document: Option<Vec<u8>>,
    /// For the evidence.
    pub note: Option<String>,
}

/// One of the outcomes that the workflow may declare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// 1 to 60 of `a-z 0-9 -`.
    pub outcome: String,
    /// For the journal.
    pub reason: String,
}

/// What a validation found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// How it goes on.
    pub verdict: Verdict,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// How it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// On.
    Accept,
    /// Back to the sender.
    Reject,
    /// A person inside looks at it.
    Review,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// Stable.
    pub code: String,
    /// How grave.
    pub severity: Severity,
    /// French.
    pub fr: String,
    /// English.
    pub en: String,
    /// Where.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub place: Option<Region>,
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Perhaps wrong.
    Warning,
    /// Wrong.
    Error,
}

/// A place on a page, in PDF points.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Region {
    /// Id of the document.
    pub document: String,
    /// From 1.
    pub page: u32,
    /// Left, bottom, width, height.
    pub rectangle: [f64; 4],
}

/// How a notice went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// It arrived.
    Delivered,
    /// The other side has it.
    Queued,
    /// Nothing to tell.
    Skipped,
}

/// What was made outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Artifact {
    /// Name.
    pub name: String,
    /// Where it is.
    pub location: String,
}

/// What the operator reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ruling {
    /// Stable.
    pub code: String,
    /// English.
    pub message: String,
}

/// What the sender reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rejection {
    /// Stable.
    pub code: String,
    /// French.
    pub fr: String,
    /// English.
    pub en: String,
}

/// Why a step did not succeed, by the plugin's own word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "fault", rename_all = "kebab-case")]
pub enum StepFault {
    /// Trying again may help.
    Retry {
        /// What happened.
        ruling: Ruling,
        /// Not before this many milliseconds.
        delay_ms: Option<u64>,
    },
    /// The document goes back.
    Rejected(Rejection),
    /// The operator must act.
    Misconfigured(Ruling),
    /// Anything else.
    Other(Ruling),
}

pub(super) fn misconfigured(failure: types::Failure) -> StepFault {
    StepFault::Misconfigured(ruling(failure))
}

fn ruling(failure: types::Failure) -> Ruling {
    Ruling { code: failure.code, message: failure.message }
}

fn fault(error: StepError) -> Answer {
    Answer::Fault(match error {
        StepError::Retry(retry) => {
            StepFault::Retry { ruling: ruling(retry.failure), delay_ms: retry.delay_ms }
        }
        StepError::Rejected(rejection) => {
            let types::Rejection { code, fr, en } = rejection;
            StepFault::Rejected(Rejection { code, fr, en })
        }
        StepError::Misconfigured(failure) => misconfigured(failure),
        StepError::Other(failure) => StepFault::Other(ruling(failure)),
    })
}

pub(super) fn prepared(result: Result<prepare::Prepared, StepError>) -> Answer {
    result.map_or_else(fault, |prepared| {
        let (made, note) = (prepared.document, prepared.note);
        Answer::Prepared(Prepared { made, document: None, note })
    })
}

pub(super) fn decision(result: Result<route::Decision, StepError>) -> Answer {
    result.map_or_else(fault, |decision| {
        let route::Decision { outcome, reason } = decision;
        Answer::Decision(Decision { outcome, reason })
    })
}

pub(super) fn report(result: Result<validate::Report, StepError>) -> Answer {
    result.map_or_else(fault, |report| {
        let verdict = match report.verdict {
            validate::Verdict::Accept => Verdict::Accept,
            validate::Verdict::Reject => Verdict::Reject,
            validate::Verdict::Review => Verdict::Review,
        };
        let findings = report.findings.into_iter().map(finding).collect();
        Answer::Report(Report { verdict, findings })
    })
}

fn finding(finding: validate::Finding) -> Finding {
    let severity = match finding.severity {
        validate::Severity::Info => Severity::Info,
        validate::Severity::Warning => Severity::Warning,
        validate::Severity::Error => Severity::Error,
    };
    let place = finding.where_.map(|region| Region {
        document: region.document,
        page: region.page,
        rectangle: [region.x, region.y, region.width, region.height],
    });
    Finding { code: finding.code, severity, fr: finding.fr, en: finding.en, place }
}

pub(super) fn delivery(result: Result<notify::Delivery, StepError>) -> Answer {
    result.map_or_else(fault, |delivery| {
        Answer::Delivery(match delivery {
            notify::Delivery::Delivered => Delivery::Delivered,
            notify::Delivery::Queued => Delivery::Queued,
            notify::Delivery::Skipped => Delivery::Skipped,
        })
    })
}

pub(super) fn artifacts(result: Result<Vec<after_seal::Artifact>, StepError>) -> Answer {
    result.map_or_else(fault, |artifacts| {
        let own = |artifact: after_seal::Artifact| Artifact {
            name: artifact.name,
            location: artifact.location,
        };
        Answer::Artifacts(artifacts.into_iter().map(own).collect())
    })
}

impl Answer {
    /// The same answer, whose every part is in its form; or what is not.
    pub(super) fn checked(mut self, output: &mut Output) -> Result<Self, String> {
        match &mut self {
            Self::Well | Self::Delivery(_) => {}
            Self::Prepared(prepared) => {
                text("note", prepared.note.as_deref().unwrap_or_default())?;
                if let Some(id) = &prepared.made {
                    let made = output.take(id);
                    prepared.document = Some(made.ok_or("`document` is no id that `finish` gave")?);
                }
            }
            Self::Decision(decision) => {
                code("outcome", &decision.outcome)?;
                text("reason", &decision.reason)?;
            }
            Self::Report(report) => report.check()?,
            Self::Artifacts(artifacts) => {
                few("artifacts", artifacts.len())?;
                for artifact in artifacts {
                    text("name", &artifact.name)?;
                    text("location", &artifact.location)?;
                }
            }
            Self::Fault(fault) => fault.check()?,
        }
        Ok(self)
    }
}

impl Report {
    fn check(&self) -> Result<(), String> {
        few("findings", self.findings.len())?;
        for finding in &self.findings {
            code("code", &finding.code)?;
            text("fr", &finding.fr)?;
            text("en", &finding.en)?;
            let Some(place) = &finding.place else { continue };
            text("where", &place.document)?;
            if !place.rectangle.iter().all(|number| number.is_finite()) {
                return Err("`where` holds what is no number".to_owned());
            }
        }
        Ok(())
    }
}

impl StepFault {
    fn check(&self) -> Result<(), String> {
        match self {
            Self::Rejected(Rejection { code: word, fr, en }) => {
                code("code", word)?;
                text("fr", fr)?;
                text("en", en)
            }
            Self::Retry { ruling, .. } | Self::Misconfigured(ruling) | Self::Other(ruling) => {
                code("code", &ruling.code)?;
                text("message", &ruling.message)
            }
        }
    }
}

fn code(what: &str, text: &str) -> Result<(), String> {
    if is_id(text) { Ok(()) } else { Err(format!("`{what}` is not 1 to 60 of a-z, 0-9 and -")) }
}

/// Bounded, and without control characters but the line's end.
fn text(what: &str, text: &str) -> Result<(), String> {
    if text.len() > MOST_TEXT {
        return Err(format!("`{what}` is longer than {MOST_TEXT} bytes"));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(format!("`{what}` holds control characters"));
    }
    Ok(())
}

fn few(what: &str, count: usize) -> Result<(), String> {
    if count > MOST_ITEMS { Err(format!("more than {MOST_ITEMS} {what}")) } else { Ok(()) }
}
