//! Nothing goes wrong.

use super::check;
use super::documents::pdf;
use super::world::{Setup, World};
use crate::alone;

#[test]
fn a_dropped_pdf_comes_back_sealed_with_its_evidence() {
    let _alone = alone();
    for workflow in ["attestation", "plaquette"] {
        let mut world = World::new(Setup { workflow });
        world.grant();
        let documents = [("bilan.pdf", pdf("bilan")), ("lettre.pdf", pdf("lettre"))];
        documents.iter().for_each(|(name, bytes)| world.drop_file(name, bytes));
        world.settle();
        check::delivered(&mut world, &documents, workflow);
    }
}
