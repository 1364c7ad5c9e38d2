//! How trees should grow is measured on routings of items held out, not set by hand: a plant of clean rules wants other trees
//! than one full of exceptions.

use crate::error::Result;
use crate::sequence_forest::{Options, Plot};
use crate::sequence_random::Random;
use crate::sequence_tree::Growth;

/// Trees per trial.
const TREES: usize = 6;
/// Transitions a trial learns from and is asked about; a small plant swaps the halves and asks twice.
const LEARN_MAX: usize = 10_000;
const ASK_MAX: usize = 4_000;
const SMALL: usize = 6_000;
/// Fewer routings than this tell nothing about themselves.
const ROUTINGS_MIN: usize = 12;
/// What a step costs that the model holds for impossible.
const PROBABILITY_MIN: f64 = 1e-4;

const SHARES: [f64; 3] = [0.15, 0.4, 0.8];
const LEAVES: [usize; 2] = [1, 3];
const SMOOTHINGS: [f64; 3] = [0.05, 0.3, 1.0];

/// A split of the items, repeated for each way of growing.
pub(crate) struct Trials {
    folds: u8,
    /// Per routing: the fold that asks about it; 254 only learned from, 255 left out.
    part: Vec<u8>,
}

impl Trials {
    pub fn of(plot: &Plot) -> Self {
        let set = plot.set;
        if set.routings() < ROUTINGS_MIN {
            return Self { folds: 0, part: Vec::new() };
        }
        let all = (plot.operations.len() + set.routings()) as f64;
        let small = all <= SMALL as f64;
        let (ask, learn) = (ASK_MAX as f64 / all, LEARN_MAX as f64 / all);
        // A plant between small and large is divided in the same proportion.
        let scale = (ask + learn).max(1.0);
        let part = |&item: &u32| {
            let at = Random::of(plot.seed ^ 0x5E1E_C710, u64::from(item)).unit();
            if small {
                u8::from(at < 0.5)
            } else if at < ask / scale {
                0
            } else if at < (ask + learn) / scale {
                254
            } else {
                255
            }
        };
        Self { folds: if small { 2 } else { 1 }, part: set.routing_item.iter().map(part).collect() }
    }

    /// Trees grown at most before the choice is made.
    pub fn trees_max(&self) -> usize {
        (SHARES.len() + LEAVES.len() + SMOOTHINGS.len() - 2) * TREES * self.folds as usize
    }

    /// One trait after the other, each at its best; what the options fix stays.
    pub fn choose(&self, plot: &Plot, options: &Options, growth: Growth) -> Result<Growth> {
        if self.folds == 0 || options.share.is_some() && options.leaf_min.is_some() && options.smoothing.is_some() {
            return Ok(growth);
        }
        let mut best = (self.loss(plot, growth)?, growth);
        if options.share.is_none() {
            best = self.best_of(plot, best, &SHARES.map(|share| Growth { share, ..best.1 }))?;
        }
        if options.leaf_min.is_none() {
            best = self.best_of(plot, best, &LEAVES.map(|leaf_min| Growth { leaf_min, ..best.1 }))?;
        }
        if options.smoothing.is_none() {
            best = self.best_of(plot, best, &SMOOTHINGS.map(|smoothing| Growth { smoothing, ..best.1 }))?;
        }
        Ok(best.1)
    }

    fn best_of(&self, plot: &Plot, mut best: (f64, Growth), tried: &[Growth]) -> Result<(f64, Growth)> {
        let known = best.1;
        for &growth in tried.iter().filter(|&&growth| growth != known) {
            let loss = self.loss(plot, growth)?;
            if loss < best.0 {
                best = (loss, growth);
            }
        }
        Ok(best)
    }

    /// Mean of −ln P over the steps of the routings held out.
    fn loss(&self, plot: &Plot, growth: Growth) -> Result<f64> {
        let set = plot.set;
        let (mut sum, mut steps) = (0.0, 0.0);
        for fold in 0..self.folds {
            let model = plot.grow(growth, TREES, &|routing| self.part[routing] != fold && self.part[routing] != 255)?;
            for routing in (0..set.routings()).filter(|&routing| self.part[routing] == fold) {
                let start = set.routing_item[routing] as usize * set.feature_count();
                let features = &set.features[start..start + set.feature_count()];
                let range = set.step_offsets[routing] as usize..set.step_offsets[routing + 1] as usize;
                let weight = f64::from(set.routing_weight[routing]);
                model.follow(features, &set.operations[range], |probability| {
                    sum -= weight * f64::from(probability).max(PROBABILITY_MIN).ln();
                    steps += weight;
                })?;
            }
        }
        Ok(sum / f64::max(steps, 1.0))
    }
}
