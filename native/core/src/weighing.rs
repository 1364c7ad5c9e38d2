//! Moved weights: the weighted cosine of a query with a factor on each dimension, on codes for the walk, on exact vectors for the
//! ranking. A factor changes what stored vectors are worth to each other, so that inner products alone no longer rank them.

use crate::allowed::Allowed;
use crate::deadline;
use crate::error::{Code, Error, Result};
use crate::kernels::prefetch;
use crate::quantizer::check_vector;
use crate::ranking::Ranking;
use crate::vectors_file::VectorsFile;
use std::ops::Range;
use std::time::Instant;

/// Values that are added side by side.
const LANES: usize = 8;
/// Rows asked for ahead of the one that is scored.
const AHEAD: u32 = 8;
/// Rows between two looks at the clock.
const ROWS_A_LOOK: u32 = 1_024;

/// Σ f·q·d ÷ √(Σ f·q² · Σ f·d²), the factors one a dimension.
pub struct Weighing {
    /// The query times the factors.
    pub query: Vec<f32>,
    factors: Vec<f32>,
    /// Where factors are not zero: all that a stored vector is read for.
    runs: Vec<Range<usize>>,
    scale: f32,
}

impl Weighing {
    /// Errors: `vector_*` for a query that has nothing left, `bad_request` for factors that are negative or not finite.
    pub fn new(query: &[f32], factors: &[f32], dimensions: usize) -> Result<Self> {
        check_vector(query, dimensions)?;
        if factors.len() != dimensions || factors.iter().any(|factor| !(factor.is_finite() && *factor >= 0.0)) {
            return Err(Error::new(Code::BadRequest, "there must be one factor from 0 for each dimension"));
        }
        let weighed: Vec<f32> = query.iter().zip(factors).map(|(value, factor)| value * factor).collect();
        check_vector(&weighed, dimensions)?;
        let squared: f32 = weighed.iter().zip(query).map(|(weighed, value)| weighed * value).sum();
        Ok(Self { query: weighed, factors: factors.to_vec(), runs: runs(factors), scale: 1.0 / squared.sqrt() })
    }

    /// The weighted cosine; 0 where nothing that counts is known of the stored vector.
    pub fn score(&self, stored: &[f32]) -> f32 {
        let (mut dots, mut norms) = ([0f32; LANES], [0f32; LANES]);
        for run in &self.runs {
            let (query, factors, stored) = (&self.query[run.clone()], &self.factors[run.clone()], &stored[run.clone()]);
            let steps = query.chunks_exact(LANES).zip(factors.chunks_exact(LANES)).zip(stored.chunks_exact(LANES));
            for ((query, factors), stored) in steps {
                for lane in 0..LANES {
                    dots[lane] += query[lane] * stored[lane];
                    norms[lane] += factors[lane] * stored[lane] * stored[lane];
                }
            }
            for at in run.len() / LANES * LANES..run.len() {
                dots[0] += query[at] * stored[at];
                norms[0] += factors[at] * stored[at] * stored[at];
            }
        }
        let norm: f32 = norms.iter().sum();
        if norm > 0.0 { dots.iter().sum::<f32>() * self.scale / norm.sqrt() } else { 0.0 }
    }

    /// The best of all rows.
    ///
    /// Errors: `deadline_exceeded`.
    pub fn scan(&self, vectors: &VectorsFile, deadline: Option<Instant>, ranking: &mut Ranking) -> Result<()> {
        let count = vectors.count() as u32;
        for key in 0..count {
            if key.is_multiple_of(ROWS_A_LOOK) {
                deadline::check(deadline)?;
            }
            let ahead = vectors.row((key + AHEAD).min(count - 1));
            for run in &self.runs {
                prefetch(ahead[run.start..].as_ptr().cast(), size_of::<f32>() * run.len());
            }
            ranking.offer(key, self.score(vectors.row(key)));
        }
        Ok(())
    }

    /// The best of the allowed rows.
    ///
    /// Errors: `deadline_exceeded`.
    pub fn scan_allowed(
        &self,
        vectors: &VectorsFile,
        allowed: &Allowed<'_>,
        deadline: Option<Instant>,
        ranking: &mut Ranking,
    ) -> Result<()> {
        for (key, turn) in allowed.iter().zip(0u32..) {
            if turn.is_multiple_of(ROWS_A_LOOK) {
                deadline::check(deadline)?;
            }
            ranking.offer(key, self.score(vectors.row(key)));
        }
        Ok(())
    }

    /// Values of a stored vector that count.
    pub fn counted(&self) -> usize {
        self.runs.iter().map(Range::len).sum()
    }

    /// The factors in whole numbers, so large as the sums of squared codes times them still fit.
    pub fn code_factors(&self, out: &mut Vec<i16>) {
        let largest = self.factors.iter().fold(0f32, |largest, &factor| largest.max(factor));
        let room = (i32::MAX as usize / (127 * 127 * self.factors.len())).min(127) as f32;
        out.clear();
        out.extend(self.factors.iter().map(|factor| (factor / largest * room).round() as i16));
    }
}

/// Runs of factors above zero, widened to whole steps.
fn runs(factors: &[f32]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (step, part) in factors.chunks(LANES).enumerate() {
        if part.iter().all(|&factor| factor == 0.0) {
            continue;
        }
        let (start, end) = (step * LANES, step * LANES + part.len());
        match runs.last_mut() {
            Some(last) if last.end == start => last.end = end,
            _ => runs.push(start..end),
        }
    }
    runs
}

/// Σ factor · code²: the squared norm that a row of codes has under the factors. The sum fits by `code_factors`.
pub fn weighed_square(codes: &[i8], factors: &[i16]) -> i32 {
    codes
        .iter()
        .zip(factors)
        .map(|(&code, &factor)| i32::from(i16::from(code) * i16::from(code)) * i32::from(factor))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_vectors_score_one_whatever_the_factors_and_the_rest_is_not_read() {
        let query: Vec<f32> = (1..=20).map(|at| at as f32 / 10.0).collect();
        let mut factors = vec![0.0; 20];
        factors[3] = 4.0;
        factors[17] = 0.25;
        let weighing = Weighing::new(&query, &factors, 20).unwrap();
        assert_eq!(weighing.runs, [0..8, 16..20]);
        let mut other = query.clone();
        other[5] = 99.0;
        other[12] = f32::NAN;
        assert!((weighing.score(&other) - 1.0).abs() < 1e-6);
        assert_eq!(weighing.score(&[0.0; 20]), 0.0);
    }

    #[test]
    fn what_has_no_direction_or_no_meaning_is_refused() {
        let code = |query: &[f32], factors: &[f32]| Weighing::new(query, factors, 2).err().map(|error| error.code);
        assert_eq!(code(&[1.0, 0.0], &[0.0, 4.0]), Some(Code::VectorZero));
        assert_eq!(code(&[1.0, 0.0], &[1.0, -1.0]), Some(Code::BadRequest));
        assert_eq!(code(&[1.0, 0.0], &[1.0, f32::NAN]), Some(Code::BadRequest));
        assert_eq!(code(&[1.0, 0.0], &[1.0]), Some(Code::BadRequest));
        assert_eq!(code(&[1.0], &[1.0]), Some(Code::VectorWrongLength));
        assert_eq!(code(&[1.0, 0.0], &[1.0, 0.0]), None);
    }

    #[test]
    fn sums_of_the_largest_codes_fit() {
        let factors = vec![4.0; 16_384];
        let mut whole = Vec::new();
        Weighing::new(&vec![0.01; 16_384], &factors, 16_384).unwrap().code_factors(&mut whole);
        assert!(whole[0] >= 1);
        assert_eq!(i64::from(weighed_square(&[-127; 16_384], &whole)), 16_384 * 127 * 127 * i64::from(whole[0]));
    }
}
