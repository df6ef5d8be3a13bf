//! A document came in: a new dossier, or the one that holds it already.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use sceau_cabinet::{Channel, PersonId, Signatory, SocieteId};
use sceau_store::{ProjectionWrite, Transaction};
use sceau_workflow::machine::messages::ORIGIN_STOPPED;
use sceau_workflow::machine::{
    Command, Digest, DocumentRef, Dossier, DossierId, Origin, PendingEffect, Received,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::scratch::Scratch;
use super::{Answer, Core, NotDone};
use crate::clock::random;
use crate::records::{self, IDEMPOTENCY, KEYS, PERSONS};

/// A document, durable as a blob, and what its channel knows of it.
#[derive(Clone, Debug)]
pub struct Submission {
    /// Name of the workflow.
    pub workflow: String,
    /// The account that acts.
    pub account: PersonId,
    /// The société in whose name.
    pub societe: SocieteId,
    /// Where it came from.
    pub origin: Origin,
    /// Title shown to people.
    pub title: String,
    /// Parameters.
    pub parameters: BTreeMap<String, Value>,
    /// Who signs, in order.
    pub signatories: Vec<Signatory>,
    /// The document.
    pub document: DocumentRef,
    /// Digest of the sidecar file.
    pub sidecar: Option<Digest>,
    /// System user that owned the file.
    pub owner_uid: Option<u32>,
    /// The caller's idempotency key (HTTP).
    pub idempotency: Option<Idempotency>,
}

/// A caller's own name for his request.
#[derive(Clone, Debug)]
pub struct Idempotency {
    /// The key, unique to the account.
    pub key: String,
    /// Digest of all that the request says; another one under the same key is refused.
    pub request: Digest,
}

/// Where a document is now.
#[derive(Clone, Debug)]
pub struct Submitted {
    /// The dossier.
    pub dossier: Arc<Dossier>,
    /// True when it was there before this request.
    pub duplicate: bool,
}

#[derive(Serialize, Deserialize)]
struct IdempotencyRecord {
    request: Digest,
    dossier: DossierId,
}

impl Submission {
    /// The same document again has the same key: (channel, société, document, sidecar). A folder
    /// stands for one account; over HTTP the account is part of the key, so that nobody learns what
    /// another handed in.
    pub fn key(&self) -> Digest {
        let sidecar = self.sidecar.map(|digest| digest.to_string()).unwrap_or_default();
        let mut text = format!(
            "{}\n{}\n{}\n{}\n{}",
            self.origin.channel, self.workflow, self.societe, self.document.digest, sidecar
        );
        if !matches!(self.origin.channel, Channel::Folder(_)) {
            text = format!("{text}\n{}", self.account);
        }
        Digest::of(text.as_bytes())
    }
}

impl Core {
    pub(super) fn submit(
        &mut self,
        scratch: &mut Scratch,
        submission: Submission,
        now: Timestamp,
    ) -> Result<(Answer, Option<Transaction>), NotDone> {
        let idempotency_key = idempotency_row(&submission);
        if let Some(dossier) = self.answered(scratch, &submission, idempotency_key.as_deref())? {
            return Ok((submitted(dossier, true), None));
        }
        let key = submission.key();
        if idempotency_key.is_none()
            && let Some(dossier) = self.holder(scratch, &key)?
            && (dossier.phase.holds_its_key() || is_same_drop(&dossier, &submission))
        {
            return Ok((submitted(dossier, true), None));
        }
        self.receive(scratch, submission, key, idempotency_key, now)
    }

    fn receive(
        &mut self,
        scratch: &mut Scratch,
        mut submission: Submission,
        key: Digest,
        idempotency_key: Option<Vec<u8>>,
        now: Timestamp,
    ) -> Result<(Answer, Option<Transaction>), NotDone> {
        let id = DossierId::new(now.as_millisecond(), random(self.parts.entropy.as_ref()));
        let unknown = || NotDone::UnknownWorkflow(submission.workflow.clone());
        let definition = self.plans.current(&submission.workflow).ok_or_else(unknown)?;
        let request = submission.idempotency.as_ref().map(|idempotency| idempotency.request);
        let actor = format!("account/{}", submission.account);
        let signatories = self.named(std::mem::take(&mut submission.signatories));
        let people = signatories.iter().map(|(person, _)| *person).collect();
        let received = received(submission, id.clone(), key, definition, people);
        let command = Command::Receive(Box::new(received));
        let (dossier, mut transaction) =
            self.decide_dossier(scratch, &id, &command, &actor, now)?;
        let details = signatories.iter().map(|(id, who)| row(PERSONS, id.as_bytes(), who));
        transaction.projections.extend(details);
        transaction.projections.push(row(KEYS, key.bytes(), &id));
        scratch.keys.insert(key, id.clone());
        if let (Some(row_key), Some(request)) = (idempotency_key, request) {
            let record = IdempotencyRecord { request, dossier: id };
            transaction.projections.push(row(IDEMPOTENCY, &row_key, &record));
            scratch.idempotency.insert(row_key, records::encode(&record));
        }
        Ok((submitted(dossier, false), Some(transaction)))
    }

    /// Events know them by names that tell nothing, made for this dossier alone.
    fn named(&self, signatories: Vec<Signatory>) -> Vec<(PersonId, Signatory)> {
        let entropy = self.parts.entropy.as_ref();
        let named = |who| (PersonId::from_bytes(random(entropy)), who);
        signatories.into_iter().map(named).collect()
    }

    /// The dossier that an idempotency key was answered with.
    fn answered(
        &mut self,
        scratch: &Scratch,
        submission: &Submission,
        row_key: Option<&[u8]>,
    ) -> Result<Option<Arc<Dossier>>, NotDone> {
        let (Some(idempotency), Some(row_key)) = (&submission.idempotency, row_key) else {
            return Ok(None);
        };
        let bytes = match scratch.idempotency.get(row_key) {
            Some(bytes) => Some(bytes.clone()),
            None => self.parts.store.projection(IDEMPOTENCY, row_key)?,
        };
        let Some(bytes) = bytes else { return Ok(None) };
        let record: IdempotencyRecord = records::decode("idempotency key", &bytes)?;
        if record.request != idempotency.request {
            return Err(NotDone::KeyReused);
        }
        self.seen(scratch, &record.dossier)
    }

    /// The dossier that holds a document's key.
    pub(super) fn holder(
        &mut self,
        scratch: &Scratch,
        key: &Digest,
    ) -> Result<Option<Arc<Dossier>>, NotDone> {
        let id = match scratch.keys.get(key) {
            Some(id) => id.clone(),
            None => match self.parts.store.projection(KEYS, key.bytes())? {
                Some(bytes) => records::decode("document key", &bytes)?,
                None => return Ok(None),
            },
        };
        self.seen(scratch, &id)
    }

    /// The dossier as this batch sees it.
    pub(super) fn seen(
        &mut self,
        scratch: &Scratch,
        id: &DossierId,
    ) -> Result<Option<Arc<Dossier>>, NotDone> {
        match scratch.dossiers.get(id) {
            Some(dossier) => Ok(Some(Arc::clone(dossier))),
            None => self.cache.get(id, self.parts.store.as_ref()),
        }
    }
}

fn received(
    submission: Submission,
    dossier: DossierId,
    key: Digest,
    definition: Digest,
    signatories: Vec<PersonId>,
) -> Received {
    Received {
        dossier,
        workflow: submission.workflow,
        definition,
        account: submission.account,
        societe: submission.societe,
        origin: submission.origin,
        title: submission.title,
        parameters: submission.parameters,
        signatories,
        document: submission.document,
        sidecar: submission.sidecar,
        key,
        owner_uid: submission.owner_uid,
    }
}

/// After a crash the same drop comes again: it is the rejected dossier's own while that dossier's
/// rejection is not done in the folder; later, the same file is a new drop of a person.
fn is_same_drop(dossier: &Dossier, submission: &Submission) -> bool {
    let drop_id = |origin: &Origin| origin.source.get("drop_id").cloned();
    let named = drop_id(&submission.origin);
    let told = |effect: &PendingEffect| effect.kind == ORIGIN_STOPPED;
    named.is_some()
        && named == drop_id(&dossier.received.origin)
        && dossier.pending.values().any(told)
}

fn idempotency_row(submission: &Submission) -> Option<Vec<u8>> {
    let idempotency = submission.idempotency.as_ref()?;
    let text = format!("{}\n{}", submission.account, idempotency.key);
    Some(Digest::of(text.as_bytes()).bytes().to_vec())
}

fn submitted(dossier: Arc<Dossier>, duplicate: bool) -> Answer {
    Answer::Submitted(Submitted { dossier, duplicate })
}

fn row<T: Serialize>(table: &str, key: &[u8], value: &T) -> ProjectionWrite {
    ProjectionWrite {
        table: table.to_owned(),
        key: key.to_vec(),
        value: Some(records::encode(value)),
    }
}
