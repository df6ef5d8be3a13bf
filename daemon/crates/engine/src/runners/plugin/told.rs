//! What a run leaves behind: lines in the daemon's log, and its part of the evidence.

use sceau_plugin_host::{Run, Spent};
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
