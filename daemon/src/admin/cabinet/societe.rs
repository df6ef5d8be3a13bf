//! Sociétés.

use super::Counter;
use crate::admin::protocol::{CabinetResponse, SocieteView};

impl Counter<'_> {
    pub(super) fn societes(&self) -> CabinetResponse {
        let view = |societe: &sceau_cabinet::Societe| SocieteView {
            societe: societe.id().clone(),
            name: societe.name().to_owned(),
            siren: societe.siren().to_owned(),
            added_at: societe.added_at(),
            closed_since: societe.closed_since(self.now),
        };
        CabinetResponse::Societes { societes: self.registry.societes().map(view).collect() }
    }
}
