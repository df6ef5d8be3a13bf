//! What must hold at the end of every story, whatever happened on the way.

use std::collections::{BTreeMap, BTreeSet};

use sceau_cabinet::{CabinetEvent, Registry};
use sceau_engine::clock::Clock;
use sceau_engine::evidence::{self, PdfDigests};
use sceau_engine::records::{self, DOSSIERS, KEYS, SUBJECTS};
use sceau_pades::report::{Report, SignatureKind};
use sceau_pades::{ValidationOptions, validate};
use sceau_store::{AuditHead, BlobId, Recorded, StateStore, audit, replay};
use sceau_workflow::machine::{Digest, Dossier, DossierEvent, Phase};

use super::genesis::genesis;
use super::signers::journalled_seals;
use super::world::World;

/// A delivered dossier for each document, once and whole; signatures, events and files one to one.
pub(crate) fn delivered(world: &mut World, documents: &[(&str, Vec<u8>)], case: &str) {
    let dossiers = world.dossiers();
    assert_eq!(dossiers.len(), documents.len(), "{case}: dossiers");
    for dossier in &dossiers {
        assert_eq!(dossier.phase, Phase::Delivered, "{case}");
        assert!(dossier.pending.is_empty(), "{case}: {:?}", dossier.pending);
    }
    let mut expected = BTreeSet::new();
    let mut files = Vec::new();
    for (name, bytes) in documents {
        assert_eq!(world.read(&format!("livres/originaux/{name}")).as_ref(), Some(bytes), "{case}");
        let file =
            world.read(&format!("livres/{name}")).unwrap_or_else(|| panic!("{case}: {name}"));
        let evidence = world.read(&format!("livres/{name}.preuve.json"));
        sealed(world, &file, &evidence.unwrap_or_else(|| panic!("{case}: evidence")), bytes, case);
        files.push(file);
        expected.extend([
            format!("livres/{name}"),
            format!("livres/{name}.preuve.json"),
            format!("livres/originaux/{name}"),
        ]);
    }
    let mut names: BTreeSet<String> = world.names().into_iter().collect();
    names.retain(|name| !name.ends_with(".toml"));
    assert_eq!(names, expected, "{case}");
    one_to_one(world, &files, case);
    always(world, case);
}

/// The PDF validates, and its evidence agrees with it.
pub(crate) fn sealed(world: &World, file: &[u8], proof: &[u8], original: &[u8], case: &str) {
    assert!(file.starts_with(original), "{case}: the original stands at its beginning");
    let options = ValidationOptions::new(genesis().pki.anchors(), world.clock.now());
    let report: Report = validate(&file, &options).unwrap();
    assert!(report.verdict.passed(), "{case}: {:?}", report.verdict);
    let seals = report.signatures.iter().filter(|one| one.kind == SignatureKind::Signature);
    assert_eq!(seals.count(), 1, "{case}: one seal");
    let digests = PdfDigests {
        whole: Digest::of(file),
        before: Some(Digest::of(original)),
        len: file.len() as u64,
    };
    for check in evidence::verify(proof, &digests, &report).unwrap() {
        assert!(check.agrees, "{case}: {check:?}");
    }
}

/// Each authorised act is in the journal once, nothing else is, and each signature value of the
/// journal stands in one delivered file.
fn one_to_one(world: &mut World, files: &[Vec<u8>], case: &str) {
    let journal = journalled_seals(&world.machine.files);
    let signed: Vec<Digest> = journal.iter().map(|entry| Digest::new(entry.act)).collect();
    let distinct: BTreeSet<Digest> = signed.iter().copied().collect();
    assert_eq!(signed.len(), distinct.len(), "{case}: an act was signed twice");
    assert_eq!(distinct, authorised(world), "{case}: acts");
    assert_eq!(signed.len(), files.len(), "{case}: signatures and files");
    for entry in &journal {
        let value = hex::encode(&entry.signature);
        let bears =
            |file: &&Vec<u8>| String::from_utf8_lossy(file).to_ascii_lowercase().contains(&value);
        assert_eq!(files.iter().filter(bears).count(), 1, "{case}: a signature's file");
    }
}

/// Every act that was ever authorised.
pub(crate) fn authorised(world: &mut World) -> BTreeSet<Digest> {
    let mut acts = BTreeSet::new();
    for dossier in world.dossiers() {
        for told in world.daemon().handle.events(&dossier.received.dossier).unwrap() {
            if let DossierEvent::Authorised(authorised) = told.event {
                acts.insert(authorised.act);
            }
        }
    }
    acts
}

/// What holds at every settled moment: the audit chain, the blobs, the projections.
pub(crate) fn always(world: &mut World, case: &str) {
    let store = std::sync::Arc::clone(&world.daemon().store);
    let records = store.audit(0, usize::MAX).unwrap();
    let head = audit::verify(AuditHead::GENESIS, &records).unwrap();
    assert_eq!(head, store.audit_head().unwrap(), "{case}");
    assert_eq!(store.lanes().unwrap(), Vec::<String>::new(), "{case}: the outbox is empty");
    blobs(world, case);
    replayed(store.as_ref(), case);
}

/// Every document that a dossier ever had is there, whole, and kept for it.
fn blobs(world: &mut World, case: &str) {
    for dossier in world.dossiers() {
        let id = &dossier.received.dossier;
        let daemon = world.daemon();
        for told in daemon.handle.events(id).unwrap() {
            let documents = match told.event {
                DossierEvent::Received(received) => vec![received.document],
                DossierEvent::LevelReached { document, .. } => vec![document],
                DossierEvent::StepDone { document, kept, .. } => {
                    document.into_iter().chain(kept).collect()
                }
                _ => Vec::new(),
            };
            for document in documents {
                let blob = BlobId(*document.digest.bytes());
                let mut bytes = vec![0; document.len as usize];
                daemon.blobs.read(&blob).unwrap().read_exact_at(0, &mut bytes).unwrap();
                assert_eq!(Digest::of(&bytes), document.digest, "{case}: a blob");
                let owners = daemon.store.blob_owners(&blob).unwrap();
                assert!(owners.contains(&records::dossier_stream(id)), "{case}: {owners:?}");
            }
        }
    }
}

/// Replaying all events gives the projections byte for byte.
pub(crate) fn replayed(store: &dyn StateStore, case: &str) {
    let mut dossiers: BTreeMap<String, Vec<Recorded>> = BTreeMap::new();
    let mut registry = Registry::default();
    let mut subjects = BTreeSet::new();
    for event in replay(store, 0) {
        let (stream, recorded) = event.unwrap();
        match stream.as_str().strip_prefix("dossier/") {
            Some(id) => dossiers.entry(id.to_owned()).or_default().push(recorded),
            None => {
                let event = CabinetEvent::decode(&recorded.bytes).unwrap();
                assert_eq!(event.subject().to_string(), stream.as_str(), "{case}");
                registry.apply(&event).unwrap();
                subjects.insert(event.subject());
            }
        }
    }
    let known = |subject: &sceau_cabinet::Subject| {
        (subject.to_string().into_bytes(), records::encode(&registry.version(subject)))
    };
    let subjects: BTreeMap<Vec<u8>, Vec<u8>> = subjects.iter().map(known).collect();
    assert_eq!(table(store, SUBJECTS), subjects, "{case}: subjects");
    let (mut states, mut keys) = (BTreeMap::new(), BTreeMap::new());
    for (id, events) in dossiers {
        let dossier = replay_dossier(&events);
        keys.insert(dossier.received.key.bytes().to_vec(), records::encode(&id));
        states.insert(id.into_bytes(), records::encode(&dossier));
    }
    assert_eq!(table(store, DOSSIERS), states, "{case}: dossiers");
    assert_eq!(table(store, KEYS), keys, "{case}: keys");
}

fn replay_dossier(events: &[Recorded]) -> Dossier {
    let read = |recorded: &Recorded| {
        let at = jiff::Timestamp::from_millisecond(recorded.at_ms).unwrap();
        (records::decode::<DossierEvent>("event", &recorded.bytes).unwrap(), at)
    };
    let events: Vec<_> = events.iter().map(read).collect();
    Dossier::replay(events.iter().map(|(event, at)| (event, *at))).unwrap()
}

fn table(store: &dyn StateStore, name: &str) -> BTreeMap<Vec<u8>, Vec<u8>> {
    store.scan(name, b"", None, usize::MAX).unwrap().into_iter().collect()
}
