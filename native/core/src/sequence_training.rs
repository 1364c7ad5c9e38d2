//! The training set of the sequence model: items × binned attributes, routings as operation codes, and the transitions
//! (what came next after each prefix) that the trees learn from.

use crate::error::{Code, Error, Result};
use crate::sequence_context::{CONTEXT_COLUMNS, CONTEXT_KINDS, write_context};
use crate::sequence_random::Random;

/// Steps of one routing; longer ones are refused.
pub const STEPS_MAX: usize = 60_000;
pub const FEATURES_MAX: usize = 4_096;
/// Codes fit 16 bits beside 0.
pub const OPERATIONS_MAX: usize = 65_534;

/// Borrowed inputs. `features` is items × `feature_count`, row major, 0 = missing; codes of `operations` start at 1.
#[derive(Clone, Copy)]
pub struct TrainingSet<'a> {
    pub features: &'a [u16],
    /// 0 ordered, 1 categorical.
    pub feature_kinds: &'a [u8],
    /// Routing → row of its item.
    pub routing_item: &'a [u32],
    pub routing_weight: &'a [f32],
    /// Routing r owns `operations[step_offsets[r] .. step_offsets[r + 1]]`.
    pub step_offsets: &'a [u32],
    pub operations: &'a [u32],
    /// Codes are 1 ..= `operation_count`.
    pub operation_count: u32,
}

impl TrainingSet<'_> {
    pub fn feature_count(&self) -> usize {
        self.feature_kinds.len()
    }

    pub fn routings(&self) -> usize {
        self.routing_item.len()
    }

    /// Refuses whatever contradicts itself: `bad_request` for shapes, `invalid_value` for values.
    pub fn check(&self) -> Result<()> {
        let columns = self.feature_count();
        let bad = |message: &str| Err(Error::new(Code::BadRequest, message));
        let invalid = |message: &str| Err(Error::new(Code::InvalidValue, message));
        if columns == 0
            || columns > FEATURES_MAX
            || !self.features.len().is_multiple_of(columns)
            || u32::try_from(self.features.len()).is_err()
        {
            return bad("features must be items × featureCount, with 1 to 4096 columns and fewer than 2^32 values");
        }
        if self.operation_count == 0 || self.operation_count as usize > OPERATIONS_MAX {
            return bad("operationCount must be 1 to 65534");
        }
        let routings = self.routings();
        if routings == 0 || self.routing_weight.len() != routings || self.step_offsets.len() != routings + 1 {
            return bad("routings, weights and offsets differ in length, or there is no routing");
        }
        if self.step_offsets[0] != 0 || self.step_offsets[routings] as usize != self.operations.len() {
            return bad("step offsets must start at 0 and end at the number of steps");
        }
        if self.step_offsets.windows(2).any(|w| w[0] > w[1] || (w[1] - w[0]) as usize > STEPS_MAX) {
            return bad("step offsets must not fall, and a routing has at most 60000 steps");
        }
        if self.feature_kinds.iter().any(|&kind| kind > 1) {
            return invalid("a feature kind is 0 (ordered) or 1 (categorical)");
        }
        let items = self.features.len() / columns;
        if self.routing_item.iter().any(|&item| item as usize >= items) {
            return invalid("a routing names an item that does not exist");
        }
        if self.routing_weight.iter().any(|w| !w.is_finite() || *w <= 0.0) {
            return invalid("a routing's weight must be a positive number");
        }
        if self.operations.iter().any(|&o| o == 0 || o > self.operation_count) {
            return invalid("an operation code is out of range");
        }
        Ok(())
    }

    /// The longest routing, in steps.
    pub fn steps_max(&self) -> usize {
        self.step_offsets.windows(2).map(|w| (w[1] - w[0]) as usize).max().unwrap_or(0)
    }

    /// True when an operation stands twice in some routing: only then are counts above one worth a question.
    pub fn has_repeats(&self) -> bool {
        let mut seen = vec![u32::MAX; self.operation_count as usize + 1];
        (0..self.routings()).any(|r| {
            let steps = &self.operations[self.step_offsets[r] as usize..self.step_offsets[r + 1] as usize];
            steps.iter().any(|&o| std::mem::replace(&mut seen[o as usize], r as u32) == r as u32)
        })
    }
}

/// One decision that was made: after `step` operations of the routing that starts at `start`, `class` came (0 = end).
#[derive(Clone, Copy)]
pub struct Transition {
    pub item: u32,
    pub start: u32,
    pub step: u16,
    pub class: u16,
    /// In units of [`WEIGHT_UNIT`] for a routing of usual weight.
    pub weight: u16,
}

/// Weights are whole numbers: sums are exact, logarithms come from a table, and halves, thirds and quarters stay what they are.
pub const WEIGHT_UNIT: f64 = 12.0;
const WEIGHT_MAX: f64 = 600.0;

/// The transitions one tree learns from, with their context columns (row major).
pub struct Transitions<'a> {
    set: &'a TrainingSet<'a>,
    operations: &'a [u16],
    pub rows: Vec<Transition>,
    context: Vec<u16>,
    /// Per column the largest value.
    value_max: Vec<u16>,
}

impl<'a> Transitions<'a> {
    /// Draws about `limit` transitions of the routings that `keep` accepts, all of them when there are fewer.
    /// `operations` are the set's, narrowed to 16 bits.
    pub fn draw(
        set: &'a TrainingSet<'a>,
        operations: &'a [u16],
        limit: usize,
        random: &mut Random,
        keep: impl Fn(usize) -> bool,
    ) -> Self {
        let all = operations.len() + set.routings();
        let scale = WEIGHT_UNIT / f64::from(usual_weight(set.routing_weight));
        let share = limit as f64 / all as f64;
        let mut rows = Vec::with_capacity(all.min(limit + limit / 16));
        let mut context = Vec::with_capacity(rows.capacity() * CONTEXT_COLUMNS);
        let mut buffer = [0; CONTEXT_COLUMNS];
        for routing in (0..set.routings()).filter(|&r| keep(r)) {
            let (start, end) = (set.step_offsets[routing] as usize, set.step_offsets[routing + 1] as usize);
            let weight = (f64::from(set.routing_weight[routing]) * scale).round().clamp(1.0, WEIGHT_MAX) as u16;
            for step in 0..=end - start {
                if share < 1.0 && random.unit() >= share {
                    continue;
                }
                rows.push(Transition {
                    item: set.routing_item[routing],
                    start: start as u32,
                    step: step as u16,
                    class: if start + step < end { operations[start + step] } else { 0 },
                    weight,
                });
                write_context(&operations[start..start + step], &mut buffer);
                context.extend_from_slice(&buffer);
            }
        }
        let mut drawn = Self { set, operations, rows, context, value_max: Vec::new() };
        drawn.value_max = (0..drawn.columns())
            .map(|column| (0..drawn.rows.len() as u32).map(|row| drawn.value(row, column)).max().unwrap_or(0))
            .collect();
        drawn
    }

    /// Attribute columns and context columns together.
    pub fn columns(&self) -> usize {
        self.set.feature_count() + CONTEXT_COLUMNS
    }

    /// True for a categorical column.
    pub fn is_categorical(&self, column: usize) -> bool {
        let attributes = self.set.feature_count();
        if column < attributes { self.set.feature_kinds[column] == 1 } else { CONTEXT_KINDS[column - attributes] == 1 }
    }

    /// True for a column of the item itself, whose 0 means "not known".
    pub fn is_attribute(&self, column: usize) -> bool {
        column < self.set.feature_count()
    }

    /// Where a column's values lie: the table, whether it is that of the attributes, and the offset within a row of it.
    pub fn column(&self, column: usize) -> (&[u16], bool, usize) {
        let attributes = self.set.feature_count();
        if column < attributes {
            (self.set.features, true, column)
        } else {
            (&self.context, false, column - attributes)
        }
    }

    /// Start of the row's values in the tables of attributes and of context.
    pub fn place(&self, row: u32) -> (u32, u32) {
        let item = self.rows[row as usize].item as usize;
        ((item * self.set.feature_count()) as u32, row * CONTEXT_COLUMNS as u32)
    }

    pub fn value(&self, row: u32, column: usize) -> u16 {
        let attributes = self.set.feature_count();
        if column < attributes {
            self.set.features[self.rows[row as usize].item as usize * attributes + column]
        } else {
            self.context[row as usize * CONTEXT_COLUMNS + column - attributes]
        }
    }

    /// The largest value of a column.
    pub fn value_max(&self, column: usize) -> u16 {
        self.value_max[column]
    }

    /// The operations before this decision.
    pub fn prefix(&self, row: u32) -> &[u16] {
        let at = &self.rows[row as usize];
        &self.operations[at.start as usize..at.start as usize + at.step as usize]
    }

    /// Steps of all routings.
    pub fn operations(&self) -> usize {
        self.operations.len()
    }

    pub fn operation_count(&self) -> usize {
        self.set.operation_count as usize
    }
}

/// The largest weight, unless it stands out: then thrice the mean.
fn usual_weight(weights: &[f32]) -> f32 {
    let max = weights.iter().copied().fold(0.0, f32::max);
    let mean = weights.iter().map(|&w| f64::from(w)).sum::<f64>() / weights.len().max(1) as f64;
    max.min(3.0 * mean as f32)
}
