//! Where walks over blocks begin: rows of an image taken at even distances, copied together so that all are scored at the speed of
//! the cache. Slots that are near each other in the image are near as vectors, so every part of the data has some of them.

use crate::image::ServingImage;
use crate::kernels::Kernels;
use crate::walk_scratch::Candidate;

/// Bytes of codes: what stays in a core's cache from one walk to the next.
const BYTES: usize = 64 * 1024;
/// Slots that an entry point stands for, at least.
const SLOTS_EACH: usize = 32;
/// Entry points that a walk begins at.
const STARTS: usize = 3;

pub struct EntryPoints {
    slots: Vec<u32>,
    codes: Vec<i8>,
    inverse_norms: Vec<f32>,
}

impl EntryPoints {
    pub fn of(image: &ServingImage) -> Self {
        Self::of_rows(image.codes(), image.stride(), image.inverse_norms())
    }

    /// Of rows of `stride` codes, one an inverse norm.
    pub fn of_rows(codes: &[i8], stride: usize, inverse_norms: &[f32]) -> Self {
        let count = inverse_norms.len();
        let wanted = (BYTES / stride).min(count.div_ceil(SLOTS_EACH)).max(1);
        let slots: Vec<u32> = (0..wanted).map(|at| (at * count / wanted) as u32).collect();
        let codes = slots.iter().flat_map(|&slot| &codes[slot as usize * stride..][..stride]).copied().collect();
        let inverse_norms = slots.iter().map(|&slot| inverse_norms[slot as usize]).collect();
        Self { slots, codes, inverse_norms }
    }

    /// Scores of all entry points against the codes of a query, into `scores`.
    pub fn score(&self, kernels: &Kernels, query: &[i8], scores: &mut Vec<f32>) {
        scores.resize(self.slots.len(), 0.0);
        self.score_from(0, kernels, query, scores);
    }

    pub fn count(&self) -> usize {
        self.slots.len()
    }

    /// Scores of the entry points from the first on, one after another, as many as there are places.
    pub fn score_from(&self, first: usize, kernels: &Kernels, query: &[i8], scores: &mut [f32]) {
        let range = first..first + scores.len();
        let codes = &self.codes[range.start * query.len()..range.end * query.len()];
        kernels.score_range(query, codes, &self.inverse_norms[range], scores);
    }

    /// The best by their scores, best first, as many as a walk begins at; the first slot of equal ones.
    pub fn best(&self, scores: &[f32]) -> impl Iterator<Item = Candidate> {
        let mut best = [Candidate { score: f32::NEG_INFINITY, slot: u32::MAX }; STARTS];
        for (&slot, &score) in self.slots.iter().zip(scores) {
            if score > best[STARTS - 1].score {
                let place = best.partition_point(|other| other.score >= score);
                best[place..].rotate_right(1);
                best[place] = Candidate { score, slot };
            }
        }
        best.into_iter().filter(|candidate| candidate.slot != u32::MAX)
    }
}
