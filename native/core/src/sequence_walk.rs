//! What comes next after a prefix: the mean of the trees' answers. Where a value is missing and training never saw it missing, or it
//! is one that training never saw, a tree splits into parts that go both ways, weighted by how the training rows divided; the operations chosen since then
//! tell which part was right, so that the steps of a routing fit together.

use crate::error::{Code, Error, Result};
use crate::sequence_context::{CONTEXT_COLUMNS, count_of, write_context};
use crate::sequence_model::Model;
use crate::sequence_node::{Kind, entry_operation, entry_probability, set_contains};
use crate::sequence_seen::UNSEEN;

/// A part smaller than this share of its tree is not split any further, and follows the majority.
const SPLIT_MIN: f32 = 0.06;
/// A part that the operations have made this improbable, within its tree, is forgotten.
const KEEP_MIN: f32 = 0.005;
/// Probability of an operation that a leaf does not name: no single step refutes a part for good.
const UNNAMED: f32 = 0.002;

/// One way through one tree.
#[derive(Clone, Debug)]
struct Part {
    tree: u32,
    /// Share of the tree's vote, 0 to 1.
    weight: f32,
    /// Nodes whose unknown value was taken to go left (true) or right.
    taken: Vec<(u32, bool)>,
    /// The leaf it reached last: start and number of entries.
    leaf: (u32, u32),
}

/// The parts of all trees, as the operations so far leave them.
#[derive(Clone, Debug)]
pub struct Belief {
    parts: Vec<Part>,
}

/// Working space of one prediction.
pub struct Walker {
    /// Attributes, then context.
    row: Vec<u16>,
    /// Per operation (0 = end) the probability; only `touched` ones are set.
    sums: Vec<f32>,
    touched: Vec<u16>,
}

impl Model {
    /// Working space for one item. Fails with `bad_request` when the number of features differs from training.
    pub fn walker(&self, features: &[u16]) -> Result<Walker> {
        if features.len() != self.feature_count {
            let message = format!("{} features expected, {} given", self.feature_count, features.len());
            return Err(Error::new(Code::BadRequest, message));
        }
        let mut row = features.to_vec();
        self.seen.mask(&mut row);
        row.resize(self.feature_count + CONTEXT_COLUMNS, 0);
        Ok(Walker { row, sums: vec![0.0; self.operation_count + 1], touched: Vec::new() })
    }

    /// Before the first operation: each tree whole.
    pub fn belief(&self) -> Belief {
        let part = |tree| Part { tree, weight: 1.0, taken: Vec::new(), leaf: (0, 0) };
        Belief { parts: (0..self.roots.len() as u32).map(part).collect() }
    }

    /// Hands `found` each possible next operation (0 = end) with its probability, in a fixed order.
    /// The belief moves to the leaves of this prefix.
    pub fn next(&self, walker: &mut Walker, prefix: &[u16], belief: &mut Belief, mut found: impl FnMut(u16, f32)) {
        write_context(prefix, &mut walker.row[self.feature_count..]);
        let mut at = 0;
        while at < belief.parts.len() {
            self.descend(&walker.row, prefix, belief, at);
            at += 1;
        }
        let mut votes = 0.0;
        for tree in belief.parts.chunk_by(|a, b| a.tree == b.tree) {
            let vote = vote(tree);
            votes += vote;
            for part in tree {
                for &entry in self.leaf(part) {
                    let sum = &mut walker.sums[entry_operation(entry)];
                    if *sum == 0.0 {
                        walker.touched.push(entry_operation(entry) as u16);
                    }
                    *sum += entry_probability(entry) * part.weight * vote;
                }
            }
        }
        let scale = 1.0 / votes;
        for operation in walker.touched.drain(..) {
            found(operation, std::mem::take(&mut walker.sums[operation as usize]) * scale);
        }
    }

    /// The belief after `operation` came: within each tree, parts count by how well they foresaw it.
    pub fn after(&self, belief: &Belief, operation: u16) -> Belief {
        let mut parts = Vec::with_capacity(belief.parts.len());
        for tree in belief.parts.chunk_by(|a, b| a.tree == b.tree) {
            if let [only] = tree {
                parts.push(only.clone());
                continue;
            }
            let foreseen: Vec<f32> = tree.iter().map(|part| part.weight * self.probability(part, operation)).collect();
            let sum: f32 = foreseen.iter().sum();
            let kept = foreseen.iter().map(|&f| f / sum).map(|share| if share < KEEP_MIN { 0.0 } else { share });
            let rest: f32 = kept.clone().sum();
            parts.extend(
                tree.iter()
                    .zip(kept)
                    .filter(|(_, share)| *share > 0.0)
                    .map(|(part, share)| Part { weight: share / rest, ..part.clone() }),
            );
        }
        Belief { parts }
    }

    fn leaf(&self, part: &Part) -> &[u32] {
        &self.entries[part.leaf.0 as usize..(part.leaf.0 + part.leaf.1) as usize]
    }

    fn probability(&self, part: &Part, operation: u16) -> f32 {
        let named = self.leaf(part).iter().find(|&&entry| entry_operation(entry) == operation as usize);
        named.map_or(0.0, |&entry| entry_probability(entry)).max(UNNAMED)
    }

    /// Walks one part to its leaf; the other way of a split is put right behind it.
    fn descend(&self, row: &[u16], prefix: &[u16], belief: &mut Belief, part: usize) {
        let mut at = self.roots[belief.parts[part].tree as usize];
        loop {
            let node = self.nodes[at as usize];
            let kind = node.kind();
            if kind == Kind::Leaf {
                belief.parts[part].leaf = (node.argument, node.right);
                return;
            }
            let left = if kind == Kind::Occurred {
                count_of(prefix, node.column() as u16) >= node.argument as usize
            } else {
                let value = row[node.column()];
                match kind {
                    _ if value == UNSEEN || value == 0 && !node.missing_seen() => {
                        belief.take(part, at, node.left_share())
                    }
                    Kind::AtMost if value == 0 => node.missing_left(),
                    Kind::AtMost => u32::from(value) <= node.argument,
                    Kind::Equal => u32::from(value) == node.argument,
                    _ => set_contains(&self.sets, node.argument as usize, value),
                }
            };
            at = if left { at + 1 } else { node.right };
        }
    }
}

/// What a tree's answer counts: 1 when it is whole, less the more it had to guess. Trees that ask for what is known, or for
/// what says the same, then speak for those that do not. The third power measured best over plants with blanked attributes.
fn vote(parts: &[Part]) -> f32 {
    let whole: f32 = parts.iter().map(|part| part.weight * part.weight).sum();
    whole * whole * whole
}

impl Belief {
    /// Which way a part takes at a node whose value is unknown: as before, or the majority's, leaving the rest behind.
    fn take(&mut self, part: usize, node: u32, left_share: f32) -> bool {
        if let Some(&(_, left)) = self.parts[part].taken.iter().find(|(taken, _)| *taken == node) {
            return left;
        }
        let left = left_share >= 0.5;
        let smaller = self.parts[part].weight * left_share.min(1.0 - left_share);
        if smaller >= SPLIT_MIN {
            let mut other = self.parts[part].clone();
            other.weight = smaller;
            other.taken.push((node, !left));
            self.parts.insert(part + 1, other);
            self.parts[part].weight -= smaller;
        }
        self.parts[part].taken.push((node, left));
        left
    }
}
