//! The walls hold; and each of them, broken on purpose, is seen to be broken.

use std::sync::LazyLock;

use sceau_tests::root;
use sceau_tests::walls::graph::{Graph, Kind};
use sceau_tests::walls::{licences, lints, rules};

static GRAPH: LazyLock<Graph> = LazyLock::new(|| Graph::load(&root()));

type Check = fn(&Graph) -> Vec<String>;

fn holds(check: Check) {
    let breaches = check(&GRAPH);
    assert!(breaches.is_empty(), "\n  {}", breaches.join("\n  "));
}

/// Breaks a copy of the workspace and demands that the check names the culprit.
fn is_seen(check: Check, culprit: &str, break_it: impl Fn(&mut Graph)) {
    let mut broken = GRAPH.clone();
    break_it(&mut broken);
    let breaches = check(&broken);
    assert!(breaches.iter().any(|b| b.contains(culprit)), "{culprit} not among {breaches:?}");
}

#[test]
fn rooms_use_only_the_rooms_below_them() {
    holds(rules::rooms);
}

#[test]
fn every_forbidden_room_edge_is_seen() {
    for from in rules::ROOMS {
        for to in rules::ROOMS {
            if from.name == to.name || from.may_use.contains(&to.name) {
                continue;
            }
            let said = format!("{} declares {}", from.name, to.name);
            is_seen(rules::rooms, &said, |graph| graph.break_in(from.name, to.name, Kind::Normal));
        }
    }
}

#[test]
fn a_test_only_edge_between_rooms_is_seen_too() {
    is_seen(rules::rooms, "sceau-pdf declares sceau-store (Dev)", |graph| {
        graph.break_in("sceau-pdf", "sceau-store", Kind::Dev);
    });
}

#[test]
fn a_room_smuggled_in_through_a_foreign_crate_is_seen() {
    is_seen(rules::rooms, "sceau-pdf reaches sceau-store", |graph| {
        graph.break_in("sceau-pdf", "innocent", Kind::Normal);
        graph.break_in("innocent", "sceau-store", Kind::Normal);
    });
}

#[test]
fn a_member_without_a_place_in_the_house_is_seen() {
    is_seen(rules::rooms, "sceau-utils: a member without a place", |graph| {
        let mut node = graph.nodes[&graph.id("sceau-pdf")].clone();
        node.name = "sceau-utils".to_owned();
        graph.nodes.insert("made-up#sceau-utils".to_owned(), node);
    });
}

#[test]
fn foreign_crates_stay_in_the_room_they_belong_to() {
    holds(rules::strangers);
}

#[test]
fn every_foreign_crate_in_a_wrong_room_is_seen() {
    for rule in rules::BELONGS {
        let name = rule.name.replace('*', "");
        for room in rules::ROOMS.iter().filter(|room| !rule.rooms.contains(&room.name)) {
            let said = format!("{} has {name}", room.name);
            is_seen(rules::strangers, &said, |graph| {
                graph.break_in(room.name, &name, Kind::Normal);
            });
        }
    }
}

#[test]
fn a_foreign_crate_that_brings_another_rooms_crate_is_seen() {
    is_seen(rules::strangers, "sceau-intake has redb", |graph| {
        graph.break_in("sceau-intake", "innocent", Kind::Build);
        graph.break_in("innocent", "redb", Kind::Normal);
    });
}

#[test]
fn pure_rooms_reach_no_world() {
    holds(rules::purity);
}

#[test]
fn every_road_from_a_pure_room_to_the_world_is_seen() {
    for room in rules::ROOMS.iter().filter(|room| room.pure) {
        for world in rules::NEVER_IN_PURE {
            let said = format!("{} is pure, and reaches {world}", room.name);
            is_seen(rules::purity, &said, |graph| {
                graph.break_in(room.name, "innocent", Kind::Normal);
                graph.break_in("innocent", world, Kind::Normal);
            });
        }
    }
}

#[test]
fn test_features_do_not_ship() {
    holds(rules::test_features);
}

#[test]
fn a_test_feature_that_ships_is_seen() {
    for feature in rules::TEST_FEATURES {
        is_seen(rules::test_features, "sceau-engine turns on a test feature", |graph| {
            graph.break_in("sceau-engine", "sceau-disk", Kind::Normal);
            let id = graph.id("sceau-engine");
            let line = graph.nodes.get_mut(&id).and_then(|node| node.declared.last_mut());
            line.expect("the line just added").features.push((*feature).to_owned());
        });
        is_seen(rules::test_features, "sceau: a test feature is on by default", |graph| {
            let id = graph.id("sceau");
            let features = &mut graph.nodes.get_mut(&id).expect("the daemon").features;
            features.insert("default".to_owned(), vec!["crash".to_owned()]);
            features.insert("crash".to_owned(), vec![format!("sceau-disk/{feature}")]);
        });
    }
}

#[test]
fn no_direct_dependency_is_a_pre_release() {
    holds(rules::pre_releases);
}

#[test]
fn a_pre_release_is_seen() {
    is_seen(rules::pre_releases, "sceau-pki uses cms 0.3.0-pre.1", |graph| {
        graph.break_in("sceau-pki", "cms", Kind::Normal);
        let id = graph.id("cms");
        graph.nodes.get_mut(&id).expect("cms").version = "0.3.0-pre.1".to_owned();
    });
    is_seen(rules::pre_releases, "sceau-pki asks for cms =0.3.0-pre.1", |graph| {
        graph.break_in("sceau-pki", "cms", Kind::Normal);
        let id = graph.id("sceau-pki");
        let line = graph.nodes.get_mut(&id).and_then(|node| node.declared.last_mut());
        line.expect("the line just added").requirement = "=0.3.0-pre.1".to_owned();
    });
}

#[test]
fn licences_are_permissive() {
    holds(licences::breaches);
}

#[test]
fn a_licence_that_is_not_permissive_is_seen() {
    for licence in ["GPL-3.0-only", "AGPL-3.0-or-later", "MIT AND SSPL-1.0", ""] {
        is_seen(licences::breaches, "innocent 1.0.0: licence", |graph| {
            graph.break_in("sceau-pdf", "innocent", Kind::Normal);
            let id = graph.id("innocent");
            graph.nodes.get_mut(&id).expect("innocent").licence = licence.to_owned();
        });
    }
}

#[test]
fn pure_rooms_forbid_files_sockets_and_clocks() {
    let doors: Vec<String> = rules::ROOMS
        .iter()
        .filter(|room| room.pure)
        .flat_map(|room| lints::open_doors(&GRAPH.nodes[&GRAPH.id(room.name)].folder))
        .collect();
    assert!(doors.is_empty(), "\n  {}", doors.join("\n  "));
}

#[test]
fn there_is_no_unsafe_code_but_in_its_one_corner() {
    let found = lints::unsafe_sources(&root().join("daemon"));
    assert!(found.is_empty(), "\n  {}", found.join("\n  "));
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("cache.rs"), "#[allow(unsafe_code)]\n").expect("written");
    let found = lints::unsafe_sources(folder.path());
    assert!(found.iter().any(|said| said.contains("cache.rs: switches unsafe_code on")));
}

#[test]
fn an_open_door_is_seen() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = lints::open_doors(folder.path());
    assert!(missing.iter().any(|door| door.contains("missing")), "{missing:?}");
    std::fs::write(folder.path().join("clippy.toml"), "disallowed-methods = []").expect("written");
    std::fs::create_dir(folder.path().join("src")).expect("src");
    let silent = "#![allow(clippy::disallowed_methods)]\n";
    std::fs::write(folder.path().join("src/lib.rs"), silent).expect("written");
    let doors = lints::open_doors(folder.path());
    for door in ["std::fs::read", "std::net::TcpStream", "switches clippy::disallowed_methods off"]
    {
        assert!(doors.iter().any(|said| said.ends_with(door)), "{door} not among {doors:?}");
    }
}

/// The list is only worth what clippy makes of it: each entry, used, must be refused by name.
#[test]
fn clippy_refuses_what_each_pure_room_forbids() {
    let root = root();
    let target = tempfile::tempdir().expect("a folder");
    for room in rules::ROOMS.iter().filter(|room| room.pure) {
        let folder = &GRAPH.nodes[&GRAPH.id(room.name)].folder;
        let passed = lints::not_refused(
            &folder.join("clippy.toml"),
            target.path(),
            &root.join("Cargo.lock"),
        );
        assert!(passed.is_empty(), "{}: clippy let pass {passed:?}", room.name);
    }
}
