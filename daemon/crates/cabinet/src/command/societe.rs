//! Sociétés: added, renamed, closed; never deleted.

use super::{CabinetRefusal, Decision, Scene, good_name};
use crate::event::CabinetChange;
use crate::ids::SocieteId;

impl Scene<'_> {
    pub(super) fn add_societe(&self, societe: SocieteId, name: String, siren: String) -> Decision {
        self.needs_admin()?;
        if self.registry.cabinet().is_none() {
            return Err(CabinetRefusal::NoCabinet);
        }
        if self.registry.societe(&societe).is_some() {
            return Err(CabinetRefusal::SocieteExists { societe });
        }
        let name = good_name(&name)?;
        let siren: String = siren.split_whitespace().collect();
        if !is_siren(&siren) {
            return Err(CabinetRefusal::BadSiren { siren: siren.chars().take(20).collect() });
        }
        Ok(vec![CabinetChange::SocieteAdded { societe, name, siren }])
    }

    pub(super) fn rename_societe(&self, societe: SocieteId, name: String) -> Decision {
        self.needs_admin()?;
        let name = good_name(&name)?;
        if self.needs_open_societe(&societe)?.name() == name {
            return Err(CabinetRefusal::NothingChanges);
        }
        Ok(vec![CabinetChange::SocieteRenamed { societe, name }])
    }

    pub(super) fn close_societe(&self, societe: SocieteId) -> Decision {
        self.needs_admin()?;
        self.needs_open_societe(&societe)?;
        Ok(vec![CabinetChange::SocieteClosed { societe }])
    }
}

/// Nine digits whose Luhn sum is a multiple of ten (the SIREN's key, INSEE).
fn is_siren(text: &str) -> bool {
    let digits = text.bytes().map(|c| u32::from(c.wrapping_sub(b'0')));
    let luhn = |(place, digit): (usize, u32)| match place % 2 {
        1 => digit * 2 % 10 + digit * 2 / 10,
        _ => digit,
    };
    text.len() == 9
        && text.bytes().all(|c| c.is_ascii_digit())
        && digits.enumerate().map(luhn).sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::is_siren;
    use crate::fixture::*;
    use crate::{Actor, CabinetCommand as C, CabinetRefusal as R, Reason, Right};

    #[test]
    fn the_key_of_a_siren_is_checked() {
        assert!(is_siren("732829320") && is_siren("356000000"));
        for bad in ["732829321", "73282932", "7328293200", "73282932a", ""] {
            assert!(!is_siren(bad), "{bad}");
        }
    }

    #[test]
    fn only_admins_add_and_a_code_is_never_taken_twice() {
        let mut world = World::staffed();
        let add = |code: &str, siren: &str| C::AddSociete {
            societe: code.parse().unwrap(),
            name: "Autre".into(),
            siren: siren.into(),
        };
        let paul = Actor::Person { person: PAUL };
        let refused = R::NotAllowed { expert_comptable: false };
        assert_eq!(world.order(paul, add("autre", "356000000")), Err(refused));
        let admin = Actor::Person { person: ADMIN };
        assert!(world.order(admin, add("autre", "356000000")).is_ok());
        let refused = R::SocieteExists { societe: societe() };
        assert_eq!(world.order(ROOT, add("martin", "356000000")), Err(refused));
        assert!(matches!(world.order(ROOT, add("tiers", "1")), Err(R::BadSiren { .. })));
    }

    #[test]
    fn a_closed_societe_lets_nobody_act_and_keeps_its_past() {
        let mut world = World::staffed();
        let before = world.now();
        world.must(C::CloseSociete { societe: societe() });
        let answer = world.may(EXPERT, Right::Sceller);
        let crate::Answer::No { reasons } = answer else { panic!("{answer:?}") };
        assert!(matches!(reasons[..], [Reason::SocieteClosed { .. }]), "{reasons:?}");
        assert!(world.may_at(EXPERT, Right::Sceller, before).is_yes());
        let rename = C::RenameSociete { societe: societe(), name: "X".into() };
        assert_eq!(world.order(ROOT, rename), Err(R::SocieteClosed { societe: societe() }));
    }
}
