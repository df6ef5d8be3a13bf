//! Founding the cabinet.

use super::{CabinetRefusal, Decision, Scene, good_name};
use crate::event::CabinetChange;

impl Scene<'_> {
    pub(super) fn create_cabinet(&self, name: String) -> Decision {
        if self.registry.cabinet().is_some() {
            return Err(CabinetRefusal::CabinetExists);
        }
        Ok(vec![CabinetChange::CabinetCreated { name: good_name(&name)? }])
    }
}
