//! The trained model: what comes next after a prefix, as the mean of its trees.

use crate::error::{Code, Error, Result};
use crate::sequence_context::{CONTEXT_COLUMNS, count_of, write_context};
use crate::sequence_node::{Kind, Node, entry_operation, entry_probability, set_contains};
use crate::sequence_tree::Tree;

/// Where a value is missing and training never saw it missing, both sides are asked; parts of a walk smaller than this
/// follow the majority instead.
const WALK_MIN: f32 = 0.05;

/// An ensemble of trees in one block of memory. Immutable; share it freely between threads.
#[derive(Debug, PartialEq)]
pub struct Model {
    pub(crate) feature_count: usize,
    pub(crate) operation_count: usize,
    /// Steps of the longest routing seen; decoding stops there.
    pub(crate) steps_max: usize,
    pub(crate) roots: Vec<u32>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) sets: Vec<u16>,
    pub(crate) entries: Vec<u32>,
}

/// Working space of one prediction.
pub struct Walker {
    /// Attributes, then context.
    pub(crate) row: Vec<u16>,
    /// Per operation (0 = end) the probability; only `touched` ones are set.
    sums: Vec<f32>,
    pub(crate) touched: Vec<u16>,
    pending: Vec<(u32, f32)>,
}

impl Model {
    /// Joins grown trees; their indexes are moved to the common arrays.
    pub fn join(feature_count: usize, operation_count: usize, steps_max: usize, trees: Vec<Tree>) -> Self {
        let mut model = Self {
            feature_count,
            operation_count,
            steps_max,
            roots: Vec::new(),
            nodes: Vec::new(),
            sets: Vec::new(),
            entries: Vec::new(),
        };
        for tree in trees {
            let (nodes, sets, entries) =
                (model.nodes.len() as u32, model.sets.len() as u32, model.entries.len() as u32);
            model.roots.push(nodes);
            model.nodes.extend(tree.nodes.into_iter().map(|mut node| {
                match node.kind() {
                    Kind::Leaf => node.argument += entries,
                    Kind::InSet => {
                        node.argument += sets;
                        node.right += nodes;
                    }
                    _ => node.right += nodes,
                }
                node
            }));
            model.sets.extend(tree.sets);
            model.entries.extend(tree.entries);
        }
        model
    }

    pub fn feature_count(&self) -> usize {
        self.feature_count
    }

    pub fn operation_count(&self) -> usize {
        self.operation_count
    }

    pub fn trees(&self) -> usize {
        self.roots.len()
    }

    /// Bytes that the trees take in memory.
    pub fn memory(&self) -> usize {
        self.nodes.len() * size_of::<Node>() + self.sets.len() * 2 + self.entries.len() * 4 + self.roots.len() * 4
    }

    /// Working space for one item. Fails with `bad_request` when the number of features differs from training.
    pub fn walker(&self, features: &[u16]) -> Result<Walker> {
        if features.len() != self.feature_count {
            let message = format!("{} features expected, {} given", self.feature_count, features.len());
            return Err(Error::new(Code::BadRequest, message));
        }
        let mut row = features.to_vec();
        row.resize(self.feature_count + CONTEXT_COLUMNS, 0);
        let sums = vec![0.0; self.operation_count + 1];
        Ok(Walker { row, sums, touched: Vec::new(), pending: Vec::new() })
    }

    /// Hands `found` each possible next operation (0 = end) with its probability, in no meaningful but a fixed order.
    pub fn next(&self, walker: &mut Walker, prefix: &[u16], mut found: impl FnMut(u16, f32)) {
        write_context(prefix, &mut walker.row[self.feature_count..]);
        for &root in &self.roots {
            walker.pending.push((root, 1.0));
            while let Some((node, weight)) = walker.pending.pop() {
                let leaf = self.descend(walker, prefix, node, weight);
                let (node, weight) = leaf;
                let start = node.argument as usize;
                for &part in &self.entries[start..start + node.right as usize] {
                    let operation = entry_operation(part);
                    let sum = &mut walker.sums[operation];
                    if *sum == 0.0 {
                        walker.touched.push(operation as u16);
                    }
                    *sum += entry_probability(part) * weight;
                }
            }
        }
        let scale = 1.0 / self.roots.len() as f32;
        for operation in walker.touched.drain(..) {
            found(operation, std::mem::take(&mut walker.sums[operation as usize]) * scale);
        }
    }

    /// Walks to a leaf; where a missing value has two ways, the other one waits in `pending`.
    fn descend(&self, walker: &mut Walker, prefix: &[u16], mut at: u32, mut weight: f32) -> (Node, f32) {
        loop {
            let node = self.nodes[at as usize];
            let kind = node.kind();
            if kind == Kind::Leaf {
                return (node, weight);
            }
            let left = if kind == Kind::Occurred {
                count_of(prefix, node.column() as u16) >= node.argument as usize
            } else {
                let value = walker.row[node.column()];
                if value == 0 && !node.missing_seen() {
                    let share = node.left_share();
                    let goes_left = share >= 0.5;
                    let part = weight * share.min(1.0 - share);
                    if part >= WALK_MIN {
                        walker.pending.push((if goes_left { node.right } else { at + 1 }, part));
                        weight -= part;
                    }
                    goes_left
                } else {
                    match kind {
                        Kind::AtMost if value == 0 => node.missing_left(),
                        Kind::AtMost => u32::from(value) <= node.argument,
                        Kind::Equal => u32::from(value) == node.argument,
                        _ => set_contains(&self.sets, node.argument as usize, value),
                    }
                }
            };
            at = if left { at + 1 } else { node.right };
        }
    }
}
