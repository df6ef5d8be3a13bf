//! A small picture of the workspace: what is declared, and what cargo resolved.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand};

/// How one package asks for another in its `Cargo.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `[dependencies]`, optional or not, for any target.
    Normal,
    /// `[build-dependencies]`.
    Build,
    /// `[dev-dependencies]`.
    Dev,
}

/// One line of a `Cargo.toml`'s dependency tables.
#[derive(Clone, Debug)]
pub struct Declared {
    /// The package's own name, not the name that it is renamed to.
    pub name: String,
    /// The table it stands in.
    pub kind: Kind,
    /// The version requirement as written.
    pub requirement: String,
    /// The features that are asked for.
    pub features: Vec<String>,
}

/// One package of the resolved graph.
#[derive(Clone, Debug)]
pub struct Node {
    /// Package name.
    pub name: String,
    /// Resolved version.
    pub version: String,
    /// SPDX expression; empty when the package names none.
    pub licence: String,
    /// Whether it belongs to this workspace.
    pub member: bool,
    /// Folder of its `Cargo.toml`.
    pub folder: PathBuf,
    /// What it declares; only looked at for members.
    pub declared: Vec<Declared>,
    /// `[features]`: name to what it turns on.
    pub features: BTreeMap<String, Vec<String>>,
    /// Resolved edges: the other node's id and the kinds of the edge.
    pub edges: Vec<(String, BTreeSet<Kind>)>,
}

/// The workspace with every feature of every member turned on, so that no edge hides behind one.
#[derive(Clone, Debug)]
pub struct Graph {
    /// Package id to node.
    pub nodes: BTreeMap<String, Node>,
}

impl Graph {
    /// Asks cargo about the workspace at `root`, with all features, for the platform we serve.
    ///
    /// # Panics
    /// When cargo cannot answer: without its answer there is nothing to check.
    pub fn load(root: &Path) -> Self {
        let metadata = MetadataCommand::new()
            .manifest_path(root.join("Cargo.toml"))
            .features(CargoOpt::AllFeatures)
            .other_options(["--filter-platform=x86_64-unknown-linux-gnu".to_owned()])
            .exec()
            .unwrap_or_else(|error| panic!("cargo metadata: {error}"));
        Self::from_metadata(&metadata)
    }

    fn from_metadata(metadata: &Metadata) -> Self {
        let members: BTreeSet<_> = metadata.workspace_members.iter().collect();
        let mut nodes: BTreeMap<String, Node> = metadata
            .packages
            .iter()
            .map(|package| (package.id.repr.clone(), node(package, members.contains(&package.id))))
            .collect();
        for resolved in metadata.resolve.iter().flat_map(|resolve| &resolve.nodes) {
            if let Some(node) = nodes.get_mut(&resolved.id.repr) {
                node.edges = resolved.deps.iter().map(edge).collect();
            }
        }
        Self { nodes }
    }

    /// The members of the workspace, by name.
    pub fn members(&self) -> impl Iterator<Item = (&String, &Node)> {
        self.nodes.iter().filter(|(_, node)| node.member)
    }

    /// The id of the one package with this name, a member before a stranger.
    ///
    /// # Panics
    /// When no package has the name: a rule about it would check nothing.
    pub fn id(&self, name: &str) -> String {
        let mut found: Vec<_> = self.nodes.iter().filter(|(_, n)| n.name == name).collect();
        found.sort_by_key(|(_, node)| !node.member);
        found.first().map(|(id, _)| (*id).clone()).unwrap_or_else(|| panic!("no package {name}"))
    }

    /// Names reachable from `start` over normal and build edges, never going through `without`.
    ///
    /// `start` itself is not among them.
    pub fn reach(&self, start: &str, without: &[&str]) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let mut names = BTreeSet::new();
        let mut open = vec![start.to_owned()];
        while let Some(id) = open.pop() {
            let Some(node) = self.nodes.get(&id) else { continue };
            for (next, kinds) in &node.edges {
                let Some(target) = self.nodes.get(next) else { continue };
                let shipped = kinds.iter().any(|kind| *kind != Kind::Dev);
                if !shipped || without.contains(&target.name.as_str()) || !seen.insert(next.clone())
                {
                    continue;
                }
                names.insert(target.name.clone());
                open.push(next.clone());
            }
        }
        names
    }

    /// Adds an edge that is not there, declared and resolved: a wall broken on purpose.
    pub fn break_in(&mut self, from: &str, to: &str, kind: Kind) {
        let (from, target) = (self.id(from), to.to_owned());
        let to = self.nodes.iter().find(|(_, n)| n.name == target).map(|(id, _)| id.clone());
        let to = to.unwrap_or_else(|| self.add_stranger(&target));
        let node = self.nodes.get_mut(&from).expect("invariant: id() names a node");
        node.edges.push((to, BTreeSet::from([kind])));
        node.declared.push(Declared {
            name: target,
            kind,
            requirement: "^1".to_owned(),
            features: Vec::new(),
        });
    }

    fn add_stranger(&mut self, name: &str) -> String {
        let id = format!("made-up#{name}@1.0.0");
        let node = Node {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            licence: "MIT".to_owned(),
            member: false,
            folder: PathBuf::new(),
            declared: Vec::new(),
            features: BTreeMap::new(),
            edges: Vec::new(),
        };
        self.nodes.insert(id.clone(), node);
        id
    }
}

fn node(package: &cargo_metadata::Package, member: bool) -> Node {
    Node {
        name: package.name.to_string(),
        version: package.version.to_string(),
        licence: package.license.clone().unwrap_or_default(),
        member,
        folder: package.manifest_path.parent().map(PathBuf::from).unwrap_or_default(),
        declared: package.dependencies.iter().map(declared).collect(),
        features: package.features.clone(),
        edges: Vec::new(),
    }
}

fn declared(dependency: &cargo_metadata::Dependency) -> Declared {
    Declared {
        name: dependency.name.clone(),
        kind: kind(dependency.kind),
        requirement: dependency.req.to_string(),
        features: dependency.features.clone(),
    }
}

fn edge(dep: &cargo_metadata::NodeDep) -> (String, BTreeSet<Kind>) {
    (dep.pkg.repr.clone(), dep.dep_kinds.iter().map(|info| kind(info.kind)).collect())
}

fn kind(kind: DependencyKind) -> Kind {
    match kind {
        DependencyKind::Development => Kind::Dev,
        DependencyKind::Build => Kind::Build,
        _ => Kind::Normal,
    }
}
