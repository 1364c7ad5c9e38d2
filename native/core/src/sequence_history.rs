//! The best question about the operations so far: has operation o occurred at least k times?

use crate::sequence_impurity::Sides;
use crate::sequence_node::Kind;
use crate::sequence_random::Random;
use crate::sequence_split::{Best, NodeRows, Split, offer};

/// Prefix operations read per node at most: routings of hundreds of steps are looked at by sample.
const READ_MAX: usize = 40_000;
/// Operations asked about per node at most.
const ASKED_MAX: usize = 96;

/// Scratch space of one tree.
pub struct History {
    /// Per operation: occurrences in the row at hand.
    seen: Vec<u16>,
    /// Per operation: rows in which it occurs often enough.
    rows: Vec<u32>,
    /// Per operation: its column in `weights`, or `u32::MAX`.
    slots: Vec<u32>,
    weights: Vec<u32>,
}

impl History {
    pub fn new(operation_count: usize) -> Self {
        Self {
            seen: vec![0; operation_count + 1],
            rows: vec![0; operation_count + 1],
            slots: vec![u32::MAX; operation_count + 1],
            weights: Vec::new(),
        }
    }

    /// Calls `found` for each operation that occurs at least `times` times in the prefix, once.
    fn visit(&mut self, prefix: &[u16], times: u16, mut found: impl FnMut(&mut Self, usize)) {
        for &operation in prefix {
            let operation = operation as usize;
            self.seen[operation] += 1;
            if self.seen[operation] == times {
                found(self, operation);
            }
        }
        for &operation in prefix {
            self.seen[operation as usize] = 0;
        }
    }

    /// Offers the best operation for "occurred at least `times` times" to `best`.
    /// The gain of a sample is scaled to the node, so that it competes fairly with the columns.
    pub fn offer(&mut self, node: &NodeRows, times: u16, sides: &Sides, random: &mut Random, best: &mut Best) {
        let (mut read, mut count) = (0, 0);
        let mut met: Vec<usize> = Vec::new();
        for &row in node.rows {
            let prefix = node.data.prefix(row);
            read += prefix.len();
            if read > READ_MAX && count > 0 {
                break;
            }
            count += 1;
            self.visit(prefix, times, |own, operation| {
                if own.rows[operation] == 0 {
                    met.push(operation);
                }
                own.rows[operation] += 1;
            });
        }
        let mut asked: Vec<usize> = Vec::new();
        for &operation in &met {
            let rows = self.rows[operation] as usize;
            self.rows[operation] = 0;
            let splits = rows >= node.leaf_min.min(count / 2).max(1)
                && rows < count
                && count - rows >= node.leaf_min.min(count / 2);
            if splits && random.unit() < node.share {
                asked.push(operation);
            }
        }
        while asked.len() > ASKED_MAX {
            asked.swap_remove(random.below(asked.len()));
        }
        if !asked.is_empty() {
            self.weigh(node, &asked, count, times, sides, best);
        }
    }

    fn weigh(&mut self, node: &NodeRows, asked: &[usize], count: usize, times: u16, sides: &Sides, best: &mut Best) {
        let classes = sides.classes();
        let mut weights = std::mem::take(&mut self.weights);
        weights.clear();
        weights.resize(asked.len() * classes, 0);
        for (slot, &operation) in asked.iter().enumerate() {
            self.slots[operation] = slot as u32;
        }
        let mut sampled = vec![0; classes];
        for (at, &row) in node.rows[..count].iter().enumerate() {
            let class = node.classes[at] as usize;
            let weight = u32::from(node.weights[at]);
            sampled[class] += weight;
            self.visit(node.data.prefix(row), times, |own, operation| {
                if own.slots[operation] != u32::MAX {
                    weights[own.slots[operation] as usize * classes + class] += weight;
                }
            });
        }
        let partial = (count < node.rows.len()).then(|| Sides::new(sides.log(), sampled));
        let of = partial.as_ref().unwrap_or(sides);
        let scale = node.rows.len() as f64 / count as f64;
        let mut cells: Vec<(u16, u32)> = Vec::new();
        for (slot, &operation) in asked.iter().enumerate() {
            self.slots[operation] = u32::MAX;
            cells.clear();
            let found = weights[slot * classes..(slot + 1) * classes].iter().enumerate();
            cells.extend(found.filter(|&(_, &w)| w > 0).map(|(class, &w)| (class as u16, w)));
            let gain = of.gain_of(&cells) * scale;
            offer(best, gain, || Split {
                kind: Kind::Occurred,
                column: operation as u16,
                argument: u32::from(times),
                set: Vec::new(),
                missing_left: false,
            });
        }
        self.weights = weights;
    }
}
