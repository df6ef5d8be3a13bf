//! Granting a délégation.

use super::{CabinetRefusal, Decision, GrantDelegation, Scene};
use crate::delegation::{Delegataire, DelegationTerms};
use crate::event::{Actor, CabinetChange};

impl Scene<'_> {
    pub(super) fn grant(&self, grant: GrantDelegation) -> Decision {
        let GrantDelegation { delegation, delegataire, terms } = grant;
        self.needs_admin_or(terms.delegant)?;
        if self.registry.delegation(delegation).is_some() {
            return Err(CabinetRefusal::IdentifierTaken);
        }
        self.needs_open_societe(&terms.societe)?;
        self.needs_delegant(&terms)?;
        self.needs_sense(&terms)?;
        let delegataire = match self.registry.account_by_address(&delegataire, self.at) {
            Some(account) => Delegataire::Account { person: account.id() },
            None => Delegataire::Address { commitment: delegataire },
        };
        self.not_to_oneself(delegataire, &terms)?;
        Ok(vec![CabinetChange::DelegationGranted { delegation, delegataire, terms }])
    }

    fn needs_delegant(&self, terms: &DelegationTerms) -> Result<(), CabinetRefusal> {
        let eligible = self
            .registry
            .account(terms.delegant)
            .is_some_and(|account| account.is_expert_comptable(&terms.societe, self.at));
        match eligible {
            true => Ok(()),
            false => Err(CabinetRefusal::DelegantNotEligible { societe: terms.societe.clone() }),
        }
    }

    fn needs_sense(&self, terms: &DelegationTerms) -> Result<(), CabinetRefusal> {
        let days = terms.days;
        let reversed = days.first.zip(days.last).is_some_and(|(first, last)| first > last);
        let empty = terms.workflows.as_ref().is_some_and(|set| set.is_empty())
            || terms.channels.as_ref().is_some_and(|set| set.is_empty());
        match () {
            () if terms.rights.is_empty() => Err(CabinetRefusal::NoRights),
            () if empty => Err(CabinetRefusal::NothingCovered),
            () if reversed => Err(CabinetRefusal::DaysReversed),
            () => Ok(()),
        }
    }

    /// Neither the délégant nor the person who orders the grant may be the délégataire.
    fn not_to_oneself(
        &self,
        delegataire: Delegataire,
        terms: &DelegationTerms,
    ) -> Result<(), CabinetRefusal> {
        let Delegataire::Account { person } = delegataire else { return Ok(()) };
        match person == terms.delegant || self.actor == (Actor::Person { person }) {
            true => Err(CabinetRefusal::ToOneself),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;

    use crate::fixture::*;
    use crate::{
        AccountCommand, Actor, Answer, Basis, CabinetCommand as C, CabinetRefusal as R, Channel,
        ChannelGrant, Days, DelegationObstacle as O, DelegationTerms, GrantDelegation, Question,
        Reason, Right, Rights, Roles,
    };

    fn obstacles(world: &World, question: &Question) -> Vec<O> {
        match world.registry.may(question) {
            Answer::No { reasons } => match &reasons[..] {
                [Reason::Delegation { obstacles, .. }] => obstacles.clone(),
                other => panic!("{other:?}"),
            },
            yes => panic!("{yes:?}"),
        }
    }

    #[test]
    fn a_grant_lets_act_and_says_by_what() {
        let mut world = World::staffed();
        assert!(!world.may(PAUL, Right::Sceller).is_yes());
        world.must(grant(terms()));
        let Answer::Yes { basis, stands_on } = world.may(PAUL, Right::Sceller) else { panic!() };
        let snapshot = world.registry.delegation(GRANT).unwrap().snapshot(world.now()).unwrap();
        let digest = snapshot.digest();
        assert_eq!(basis, Basis::Delegation { id: GRANT, version: 1, digest, delegant: EXPERT });
        assert_eq!(stands_on.len(), 4);
        assert!(!world.may(PAUL, Right::Preparer).is_yes());
    }

    #[test]
    fn nobody_grants_to_himself() {
        let mut world = World::staffed();
        let own =
            GrantDelegation { delegation: GRANT, delegataire: address("claire"), terms: terms() };
        assert_eq!(world.order(ROOT, C::Grant(own)), Err(R::ToOneself));
        let roles = Roles { admin: true, ..Roles::default() };
        world.account(PAUL, AccountCommand::SetRoles { roles }).unwrap();
        let paul = Actor::Person { person: PAUL };
        assert_eq!(world.order(paul, grant(terms())), Err(R::ToOneself), "an admin, in her name");
    }

    #[test]
    fn a_waiting_grant_of_an_admin_is_never_bound_to_him() {
        let mut world = World::founded();
        let admin = Actor::Person { person: ADMIN };
        world.order(admin, grant(terms())).unwrap();
        let moved = AccountCommand::SetAddress { address: address("paul") };
        world.account(ADMIN, moved).unwrap();
        assert!(!world.may(ADMIN, Right::Sceller).is_yes());
    }

    #[test]
    fn only_the_delegant_or_an_admin_grants_and_only_for_his_societe() {
        let mut world = World::staffed();
        let paul = Actor::Person { person: PAUL };
        let refused = R::NotAllowed { expert_comptable: true };
        assert_eq!(world.order(paul, grant(terms())), Err(refused));
        let not_eligible = R::DelegantNotEligible { societe: societe() };
        let by_admin = DelegationTerms { delegant: ADMIN, ..terms() };
        assert_eq!(world.order(ROOT, grant(by_admin)), Err(not_eligible));
        let elsewhere = DelegationTerms { societe: "nulle".parse().unwrap(), ..terms() };
        assert!(matches!(world.order(ROOT, grant(elsewhere)), Err(R::UnknownSociete { .. })));
        assert!(world.order(Actor::Person { person: EXPERT }, grant(terms())).is_ok());
        assert_eq!(world.order(ROOT, grant(terms())), Err(R::IdentifierTaken));
    }

    #[test]
    fn terms_that_open_nothing_are_refused() {
        let mut world = World::staffed();
        let days = Days { first: Some(date(2026, 5, 2)), last: Some(date(2026, 5, 1)) };
        for (bad, why) in [
            (DelegationTerms { rights: Rights::new(), ..terms() }, R::NoRights),
            (DelegationTerms { workflows: Some(BTreeSet::new()), ..terms() }, R::NothingCovered),
            (DelegationTerms { channels: Some(BTreeSet::new()), ..terms() }, R::NothingCovered),
            (DelegationTerms { days, ..terms() }, R::DaysReversed),
        ] {
            assert_eq!(world.order(ROOT, grant(bad)), Err(why));
        }
    }

    #[test]
    fn limits_of_workflow_and_channel_hold() {
        let mut world = World::staffed();
        let workflows = Some(BTreeSet::from(["attestation".to_owned()]));
        let channels = Some(BTreeSet::from([ChannelGrant::Folder("a".into())]));
        world.must(grant(DelegationTerms { workflows, channels, ..terms() }));
        let asked = |workflow: Option<&str>, channel| Question {
            workflow: workflow.map(str::to_owned),
            channel,
            ..question(PAUL, Right::Sceller, world.now())
        };
        let folder = |name: &str| Some(Channel::Folder(name.into()));
        assert!(world.registry.may(&asked(Some("attestation"), folder("a"))).is_yes());
        let one = obstacles(&world, &asked(Some("plaquette"), folder("a")));
        assert!(matches!(one[..], [O::WorkflowNotCovered { .. }]), "{one:?}");
        let one = obstacles(&world, &asked(Some("attestation"), folder("b")));
        assert!(matches!(one[..], [O::ChannelNotCovered { .. }]), "{one:?}");
        assert_eq!(obstacles(&world, &asked(None, None)).len(), 2, "a limited right is not all");
        assert!(world.registry.may_somewhere(&asked(None, None)).is_yes());
        assert!(world.registry.may_somewhere(&asked(None, folder("a"))).is_yes());
        assert!(!world.registry.may_somewhere(&asked(None, folder("b"))).is_yes());
    }

    #[test]
    fn days_are_days_of_paris() {
        let mut world = World::staffed();
        let days = Days { first: Some(date(2026, 7, 1)), last: Some(date(2026, 7, 31)) };
        world.must(grant(DelegationTerms { days, ..terms() }));
        let may = |at: &str| world.may_at(PAUL, Right::Sceller, at.parse().unwrap()).is_yes();
        assert!(!may("2026-06-30T21:59:59Z") && may("2026-06-30T22:00:00Z"));
        assert!(may("2026-07-31T21:59:59Z") && !may("2026-07-31T22:00:00Z"));
        let at = "2026-08-01T12:00:00Z".parse().unwrap();
        let one = obstacles(&world, &question(PAUL, Right::Sceller, at));
        assert_eq!(one, [O::Expired { last: date(2026, 7, 31) }]);
    }

    #[test]
    fn a_delegant_who_is_no_expert_comptable_any_more_gives_nothing() {
        let mut world = World::staffed();
        world.must(grant(terms()));
        let before = world.now();
        let none = AccountCommand::SetRoles { roles: Roles::default() };
        world.account(EXPERT, none).unwrap();
        let one = obstacles(&world, &question(PAUL, Right::Sceller, world.now()));
        assert_eq!(one, [O::DelegantNotEligible { delegant: EXPERT }]);
        assert!(world.may_at(PAUL, Right::Sceller, before).is_yes());
    }
}
