//! Growing one tree: questions chosen by information gain, leaves smoothed towards their parents.

use std::rc::Rc;

use crate::sequence_context::count_of;
use crate::sequence_history::History;
use crate::sequence_impurity::{Sides, WeightLog};
use crate::sequence_node::{Kind, Node, entry, set_contains};
use crate::sequence_random::Random;
use crate::sequence_split::{Best, NodeRows, Runs, Split, offer_column};
use crate::sequence_training::{Transition, Transitions};

/// Rows on which a question is chosen; all rows are then divided by it.
const CHOOSE_MAX: usize = 2_048;
/// Bits × weight that a question must win: more than rounding.
const GAIN_MIN: f64 = 1e-6;
/// Probabilities below this are dropped from a leaf.
const PROBABILITY_MIN: f64 = 0.0005;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Growth {
    pub depth_max: usize,
    /// Rows on each side of a question at least.
    pub leaf_min: usize,
    /// Share of the questions looked at per node, 0 to 1.
    pub share: f64,
    /// Weight, in rows, with which a node trusts its parent's distribution.
    pub smoothing: f64,
    /// Ask for counts above one.
    pub repeats: bool,
}

/// One tree; indexes into `sets` and `entries` count from this tree's own start.
#[derive(Default)]
pub struct Tree {
    pub nodes: Vec<Node>,
    pub sets: Vec<u16>,
    pub entries: Vec<u32>,
}

type Distribution = Rc<Vec<(u16, f64)>>;

struct Task {
    start: usize,
    end: usize,
    depth: usize,
    /// Node whose right child this is.
    parent: Option<usize>,
    above: Distribution,
}

struct Grower<'a> {
    data: &'a Transitions<'a>,
    growth: Growth,
    random: Random,
    tree: Tree,
    rows: Vec<u32>,
    buffer: Vec<u32>,
    /// Per start of a routing: the node that met it last.
    met: Vec<u32>,
    /// Per class: weight in the node at hand, then its number within the node.
    weights: Vec<f64>,
    numbers: Vec<u16>,
    /// Of the node at hand, see [`NodeRows`].
    classes: Vec<u16>,
    row_weights: Vec<u16>,
    places: Vec<(u32, u32)>,
    log: WeightLog,
    runs: Runs,
    history: History,
    leaves: std::collections::HashMap<Vec<u32>, u32>,
}

/// Grows a tree on the transitions. Deterministic in the data, the parameters and the generator.
pub fn grow(data: &Transitions, growth: Growth, random: Random) -> Tree {
    let operations = data.operation_count();
    let mut grower = Grower {
        data,
        growth,
        random,
        tree: Tree::default(),
        rows: (0..data.rows.len() as u32).collect(),
        buffer: Vec::with_capacity(data.rows.len()),
        met: vec![u32::MAX; data.operations() + 1],
        weights: vec![0.0; operations + 1],
        numbers: vec![0; operations + 1],
        classes: Vec::new(),
        row_weights: Vec::new(),
        places: Vec::new(),
        log: WeightLog::default(),
        runs: Runs::default(),
        history: History::new(operations),
        leaves: std::collections::HashMap::new(),
    };
    grower.shuffle();
    let mut tasks = vec![Task { start: 0, end: grower.rows.len(), depth: 0, parent: None, above: Rc::new(Vec::new()) }];
    while let Some(task) = tasks.pop() {
        grower.node(&task, &mut tasks);
    }
    grower.tree
}

impl Grower<'_> {
    /// In random order any beginning of a node's rows is a fair sample of them.
    fn shuffle(&mut self) {
        for at in (1..self.rows.len()).rev() {
            self.rows.swap(at, self.random.below(at + 1));
        }
    }

    fn node(&mut self, task: &Task, tasks: &mut Vec<Task>) {
        let index = self.tree.nodes.len();
        if let Some(parent) = task.parent {
            self.tree.nodes[parent].right = index as u32;
        }
        let here = self.distribution(task);
        let split = if task.depth < self.growth.depth_max && task.end - task.start >= 2 * self.growth.leaf_min {
            self.choose(task.start, task.end)
        } else {
            None
        };
        let Some((node, middle)) = split.and_then(|split| self.divide(&split, task.start, task.end)) else {
            self.leaf(&here);
            return;
        };
        self.tree.nodes.push(node);
        let depth = task.depth + 1;
        tasks.push(Task { start: middle, end: task.end, depth, parent: Some(index), above: Rc::clone(&here) });
        tasks.push(Task { start: task.start, end: middle, depth, parent: None, above: here });
    }

    /// Class probabilities of a node, shrunk towards its parent's.
    fn distribution(&mut self, task: &Task) -> Distribution {
        let mut present: Vec<u16> = Vec::new();
        let mut all = 0.0;
        for &row in &self.rows[task.start..task.end] {
            let at = &self.data.rows[row as usize];
            let weight = &mut self.weights[at.class as usize];
            if *weight == 0.0 {
                present.push(at.class);
            }
            *weight += f64::from(at.weight);
            all += f64::from(at.weight);
        }
        // In rows, so that it means the same whatever the scale of the weights.
        let mean = all / (task.end - task.start).max(1) as f64;
        let smoothing = if task.above.is_empty() { 0.0 } else { self.growth.smoothing * mean };
        let mut here: Vec<(u16, f64)> = Vec::with_capacity(present.len().max(task.above.len()));
        for &(class, probability) in task.above.iter() {
            let weight = std::mem::take(&mut self.weights[class as usize]);
            let smoothed = (weight + smoothing * probability) / (all + smoothing);
            if smoothed >= PROBABILITY_MIN * 0.2 {
                here.push((class, smoothed));
            }
        }
        for class in present {
            let weight = std::mem::take(&mut self.weights[class as usize]);
            if weight > 0.0 {
                here.push((class, weight / (all + smoothing)));
            }
        }
        Rc::new(here)
    }

    fn choose(&mut self, start: usize, end: usize) -> Option<Split> {
        let rows = &self.rows[start..end.min(start + CHOOSE_MAX)];
        let mut total: Vec<u32> = Vec::new();
        self.classes.clear();
        self.row_weights.clear();
        self.places.clear();
        for &row in rows {
            let at = &self.data.rows[row as usize];
            let number = &mut self.numbers[at.class as usize];
            if *number == 0 {
                total.push(0);
                *number = total.len() as u16;
            }
            total[*number as usize - 1] += u32::from(at.weight);
            self.classes.push(*number - 1);
            self.row_weights.push(at.weight);
            self.places.push(self.data.place(row));
        }
        for &row in rows {
            self.numbers[self.data.rows[row as usize].class as usize] = 0;
        }
        if total.len() < 2 {
            return None;
        }
        let mut sides = Sides::new(&self.log, total);
        // A bad draw of questions must not end a tree: the second time all are looked at.
        for share in [self.growth.share, 1.0] {
            // A sample stands for its node: the fewest rows of a side shrink with it.
            let leaf_min = (self.growth.leaf_min * rows.len()).div_ceil(end - start);
            let node = NodeRows {
                data: self.data,
                rows,
                classes: &self.classes,
                weights: &self.row_weights,
                places: &self.places,
                leaf_min,
                share,
            };
            let mut best = Best { gain: GAIN_MIN, split: None };
            for column in 0..self.data.columns() {
                offer_column(&node, column, &mut sides, &mut self.runs, &mut self.random, &mut best);
            }
            sides.reset();
            self.history.offer(&node, 1, &sides, &mut self.random, &mut best);
            if self.growth.repeats {
                let times = [2, 2, 3, 4, 6, 8, 12, 16, 24, 32][self.random.below(10)];
                self.history.offer(&node, times, &sides, &mut self.random, &mut best);
            }
            if best.split.is_some() {
                return best.split;
            }
        }
        None
    }

    /// Divides the node's rows; None when one side would be too small (the question was chosen on a sample).
    fn divide(&mut self, split: &Split, start: usize, end: usize) -> Option<(Node, usize)> {
        let mut argument = split.argument;
        let sets = self.tree.sets.len();
        if split.kind == Kind::InSet {
            argument = sets as u32;
            self.tree.sets.push(split.set.len() as u16);
            self.tree.sets.extend_from_slice(&split.set);
        }
        let column = split.column as usize;
        let attribute = split.kind != Kind::Occurred && self.data.is_attribute(column);
        let (mut left, mut left_weight, mut all, mut missing) = (start, 0.0, 0.0, 0);
        let node = self.tree.nodes.len() as u32;
        self.buffer.clear();
        for at in start..end {
            let row = self.rows[at];
            let goes_left = if split.kind == Kind::Occurred {
                count_of(self.data.prefix(row), split.column) >= argument as usize
            } else {
                let value = self.data.value(row, column);
                missing += usize::from(attribute && value == 0);
                match split.kind {
                    Kind::AtMost if attribute && value == 0 => split.missing_left,
                    Kind::AtMost => u32::from(value) <= argument,
                    Kind::InSet => set_contains(&self.tree.sets, sets, value),
                    _ => u32::from(value) == argument,
                }
            };
            let Transition { start, weight, .. } = self.data.rows[row as usize];
            // A routing counts once, however many of its decisions lie here: the share says how many items go left.
            let first = std::mem::replace(&mut self.met[start as usize], node) != node;
            let weight = if first { f64::from(weight) } else { 0.0 };
            all += weight;
            if goes_left {
                left_weight += weight;
                self.rows[left] = row;
                left += 1;
            } else {
                self.buffer.push(row);
            }
        }
        self.rows[left..end].copy_from_slice(&self.buffer);
        if left - start < self.growth.leaf_min || end - left < self.growth.leaf_min {
            self.tree.sets.truncate(sets);
            return None;
        }
        // A handful of gaps is no evidence of where a missing value belongs; then both sides are asked when predicting.
        let seen = !attribute || missing >= (2 * self.growth.leaf_min).max((end - start) / 50).max(2);
        let missing_left = split.kind == Kind::AtMost && (!attribute || split.missing_left);
        let node = Node::question(split.kind, split.column, argument, seen.then_some(missing_left), left_weight / all);
        Some((node, left))
    }

    fn leaf(&mut self, distribution: &Distribution) {
        let mut kept: Vec<(u16, f64)> = distribution.iter().copied().filter(|c| c.1 >= PROBABILITY_MIN).collect();
        kept.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let sum: f64 = kept.iter().map(|c| c.1).sum();
        // Rounded down: the parts of a leaf never exceed one.
        let packed: Vec<u32> = kept.iter().map(|c| entry(c.0, (c.1 / sum.max(1.0) * 65_535.0) as u16)).collect();
        let length = packed.len() as u32;
        // Equal leaves, most of them pure, share their entries.
        let end = self.tree.entries.len() as u32;
        let start = *self.leaves.entry(packed).or_insert_with_key(|packed| {
            self.tree.entries.extend_from_slice(packed);
            end
        });
        self.tree.nodes.push(Node::leaf(start, length));
    }
}
