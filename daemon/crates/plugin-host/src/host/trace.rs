//! What a run used up.

use std::collections::BTreeMap;
use std::time::Duration;

/// What a run used up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Time from instantiation to answer.
    pub time: Duration,
    /// Most memory, in bytes.
    pub memory: u64,
    /// Host calls.
    pub calls: u64,
    /// Host calls that were refused for want of a right, by capability.
    pub denied: BTreeMap<String, u64>,
    /// Log lines that were dropped.
    pub dropped_lines: u64,
    /// Fuel, where the machine counts it: the same work uses the same fuel.
    pub fuel: Option<u64>,
    /// Each host call, where that was wanted.
    pub trace: Vec<HostCall>,
}

/// One host call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostCall {
    /// Such as `documents.read`.
    pub name: &'static str,
    /// Its arguments in short; never a secret.
    pub detail: String,
    /// Time within the host.
    pub time: Duration,
    /// Fuel that was left when it was made, where the machine counts it.
    pub fuel_left: Option<u64>,
}
