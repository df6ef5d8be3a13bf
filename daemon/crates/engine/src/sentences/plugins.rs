//! What a plugin did not do, in the same words.

use std::fmt::Display;

use jiff::SignedDuration;
use sceau_plugin_host::{PluginError, Rejection, Ruling, StepFault};
use sceau_workflow::definition::OnFailure;
use sceau_workflow::machine::{Failure, Fault};

use super::configuration;
use crate::runner::RunResult;

/// The plugin of a step is not there as the dossier needs it.
pub fn plugin_missing(plugin: &str, detail: impl Display) -> Failure {
    Failure::new(
        "plugin-missing",
        Fault::Configuration,
        format!("L'extension « {plugin} » n'est pas installée comme le dossier l'exige."),
        format!("The plugin “{plugin}” is not installed as the dossier needs it."),
    )
    .with_detail(detail.to_string())
}

/// A workflow was taken up while its plugin was not installed.
pub fn plugin_unpinned(plugin: &str) -> Failure {
    plugin_missing(
        plugin,
        "it was not installed when the workflow was read; install it, then `sceau plugin reload`; the dossier \
         keeps the workflow that it began with, so drop its document again",
    )
}

/// A plugin ended without an answer.
pub fn plugin_failed(error: &PluginError) -> Failure {
    let name = format!("{} {}", error.plugin, error.version);
    Failure::new(
        "plugin-failed",
        Fault::Configuration,
        format!("L'extension « {name} » a échoué ; le document est conservé."),
        format!("The plugin “{name}” failed; the document is kept."),
    )
    .with_detail(error.to_string())
}

/// What a plugin gave back is no document that can be taken.
pub fn plugin_output(plugin: &str, why: &str) -> Failure {
    Failure::new(
        "plugin-output",
        Fault::Configuration,
        format!("Le document rendu par l'extension « {plugin} » est refusé."),
        format!("The document that the plugin “{plugin}” gave back is refused."),
    )
    .with_detail(why)
}

/// A step after the seal came before it.
pub fn plugin_not_sealed() -> Failure {
    configuration(
        "Une étape « after-seal » du circuit vient avant tout cachet.",
        "An `after-seal` step of the workflow comes before any seal.",
        "put a `seal` step before it",
    )
}

/// A plugin says itself why it did not succeed.
pub fn plugin_fault(plugin: &str, fault: StepFault, on_failure: OnFailure) -> RunResult {
    let told = |code: &str, fr: &str, en: &str, ruling: Ruling| {
        let (fr, en) =
            (format!("L'extension « {plugin} » {fr}."), format!("The plugin “{plugin}” {en}."));
        let detail = format!("{}: {}", ruling.code, ruling.message);
        Failure::new(code, Fault::Configuration, fr, en).with_detail(detail)
    };
    match fault {
        StepFault::Rejected(Rejection { code, fr, en }) => RunResult::Failed(
            Failure::new("plugin-rejected", Fault::Document, fr, en)
                .with_detail(format!("{plugin}: {code}")),
        ),
        StepFault::Retry { ruling, delay_ms } => {
            let mut failure =
                told("plugin-waits", "réessaiera plus tard", "will try again later", ruling);
            failure.fault = Fault::Peer;
            let ms = i64::try_from(delay_ms.unwrap_or_default()).unwrap_or(i64::MAX);
            RunResult::RetryAfter(failure, SignedDuration::from_millis(ms))
        }
        StepFault::Misconfigured(ruling) => RunResult::Failed(told(
            "plugin-misconfigured",
            "est mal configurée",
            "is not configured rightly",
            ruling,
        )),
        StepFault::Other(ruling) => {
            let failure = told("plugin-failed", "n'a pas abouti", "did not succeed", ruling);
            match on_failure {
                OnFailure::Retry => RunResult::Retry(failure),
                OnFailure::Stop => RunResult::Failed(failure),
            }
        }
    }
}
