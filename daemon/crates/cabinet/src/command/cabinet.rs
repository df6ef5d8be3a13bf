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

#[cfg(test)]
mod tests {
    use crate::CabinetCommand as C;
    use crate::CabinetRefusal as R;
    use crate::fixture::*;

    #[test]
    fn a_cabinet_is_founded_once() {
        let mut world = World::empty();
        let found = || C::CreateCabinet { name: "Cabinet Martin".into() };
        assert_eq!(world.order(ROOT, C::CreateCabinet { name: " ".into() }), Err(R::BadName));
        world.must(found());
        assert_eq!(world.registry.cabinet(), Some("Cabinet Martin"));
        assert_eq!(world.order(ROOT, found()), Err(R::CabinetExists));
    }
}
