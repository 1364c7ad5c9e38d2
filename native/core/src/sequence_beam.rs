//! Beam search: the most probable complete routings of an item, and the probability of a given one.

use crate::error::{Code, Error, Result};
use crate::sequence_model::Model;
use crate::sequence_walk::{Belief, Walker};

/// Widths and lengths that a caller may ask for.
pub const BEAM_MAX: usize = 1_024;
/// A next operation less probable than this is not followed.
const STEP_MIN: f32 = 0.002;
/// Nor one this improbable beside the likeliest: over hundreds of steps a trace of doubt at each would end every routing early.
const STEP_SHARE_MIN: f32 = 0.01;
/// Beginnings this much less probable than the best one are given up.
const RELATIVE_MIN: f64 = -9.0;

/// A complete routing with the natural logarithm of its probability.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub operations: Vec<u16>,
    pub log_probability: f64,
}

struct Beginning {
    operations: Vec<u16>,
    log_probability: f64,
    belief: Belief,
}

impl Model {
    /// The `candidates` most probable routings, best first; all different. Fails with `bad_request` on a wrong number of
    /// features or widths out of range.
    pub fn predict(&self, features: &[u16], candidates: usize, beam: usize) -> Result<Vec<Candidate>> {
        if candidates == 0 || candidates > BEAM_MAX || beam == 0 || beam > BEAM_MAX {
            return Err(Error::new(Code::BadRequest, format!("candidates and beam must be 1 to {BEAM_MAX}")));
        }
        let mut walker = self.walker(features)?;
        let mut complete: Vec<Candidate> = Vec::new();
        let mut alive = vec![Beginning { operations: Vec::new(), log_probability: 0.0, belief: self.belief() }];
        for _ in 0..=self.steps_max {
            let next = self.extend(&mut walker, &mut alive, &mut complete, candidates, beam);
            alive = next;
            if alive.is_empty() {
                break;
            }
        }
        Ok(complete)
    }

    /// One step: ends go to `complete`, the best continuations are returned.
    fn extend(
        &self,
        walker: &mut Walker,
        alive: &mut [Beginning],
        complete: &mut Vec<Candidate>,
        candidates: usize,
        beam: usize,
    ) -> Vec<Beginning> {
        let mut continued: Vec<(f64, usize, u16)> = Vec::new();
        let mut step: Vec<(u16, f32)> = Vec::new();
        for (from, beginning) in alive.iter_mut().enumerate() {
            let last_step = beginning.operations.len() == self.steps_max;
            step.clear();
            self.next(walker, &beginning.operations, &mut beginning.belief, |operation, probability| {
                step.push((operation, probability));
            });
            let likeliest = step.iter().map(|next| next.1).fold(0.0, f32::max);
            let least = STEP_MIN.max(STEP_SHARE_MIN * likeliest);
            for &(operation, probability) in step.iter().filter(|next| next.1 >= least) {
                let log_probability = beginning.log_probability + f64::from(probability).ln();
                if operation == 0 {
                    complete.push(Candidate { operations: beginning.operations.clone(), log_probability });
                } else if !last_step {
                    continued.push((log_probability, from, operation));
                }
            }
        }
        complete.sort_by(|a, b| b.log_probability.total_cmp(&a.log_probability));
        complete.truncate(candidates);
        continued.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
        continued.truncate(beam);
        // Probabilities only fall: what is behind the last candidate now stays behind.
        let best = continued
            .first()
            .map_or(f64::NEG_INFINITY, |c| c.0)
            .max(complete.first().map_or(f64::NEG_INFINITY, |c| c.log_probability));
        let behind =
            if complete.len() == candidates { complete[candidates - 1].log_probability } else { f64::NEG_INFINITY };
        continued.retain(|c| c.0 > behind && c.0 > best + RELATIVE_MIN);
        let continue_with = |(log_probability, from, operation): (f64, usize, u16)| {
            let before = &alive[from].operations;
            let mut operations = Vec::with_capacity(before.len() + 8);
            operations.extend_from_slice(before);
            operations.push(operation);
            Beginning { operations, log_probability, belief: self.after(&alive[from].belief, operation) }
        };
        continued.into_iter().map(continue_with).collect()
    }

    /// Natural logarithm of the probability of a given routing; −∞ when a step was never seen in its place.
    /// Fails with `bad_request` on a wrong number of features.
    pub fn log_probability(&self, features: &[u16], operations: &[u32]) -> Result<f64> {
        let mut sum = 0.0;
        self.follow(features, operations, |probability| sum += f64::from(probability).ln())?;
        Ok(sum)
    }

    /// Hands `step` the probability of each operation of the routing, and of its end.
    pub(crate) fn follow(&self, features: &[u16], operations: &[u32], mut step: impl FnMut(f32)) -> Result<()> {
        let mut walker = self.walker(features)?;
        let mut prefix: Vec<u16> = Vec::with_capacity(operations.len());
        let mut belief = self.belief();
        for operation in operations.iter().copied().chain([0]) {
            let mut probability = 0.0;
            self.next(&mut walker, &prefix, &mut belief, |candidate, p| {
                if u32::from(candidate) == operation {
                    probability = p;
                }
            });
            step(probability);
            belief = self.after(&belief, operation as u16);
            prefix.push(operation as u16);
        }
        Ok(())
    }
}
