//! What the machine needs of a workflow definition; kept under the definition's hash for as long
//! as a dossier is pinned to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Digest;

/// The current plans by the name of their workflow: where a routing step can lead.
pub type Routes = BTreeMap<String, (Digest, Arc<Plan>)>;

/// A workflow as a dossier runs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Name of the workflow.
    pub workflow: String,
    /// Its steps, in order; never empty.
    pub steps: Vec<PlannedStep>,
    /// For how many years the sealed document and its evidence are kept and renewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_years: Option<u16>,
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedStep {
    /// Its name in the workflow.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Its settings, checked by the kind's parser.
    pub settings: Value,
}
