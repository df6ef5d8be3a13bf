//! Changes of authority. They go through the same writer and the same commits as the acts that
//! rely on them: after a revocation is committed, no new authorisation can be.

use std::sync::Arc;

use jiff::Timestamp;
use sceau_cabinet::{
    Actor, CabinetCommand, CabinetEvent, PersonDetails, PersonId, Registry, Subject, decide_all,
};
use sceau_store::{ProjectionWrite, StreamId, Transaction, Version};
use sceau_workflow::machine::Digest;
use serde_json::json;

use super::scratch::Scratch;
use super::{Answer, Core, NotDone};
use crate::records::{self, PERSONS, SUBJECTS};

/// A person, and his new details (none: erased).
pub(super) type Details = (PersonId, Option<PersonDetails>);

impl Core {
    pub(super) fn change_authority(
        &mut self,
        scratch: &mut Scratch,
        commands: Vec<CabinetCommand>,
        actor: Actor,
        details: Vec<Details>,
        now: Timestamp,
    ) -> Result<(Answer, Option<Transaction>), NotDone> {
        let before = Arc::clone(&scratch.authority);
        let events = decide_all(&before, actor, commands, now).map_err(NotDone::Import)?;
        let mut after = Registry::clone(&before);
        for event in &events {
            after.apply(event).map_err(|error| NotDone::Unreadable(error.to_string()))?;
        }
        let transaction = transaction(&before, &after, &events, actor, details, now);
        scratch.authority = Arc::new(after);
        Ok((Answer::Cabinet(events), Some(transaction)))
    }
}

/// Preconditions that hold an authorisation to the authority it was decided on.
pub(super) fn preconditions(stands_on: &[(Subject, u64)]) -> Vec<(StreamId, Version)> {
    let named = |(subject, version): &(Subject, u64)| (stream(subject), Version(*version));
    stands_on.iter().map(named).collect()
}

/// The stream of one subject.
pub(super) fn stream(subject: &Subject) -> StreamId {
    StreamId::new(subject.to_string())
}

fn transaction(
    before: &Registry,
    after: &Registry,
    events: &[CabinetEvent],
    actor: Actor,
    details: Vec<Details>,
    now: Timestamp,
) -> Transaction {
    let mut subjects: Vec<Subject> = Vec::new();
    for event in events {
        let subject = event.subject();
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
    }
    let expected = |subject: &Subject| (stream(subject), Version(before.version(subject)));
    let known = |subject: &Subject| ProjectionWrite {
        table: SUBJECTS.to_owned(),
        key: subject.to_string().into_bytes(),
        value: Some(records::encode(&after.version(subject))),
    };
    Transaction {
        at_ms: now.as_millisecond(),
        preconditions: subjects.iter().map(expected).collect(),
        events: events.iter().map(|event| (stream(&event.subject()), event.encode())).collect(),
        projections: subjects.iter().map(known).chain(details.into_iter().map(detail)).collect(),
        audit: vec![audit_entry(events, &subjects, actor)],
        ..Transaction::default()
    }
}

fn detail((person, details): Details) -> ProjectionWrite {
    ProjectionWrite {
        table: PERSONS.to_owned(),
        key: person.as_bytes().to_vec(),
        value: details.map(|details| records::encode(&details)),
    }
}

fn audit_entry(events: &[CabinetEvent], subjects: &[Subject], actor: Actor) -> Vec<u8> {
    let streams: Vec<String> = subjects.iter().map(ToString::to_string).collect();
    let digest = Digest::of(&records::encode(&events));
    records::encode(&json!({
        "actor": actor,
        "streams": streams,
        "events": events.iter().map(|event| &event.change).collect::<Vec<_>>(),
        "digest": digest,
    }))
}
