//! The trained model: an ensemble of trees in one block of memory. How it answers: `sequence_walk`.

use crate::sequence_node::{Kind, Node};
use crate::sequence_seen::SeenValues;
use crate::sequence_tree::Tree;

/// Immutable; share it freely between threads.
#[derive(Debug, PartialEq)]
pub struct Model {
    pub(crate) feature_count: usize,
    pub(crate) operation_count: usize,
    /// Steps of the longest routing seen; decoding stops there.
    pub(crate) steps_max: usize,
    /// Which values of each categorical column training saw.
    pub(crate) seen: SeenValues,
    pub(crate) roots: Vec<u32>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) sets: Vec<u16>,
    pub(crate) entries: Vec<u32>,
}

impl Model {
    /// Joins grown trees; their indexes are moved to the common arrays.
    pub fn join(operation_count: usize, steps_max: usize, seen: SeenValues, trees: Vec<Tree>) -> Self {
        let mut model = Self {
            feature_count: seen.columns(),
            operation_count,
            steps_max,
            seen,
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
        self.nodes.len() * size_of::<Node>()
            + self.sets.len() * 2
            + self.entries.len() * 4
            + self.roots.len() * 4
            + self.seen.words().len() * 4
    }
}
