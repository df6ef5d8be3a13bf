//! The steps of a person's enregistrement.

use super::{CabinetRefusal, Decision, Scene, good_name};
use crate::enregistrement::EnregistrementStep;
use crate::event::CabinetChange;
use crate::ids::PersonId;

impl Scene<'_> {
    pub(super) fn record_step(
        &self,
        person: PersonId,
        step: EnregistrementStep,
        version: String,
    ) -> Decision {
        self.needs_admin_or(person)?;
        let version = good_name(&version)?;
        let recorded = self.needs_account(person)?.enregistrement().step(step, self.at);
        match recorded {
            Some((_, same)) if same == version => Err(CabinetRefusal::NothingChanges),
            _ => Ok(vec![CabinetChange::EnregistrementRecorded { person, step, version }]),
        }
    }

    pub(super) fn withdraw_step(&self, person: PersonId, step: EnregistrementStep) -> Decision {
        self.needs_admin_or(person)?;
        match self.needs_account(person)?.enregistrement().step(step, self.at) {
            Some(_) => Ok(vec![CabinetChange::EnregistrementWithdrawn { person, step }]),
            None => Err(CabinetRefusal::NothingChanges),
        }
    }
}
