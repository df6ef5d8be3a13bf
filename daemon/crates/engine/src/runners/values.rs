//! What templates and evidence know of a dossier.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sceau_workflow::machine::Dossier;

use super::Workshop;

impl Workshop {
    /// The values of a workflow's placeholders. The day is the one on which the dossier came, in
    /// Paris, so that doing the step again gives the same bytes.
    pub(super) fn values(&self, dossier: &Dossier) -> BTreeMap<String, String> {
        let received = &dossier.received;
        let text = |value: &serde_json::Value| {
            value.as_str().map_or_else(|| value.to_string(), str::to_owned)
        };
        let mut values: BTreeMap<String, String> =
            received.parameters.iter().map(|(name, value)| (name.clone(), text(value))).collect();
        let name = received.origin.name.clone();
        let stem = name.strip_suffix(".pdf").or_else(|| name.strip_suffix(".PDF"));
        values.insert("dossier".into(), received.dossier.to_string());
        values.insert("date".into(), paris_day(dossier.received_at));
        values.insert("societe".into(), self.societe_name(dossier));
        values.insert("title".into(), received.title.clone());
        values.insert("name".into(), stem.unwrap_or(&name).to_owned());
        values
    }

    /// The société's name at the moment the dossier came, its code where it has none.
    pub(super) fn societe_name(&self, dossier: &Dossier) -> String {
        let id = &dossier.received.societe;
        let authority = self.view.authority();
        let named = authority.societe(id).and_then(|s| s.name_at(dossier.received_at));
        named.map_or_else(|| id.to_string(), str::to_owned)
    }
}

pub(super) fn paris_day(at: Timestamp) -> String {
    let zone = TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC);
    at.to_zoned(zone).date().to_string()
}
