//! The exact answer from codes: all rows, or all that are allowed, are scored on int8 codes; those whose codes leave it possible
//! that they are among the k best are scored again on the exact vectors. `code_bounds` proves that no other row can be.
//!
//! It reads a quarter of the bytes that a scan of the exact vectors reads, and gives the same bits.

use crate::allowed::Allowed;
use crate::code_bounds::{CodeBounds, CodedRows};
use crate::contender_pool::ContenderPool;
use crate::deadline;
use crate::error::Result;
use crate::kernels::{Kernels, prefetch};
use crate::quantizer::quantize;
use crate::ranking::Ranking;
use std::time::Instant;

/// Rows between two looks at the clock, and between two cuts.
const BLOCK: usize = 512;
/// From one allowed row in so many on, reading all in a row is cheaper than picking.
const DENSE: usize = 2;
/// Allowed rows up to so many times k, and some, are scored on the exact vectors at once.
const FEW_PER_K: usize = 4;
const FEW: usize = 32;
/// Exact vectors scored side by side.
const SIDE_BY_SIDE: usize = 4;

/// Which rows a scan reads.
#[derive(Clone, Copy)]
pub enum Over<'a> {
    All,
    Allowed {
        allowed: &'a Allowed<'a>,
        /// Key → slot.
        slots: &'a [u32],
    },
}

/// Memory of one scan, kept between scans.
#[derive(Default)]
pub struct FlatScratch {
    query: Vec<i8>,
    scores: Vec<f32>,
    slots: Vec<u32>,
    pool: ContenderPool,
    /// Rows that the last scan scored on the exact vectors.
    pub reranked: usize,
}

/// One question.
pub struct FlatScan<'a> {
    pub rows: CodedRows<'a>,
    pub bounds: &'a CodeBounds,
    pub kernels: &'a Kernels,
    /// Checked: of the rows' dimensions, finite, not zero.
    pub query: &'a [f32],
    /// When the answer is of no use any more.
    pub deadline: Option<Instant>,
}

impl FlatScan<'_> {
    /// Fills the ranking (restarted by the caller) with the k best of the rows: scores are those of `Kernels::dot`, ties by key.
    ///
    /// Errors: `deadline_exceeded`.
    pub fn run(&self, over: Over<'_>, scratch: &mut FlatScratch, ranking: &mut Ranking) -> Result<()> {
        if let Over::Allowed { allowed, .. } = over
            && allowed.count() <= FEW_PER_K * ranking.k() + FEW
        {
            scratch.reranked = allowed.count();
            self.score_exactly(allowed.iter(), ranking, |_, _| false);
            return Ok(());
        }
        scratch.query.clear();
        scratch.query.resize(self.rows.stride, 0);
        quantize(self.query, &mut scratch.query[..self.rows.dimensions]);
        let reach = self.bounds.reach(self.query, &scratch.query[..self.rows.dimensions]);
        scratch.pool.restart(ranking.k(), reach);
        match over {
            Over::All => self.read_all(|_| true, scratch)?,
            Over::Allowed { allowed, .. } if allowed.count() * DENSE >= self.rows.keys.len() => {
                self.read_all(|slot| allowed.contains(self.rows.keys[slot as usize]), scratch)?;
            }
            Over::Allowed { allowed, slots } => self.pick(allowed.iter().map(|key| slots[key as usize]), scratch)?,
        }
        let contenders = scratch.pool.finish();
        let keys = contenders.iter().map(|contender| self.rows.keys[contender.slot as usize]);
        let beaten = |at: usize, worst: f32| contenders[at].raw < reach.raw_for(worst.into());
        scratch.reranked = self.score_exactly(keys, ranking, beaten);
        Ok(())
    }

    /// Reads the codes of all rows in their order; those that are not wanted do not become contenders.
    fn read_all(&self, is_wanted: impl Fn(u32) -> bool, scratch: &mut FlatScratch) -> Result<()> {
        let CodedRows { stride, codes, inverse_norms, .. } = self.rows;
        scratch.scores.resize(BLOCK, 0.0);
        for (block, norms) in inverse_norms.chunks(BLOCK).enumerate() {
            deadline::check(self.deadline)?;
            let first = block * BLOCK;
            let scores = &mut scratch.scores[..norms.len()];
            let codes = &codes[first * stride..(first + norms.len()) * stride];
            self.kernels.score_range(&scratch.query, codes, norms, scores);
            scratch.pool.take(scores, |at| Some((first + at) as u32).filter(|&slot| is_wanted(slot)));
        }
        Ok(())
    }

    fn pick(&self, mut slots: impl Iterator<Item = u32>, scratch: &mut FlatScratch) -> Result<()> {
        let CodedRows { codes, inverse_norms, .. } = self.rows;
        scratch.scores.resize(BLOCK, 0.0);
        loop {
            deadline::check(self.deadline)?;
            scratch.slots.clear();
            scratch.slots.extend(slots.by_ref().take(BLOCK));
            if scratch.slots.is_empty() {
                return Ok(());
            }
            let scores = &mut scratch.scores[..scratch.slots.len()];
            self.kernels.score_slots(&scratch.query, codes, inverse_norms, &scratch.slots, scores);
            scratch.pool.take(scores, |at| Some(scratch.slots[at]));
        }
    }

    /// Offers the exact scores of keys until the one whose turn it is (its place, and the worst score of a full ranking) cannot
    /// enter any more; how many were scored.
    fn score_exactly(
        &self,
        mut keys: impl Iterator<Item = u32>,
        ranking: &mut Ranking,
        is_beaten: impl Fn(usize, f32) -> bool,
    ) -> usize {
        let row = |key: u32| &self.rows.vectors[key as usize * self.rows.dimensions..][..self.rows.dimensions];
        let mut done = 0;
        loop {
            let mut four = [0u32; SIDE_BY_SIDE];
            let filled = four.iter_mut().zip(&mut keys).map(|(place, key)| *place = key).count();
            if filled == 0 || is_beaten(done, ranking.threshold()) {
                return done;
            }
            for &key in &four[..filled] {
                prefetch(row(key).as_ptr().cast(), size_of::<f32>() * self.rows.dimensions);
            }
            if filled == SIDE_BY_SIDE {
                let exact = self.kernels.dots(self.query, four.map(row));
                four.into_iter().zip(exact).for_each(|(key, score)| ranking.offer(key, score));
            } else {
                four[..filled].iter().for_each(|&key| ranking.offer(key, self.kernels.dot(self.query, row(key))));
            }
            done += filled;
        }
    }
}
