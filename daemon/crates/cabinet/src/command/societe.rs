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
