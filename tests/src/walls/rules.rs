//! Which room may use which room, and which foreign crate belongs to which room.

use std::collections::BTreeSet;

use super::graph::{Graph, Kind, Node};

/// One room and the rooms that it may name in its `Cargo.toml`.
pub struct Room {
    /// Package name.
    pub name: &'static str,
    /// Rooms it may use in what ships.
    pub may_use: &'static [&'static str],
    /// Rooms that only its own tests may use besides.
    pub tests_may_use: &'static [&'static str],
    /// Pure: bytes and values in, bytes and values out.
    pub pure: bool,
}

/// Every room of the house. A workspace member that is not here is a breach.
pub const ROOMS: &[Room] = &[
    room("sceau-disk", &[], false),
    room("sceau-pdf", &[], true),
    room("sceau-pki", &[], true),
    Room {
        name: "sceau-pades",
        may_use: &["sceau-pdf", "sceau-pki"],
        // The published attacks and their honest twins, which the suites from outside make too.
        tests_may_use: &["sceau-tests"],
        pure: true,
    },
    room("sceau-cabinet", &[], true),
    room("sceau-workflow", &["sceau-cabinet"], true),
    room("sceau-store", &["sceau-disk"], false),
    room("sceau-signer", &["sceau-disk", "sceau-pki"], false),
    room("sceau-intake", &["sceau-disk"], false),
    room("sceau-confine", &[], false),
    room("sceau-render", &["sceau-confine"], false),
    // The reader of TOML and its faults: a manifest is told as a workflow is.
    room("sceau-plugin-host", &["sceau-confine", "sceau-workflow"], false),
    // It knows nobody: what is asked, and what the answer means, is its callers' business.
    room("sceau-outbound", &[], false),
    Room {
        name: "sceau-engine",
        may_use: &[
            "sceau-disk",
            "sceau-pdf",
            "sceau-pki",
            "sceau-pades",
            "sceau-cabinet",
            "sceau-workflow",
            "sceau-store",
            "sceau-signer",
            "sceau-intake",
            "sceau-plugin-host",
            "sceau-outbound",
        ],
        tests_may_use: &[],
        pure: false,
    },
    Room {
        name: "sceau-web",
        may_use: &["sceau-engine", "sceau-cabinet", "sceau-workflow"],
        // A store in memory beneath a real engine.
        tests_may_use: &["sceau-store"],
        pure: false,
    },
    Room {
        name: "sceau",
        may_use: &[
            "sceau-disk",
            "sceau-pdf",
            "sceau-pki",
            "sceau-pades",
            "sceau-cabinet",
            "sceau-workflow",
            "sceau-store",
            "sceau-signer",
            "sceau-intake",
            "sceau-plugin-host",
            "sceau-render",
            "sceau-engine",
            "sceau-web",
        ],
        tests_may_use: &[],
        pure: false,
    },
    // The black-box suites see the house from the street only.
    room("sceau-tests", &[], false),
    // Fires at the parsers of bytes from outside; its tests at what comes with a plugin.
    Room {
        name: "sceau-fuzz",
        may_use: &["sceau-pdf", "sceau-pki", "sceau-signer"],
        tests_may_use: &["sceau-plugin-host", "sceau-workflow"],
        pure: false,
    },
];

const fn room(name: &'static str, may_use: &'static [&'static str], pure: bool) -> Room {
    Room { name, may_use, tests_may_use: &[], pure }
}

/// A foreign crate (or a family of them, with `*` at the end) and the only rooms that may name it.
pub struct Belongs {
    /// Crate name, or prefix before `*`.
    pub name: &'static str,
    /// Rooms that may depend on it; nobody else reaches it except through them.
    pub rooms: &'static [&'static str],
}

/// Where the crates live that would carry the world, or a second opinion, into a room.
pub const BELONGS: &[Belongs] = &[
    belongs("redb", &["sceau-store"]),
    belongs("wit-parser", &["sceau-plugin-host"]),
    belongs("wit-component", &["sceau-plugin-host"]),
    belongs("wasmtime*", &["sceau-plugin-host"]),
    // Draws what strangers wrote: only in the process that can do little.
    belongs("hayro*", &["sceau-render"]),
    belongs("vello*", &["sceau-render"]),
    belongs("axum*", &["sceau-web"]),
    belongs("tower", &["sceau-web"]),
    belongs("askama*", &["sceau-web"]),
    belongs("notify", &["sceau-intake"]),
    belongs("clap*", &["sceau"]),
    // What wasmtime makes its bindings with reaches it.
    belongs("anyhow", &["sceau", "sceau-plugin-host"]),
    belongs("tracing-subscriber", &["sceau"]),
    belongs("tokio", &["sceau-outbound", "sceau-engine", "sceau-web", "sceau"]),
    // One room asks, one room serves; nobody else speaks HTTP or TLS.
    belongs("hyper*", &["sceau-outbound", "sceau-web"]),
    belongs("rustls*", &["sceau-outbound", "sceau-web"]),
    belongs("tokio-rustls", &["sceau-outbound", "sceau-web"]),
    belongs("pkcs8", &["sceau-signer"]),
    belongs("p12-keystore", &["sceau-signer"]),
    belongs("cryptoki*", &["sceau-signer"]),
    // The last one for the benchmark's bare cost.
    belongs(
        "aws-lc-rs",
        &["sceau-pki", "sceau-signer", "sceau-outbound", "sceau-web", "sceau", "sceau-tests"],
    ),
    // The signer reaches it through its PKCS#12 reader.
    belongs("x509-cert", &["sceau-pki", "sceau-signer"]),
    // What encrypted documents need.
    belongs("rc4", &["sceau-pdf"]),
    belongs("lopdf", &[]),
    belongs("cargo_metadata", &["sceau-tests"]),
];

const fn belongs(name: &'static str, rooms: &'static [&'static str]) -> Belongs {
    Belongs { name, rooms }
}

/// What no pure room may reach by any road: files, sockets, clocks' interrupts, randomness.
pub const NEVER_IN_PURE: &[&str] = &[
    "tokio",
    "mio",
    "socket2",
    "hyper",
    "rustls",
    "rustix",
    "nix",
    "notify",
    "inotify",
    "redb",
    "getrandom",
    "rand",
    "tempfile",
    "tracing-subscriber",
    "chrono",
    "time",
    "memmap2",
    "reqwest",
    "ureq",
];

/// Breaches of "who may use whom", over declared edges (optional and per-target ones included)
/// and over everything that they lead to.
pub fn rooms(graph: &Graph) -> Vec<String> {
    let mut breaches = Vec::new();
    for (id, node) in graph.members() {
        let Some(room) = ROOMS.iter().find(|room| room.name == node.name) else {
            breaches.push(format!("{}: a member without a place in the house", node.name));
            continue;
        };
        breaches.extend(declared_breaches(graph, node, room));
        let allowed = closure(room.may_use);
        for reached in graph.reach(id, &[]) {
            let inside = ROOMS.iter().any(|other| other.name == reached);
            if inside && !allowed.contains(reached.as_str()) {
                breaches.push(format!("{} reaches {reached}", node.name));
            }
        }
    }
    breaches
}

fn declared_breaches(graph: &Graph, node: &Node, room: &Room) -> Vec<String> {
    let members: BTreeSet<_> = graph.members().map(|(_, member)| member.name.as_str()).collect();
    let allowed = |name: &str, kind: Kind| {
        room.may_use.contains(&name)
            || (kind == Kind::Dev && (room.tests_may_use.contains(&name) || name == node.name))
    };
    node.declared
        .iter()
        .filter(|d| members.contains(d.name.as_str()) && !allowed(&d.name, d.kind))
        .map(|d| format!("{} declares {} ({:?})", node.name, d.name, d.kind))
        .collect()
}

fn closure(rooms: &[&'static str]) -> BTreeSet<&'static str> {
    let mut all = BTreeSet::new();
    let mut open = rooms.to_vec();
    while let Some(name) = open.pop() {
        if all.insert(name) {
            open.extend(ROOMS.iter().filter(|r| r.name == name).flat_map(|r| r.may_use));
        }
    }
    all
}

/// Breaches of "this crate belongs to that room": declared in another room, or reached from one
/// on a road that does not go through the owner. Test-only dependencies are no breach.
pub fn strangers(graph: &Graph) -> Vec<String> {
    let mut breaches = Vec::new();
    for rule in BELONGS {
        for (id, node) in graph.members() {
            if rule.rooms.contains(&node.name.as_str()) {
                continue;
            }
            let declared = node.declared.iter().filter(|d| d.kind != Kind::Dev).map(|d| &d.name);
            let reached = graph.reach(id, rule.rooms);
            let names: BTreeSet<&String> = declared.chain(reached.iter()).collect();
            for name in names.into_iter().filter(|name| matches(rule.name, name)) {
                breaches
                    .push(format!("{} has {name}, which belongs to {:?}", node.name, rule.rooms));
            }
        }
    }
    breaches
}

fn matches(rule: &str, name: &str) -> bool {
    match rule.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == rule,
    }
}

/// Breaches of purity: a pure room that can reach the world through any shipped dependency.
pub fn purity(graph: &Graph) -> Vec<String> {
    let mut breaches = Vec::new();
    for room in ROOMS.iter().filter(|room| room.pure) {
        for reached in graph.reach(&graph.id(room.name), &[]) {
            if NEVER_IN_PURE.contains(&reached.as_str()) {
                breaches.push(format!("{} is pure, and reaches {reached}", room.name));
            }
        }
    }
    breaches
}

/// Features that must stay off in what ships: crash points, lossy back ends, keys for tests.
pub const TEST_FEATURES: &[&str] = &["fault-injection", "simulation", "testing"];

/// Breaches of "no test feature ships": turned on by default, or by a shipped dependency line.
pub fn test_features(graph: &Graph) -> Vec<String> {
    let mut breaches = Vec::new();
    for (_, node) in graph.members() {
        if turned_on(node, "default").iter().any(|name| is_test_feature(name)) {
            breaches.push(format!("{}: a test feature is on by default", node.name));
        }
        for line in node.declared.iter().filter(|line| line.kind != Kind::Dev) {
            if line.features.iter().any(|name| is_test_feature(name)) {
                breaches.push(format!("{} turns on a test feature of {}", node.name, line.name));
            }
        }
    }
    breaches
}

fn is_test_feature(name: &str) -> bool {
    TEST_FEATURES.iter().any(|test| name == *test || name.ends_with(&format!("/{test}")))
}

/// All that a feature turns on, over other features of the same package.
fn turned_on(node: &Node, feature: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut open = vec![feature.to_owned()];
    while let Some(name) = open.pop() {
        if all.insert(name.clone()) {
            open.extend(node.features.get(&name).into_iter().flatten().cloned());
        }
    }
    all
}

/// Direct dependencies of members that are pre-releases, by what is asked or by what was resolved.
pub fn pre_releases(graph: &Graph) -> Vec<String> {
    let mut breaches = Vec::new();
    for (_, node) in graph.members() {
        for line in &node.declared {
            if line.requirement.contains('-') {
                breaches.push(format!("{} asks for {} {}", node.name, line.name, line.requirement));
            }
        }
        for (id, _) in &node.edges {
            let Some(target) = graph.nodes.get(id) else { continue };
            if target.version.split('+').next().is_some_and(|version| version.contains('-')) {
                breaches.push(format!("{} uses {} {}", node.name, target.name, target.version));
            }
        }
    }
    breaches
}
