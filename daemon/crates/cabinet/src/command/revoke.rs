//! Revoking a délégation.

use super::{CabinetRefusal, Decision, Scene};
use crate::event::CabinetChange;
use crate::ids::DelegationId;

impl Scene<'_> {
    pub(super) fn revoke(&self, id: DelegationId) -> Decision {
        let delegation = self.registry.delegation(id).ok_or(CabinetRefusal::UnknownDelegation)?;
        self.needs_admin_or(delegation.terms().delegant)?;
        match delegation.revoked() {
            Some(_) => Err(CabinetRefusal::AlreadyRevoked),
            None => Ok(vec![CabinetChange::DelegationRevoked { delegation: id }]),
        }
    }
}
