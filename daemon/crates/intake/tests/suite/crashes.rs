//! A crash at every boundary of this room, by kill and by power cut: nothing lost, nothing twice.
//!
//! One test, in a process of its own: the armed boundary is the process's.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;

use crate::world::{World, pdf, sealed, secs};
use sceau_disk::boundary::{Action, Crashed, arm, disarm, hits};
use sceau_disk::{SimFs, boundaries};
use sceau_intake::{FolderConfig, SidecarRule, SourceFile};

/// What the engine does with a dossier in these stories.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Deliver,
    Reject,
    RejectAndRetry,
}

/// What is dropped before the crash, and what becomes of it.
struct Story {
    name: &'static str,
    fate: Fate,
    drops: &'static [(&'static str, &'static str)],
    dossiers: usize,
}

const STORIES: [Story; 5] = [
    Story {
        name: "two documents delivered",
        fate: Fate::Deliver,
        drops: &[("x.pdf", "a"), ("y.pdf", "b")],
        dossiers: 2,
    },
    Story {
        name: "with a sidecar",
        fate: Fate::Deliver,
        drops: &[("x.pdf", "a"), ("x.toml", "title = \"T\"")],
        dossiers: 1,
    },
    Story { name: "rejected", fate: Fate::Reject, drops: &[("x.pdf", "a")], dossiers: 1 },
    Story {
        name: "rejected and retried",
        fate: Fate::RejectAndRetry,
        drops: &[("x.pdf", "a")],
        dossiers: 1,
    },
    Story {
        name: "a bad file and a duplicate",
        fate: Fate::Deliver,
        drops: &[("a.pdf", "a"), ("b.pdf", "a"), ("c.pdf", "")],
        dossiers: 1,
    },
];

fn configure(config: &mut FolderConfig) {
    config.sidecar = SidecarRule::Optional { wait: secs(0) };
    config.patience = Some(secs(20));
}

/// Content of a drop: empty stays empty, a sidecar is text, the rest are PDFs.
fn content(name: &str, body: &str) -> Vec<u8> {
    match (name.ends_with(".pdf"), body) {
        (_, "") => Vec::new(),
        (true, body) => pdf(body),
        (false, body) => body.as_bytes().to_vec(),
    }
}

/// Scans, and does for each dossier what its fate is: each effect is done again until its outcome
/// is committed, as an outbox does.
fn work(world: &mut World, fate: Fate) {
    world.run(25);
    let effects: &[fn(&World, &SourceFile)] = match fate {
        Fate::Deliver => &[deliver],
        Fate::Reject => &[reject],
        Fate::RejectAndRetry => &[reject, resume, deliver],
    };
    for (index, dossier) in world.engine.dossiers().iter().enumerate() {
        for (step, effect) in effects.iter().enumerate().skip(dossier.done) {
            effect(world, &dossier.received.source);
            world.engine.state.lock().unwrap().dossiers[index].done = step + 1;
        }
        world.engine.state.lock().unwrap().dossiers[index].ended = true;
    }
    world.run(25);
}

fn deliver(world: &World, source: &SourceFile) {
    world.deliver(source).unwrap();
}

fn reject(world: &World, source: &SourceFile) {
    world.reject(source);
}

fn resume(world: &World, source: &SourceFile) {
    world.folder.resume(source).unwrap();
}

fn begin(story: &Story) -> World {
    let world = World::with(configure);
    for (name, body) in story.drops {
        world.drop_durably(name, &content(name, body));
    }
    world
}

/// A kill, a power cut that loses what it can, one that loses nothing, and eight between.
fn seeds() -> impl Iterator<Item = Option<u64>> {
    let cuts = [SimFs::LOSE_ALL, SimFs::KEEP_ALL].into_iter().chain(2..10);
    std::iter::once(None).chain(cuts.map(Some))
}

/// Runs a story, crashing at the `nth` hit of that boundary; then starts again and goes on.
fn crash_at(story: &Story, boundary: &str, nth: u64, seed: Option<u64>) -> World {
    let mut world = begin(story);
    arm(boundary, nth, Action::Unwind).unwrap();
    let crashed = catch_unwind(AssertUnwindSafe(|| work(&mut world, story.fate)));
    disarm();
    let payload = crashed.expect_err("the boundary is hit");
    assert!(payload.downcast_ref::<Crashed>().is_some(), "a panic of ours: {boundary}");
    let mut world = world.restart(seed);
    world.pass(secs(1));
    work(&mut world, story.fate);
    world
}

fn check(story: &Story, world: &World, label: &str) {
    let files = files(world);
    assert_eq!(world.engine.dossiers().len(), story.dossiers, "{label}: dossiers");
    for (name, body) in story.drops {
        let original = content(name, body);
        let kept = files.iter().filter(|(_, bytes)| **bytes == original).count();
        let dropped = story.drops.iter().filter(|(n, b)| content(n, b) == original).count();
        assert_eq!(kept, dropped, "{label}: {name} among {:?}", files.keys());
    }
    for source in world.engine.sources() {
        let result = sealed(&world.engine.content(&source));
        let delivered = files.values().filter(|bytes| **bytes == result).count();
        let expected = usize::from(story.fate != Fate::Reject);
        assert_eq!(delivered, expected, "{label}: results among {:?}", files.keys());
    }
    let ours = |name: &&String| {
        name.contains(".tmp") || name.starts_with("en-cours/") || name.starts_with("ATTENTION")
    };
    assert_eq!(files.keys().find(ours), None, "{label}: left over");
    let noted = files.keys().filter(|name| name.contains(".txt"));
    for note in noted {
        let of = note.trim_end_matches(".erreur.txt").trim_end_matches(".doublon.txt");
        assert!(files.contains_key(of), "{label}: {note} is beside nothing: {:?}", files.keys());
    }
}

fn files(world: &World) -> BTreeMap<String, Vec<u8>> {
    let names = world.names().into_iter();
    names.map(|name| (name.clone(), world.read(&name).unwrap())).collect()
}

/// Whether this process runs that test alone; where not, such a process has run it and it has passed.
fn alone(test: &str) -> bool {
    const ALONE: &str = "SCEAU_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let mut again = Command::new(std::env::current_exe().unwrap());
    let said = again.args([test, "--exact", "--nocapture"]).env(ALONE, "1").output().unwrap();
    let text = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success() && text.contains("1 passed"), "{text}");
    false
}

#[test]
fn a_crash_at_any_boundary_loses_nothing_and_does_nothing_twice() {
    let name = "crashes::a_crash_at_any_boundary_loses_nothing_and_does_nothing_twice";
    if alone(name) {
        crash_everywhere();
    }
}

fn crash_everywhere() {
    let ours: Vec<_> =
        boundaries().into_iter().filter(|name| name.starts_with("intake.")).collect();
    assert!(ours.windows(2).all(|pair| pair[0] != pair[1]), "a name marks one place: {ours:?}");
    let mut killed = BTreeMap::new();
    for story in &STORIES {
        disarm();
        let mut calm = begin(story);
        work(&mut calm, story.fate);
        check(story, &calm, story.name);
        let hits = hits();
        for (boundary, count) in hits.iter().filter(|(name, _)| name.starts_with("intake.")) {
            for nth in 1..=*count {
                for seed in seeds() {
                    let label = format!("{}, {boundary}:{nth}, seed {seed:?}", story.name);
                    let world = crash_at(story, boundary, nth, seed);
                    check(story, &world, &label);
                    *killed.entry(*boundary).or_insert(0) += 1;
                }
            }
        }
    }
    let never: Vec<_> = ours.iter().filter(|name| !killed.contains_key(*name)).collect();
    assert!(never.is_empty(), "never killed at: {never:?}");
}
