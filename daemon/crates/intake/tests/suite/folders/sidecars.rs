//! Sidecars: either order, bounded wait, faults with lines, consumed together.

use crate::world::{World, pdf, secs};
use sceau_intake::SidecarRule;

const FICHE: &[u8] = b"title = \"Plaquette\"\nsociete = \"dupont\"\n\
    [[signatories]]\nname = \"J\"\nemail = \"j@example.fr\"\n[parameters]\nexercice = 2025\n";

fn world(sidecar: SidecarRule) -> World {
    World::with(|config| {
        config.sidecar = sidecar;
        config.societes = vec!["dupont".into()];
    })
}

fn required() -> World {
    world(SidecarRule::Required { wait: secs(120) })
}

#[test]
fn whichever_comes_first_both_are_taken_together() {
    for order in [["x.pdf", "x.toml"], ["x.toml", "x.pdf"]] {
        let mut world = required();
        for name in order {
            let bytes = if name == "x.pdf" { pdf("a") } else { FICHE.to_vec() };
            world.put(name, &bytes);
            world.run(20);
        }
        assert_eq!(world.names(), ["en-cours/x.pdf", "en-cours/x.toml"]);
        let received = &world.engine.dossiers()[0].received;
        let sidecar = received.sidecar.as_ref().unwrap();
        assert_eq!(sidecar.content.title.as_deref(), Some("Plaquette"));
        assert_eq!(received.parameters["exercice"], "2025");
    }
}

#[test]
fn a_sidecar_that_is_still_written_is_waited_for() {
    let mut world = world(SidecarRule::Optional { wait: secs(0) });
    world.put("x.pdf", &pdf("a"));
    world.run(4);
    world.put("x.pdf.toml", b"title = ");
    world.run(3);
    assert!(world.engine.dossiers().is_empty());
    world.put("x.pdf.toml", FICHE);
    world.run(6);
    assert!(world.engine.dossiers()[0].received.sidecar.is_some());
}

#[test]
fn a_required_sidecar_that_does_not_come_is_told() {
    let mut world = required();
    world.put("x.pdf", &pdf("a"));
    world.run(119);
    assert_eq!(world.names(), ["x.pdf"]);
    world.run(1);
    assert!(world.text("rejetes/x.pdf.erreur.txt").contains("aucune n'est arrivée en 2 minutes"));
}

#[test]
fn an_optional_sidecar_is_waited_for_as_long_as_configured() {
    let mut world = world(SidecarRule::Optional { wait: secs(30) });
    world.put("x.pdf", &pdf("a"));
    world.run(29);
    assert!(world.engine.dossiers().is_empty());
    world.run(1);
    assert!(world.engine.dossiers()[0].received.sidecar.is_none());
}

#[test]
fn a_sidecar_alone_is_told() {
    let mut world = required();
    world.put("x.toml", FICHE);
    world.run(121);
    assert!(world.text("rejetes/x.toml.erreur.txt").contains("restée seule"));
}

#[test]
fn faults_are_listed_and_both_files_are_set_aside() {
    let mut world = required();
    world.put("x.pdf", &pdf("a"));
    world.put("x.json", b"{\n\"titel\": \"x\",\n\"societe\": \"autre\"\n}");
    world.run(6);
    assert_eq!(world.names(), ["rejetes/x.json", "rejetes/x.pdf", "rejetes/x.pdf.erreur.txt"]);
    let text = world.text("rejetes/x.pdf.erreur.txt");
    assert!(text.contains("- ligne 2 : ") && text.contains("- ligne 3 : "), "{text}");
    assert!(world.engine.dossiers().is_empty());
}

#[test]
fn two_sidecars_are_one_too_many() {
    let mut world = required();
    world.put("x.pdf", &pdf("a"));
    world.put("x.toml", FICHE);
    world.put("x.pdf.json", b"{}");
    world.run(6);
    assert_eq!(world.names().len(), 4);
    assert!(world.text("rejetes/x.pdf.erreur.txt").contains("x.pdf.json, x.toml"));
}

#[test]
fn a_sub_folder_and_a_sidecar_must_agree() {
    for (place, dossiers) in [("2025", 1), ("2024", 0)] {
        let mut world = World::with(|config| {
            config.sidecar = SidecarRule::Optional { wait: secs(0) };
            config.societes = vec!["dupont".into()];
            config.subfolders = vec!["exercice".into()];
        });
        world.put(&format!("{place}/x.pdf"), &pdf("a"));
        world.put(&format!("{place}/x.toml"), FICHE);
        world.run(6);
        assert_eq!(world.engine.dossiers().len(), dossiers);
    }
}

#[test]
fn the_same_document_with_another_sidecar_is_another_dossier() {
    let mut world = required();
    for fiche in [FICHE, b"title = \"Autre\"\n"] {
        world.put("x.pdf", &pdf("a"));
        world.put("x.toml", fiche);
        world.run(6);
    }
    assert_eq!(world.engine.dossiers().len(), 2);
}

#[test]
fn delivery_and_rejection_take_the_sidecar_along() {
    for deliver in [true, false] {
        let mut world = required();
        world.put("x.pdf", &pdf("a"));
        world.put("x.toml", FICHE);
        world.run(6);
        let source = world.engine.sources().remove(0);
        if deliver {
            world.deliver(&source).unwrap();
            assert_eq!(world.read("livres/originaux/x.toml").unwrap(), FICHE);
        } else {
            world.reject(&source);
            assert_eq!(world.read("rejetes/x.toml").unwrap(), FICHE);
        }
    }
}

#[test]
fn without_sidecars_a_toml_file_is_no_pdf() {
    let mut world = World::new();
    world.put("x.toml", FICHE);
    world.run(61);
    assert!(world.text("rejetes/x.toml.erreur.txt").contains("pas un fichier PDF"));
}
