//! What was authorised, held against what the delivered documents are signed with.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::Crashing;
use crate::daemon::Daemon;
use crate::judges;
use crate::program::crash_binary;

impl Crashing {
    /// What was authorised and what the delivered documents are signed with, one to one: no document came
    /// out without its dossier, no dossier is left over, and each was authorised to sign exactly what its
    /// document's one signature signs.
    ///
    /// # Panics
    /// When it is not so.
    pub fn acts_correspond(&self) {
        let daemon = Daemon::spawn(&self.cabinet, crash_binary(), &[]).wait_ready(&self.cabinet);
        let results = self.results();
        let dossiers = self.cabinet.dossiers();
        let ids = dossiers.iter().filter_map(|one| one["dossier"].as_str());
        let known: BTreeSet<&str> = results.keys().map(String::as_str).collect();
        assert_eq!(ids.collect::<BTreeSet<_>>(), known, "dossiers, and those that came out");
        let signed = judges::acts(&results.values().cloned().collect::<Vec<_>>());
        for (dossier, result) in &results {
            assert_eq!(self.authorised(dossier), signed[result], "{dossier} {}", result.display());
        }
        assert!(daemon.stop().success());
    }

    /// The different acts that a dossier's events authorise; again and again where an authorisation ended.
    fn authorised(&self, dossier: &str) -> Vec<String> {
        let shown = self.cabinet.admin(["dossier", "show", dossier, "--json"]).expect(0).json();
        let events = shown["events"].as_array().into_iter().flatten();
        let authorised = events.filter(|event| event["event"] == "authorised");
        let acts = authorised.filter_map(|event| event["act"].as_str().map(str::to_owned));
        acts.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The sealed document of each dossier: in the folders by their evidence, over HTTP by its address.
    fn results(&self) -> BTreeMap<String, PathBuf> {
        let mut results = BTreeMap::new();
        for stem in self.expected.keys() {
            let sealed = self.delivered(stem).remove(0);
            let evidence = fs::read(format!("{}.preuve.json", sealed.display())).expect("evidence");
            let evidence: Value = serde_json::from_slice(&evidence).expect("JSON");
            results.insert(evidence["dossier"].as_str().expect("an id").to_owned(), sealed);
        }
        for id in self.posted.values().flatten() {
            let document = self.fetch(&format!("{id}/document")).expect("an answer").expect(200);
            let path = self.cabinet.path(format!("{id}.pdf"));
            fs::write(&path, document.body).expect("written");
            results.insert(id.clone(), path);
        }
        assert_eq!(results.len(), self.expected.len() + self.posted.len(), "one dossier for two");
        results
    }
}
