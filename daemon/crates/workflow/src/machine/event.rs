//! What happened to a dossier. Events are never changed once written; people are named by id only.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sceau_cabinet::{Basis, Channel, PersonId, Right, SocieteId, Subject};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Digest, DossierId, EffectId, Failure, Settled};

/// A document by its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRef {
    /// SHA-256 of the bytes.
    pub digest: Digest,
    /// Length in bytes.
    pub len: u64,
}

/// Where a document came from, as its channel tells it; opaque to the machine but for the lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The channel that the rights are asked for.
    pub channel: Channel,
    /// File name as shown to people (NFC), with its extension.
    pub name: String,
    /// What the channel needs to find its source again (a claimed path, a request id).
    #[serde(default)]
    pub source: Value,
}

/// What was received, and for whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// The dossier's name.
    pub dossier: DossierId,
    /// Name of the workflow.
    pub workflow: String,
    /// The definition that this dossier keeps for its whole life.
    pub definition: Digest,
    /// The account that acts.
    pub account: PersonId,
    /// The société in whose name.
    pub societe: SocieteId,
    /// Where it came from.
    pub origin: Origin,
    /// Title shown to people.
    pub title: String,
    /// Parameters from the sidecar file, the sub-folders or the request.
    #[serde(default)]
    pub parameters: BTreeMap<String, Value>,
    /// Who signs, in order; who they are stands in the erasable table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatories: Vec<PersonId>,
    /// The document.
    pub document: DocumentRef,
    /// Digest of the sidecar file, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sidecar: Option<Digest>,
    /// (folder, société, document, sidecar) in one digest: the same file twice has the same key.
    pub key: Digest,
    /// System user that owned the dropped file, where it is known (not proven over SMB).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_uid: Option<u32>,
}

/// The right to make one act, committed before the act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorised {
    /// Index of the step in the workflow.
    pub step: usize,
    /// Attempt of the step; a later one supersedes it.
    pub attempt: u32,
    /// The right that was asked for.
    pub right: Right,
    /// By what it is had.
    pub basis: Basis,
    /// What the answer stands on, with versions: the preconditions of its commit.
    pub stands_on: Vec<(Subject, u64)>,
    /// SHA-256 of the bytes to be signed.
    pub act: Digest,
    /// After this moment (at most a minute later) the signer refuses.
    pub expires_at: Timestamp,
}

/// A step as it is told when its workflow is left behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepName {
    /// Its name in its workflow.
    pub id: String,
    /// Its kind.
    pub kind: String,
}

/// Something that happened to a dossier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum DossierEvent {
    /// A document came in and was kept.
    Received(Box<Received>),
    /// A step began, or began again with a new attempt.
    StepEntered {
        /// Index of the step.
        step: usize,
        /// Counts from 1 over the life of the dossier and never goes back.
        attempt: u32,
        /// Why it began again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The step's own state changed while it waits.
    StepMoved {
        /// Index of the step.
        step: usize,
        /// Its attempt.
        attempt: u32,
        /// The reducer's state from now on.
        state: Value,
    },
    /// The act may be made.
    Authorised(Box<Authorised>),
    /// An effect was asked for; it stands in the outbox under this id.
    EffectAsked {
        /// Its id.
        id: EffectId,
        /// Its lane.
        lane: String,
        /// Its kind.
        kind: String,
    },
    /// An effect's outcome came back, or the effect is no longer wanted.
    EffectEnded {
        /// Its id.
        id: EffectId,
    },
    /// The document reached a level of its signature, and the copy at that level is kept.
    LevelReached {
        /// Index of the step.
        step: usize,
        /// Its attempt.
        attempt: u32,
        /// The level by its name in the standard, as in `B-LT`.
        level: String,
        /// The document at that level.
        document: DocumentRef,
    },
    /// The step is done.
    StepDone {
        /// Index of the step.
        step: usize,
        /// Its attempt.
        attempt: u32,
        /// The document after this step, where it made a new one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        document: Option<DocumentRef>,
        /// Other files that the dossier keeps from now on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        kept: Vec<DocumentRef>,
        /// What the evidence file tells of it.
        #[serde(default)]
        result: Settled<Value>,
    },
    /// A routing step handed the dossier to another workflow, to which it is pinned from now on.
    Routed {
        /// Name of the other workflow.
        workflow: String,
        /// Its definition.
        definition: Digest,
        /// The definition that it leaves.
        from: Digest,
        /// Names and kinds of the steps of the workflow that it leaves.
        steps: Vec<StepName>,
        /// The société in whose name it goes on, where the workflow that it leaves names one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        societe: Option<SocieteId>,
    },
    /// The dossier stopped: rejected, or waiting for somebody inside to act.
    Stopped {
        /// Why.
        failure: Failure,
    },
    /// Somebody asked to go on.
    Retried {
        /// Who, as recorded by the channel.
        by: String,
    },
    /// Somebody ended it.
    Cancelled {
        /// Who, as recorded by the channel.
        by: String,
        /// Why, in his words.
        reason: String,
    },
    /// All steps are done.
    Completed,
    /// The proofs in the delivered document have an end: they are renewed before it.
    RenewalPlanned {
        /// Index of the step that renews.
        step: usize,
        /// When.
        due: Timestamp,
        /// The end of the workflow's retention: nothing is renewed after it.
        until: Timestamp,
    },
    /// The renewal begins.
    RenewalBegun {
        /// Index of the step that renews.
        step: usize,
        /// Why, and on what right: none, since no key of a société is used.
        reason: String,
    },
    /// The renewal came to nothing this time; the document is what it was.
    RenewalFailed {
        /// Why.
        failure: Failure,
        /// When it is tried again.
        due: Timestamp,
    },
    /// The renewed document is kept and delivered.
    Renewed,
}
