//! Training: trees in parallel, the same forest for any number of threads.

use crate::error::{Code, Error, Result};
use crate::limits::{self, within};
use crate::sequence_model::Model;
use crate::sequence_random::Random;
use crate::sequence_seen::SeenValues;
use crate::sequence_selection::Trials;
use crate::sequence_training::{TrainingSet, Transitions};
use crate::sequence_tree::{Growth, Tree, grow};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

pub const TREES_MAX: usize = 512;
pub const DEPTH_MAX: usize = 256;

/// How to train; None lets the data decide.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub trees: Option<usize>,
    pub depth_max: usize,
    /// Rows on each side of a question at least.
    pub leaf_min: Option<usize>,
    /// Rows' worth of trust that a node has in its parent.
    pub smoothing: Option<f64>,
    /// Share of the questions looked at per node.
    pub share: Option<f64>,
    pub seed: u64,
    /// 0 means all cores.
    pub threads: usize,
    /// Transitions per tree; each tree draws its own.
    pub transitions_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            trees: None,
            depth_max: 64,
            leaf_min: None,
            smoothing: None,
            share: None,
            seed: 1,
            threads: 0,
            transitions_max: 200_000,
        }
    }
}

/// Read by whoever watches a training, and the way to end it early.
#[derive(Default)]
pub struct Progress {
    done: AtomicUsize,
    total: AtomicUsize,
    cancelled: AtomicBool,
}

impl Progress {
    /// Trees done, trees in all (0 before the training has begun).
    pub fn read(&self) -> (usize, usize) {
        (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }

    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// What all trees of a forest share.
pub(crate) struct Plot<'a> {
    pub set: &'a TrainingSet<'a>,
    /// The set's operations in 16 bits.
    pub operations: &'a [u16],
    pub seed: u64,
    pub threads: usize,
    pub transitions_max: usize,
    pub progress: &'a Progress,
}

impl Plot<'_> {
    /// Grows `count` trees on the routings that `keep` accepts. Fails with `cancelled`.
    pub fn grow(&self, growth: Growth, count: usize, keep: &(dyn Fn(usize) -> bool + Sync)) -> Result<Model> {
        let next = AtomicUsize::new(0);
        let grown: Mutex<Vec<(usize, Tree)>> = Mutex::new(Vec::with_capacity(count));
        crate::parallel::run(self.threads.clamp(1, count.max(1)), || {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= count {
                    return Ok(());
                }
                if self.progress.is_cancelled() {
                    return Err(Error::new(Code::Cancelled, "training of the sequence model was cancelled"));
                }
                let mut random = Random::of(self.seed, index as u64);
                let data = Transitions::draw(self.set, self.operations, self.transitions_max, &mut random, keep);
                let tree = grow(&data, growth, random);
                grown.lock().unwrap_or_else(PoisonError::into_inner).push((index, tree));
                self.progress.done.fetch_add(1, Ordering::Relaxed);
            }
        })?;
        let mut grown = grown.into_inner().unwrap_or_else(PoisonError::into_inner);
        grown.sort_unstable_by_key(|(index, _)| *index);
        let trees = grown.into_iter().map(|(_, tree)| tree).collect();
        let set = self.set;
        Ok(Model::join(set.operation_count as usize, set.steps_max(), SeenValues::of(set), trees))
    }
}

/// Trains a model. Fails with `bad_request` or `invalid_value` on options out of range or a set that contradicts itself,
/// `cancelled`.
pub fn train(set: &TrainingSet, options: &Options, progress: &Progress) -> Result<Model> {
    set.check()?;
    within("trees", options.trees.unwrap_or(1), 1, TREES_MAX)?;
    within("maxDepth", options.depth_max, 1, DEPTH_MAX)?;
    within("minLeaf", options.leaf_min.unwrap_or(1), 1, u32::MAX as usize)?;
    within("threads", options.threads, 0, limits::THREADS_MAX)?;
    within("maxTransitions", options.transitions_max, 1_000, 1 << 30)?;
    let operations: Vec<u16> = set.operations.iter().map(|&operation| operation as u16).collect();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let plot = Plot {
        set,
        operations: &operations,
        seed: options.seed,
        threads: if options.threads == 0 { cores } else { options.threads },
        transitions_max: options.transitions_max,
        progress,
    };
    let rows = (operations.len() + set.routings()).min(options.transitions_max);
    // Fewer rows, more trees: chance weighs more where evidence is thin, and small trees are cheap.
    let trees = options.trees.unwrap_or_else(|| (2_000_000 / rows).clamp(16, 64));
    let growth = Growth {
        depth_max: options.depth_max,
        leaf_min: options.leaf_min.unwrap_or(1),
        share: options.share.unwrap_or(0.4).clamp(0.01, 1.0),
        smoothing: options.smoothing.unwrap_or(0.05).max(0.0),
        repeats: set.has_repeats(),
    };
    let trials = Trials::of(&plot);
    progress.total.store(trees + trials.trees_max(), Ordering::Relaxed);
    let growth = trials.choose(&plot, options, growth)?;
    progress.total.store(progress.done.load(Ordering::Relaxed) + trees, Ordering::Relaxed);
    plot.grow(growth, trees, &|_| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Plant {
        features: Vec<u16>,
        items: Vec<u32>,
        weights: Vec<f32>,
        offsets: Vec<u32>,
        operations: Vec<u32>,
    }

    /// A category decides the first operation, a size above 50 doubles the second; every third item has two routings.
    fn routings(category: u16, size: u16) -> Vec<Vec<u32>> {
        let rest: &[u32] = if size > 50 { &[7, 7, 8] } else { &[7, 8] };
        let first = 1 + u32::from(category % 4);
        let with = |operation: u32| [&[operation], rest].concat();
        if category.is_multiple_of(3) { vec![with(first), with(6)] } else { vec![with(first)] }
    }

    fn plant(items: u16) -> Plant {
        let mut plant =
            Plant { features: vec![], items: vec![], weights: vec![], offsets: vec![0], operations: vec![] };
        for item in 0..items {
            let (category, size) = (1 + item % 12, 1 + (item * 7) % 100);
            plant.features.extend([category, size]);
            let found = routings(category, size);
            for routing in &found {
                plant.items.push(u32::from(item));
                plant.weights.push(1.0 / found.len() as f32);
                plant.operations.extend(routing);
                plant.offsets.push(plant.operations.len() as u32);
            }
        }
        plant
    }

    fn set(plant: &Plant) -> TrainingSet<'_> {
        TrainingSet {
            features: &plant.features,
            feature_kinds: &[1, 0],
            routing_item: &plant.items,
            routing_weight: &plant.weights,
            step_offsets: &plant.offsets,
            operations: &plant.operations,
            operation_count: 8,
        }
    }

    #[test]
    fn rules_and_alternatives_are_found_again() {
        let plant = plant(300);
        let model = train(&set(&plant), &Options::default(), &Progress::default()).expect("a model");
        for (category, size) in [(1, 10), (3, 90), (7, 33), (12, 77), (6, 2)] {
            let expected = routings(category, size);
            let found = model.predict(&[category, size], 5, 8).expect("a prediction");
            for routing in &expected {
                let operations: Vec<u16> = routing.iter().map(|&operation| operation as u16).collect();
                let at = found.iter().position(|candidate| candidate.operations == operations);
                assert!(at.is_some_and(|at| at < expected.len()), "{category} {size}: {found:?}");
                let probability = model.log_probability(&[category, size], routing).expect("a number").exp();
                assert!((probability - 1.0 / expected.len() as f64).abs() < 0.15, "{probability}");
            }
            let sum: f64 = found.iter().map(|candidate| candidate.log_probability.exp()).sum();
            assert!(sum <= 1.0 + 1e-6);
        }
    }

    #[test]
    fn threads_do_not_change_the_model_and_drawing_does_not_lose_the_rules() {
        let plant = plant(2_000);
        let options = Options { transitions_max: 2_000, trees: Some(12), threads: 1, ..Options::default() };
        let one = train(&set(&plant), &options, &Progress::default()).expect("a model");
        let three = train(&set(&plant), &Options { threads: 3, ..options }, &Progress::default()).expect("a model");
        assert_eq!(one, three);
        let found = one.predict(&[2, 80], 1, 4).expect("a prediction");
        assert_eq!(found[0].operations, [3, 7, 7, 8]);
    }

    #[test]
    fn a_cancelled_training_ends_with_its_code() {
        let plant = plant(300);
        let progress = Progress::default();
        progress.cancel();
        let error = train(&set(&plant), &Options::default(), &progress).expect_err("cancelled");
        assert_eq!(error.code, Code::Cancelled);
    }
}
