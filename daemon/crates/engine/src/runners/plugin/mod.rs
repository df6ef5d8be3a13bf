//! `plugin.run`: one run of a plugin on the dossier's document. What it answers is believed only
//! after it was looked at; whatever goes wrong stops the dossier or is tried again, as the workflow
//! says, and never lets it go on.

mod accept;
mod documents;
mod told;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sceau_cabinet::Channel;
use sceau_plugin_host::ports::{Clock, Random};
use sceau_plugin_host::{Answer, Call, Happened, Run, Sealed, StepWork, Verdict as Judged, World};
use sceau_workflow::definition::{OnFailure, PluginSettings, PluginWork};
use sceau_workflow::machine::kinds::{Answered, Verdict};
use sceau_workflow::machine::{Digest, Failure};
use serde::Deserialize as _;
use serde_json::{Value, json};

use super::Workshop;
use crate::plugins::{Hosted, NamedDirectories, PluginMemory};
use crate::runner::{Job, RunResult, Runner};
use crate::sentences;
use documents::{DOCUMENT, StepDocuments};

pub(super) struct RunPlugin(pub(super) Workshop);

impl Runner for RunPlugin {
    fn run(&self, job: &Job) -> RunResult {
        self.step(job).unwrap_or_else(|stop| stop)
    }
}

impl RunPlugin {
    fn step(&self, job: &Job) -> Result<RunResult, RunResult> {
        let mut settings = PluginSettings::deserialize(&job.row.effect.payload)
            .map_err(|error| RunResult::Failed(sentences::internal(error)))?;
        let on_failure = settings.on_failure;
        let stop = |failure: Failure| on_failure.result(failure);
        let pinned = pinned(&settings)?;
        let room = &self.0.plugins;
        let hosted = room
            .hosted(&settings.plugin, &settings.version, pinned.bytes())
            .map_err(|error| stop(sentences::plugin_missing(&settings.plugin, &error)))?;
        let machine = room.machine().map_err(|error| sentences::again(&error))?;
        let call = self.call(job, &mut settings)?;
        let run = machine.run(&hosted.plugin, &call, &hosted.rights, self.world(job, &hosted));
        told::tell(job, &settings, &run);
        let Run { result, spent, events, .. } = run;
        let answer = result.map_err(|error| stop(sentences::plugin_failed(&error)))?;
        let evidence = told::evidence(&settings, pinned, &spent, &events);
        let answered = self.answered(job, &settings, answer, evidence)?;
        let value =
            answered.into_value().map_err(|error| RunResult::Failed(sentences::internal(error)))?;
        Ok(RunResult::Done(value))
    }

    fn answered(
        &self,
        job: &Job,
        settings: &PluginSettings,
        answer: Answer,
        mut result: Value,
    ) -> Result<Answered, RunResult> {
        let name = format!("{} {}", settings.plugin, settings.version);
        Ok(match answer {
            Answer::Prepared(prepared) => {
                let (blobs, before) = (&self.0.blobs, &job.dossier.document);
                let accept = |bytes: Vec<u8>| accept::accept(blobs, before, &name, bytes);
                let made = prepared.document.map(accept);
                let document = made.transpose()?;
                result["note"] = json!(prepared.note);
                result["before"] = json!(job.dossier.document);
                result["after"] = json!(document.as_ref().unwrap_or(&job.dossier.document));
                Answered::Prepare { document, result }
            }
            Answer::Decision(decision) => {
                result["decision"] = json!(decision);
                Answered::Route { outcome: decision.outcome, result }
            }
            Answer::Report(report) => {
                result["report"] = json!(report);
                result["document"] = json!(job.dossier.document);
                let verdict = match report.verdict {
                    Judged::Accept => Verdict::Accept,
                    Judged::Reject => Verdict::Reject,
                    Judged::Review => Verdict::Review,
                };
                let findings = report.findings.into_iter().map(told::finding).collect();
                Answered::Validate { verdict, findings, result }
            }
            Answer::Delivery(delivery) => {
                result["delivery"] = json!(delivery);
                Answered::Notify { result }
            }
            Answer::Artifacts(artifacts) => {
                result["artifacts"] = json!(artifacts);
                Answered::AfterSeal { result }
            }
            Answer::Fault(fault) => {
                return Err(sentences::plugin_fault(&name, fault, settings.on_failure));
            }
            Answer::Well => {
                return Err(RunResult::Failed(sentences::internal("a step answered as a test")));
            }
        })
    }

    /// What the plugin is asked; its own settings go with it.
    fn call(&self, job: &Job, settings: &mut PluginSettings) -> Result<Call, RunResult> {
        let step = job.plan.steps.get(job.row.step);
        Ok(Call {
            dossier: job.row.dossier.to_string(),
            step: step.map(|step| step.id.clone()).unwrap_or_default(),
            attempt: job.row.attempt,
            idempotency_key: job.row.id.to_string(),
            documents: vec![DOCUMENT.to_owned()],
            settings: settings.settings.take(),
            work: self.work(job, settings)?,
        })
    }

    fn work(&self, job: &Job, settings: &PluginSettings) -> Result<StepWork, RunResult> {
        Ok(match settings.does {
            PluginWork::Prepare => StepWork::Prepare,
            PluginWork::Route => StepWork::Route,
            PluginWork::Validate => StepWork::Validate,
            PluginWork::Notify => StepWork::Notify(Happened {
                name: "step-reached".to_owned(),
                at_ms: milliseconds(job.dossier.changed_at),
                data: json!({
                    "title": job.dossier.received.title,
                    "file_name": job.dossier.received.origin.name,
                }),
            }),
            PluginWork::AfterSeal => StepWork::AfterSeal(sealed(job)?),
        })
    }

    fn world(&self, job: &Job, hosted: &Hosted) -> World {
        let received = &job.dossier.received;
        let societe = received.societe.to_string();
        let work = format!("{} {}", job.row.dossier, job.row.step);
        let (store, manifest) = (Arc::clone(&self.0.store), &hosted.plugin.manifest);
        let deadline = Instant::now() + manifest.limits.time;
        World {
            documents: Box::new(StepDocuments::new(&self.0, job, deadline)),
            http: self.0.plugins.http(),
            filing: Arc::new(NamedDirectories::new(hosted.directories.clone(), &work)),
            state: Box::new(
                PluginMemory::new(store, &manifest.id, &societe, job.now.as_millisecond())
                    .until(deadline),
            ),
            secrets: Arc::clone(&hosted.secrets),
            clock: Box::new(StepClock { now_ms: milliseconds(job.now), begun: Instant::now() }),
            random: Box::new(SystemRandom),
            context: context(job),
            explain: false,
        }
    }
}

/// What the dossier is pinned to.
fn pinned(settings: &PluginSettings) -> Result<Digest, RunResult> {
    let digest = settings.digest.as_deref().and_then(|digest| digest.parse().ok());
    digest.ok_or_else(|| RunResult::Failed(sentences::plugin_unpinned(&settings.plugin)))
}

fn context(job: &Job) -> BTreeMap<String, String> {
    let received = &job.dossier.received;
    let (channel, folder) = match &received.origin.channel {
        Channel::Folder(name) => ("folder", Some(name.clone())),
        Channel::Api => ("api", None),
        Channel::Web => ("web", None),
    };
    let mut context: BTreeMap<String, String> = [
        ("societe", received.societe.to_string()),
        ("workflow", received.workflow.clone()),
        ("channel", channel.to_owned()),
        ("language", "fr".to_owned()),
        ("file-name", received.origin.name.clone()),
        ("host-version", env!("CARGO_PKG_VERSION").to_owned()),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into();
    context.extend(folder.map(|folder| ("folder".to_owned(), folder)));
    context
}

/// The last seal of the dossier.
fn sealed(job: &Job) -> Result<Sealed, RunResult> {
    let kind = |step: usize| job.plan.steps.get(step).map(|step| step.kind.as_str());
    let is_seal = |result: &&sceau_workflow::machine::StepResult| match &result.named {
        Some(named) => named.kind == "seal",
        None => kind(result.step) == Some("seal"),
    };
    let seal = job.dossier.results.iter().rev().find(is_seal);
    let seal = seal.ok_or_else(|| RunResult::Failed(sentences::plugin_not_sealed()))?;
    Ok(Sealed {
        sha256: *job.dossier.document.digest.bytes(),
        level: seal.result["level"].as_str().unwrap_or_default().to_owned(),
        sealed_at_ms: milliseconds(seal.at),
    })
}

fn milliseconds(at: jiff::Timestamp) -> u64 {
    u64::try_from(at.as_millisecond()).unwrap_or_default()
}

struct StepClock {
    now_ms: u64,
    begun: Instant,
}

impl Clock for StepClock {
    fn now_ms(&self) -> u64 {
        self.now_ms + u64::try_from(self.begun.elapsed().as_millis()).unwrap_or_default()
    }

    fn monotonic(&self) -> Duration {
        self.begun.elapsed()
    }
}

struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&mut self, bytes: &mut [u8]) {
        // A system without randomness has no keys either: it never got this far.
        getrandom::fill(bytes).expect("the system's randomness");
    }
}

/// How a failure goes on, as the workflow says: again later, or at rest until a person acts.
trait GoesOn {
    fn result(self, failure: Failure) -> RunResult;
}

impl GoesOn for OnFailure {
    fn result(self, failure: Failure) -> RunResult {
        match self {
            Self::Retry => RunResult::Retry(failure),
            Self::Stop => RunResult::Failed(failure),
        }
    }
}
