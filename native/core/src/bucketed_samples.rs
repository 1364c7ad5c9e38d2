//! Exact order statistics of many samples of equal weight without sorting them all: each sample goes into one of some thousand
//! buckets that follow each other (`sample_kernels::BucketMap`), and only the buckets in which a wanted rank lies are sorted.
//!
//! Sums between two ranks are taken in whole numbers of a unit that belongs to the range of the samples (2^−51 of its power of two),
//! so they do not depend on the order of the samples: the same samples give the same bits in any order, on any CPU.

use crate::sample_kernels::{BucketMap, Extent, SampleKernels};

/// Beyond this width the squares of differences come near the end of the range of numbers.
const WIDTH_MAX: f64 = f64::from_bits((1023 + 400) << 52);
/// Below 2^−960 units would leave the range of numbers.
const MAGIC_EXPONENT_MIN: u64 = 1023 - 960;
const BUCKETS_MAX: usize = 4_096;
/// Samples that tell where the middle is; any nine do, the answer does not depend on them.
const PROBES: usize = 9;

/// One group's samples, spread over buckets; the memory is kept from group to group.
#[derive(Default)]
pub struct BucketedSamples {
    /// By bucket; those of a bucket in any order until a rank in it is asked for.
    values: Vec<f64>,
    ids: Vec<u16>,
    /// Where each bucket ends.
    ends: Vec<u32>,
}

/// Whether samples of this extent can be taken: other groups are sorted.
pub fn fits(extent: Extent) -> bool {
    extent.max - extent.min <= WIDTH_MAX
}

impl BucketedSamples {
    /// Takes the samples of a group whose extent `fits`, fewer than 2^32.
    pub fn take(&mut self, samples: &[f64], extent: Extent, kernels: &SampleKernels) {
        let (map, buckets) = spread(samples, extent);
        self.ids.resize(samples.len().max(self.ids.len()), 0);
        let ids = &mut self.ids[..samples.len()];
        kernels.buckets(samples, map, ids);
        self.ends.clear();
        self.ends.resize(buckets, 0);
        for &id in &*ids {
            self.ends[id as usize] += 1;
        }
        let mut before = 0;
        for end in &mut self.ends {
            before += std::mem::replace(end, before);
        }
        self.values.resize(samples.len(), 0.0);
        for (&id, &value) in ids.iter().zip(samples) {
            let end = &mut self.ends[id as usize];
            self.values[*end as usize] = value + 0.0; // −0 and 0 are one value
            *end += 1;
        }
    }

    pub fn len(&self) -> usize {
        self.values.len()
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The sample of this rank, from 0. From now on it stands at its place, larger ones behind it and smaller ones before.
    pub fn at(&mut self, rank: usize) -> f64 {
        let bucket = self.ends.partition_point(|&end| end as usize <= rank);
        let from = if bucket == 0 { 0 } else { self.ends[bucket - 1] as usize };
        let bucket = &mut self.values[from..self.ends[bucket] as usize];
        if bucket.len() > 1 {
            bucket.sort_unstable_by(f64::total_cmp);
        }
        self.values[rank]
    }

    /// Mean and standard deviation of the samples of ranks `from` … `to` − 1, where the first and the last count with the weights
    /// given and the others with 1. There is one sample at least.
    pub fn moments(&mut self, from: usize, to: usize, weights: [f64; 2], kernels: &SampleKernels) -> (f64, f64) {
        let (low, high) = (self.at(from), self.at(to - 1));
        if low == high {
            return (low, 0.0);
        }
        let [first, last] = weights;
        let whole = weights == [1.0, 1.0];
        let (from, to) = if whole { (from, to) } else { (from + 1, to - 1) };
        let [first, last] = if whole { [0.0, 0.0] } else { [first, last] };
        if from == to {
            let weight = first + last;
            let mean = (low + last * (high - low) / weight).clamp(low, high);
            let squares = first * square(low - mean) + last * square(high - mean);
            return (mean, (squares / weight).sqrt());
        }
        let (start, end) = (self.at(from), self.at(to - 1));
        let inner = &self.values[from..to];
        let weight = first + last + inner.len() as f64;
        let units = Units::up_to(end - start);
        let sum = units.total(inner, |part, magic| kernels.unit_sum(part, start, magic));
        let mean = (start + (first * (low - start) + last * (high - start) + sum) / weight).clamp(low, high);
        let furthest = (end - mean).abs().max((mean - start).abs());
        let units = Units::up_to(furthest * furthest);
        let squares = units.total(inner, |part, magic| kernels.unit_squares(part, mean, magic));
        let squares = first * square(low - mean) + last * square(high - mean) + squares;
        (mean, (squares / weight).sqrt())
    }

    /// Ranks of those within `limit` of the mean.
    pub fn within(&self, mean: f64, limit: f64, kernels: &SampleKernels) -> (usize, usize) {
        let (below, above) = kernels.beyond(&self.values, mean, limit);
        (below, self.len() - above)
    }
}

/// Buckets as many as samples, more where few outliers stretch them.
fn spread(samples: &[f64], extent: Extent) -> (BucketMap, usize) {
    let n = samples.len();
    let mut probes: [f64; PROBES] = std::array::from_fn(|at| samples[n * (2 * at + 1) / (2 * PROBES)]);
    probes.sort_unstable_by(f64::total_cmp);
    let middle = probes[PROBES / 2];
    let width = probes[PROBES - 1 - PROBES / 4] - probes[PROBES / 4];
    let scale = if width > 0.0 { 2.0 * width } else { (extent.max - extent.min) / 64.0 };
    let base = BucketMap::key(extent.min, middle, scale);
    let range = BucketMap::key(extent.max, middle, scale).wrapping_sub(base) as u64;
    let bits = n.next_power_of_two().min(BUCKETS_MAX).trailing_zeros();
    let shift = (u64::BITS - range.leading_zeros()).saturating_sub(bits);
    (BucketMap { middle, scale, base, shift }, (range >> shift) as usize + 1)
}

fn square(x: f64) -> f64 {
    x * x
}

/// The unit in which terms are added as integers.
struct Units {
    /// 2^52 units.
    magic: f64,
    unit: f64,
}

impl Units {
    /// For terms from 0 to `bound`: 2^51 units are more than it.
    fn up_to(bound: f64) -> Self {
        let exponent = ((bound.to_bits() >> 52) + 2).max(MAGIC_EXPONENT_MIN);
        Self { magic: f64::from_bits(exponent << 52), unit: f64::from_bits((exponent - 52) << 52) }
    }

    fn total(&self, values: &[f64], count: impl Fn(&[f64], f64) -> u64) -> f64 {
        let parts = values.chunks(SampleKernels::UNIT_ROWS_MAX);
        parts.map(|part| u128::from(count(part, self.magic))).sum::<u128>() as f64 * self.unit
    }
}

#[cfg(test)]
#[path = "bucketed_samples/tests.rs"]
mod tests;
