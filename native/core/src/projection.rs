//! The few directions in which the vectors differ most, turned at random among themselves, as int8 rows: a query of int8 codes
//! is projected by whole-number products, and little memory is read for it.
//!
//! The span is that of the leading principal components (orthogonal iteration on a sample); the random turn spreads what each
//! direction carries evenly, so that few bits a direction serve all alike (the reason of the rotation in `RaBitQ`, Gao and Long 2024).

use crate::error::Result;
use crate::kernels::{Kernels, ROW_STEP};
use crate::parallel;
use crate::vectors_file::VectorsFile;
use std::sync::{Mutex, PoisonError};

/// Rows that the directions are found on.
const SAMPLE: usize = 4_096;
/// Rounds of the iteration: the span matters, not the single directions.
const ROUNDS: usize = 4;
const LARGEST_CODE: f32 = 127.0;
/// Rows a thread projects at a time.
const BLOCK: usize = 1_024;

#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    /// Directions × row length, padded with zeros.
    pub codes: Vec<i8>,
    /// What a code of each direction is worth.
    pub scales: Vec<f32>,
    /// Codes of a direction: the dimensions, rounded up to whole steps of the kernels.
    pub stride: usize,
}

impl Projection {
    /// Finds `lead` directions. The same vectors give the same directions.
    pub fn fit(vectors: &VectorsFile, lead: usize, kernels: &Kernels) -> Self {
        let dimensions = vectors.dimensions();
        let sample = centred_sample(vectors);
        let mut random = Random(0x9E37_79B9_7F4A_7C15);
        let mut basis = orthonormal((0..lead).map(|_| random.row(dimensions)).collect());
        if lead < dimensions {
            for _ in 0..ROUNDS {
                basis = orthonormal(iterate(&sample, &basis, kernels));
            }
        }
        let turn = orthonormal((0..lead).map(|_| random.row(basis.len())).collect());
        Self::quantised(&turned(&turn, &basis), dimensions)
    }

    fn quantised(rows: &[Vec<f32>], dimensions: usize) -> Self {
        let stride = dimensions.next_multiple_of(ROW_STEP);
        let mut codes = vec![0; rows.len() * stride];
        let mut scales = Vec::with_capacity(rows.len());
        for (row, codes) in rows.iter().zip(codes.chunks_exact_mut(stride)) {
            let largest = row.iter().fold(f32::MIN_POSITIVE, |largest, value| largest.max(value.abs()));
            let scale = largest / LARGEST_CODE;
            for (code, value) in codes.iter_mut().zip(row) {
                *code = (value / scale).round() as i8;
            }
            scales.push(scale);
        }
        Self { codes, scales, stride }
    }

    pub fn lead(&self) -> usize {
        self.scales.len()
    }

    /// All vectors under the projection: key order, `lead` values each.
    pub fn apply(&self, vectors: &VectorsFile, kernels: &Kernels, threads: usize) -> Result<Vec<f32>> {
        let (lead, dimensions) = (self.lead(), vectors.dimensions());
        let rows: Vec<Vec<f32>> = self
            .codes
            .chunks_exact(self.stride)
            .zip(&self.scales)
            .map(|(codes, scale)| codes[..dimensions].iter().map(|&code| f32::from(code) * scale).collect())
            .collect();
        let mut projected = vec![0f32; vectors.count() * lead];
        let work = Mutex::new(projected.chunks_mut(BLOCK * lead).enumerate());
        let take = || work.lock().unwrap_or_else(PoisonError::into_inner).next();
        parallel::run(threads, || {
            while let Some((block, out)) = take() {
                for (at, out) in out.chunks_exact_mut(lead).enumerate() {
                    let vector = vectors.row((block * BLOCK + at) as u32);
                    products(kernels, vector, &rows, out);
                }
            }
            Ok(())
        })?;
        Ok(projected)
    }
}

/// Inner products of a vector with each row.
fn products(kernels: &Kernels, vector: &[f32], rows: &[Vec<f32>], out: &mut [f32]) {
    for (rows, out) in rows.chunks(4).zip(out.chunks_mut(4)) {
        if let ([a, b, c, d], 4) = (rows, out.len()) {
            out.copy_from_slice(&kernels.dots(vector, [a, b, c, d]));
        } else {
            rows.iter().zip(out).for_each(|(row, out)| *out = kernels.dot(vector, row));
        }
    }
}

/// Rows spread evenly over all, less their mean.
fn centred_sample(vectors: &VectorsFile) -> Vec<Vec<f32>> {
    let wanted = vectors.count().min(SAMPLE);
    let key = |at: usize| (at * vectors.count() / wanted) as u32;
    let mut mean = vec![0f32; vectors.dimensions()];
    for at in 0..wanted {
        mean.iter_mut().zip(vectors.row(key(at))).for_each(|(mean, value)| *mean += value / wanted as f32);
    }
    (0..wanted).map(|at| vectors.row(key(at)).iter().zip(&mean).map(|(value, mean)| value - mean).collect()).collect()
}

/// One round: each direction becomes the sum of the sample's rows, each as often as it lies in that direction.
fn iterate(sample: &[Vec<f32>], basis: &[Vec<f32>], kernels: &Kernels) -> Vec<Vec<f32>> {
    let mut sums = vec![vec![0f32; sample[0].len()]; basis.len()];
    let mut shares = vec![0f32; basis.len()];
    for row in sample {
        products(kernels, row, basis, &mut shares);
        for (sum, &share) in sums.iter_mut().zip(&shares) {
            sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += share * value);
        }
    }
    sums
}

/// Gram-Schmidt, twice for each row so that rounding does not pile up; rows that the others already span become 0.
fn orthonormal(mut rows: Vec<Vec<f32>>) -> Vec<Vec<f32>> {
    for at in 0..rows.len() {
        let (done, rest) = rows.split_at_mut(at);
        let row = &mut rest[0];
        let before = norm(row);
        for _ in 0..2 {
            for other in &*done {
                let share: f32 = row.iter().zip(other).map(|(a, b)| a * b).sum();
                row.iter_mut().zip(other).for_each(|(value, other)| *value -= share * other);
            }
        }
        let length = norm(row);
        let inverse = if length > before * 1e-4 { 1.0 / length } else { 0.0 };
        for value in row.iter_mut() {
            *value *= inverse;
        }
    }
    rows
}

fn norm(row: &[f32]) -> f32 {
    row.iter().map(|value| value * value).sum::<f32>().sqrt()
}

fn turned(turn: &[Vec<f32>], basis: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let row = |shares: &Vec<f32>| {
        let mut sum = vec![0f32; basis[0].len()];
        for (&share, direction) in shares.iter().zip(basis) {
            sum.iter_mut().zip(direction).for_each(|(sum, value)| *sum += share * value);
        }
        sum
    };
    turn.iter().map(row).collect()
}

/// xorshift64: the same numbers everywhere. A sum of four uniform values is near enough to normal.
struct Random(u64);

impl Random {
    fn row(&mut self, length: usize) -> Vec<f32> {
        (0..length).map(|_| (0..4).map(|_| self.uniform()).sum::<f32>()).collect()
    }

    fn uniform(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    }
}
