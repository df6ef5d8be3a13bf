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

#[cfg(test)]
mod tests {
    use crate::fixture::*;
    use crate::{
        Actor, CabinetCommand as C, CabinetRefusal as R, DelegationState, EnregistrementStep, Right,
    };

    fn record(step: EnregistrementStep) -> C {
        C::RecordStep { person: PAUL, step, version: "1".into() }
    }

    #[test]
    fn the_right_to_sign_waits_for_every_step() {
        let mut world = World::staffed();
        let rights = [Right::Signer, Right::Sceller].into();
        world.must(grant(crate::DelegationTerms { rights, ..terms() }));
        for step in EnregistrementStep::ALL {
            assert!(!world.may(PAUL, Right::Signer).is_yes());
            assert!(world.may(PAUL, Right::Sceller).is_yes(), "other rights do not wait");
            world.must(record(step));
        }
        assert!(world.may(PAUL, Right::Signer).is_yes());
        let delegation = world.registry.delegation(GRANT).unwrap();
        let state = |registered| delegation.state(world.now(), registered);
        assert_eq!(state(false), Some(DelegationState::WaitingForRegistration));
        assert_eq!(state(true), Some(DelegationState::Active));
        world.must(C::WithdrawStep { person: PAUL, step: EnregistrementStep::Certificate });
        assert!(!world.may(PAUL, Right::Signer).is_yes(), "a certificate was revoked");
    }

    #[test]
    fn a_person_registers_himself_and_nobody_else() {
        let mut world = World::staffed();
        let step = record(EnregistrementStep::Cgu);
        let refused = R::NotAllowed { expert_comptable: true };
        assert_eq!(world.order(Actor::Person { person: EXPERT }, step.clone()), Err(refused));
        assert!(world.order(Actor::Person { person: PAUL }, step.clone()).is_ok());
        assert_eq!(world.order(ROOT, step), Err(R::NothingChanges));
    }
}
