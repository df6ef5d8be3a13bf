//! What a run leaves behind: lines in the daemon's log, and its part of the evidence.

use sceau_plugin_host::{Finding, Run, Spent};
use sceau_workflow::definition::PluginSettings;
use sceau_workflow::machine::Digest;
use serde_json::{Value, json};

use crate::runner::Job;

/// Tells the daemon's log what the plugin logged, what it was refused and what it used up.
pub(super) fn tell(job: &Job, settings: &PluginSettings, run: &Run) {
    let (plugin, version) = (settings.plugin.as_str(), settings.version.as_str());
    let dossier = job.row.dossier.to_string();
    for line in &run.log {
        let text = &line.text;
        match line.level {
            "error" => tracing::error!(plugin, version, dossier, "{text}"),
            "warn" => tracing::warn!(plugin, version, dossier, "{text}"),
            "info" => tracing::info!(plugin, version, dossier, "{text}"),
            _ => tracing::debug!(plugin, version, dossier, "{text}"),
        }
    }
    for (capability, count) in &run.spent.denied {
        tracing::warn!(plugin, version, dossier, capability, count, "a plugin was refused");
    }
    if run.spent.dropped_lines > 0 {
        let dropped = run.spent.dropped_lines;
        tracing::warn!(plugin, version, dossier, dropped, "a plugin logged more than it may");
    }
    let ms = run.spent.time.as_millis();
    tracing::debug!(plugin, version, dossier, %ms, calls = run.spent.calls, "a plugin ran");
}

/// What the sender reads of a finding, in French and in English, with its page where it has one.
pub(super) fn finding(finding: Finding) -> (String, String) {
    let page = finding.place.map(|place| place.page);
    let told = |text: String| match page {
        None => text,
        // “page” is the word of both languages.
        Some(page) => match text.strip_suffix('.') {
            Some(sentence) => format!("{sentence} (page {page})."),
            None => format!("{text} (page {page})"),
        },
    };
    (told(finding.fr), told(finding.en))
}

/// What the evidence file tells of every run.
pub(super) fn evidence(
    settings: &PluginSettings,
    pinned: Digest,
    spent: &Spent,
    events: &[(String, String)],
) -> Value {
    let event = |(name, data): &(String, String)| {
        let data: Value = serde_json::from_str(data).unwrap_or(Value::Null);
        json!({ "name": name, "data": data })
    };
    json!({
        "plugin": settings.plugin,
        "version": settings.version,
        "plugin_sha256": pinned,
        "does": settings.does,
        "refused": spent.denied,
        "events": events.iter().map(event).collect::<Vec<_>>(),
    })
}
