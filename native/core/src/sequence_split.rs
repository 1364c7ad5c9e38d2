//! The best question about one column: a threshold for ordered values, one value or a set of values for categories.

use crate::sequence_impurity::Sides;
use crate::sequence_node::Kind;
use crate::sequence_random::Random;
use crate::sequence_training::{Transitions, WEIGHT_UNIT};

/// A question. `set` is ascending and used by [`Kind::InSet`] only.
pub struct Split {
    pub kind: Kind,
    pub column: u16,
    pub argument: u32,
    pub set: Vec<u16>,
    /// Of an ordered column: whether missing values go left.
    pub missing_left: bool,
}

/// The best question so far and its gain, in bits × weight.
pub struct Best {
    pub gain: f64,
    pub split: Option<Split>,
}

/// The node at hand: its rows (or a sample of them) with their classes numbered from 0 within the node.
pub struct NodeRows<'a> {
    pub data: &'a Transitions<'a>,
    pub rows: &'a [u32],
    pub classes: &'a [u16],
    /// Per row its weight, and where its values start in the attributes and in the context: gathered once, used per column.
    pub weights: &'a [u16],
    pub places: &'a [(u32, u32)],
    pub leaf_min: usize,
    /// Share of the questions that is looked at; chance makes the trees differ.
    pub share: f64,
}

/// Rows of one column grouped by value; `cells` of run i: weight per class.
#[derive(Default)]
pub struct Runs {
    order: Vec<u32>,
    sorted: Vec<u32>,
    places: Vec<u32>,
    values: Vec<u16>,
    rows: Vec<u32>,
    offsets: Vec<u32>,
    cells: Vec<(u16, u32)>,
    scratch: Vec<u32>,
    touched: Vec<u16>,
}

impl Runs {
    fn of(&self, run: usize) -> &[(u16, u32)] {
        &self.cells[self.offsets[run] as usize..self.offsets[run + 1] as usize]
    }

    /// Groups the node's rows by the column's value, ascending.
    fn fill(&mut self, node: &NodeRows, column: usize, classes: usize) {
        debug_assert!(node.rows.len() <= 1 << 16, "a sample is numbered with 16 bits");
        self.order.clear();
        let (table, attribute, offset) = node.data.column(column);
        let pick = |place: &(u32, u32)| if attribute { place.0 as usize } else { place.1 as usize };
        self.order.extend(
            node.places.iter().enumerate().map(|(at, place)| u32::from(table[pick(place) + offset]) << 16 | at as u32),
        );
        self.values.clear();
        self.rows.clear();
        self.cells.clear();
        self.offsets.clear();
        let first = self.order[0] >> 16;
        if self.order.iter().all(|key| key >> 16 == first) {
            return;
        }
        self.sort(node.data.value_max(column));
        self.scratch.resize(classes, 0);
        let mut at = 0;
        while at < self.order.len() {
            let value = self.order[at] >> 16;
            let from = at;
            while at < self.order.len() && self.order[at] >> 16 == value {
                let row = (self.order[at] & 0xFFFF) as usize;
                let class = node.classes[row];
                let sum = &mut self.scratch[class as usize];
                if *sum == 0 {
                    self.touched.push(class);
                }
                *sum += u32::from(node.weights[row]);
                at += 1;
            }
            self.values.push(value as u16);
            self.rows.push((at - from) as u32);
            self.offsets.push(self.cells.len() as u32);
            for class in self.touched.drain(..) {
                self.cells.push((class, std::mem::take(&mut self.scratch[class as usize])));
            }
        }
        self.offsets.push(self.cells.len() as u32);
    }

    /// Sorts the keys (value, row): by counting where the values are few, by comparing where they are many.
    fn sort(&mut self, value_max: u16) {
        if self.order.len() < 48 || value_max as usize > self.order.len() {
            return self.order.sort_unstable();
        }
        self.places.clear();
        self.places.resize(value_max as usize + 1, 0);
        for key in &self.order {
            self.places[(key >> 16) as usize] += 1;
        }
        let mut next = 0;
        for place in &mut self.places {
            next += std::mem::replace(place, next);
        }
        self.sorted.clear();
        self.sorted.resize(self.order.len(), 0);
        for &key in &self.order {
            let place = &mut self.places[(key >> 16) as usize];
            self.sorted[*place as usize] = key;
            *place += 1;
        }
        std::mem::swap(&mut self.order, &mut self.sorted);
    }
}

/// Offers the column's best question to `best`.
pub fn offer_column(
    node: &NodeRows,
    column: usize,
    sides: &mut Sides,
    runs: &mut Runs,
    random: &mut Random,
    best: &mut Best,
) {
    let ordered = !node.data.is_categorical(column);
    if ordered && random.unit() >= node.share {
        return;
    }
    runs.fill(node, column, sides.classes());
    if runs.values.len() < 2 {
        return;
    }
    if ordered {
        offer_threshold(node, column, sides, runs, false, best);
        if node.data.is_attribute(column) && runs.values[0] == 0 {
            offer_threshold(node, column, sides, runs, true, best);
        }
    } else {
        offer_values(node, column, sides, runs, random, best);
        if runs.values.len() > 2 && random.unit() < node.share {
            offer_set(node, column, sides, runs, random, best);
        }
    }
}

/// Takes the question when it beats the best so far; a node starts with the least gain worth a question.
pub fn offer(best: &mut Best, gain: f64, make: impl FnOnce() -> Split) {
    if gain > best.gain {
        best.gain = gain;
        best.split = Some(make());
    }
}

/// Every cut between two values; with `missing_right` the missing ones stay on the right throughout.
fn offer_threshold(
    node: &NodeRows,
    column: usize,
    sides: &mut Sides,
    runs: &Runs,
    missing_right: bool,
    best: &mut Best,
) {
    sides.reset();
    let mut rows = 0;
    for run in usize::from(missing_right)..runs.values.len() {
        if !missing_right && run + 1 == runs.values.len() {
            break;
        }
        for &(class, weight) in runs.of(run) {
            sides.move_left(class, weight);
        }
        rows += runs.rows[run] as usize;
        if rows < node.leaf_min || node.rows.len() - rows < node.leaf_min {
            continue;
        }
        let gain = sides.gain();
        offer(best, gain, || Split {
            kind: Kind::AtMost,
            column: column as u16,
            argument: u32::from(runs.values[run]),
            set: Vec::new(),
            missing_left: !missing_right,
        });
    }
}

/// One value against all others.
fn offer_values(node: &NodeRows, column: usize, sides: &Sides, runs: &Runs, random: &mut Random, best: &mut Best) {
    for run in 0..runs.values.len() {
        let rows = runs.rows[run] as usize;
        if rows < node.leaf_min || node.rows.len() - rows < node.leaf_min || random.unit() >= node.share {
            continue;
        }
        let gain = sides.gain_of(runs.of(run));
        offer(best, gain, || Split {
            kind: Kind::Equal,
            column: column as u16,
            argument: u32::from(runs.values[run]),
            set: Vec::new(),
            missing_left: false,
        });
    }
}

/// Values ordered by how often the drawn classes follow them; then the best cut of that order.
fn offer_set(node: &NodeRows, column: usize, sides: &mut Sides, runs: &Runs, random: &mut Random, best: &mut Best) {
    // One class against the rest finds a single rule; a random half of the classes against the other half keeps trees
    // shallow where hundreds of operations follow one column.
    let many = sides.classes() > 2 && random.unit() < 0.5;
    let drawn = node.classes[random.below(node.classes.len())];
    let chosen: Vec<bool> = (0..sides.classes())
        .map(|class| if many { random.next_u64() & 1 == 0 } else { class == drawn as usize })
        .collect();
    let weight: u32 = (0..sides.classes()).filter(|&c| chosen[c]).map(|c| sides.total(c as u16)).sum();
    let prior = f64::from(weight) / f64::from(sides.weight());
    let mut order: Vec<(f64, usize)> = (0..runs.values.len())
        .map(|run| {
            let (mut hits, mut all) = (prior * WEIGHT_UNIT, WEIGHT_UNIT);
            for &(class, weight) in runs.of(run) {
                all += f64::from(weight);
                if chosen[class as usize] {
                    hits += f64::from(weight);
                }
            }
            (hits / all, run)
        })
        .collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    sides.reset();
    let (mut rows, mut found) = (0, None);
    let floor = best.gain;
    for (at, &(_, run)) in order[..order.len() - 1].iter().enumerate() {
        for &(class, weight) in runs.of(run) {
            sides.move_left(class, weight);
        }
        rows += runs.rows[run] as usize;
        if rows < node.leaf_min || node.rows.len() - rows < node.leaf_min {
            continue;
        }
        let gain = sides.gain();
        if gain > found.map_or(floor, |(g, _, _)| g) {
            found = Some((gain, at + 1, rows));
        }
    }
    let Some((gain, cut, rows)) = found else { return };
    // The smaller side is listed: a value never seen here then goes with the majority.
    let listed = if rows * 2 <= node.rows.len() { &order[..cut] } else { &order[cut..] };
    let mut set: Vec<u16> = listed.iter().map(|&(_, run)| runs.values[run]).collect();
    set.sort_unstable();
    offer(best, gain, || Split { kind: Kind::InSet, column: column as u16, argument: 0, set, missing_left: false });
}
