//! `sceau plugin list`: what is installed, what of it is granted, and who uses it.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::process::ExitCode;

use sceau_plugin_host::{Manifest, Parcel};
use serde_json::{Value, json};

use super::{Place, Reach, Trouble, show};
use crate::admin::plugin::{PluginRequest, PluginResponse};
use crate::config::users_of;

pub(super) fn run(reach: &Reach, as_json: bool) -> Result<ExitCode, Trouble> {
    let place = Place::of(reach)?;
    let (all, uses) = (place.shelf().list(), Uses::of(reach));
    let mut out = io::stdout().lock();
    if as_json {
        let good = all.iter().filter_map(|(_, parcel)| parcel.as_ref().ok());
        let told: Vec<Value> = good.map(|parcel| uses.json(parcel, &place)).collect();
        writeln!(out, "{:#}", json!({ "version": 1, "plugins": told }))?;
        return Ok(ExitCode::SUCCESS);
    }
    for (path, parcel) in &all {
        match parcel {
            Ok(parcel) => {
                show::installed(parcel, &place.config, &mut out)?;
                writeln!(out, "  {}", uses.text(&parcel.manifest))?;
            }
            Err(error) => writeln!(out, "{}: cannot be read: {error}", path.display())?,
        }
    }
    if all.is_empty() {
        writeln!(out, "no plugin is installed; sceau plugin install DIR installs one")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Who uses plugins.
struct Uses {
    workflows: BTreeMap<(String, String), Vec<String>>,
    /// Dossiers that are not over; `None`: no daemon could be asked.
    dossiers: Option<BTreeMap<(String, String), u64>>,
}

impl Uses {
    fn of(reach: &Reach) -> Self {
        let dossiers = match reach.client().plugin(PluginRequest::Pins) {
            Ok(PluginResponse::Pins { pins }) => Some(
                pins.into_iter().map(|pin| ((pin.plugin, pin.version), pin.dossiers)).collect(),
            ),
            _ => None,
        };
        Self { workflows: users_of(reach.config()), dossiers }
    }

    /// Workflows and dossiers that use it.
    fn by(&self, manifest: &Manifest) -> (Vec<String>, Option<u64>) {
        let key = (manifest.id.clone(), manifest.version.clone());
        let dossiers = self.dossiers.as_ref().map(|all| all.get(&key).copied().unwrap_or(0));
        (self.workflows.get(&key).cloned().unwrap_or_default(), dossiers)
    }

    fn text(&self, manifest: &Manifest) -> String {
        let (workflows, dossiers) = self.by(manifest);
        let by = match workflows.as_slice() {
            [] => "used by no workflow".to_owned(),
            names => format!("used by: {}", names.join(", ")),
        };
        match dossiers {
            None => format!("{by}; no daemon was asked about dossiers"),
            Some(0) if workflows.is_empty() => {
                let Manifest { id, version, .. } = manifest;
                format!("{by} and no dossier: sceau plugin remove {id} {version}")
            }
            Some(0) => format!("{by}; needed by no dossier that has begun"),
            Some(1) => format!("{by}; needed by 1 dossier that has begun"),
            Some(count) => format!("{by}; needed by {count} dossiers that have begun"),
        }
    }

    fn json(&self, parcel: &Parcel, place: &Place) -> Value {
        let (workflows, dossiers) = self.by(&parcel.manifest);
        let mut value = show::installed_json(parcel, &place.config);
        value["workflows"] = json!(workflows);
        value["dossiers"] = json!(dossiers);
        value
    }
}
