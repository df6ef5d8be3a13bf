//! `[revocation]`: how the authorities that certificates name are asked about them.

use std::time::Duration;

use sceau_engine::fetch::FetchPolicy;
use sceau_workflow::faults::TableReader;

use super::RevocationConfig;

const TIMEOUT: Duration = Duration::from_secs(20);

/// `allow_private_network = true`, `timeout = "20s"`; both may be left out, as may the table.
pub(super) fn read(root: &TableReader<'_>) -> RevocationConfig {
    let mut config = RevocationConfig { allow_private_network: false, timeout: TIMEOUT };
    let Some(table) = root.table("revocation") else { return config };
    let bounds = Duration::from_secs(1)..=Duration::from_secs(120);
    config.allow_private_network = table.boolean("allow_private_network").unwrap_or(false);
    config.timeout = table.duration("timeout", bounds).unwrap_or(TIMEOUT);
    table.finish();
    config
}

impl RevocationConfig {
    /// What fetching may do.
    pub(crate) fn policy(&self) -> FetchPolicy {
        FetchPolicy { allow_private: self.allow_private_network, timeout: self.timeout }
    }
}
