//! What a power cut leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use super::SimFs;
use super::fault::Faults;
use super::file::{Content, SimFile};
use super::lock;
use super::state::{Directory, Node, ROOT, State};

/// The state after a power cut, by seed.
pub(super) fn survive(before: &State, seed: u64) -> State {
    let mut dice = Dice::new(seed);
    let mut names = before.nodes.clone();
    cut_directories(&mut names, &mut dice);
    let reached = reachable(&names, before);
    let nodes = names
        .into_iter()
        .filter(|(ino, _)| reached.contains(ino))
        .map(|(ino, node)| (ino, settle(node, &mut dice)))
        .collect();
    State {
        nodes,
        mounts: before.mounts.clone(),
        devices: before.devices.clone(),
        next: before.next,
        locked: BTreeSet::new(),
        faults: Faults::default(),
        now_ns: before.now_ns,
    }
}

/// Keeps a prefix of each directory's pending changes, and with every old name that went the new
/// one that came for it.
fn cut_directories(nodes: &mut BTreeMap<u64, Node>, dice: &mut Dice) {
    let inos: Vec<u64> = nodes.keys().copied().collect();
    let mut work = Vec::new();
    for ino in inos {
        if let Some(Node::Dir(dir)) = nodes.get(&ino) {
            work.push((ino, dice.up_to(dir.pending.len())));
        }
    }
    while let Some((ino, count)) = work.pop() {
        let Some(Node::Dir(dir)) = nodes.get_mut(&ino) else { continue };
        let renames = dir.persist(count.min(dir.pending.len()));
        for rename in renames {
            work.extend(arrival(nodes, rename));
        }
    }
}

fn arrival(nodes: &BTreeMap<u64, Node>, rename: u64) -> Option<(u64, usize)> {
    nodes.iter().find_map(|(ino, node)| {
        let Node::Dir(dir) = node else { return None };
        let at = dir.pending.iter().position(|change| change.rename == Some(rename))?;
        Some((*ino, at + 1))
    })
}

fn reachable(nodes: &BTreeMap<u64, Node>, before: &State) -> BTreeSet<u64> {
    let mut reached = BTreeSet::new();
    let mut work = vec![ROOT];
    while let Some(ino) = work.pop() {
        if !reached.insert(ino) {
            continue;
        }
        work.extend(before.mounts.get(&ino));
        if let Some(Node::Dir(dir)) = nodes.get(&ino) {
            work.extend(dir.durable.values());
        }
    }
    reached
}

fn settle(node: Node, dice: &mut Dice) -> Node {
    match node {
        Node::Dir(dir) => {
            Node::Dir(Directory { live: dir.durable.clone(), pending: Vec::new(), ..dir })
        }
        Node::File(file) => Node::File(settle_file(&file, dice)),
        other => other,
    }
}

fn settle_file(file: &SimFile, dice: &mut Dice) -> Arc<SimFile> {
    let mut content = lock(&file.content).clone();
    content.live = left_of(&content, dice);
    content.sync();
    Arc::new(SimFile { ino: file.ino, dev: file.dev, content: Mutex::new(content) })
}

/// What was durable, or more of what was written since.
fn left_of(content: &Content, dice: &mut Dice) -> Vec<u8> {
    if let Some(old) = &content.before_cut
        && !dice.coin()
    {
        return old.clone();
    }
    let kept = content.synced + dice.up_to(content.live.len() - content.synced);
    let mut left = content.live[..kept].to_vec();
    if dice.rarely() {
        left.resize(content.live.len(), 0);
    }
    left
}

/// A small generator (splitmix64) with the two extreme seeds of [`SimFs`].
struct Dice {
    seed: u64,
    state: u64,
}

impl Dice {
    fn new(seed: u64) -> Self {
        Self { seed, state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 to `most`; the extremes are as likely as all that lies between.
    fn up_to(&mut self, most: usize) -> usize {
        match (self.seed, self.next() % 4) {
            (SimFs::LOSE_ALL, _) => 0,
            (SimFs::KEEP_ALL, _) => most,
            (_, 0) => 0,
            (_, 1) => most,
            _ => (self.next() % (most as u64 + 1)) as usize,
        }
    }

    fn coin(&mut self) -> bool {
        self.up_to(1) == 1
    }

    fn rarely(&mut self) -> bool {
        let random = self.next().is_multiple_of(4);
        random && !matches!(self.seed, SimFs::LOSE_ALL | SimFs::KEEP_ALL)
    }
}
