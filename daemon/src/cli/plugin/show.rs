//! A plugin as an operator sees it.

use std::io::{self, Write};

use sceau_plugin_host::Parcel;
use sceau_plugin_host::grant::Effective;
use serde_json::{Value, json};

use crate::config::PluginsConfig;

/// What it is and asks.
pub(super) fn text(parcel: &Parcel, out: &mut impl Write) -> io::Result<()> {
    let manifest = &parcel.manifest;
    writeln!(
        out,
        "{} {}: a plugin that does {}",
        manifest.id,
        manifest.version,
        manifest.kind.word()
    )?;
    if let Some(description) = &manifest.description {
        writeln!(out, "  {description}")?;
    }
    let (memory, time) = (manifest.limits.memory >> 20, manifest.limits.time.as_millis());
    writeln!(out, "  contract {}; at most {memory} MiB and {time} ms a run", manifest.contract)?;
    writeln!(out, "  SHA-256 {}", hex::encode(parcel.digest()))?;
    let signed = if parcel.signature.is_some() { "yes (not verified here)" } else { "no" };
    writeln!(out, "  signed: {signed}")?;
    let asked = manifest.asked.lines();
    if asked.is_empty() {
        return writeln!(out, "  it asks nothing");
    }
    writeln!(out, "  it asks:")?;
    asked.iter().try_for_each(|line| writeln!(out, "    - {line}"))
}

/// The same for programs.
pub(super) fn json(parcel: &Parcel) -> Value {
    let manifest = &parcel.manifest;
    json!({
        "version": 1,
        "plugin": manifest.id,
        "plugin_version": manifest.version,
        "kind": manifest.kind.word(),
        "contract": manifest.contract,
        "sha256": hex::encode(parcel.digest()),
        "signed": parcel.signature.is_some(),
        "asked": manifest.asked,
        "sends_documents_away": manifest.asked.documents && !manifest.asked.hosts.is_empty(),
        "limits": { "memory": manifest.limits.memory, "time_ms": manifest.limits.time.as_millis() },
        "settings": manifest.schema.json(),
    })
}

/// An installed one, with what of it holds.
pub(super) fn installed(
    parcel: &Parcel,
    config: &PluginsConfig,
    out: &mut impl Write,
) -> io::Result<()> {
    let manifest = &parcel.manifest;
    let (held, missing) = held(parcel, config);
    let digest = &hex::encode(parcel.digest())[..16];
    write!(out, "{} {}  {}  {digest}", manifest.id, manifest.version, manifest.kind.word())?;
    match missing.is_empty() {
        true => writeln!(out, "  has all that it asks")?,
        false => writeln!(out, "  not granted: {}", missing.join(", "))?,
    }
    if held.sends_documents_away() {
        writeln!(out, "  CAN SEND DOCUMENTS AWAY (documents and http are both granted)")?;
    }
    Ok(())
}

/// The same for programs.
pub(super) fn installed_json(parcel: &Parcel, config: &PluginsConfig) -> Value {
    let (held, missing) = held(parcel, config);
    let mut value = json(parcel);
    value["granted"] = json!(held);
    value["not_granted"] = json!(missing);
    value["sends_documents_away"] = json!(held.sends_documents_away());
    value
}

fn held(parcel: &Parcel, config: &PluginsConfig) -> (Effective, Vec<String>) {
    let grant = config.grants.get(&parcel.manifest.id).cloned().unwrap_or_default();
    let asked = &parcel.manifest.asked;
    (Effective::of(asked, &grant.granted), asked.missing(&grant.granted))
}
