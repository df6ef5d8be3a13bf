//! A command for one dossier: decided by the machine, written as one transaction.

use std::sync::Arc;

use jiff::Timestamp;
use sceau_store::{BlobId, BlobRef, ProjectionWrite, StreamId, Transaction, Version};
use sceau_workflow::machine::{
    Command, Decision, Digest, Dossier, DossierEvent, DossierId, Plan, Refusal, Situation, decide,
};
use serde::Serialize;

use super::scratch::Scratch;
use super::{Answer, Core, NotDone, cabinet, outbox, write};
use crate::records::{self, DOSSIERS};

impl Core {
    pub(super) fn command(
        &mut self,
        scratch: &mut Scratch,
        id: &DossierId,
        command: &Command,
        actor: &str,
        now: Timestamp,
    ) -> Result<(Answer, Option<Transaction>), NotDone> {
        if let Command::Retry { .. } = command
            && let Some(answer) = self.hurry_or_superseded(scratch, id)?
        {
            return Ok((answer, None));
        }
        let (dossier, transaction) = self.decide_dossier(scratch, id, command, actor, now)?;
        Ok((Answer::Dossier(dossier), Some(transaction)))
    }

    /// `retry` of a dossier whose lane is only waiting for its next try (a delivered one that is being
    /// renewed too) makes that try due now;
    /// one whose document went into a newer dossier is refused.
    fn hurry_or_superseded(
        &mut self,
        scratch: &mut Scratch,
        id: &DossierId,
    ) -> Result<Option<Answer>, NotDone> {
        let Some(dossier) = self.seen(scratch, id)? else { return Ok(None) };
        if dossier.is_at_work() {
            scratch.aftermath.hurried.push(id.clone());
            return Ok(Some(Answer::Dossier(dossier)));
        }
        match self.holder(scratch, &dossier.received.key)? {
            Some(holder) if holder.received.dossier != *id && holder.phase.holds_its_key() => {
                Err(NotDone::Superseded { newer: holder.received.dossier.clone() })
            }
            _ => Ok(None),
        }
    }

    /// Decides, and puts the result into the scratch state.
    pub(super) fn decide_dossier(
        &mut self,
        scratch: &mut Scratch,
        id: &DossierId,
        command: &Command,
        actor: &str,
        now: Timestamp,
    ) -> Result<(Arc<Dossier>, Transaction), NotDone> {
        let before = self.seen(scratch, id)?;
        let plan = self.plan_for(before.as_deref(), id, command)?;
        let authority = Arc::clone(&scratch.authority);
        let (kinds, routes) = (&self.parts.kinds, self.plans.routes());
        let situation = Situation { plan: &plan, routes, kinds, authority: &authority, now };
        let (decision, after) = decide(before.as_deref(), &situation, command)?;
        let after = Arc::new(after);
        let mut transaction = transaction(before.as_deref(), &after, &decision, actor, now);
        transaction.preconditions.extend(cabinet::preconditions(&decision.stands_on));
        outbox::write(decision, &after, now, &mut transaction, &mut scratch.aftermath);
        scratch.dossiers.insert(id.clone(), Arc::clone(&after));
        Ok((after, transaction))
    }

    fn plan_for(
        &mut self,
        before: Option<&Dossier>,
        id: &DossierId,
        command: &Command,
    ) -> Result<Arc<Plan>, NotDone> {
        let definition: Digest = match (before, command) {
            (Some(dossier), _) => dossier.received.definition,
            (None, Command::Receive(received)) => received.definition,
            (None, _) => return Err(Refusal::Unknown(id.clone()).into()),
        };
        self.plan(&definition)
    }
}

fn transaction(
    before: Option<&Dossier>,
    after: &Dossier,
    decision: &Decision,
    actor: &str,
    now: Timestamp,
) -> Transaction {
    let id = &after.received.dossier;
    let stream = StreamId::new(records::dossier_stream(id));
    let found = before.map_or(0, |dossier| dossier.version);
    let events: Vec<Vec<u8>> = decision.events.iter().map(records::encode).collect();
    let audit = audit_entry(after, &events, actor);
    Transaction {
        at_ms: now.as_millisecond(),
        preconditions: vec![(stream.clone(), Version(found))],
        events: events.into_iter().map(|event| (stream.clone(), event)).collect(),
        projections: vec![ProjectionWrite {
            table: DOSSIERS.to_owned(),
            key: id.as_str().as_bytes().to_vec(),
            value: Some(records::encode(after)),
        }],
        blobs: retained(decision, id),
        audit: vec![audit],
        ..Transaction::default()
    }
}

/// Every document that a dossier ever had is kept for as long as the dossier is.
fn retained(decision: &Decision, id: &DossierId) -> Vec<BlobRef> {
    let documents = |event: &DossierEvent| -> Vec<Digest> {
        match event {
            DossierEvent::Received(received) => vec![received.document.digest],
            DossierEvent::LevelReached { document, .. } => vec![document.digest],
            DossierEvent::StepDone { document, kept, .. } => {
                document.iter().chain(kept).map(|document| document.digest).collect()
            }
            _ => Vec::new(),
        }
    };
    let retain = |digest: Digest| BlobRef::Retain {
        id: BlobId(*digest.bytes()),
        owner: records::dossier_stream(id),
    };
    decision.events.iter().flat_map(documents).map(retain).collect()
}

/// The audit log tells that something happened, and its digest; the events tell what.
fn audit_entry(after: &Dossier, events: &[Vec<u8>], actor: &str) -> Vec<u8> {
    let names: Vec<&str> = events.iter().map(|event| write::event_name(event)).collect();
    records::encode(&AuditEntry {
        actor,
        digest: Digest::of(&records::list(events)),
        events: names,
        stream: records::dossier_stream(&after.received.dossier),
        version: after.version,
    })
}

/// In the order of its words.
#[derive(Serialize)]
struct AuditEntry<'a> {
    actor: &'a str,
    digest: Digest,
    events: Vec<&'a str>,
    stream: String,
    version: u64,
}
