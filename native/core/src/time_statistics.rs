//! Summaries of groups of samples stored contiguously (CSR): group g owns values `offsets[g] … offsets[g + 1]`.
//!
//! A group is sorted first and summed in that order, in f64 and with a fixed grouping of the sums, by one thread: the same
//! samples give the same bits in any order, on any number of threads. The definitions stand in `server/engine/time-statistics.ts`.

use crate::error::{Code, Error, Result};
use crate::limits::{THREADS_MAX, within};
use crate::parallel;
use std::sync::{Mutex, PoisonError};

/// The columns of a summary, in the order of the output.
pub const FIELDS: [&str; 15] = [
    "n",
    "nKept",
    "mean",
    "sd",
    "cv",
    "trimmedMean",
    "trimmedSd",
    "outliers",
    "min",
    "max",
    "p10",
    "p25",
    "p50",
    "p75",
    "p90",
];
const QUANTILES: [f64; 5] = [0.10, 0.25, 0.50, 0.75, 0.90];
/// Below this many samples nothing is called an outlier.
const OUTLIER_SAMPLES_MIN: usize = 3;
/// Groups a thread takes at a time.
const BLOCK: usize = 256;

type Row = [f64; FIELDS.len()];

#[derive(Clone, Copy, Debug)]
pub struct Cuts {
    /// Samples further than this many standard deviations from the mean are outliers.
    pub z_cut: f64,
    /// Share of the weight from which, and up to which, the trimmed moments count.
    pub trim_low: f64,
    pub trim_high: f64,
}

/// Groups of samples; weights are relative within a group, all equal when absent.
#[derive(Clone, Copy)]
pub struct Groups<'a> {
    pub values: &'a [f64],
    pub offsets: &'a [u32],
    pub weights: Option<&'a [f64]>,
}

impl Groups<'_> {
    pub fn count(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }
}

/// Fills `out`, one row of `FIELDS` a group. NaN stands where a group has no samples.
///
/// Errors: `bad_request` (offsets, lengths, cuts), `invalid_value` with the place of a value or weight that is no number.
pub fn summarize(groups: Groups<'_>, cuts: Cuts, threads: usize, out: &mut [f64]) -> Result<()> {
    check(groups, cuts, out)?;
    within("threads", threads, 1, THREADS_MAX)?;
    if threads == 1 || groups.count() <= BLOCK {
        return fill(groups, cuts, 0, out, &mut Samples::default());
    }
    let work = Mutex::new(out.chunks_mut(BLOCK * FIELDS.len()).enumerate());
    let take = || work.lock().unwrap_or_else(PoisonError::into_inner).next();
    parallel::run(threads.min(groups.count() / BLOCK), || {
        let mut samples = Samples::default();
        while let Some((block, out)) = take() {
            fill(groups, cuts, block * BLOCK, out, &mut samples)?;
        }
        Ok(())
    })
}

fn check(groups: Groups<'_>, cuts: Cuts, out: &[f64]) -> Result<()> {
    let bad = |message: &str| Err(Error::new(Code::BadRequest, message));
    if !groups.offsets.is_sorted() || groups.offsets.last().is_none_or(|&last| last as usize > groups.values.len()) {
        return bad("offsets must ascend and end within the values");
    }
    if groups.weights.is_some_and(|weights| weights.len() != groups.values.len()) {
        return bad("there must be one weight a value");
    }
    if cuts.z_cut.is_nan() || cuts.z_cut <= 0.0 {
        return bad("zCut must be above 0");
    }
    if !(0.0 <= cuts.trim_low && cuts.trim_low < cuts.trim_high && cuts.trim_high <= 1.0) {
        return bad("trimLow and trimHigh must satisfy 0 ≤ trimLow < trimHigh ≤ 1");
    }
    if out.len() != groups.count() * FIELDS.len() {
        return bad("the output must have one row a group");
    }
    Ok(())
}

fn fill(groups: Groups<'_>, cuts: Cuts, first: usize, out: &mut [f64], samples: &mut Samples) -> Result<()> {
    for (at, row) in out.chunks_exact_mut(FIELDS.len()).enumerate() {
        let group = first + at;
        let range = groups.offsets[group] as usize..groups.offsets[group + 1] as usize;
        samples.take(groups, range.clone()).map_err(|(place, what)| {
            let message = format!("{what} {} of group {group} is not a usable number", range.start + place);
            Error::new(Code::InvalidValue, message)
        })?;
        row.copy_from_slice(&samples.summary(range.len(), cuts));
    }
    Ok(())
}

/// One group's samples of positive weight, sorted; the memory is kept from group to group.
#[derive(Default)]
struct Samples {
    keys: Vec<i64>,
    pairs: Vec<(i64, u64)>,
    values: Vec<f64>,
    /// Empty when all weights are equal.
    weights: Vec<f64>,
}

/// A number as an integer of the same order.
fn to_key(value: f64) -> i64 {
    let bits = (value + 0.0).to_bits() as i64; // −0 and 0 are one value
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

fn from_key(key: i64) -> f64 {
    f64::from_bits((key ^ ((key >> 63) as u64 >> 1) as i64) as u64)
}

impl Samples {
    /// The place of the first value or weight that cannot be used, if any.
    fn take(
        &mut self,
        groups: Groups<'_>,
        range: std::ops::Range<usize>,
    ) -> std::result::Result<(), (usize, &'static str)> {
        let values = &groups.values[range.clone()];
        self.values.clear();
        self.weights.clear();
        if let Some(place) = values.iter().position(|value| !value.is_finite()) {
            return Err((place, "value"));
        }
        let Some(weights) = groups.weights.map(|weights| &weights[range]) else {
            self.keys.clear();
            self.keys.extend(values.iter().map(|&value| to_key(value)));
            self.keys.sort_unstable();
            self.values.extend(self.keys.iter().map(|&key| from_key(key)));
            return Ok(());
        };
        if let Some(place) = weights.iter().position(|&weight| !weight.is_finite() || weight < 0.0) {
            return Err((place, "weight"));
        }
        self.pairs.clear();
        let positive = values.iter().zip(weights).filter(|&(_, &weight)| weight > 0.0);
        self.pairs.extend(positive.map(|(&value, &weight)| (to_key(value), weight.to_bits())));
        self.pairs.sort_unstable();
        self.values.extend(self.pairs.iter().map(|pair| from_key(pair.0)));
        self.weights.extend(self.pairs.iter().map(|pair| f64::from_bits(pair.1)));
        Ok(())
    }

    fn summary(&self, n: usize, cuts: Cuts) -> Row {
        let all = Part { values: &self.values, weights: &self.weights };
        let mut row = [f64::NAN; FIELDS.len()];
        (row[0], row[1], row[7]) = (n as f64, 0.0, 0.0);
        if all.values.is_empty() {
            return row;
        }
        let kept = all.without_outliers(cuts.z_cut);
        let (mean, sd) = kept.moments(kept.weight(0), kept.weight(kept.values.len() - 1));
        let (trimmed_mean, trimmed_sd) = kept.trimmed(cuts.trim_low, cuts.trim_high);
        let cv = if sd == 0.0 { 0.0 } else { sd / mean.abs() };
        let last = kept.values.len() - 1;
        row[1..5].copy_from_slice(&[kept.values.len() as f64, mean, sd, cv]);
        row[5..8].copy_from_slice(&[trimmed_mean, trimmed_sd, (all.values.len() - kept.values.len()) as f64]);
        row[8..10].copy_from_slice(&[kept.values[0], kept.values[last]]);
        row[10..].copy_from_slice(&kept.quantiles());
        row
    }
}

/// Consecutive sorted samples; never empty.
#[derive(Clone, Copy)]
struct Part<'a> {
    values: &'a [f64],
    weights: &'a [f64],
}

impl<'a> Part<'a> {
    fn weight(&self, at: usize) -> f64 {
        self.weights.get(at).copied().unwrap_or(1.0)
    }

    fn slice(&self, from: usize, to: usize) -> Part<'a> {
        Part { values: &self.values[from..to], weights: self.weights.get(from..to).unwrap_or_default() }
    }

    /// Those within `z_cut` standard deviations of the mean; all when there are too few to tell.
    fn without_outliers(&self, z_cut: f64) -> Part<'a> {
        let n = self.values.len();
        if n < OUTLIER_SAMPLES_MIN {
            return *self;
        }
        let (mean, sd) = self.moments(self.weight(0), self.weight(n - 1));
        let limit = z_cut * sd;
        let from = self.values.partition_point(|value| mean - value > limit);
        let to = self.values.partition_point(|value| value - mean <= limit);
        if from < to { self.slice(from, to) } else { *self } // a cut below 1 may leave nothing
    }

    /// Mean and standard deviation, where the first and the last sample count with the weights given.
    fn moments(&self, first: f64, last: f64) -> (f64, f64) {
        let n = self.values.len();
        let (low, high) = (self.values[0], self.values[n - 1]);
        if low == high {
            return (low, 0.0);
        }
        let inner = self.slice(1, n - 1);
        let (inner_weight, inner_sum) = inner.sums(|value| value);
        let weight = first + last + inner_weight;
        let mean = ((first * low + last * high + inner_sum) / weight).clamp(low, high);
        let square = |value: f64| (value - mean) * (value - mean);
        let squares = first * square(low) + last * square(high) + inner.sums(square).1;
        (mean, (squares / weight).sqrt())
    }

    /// Σ w and Σ w f(x), in eight sums so that additions do not wait for each other.
    fn sums(&self, f: impl Fn(f64) -> f64) -> (f64, f64) {
        const LANES: usize = 8;
        let mut sums = [0.0; LANES];
        if self.weights.is_empty() {
            let steps = self.values.chunks_exact(LANES);
            for (lane, &value) in steps.remainder().iter().enumerate() {
                sums[lane] += f(value);
            }
            for step in steps {
                (0..LANES).for_each(|lane| sums[lane] += f(step[lane]));
            }
            return (self.values.len() as f64, sums.iter().sum());
        }
        let mut weights = [0.0; LANES];
        for (at, (&value, &weight)) in self.values.iter().zip(self.weights).enumerate() {
            weights[at % LANES] += weight;
            sums[at % LANES] += weight * f(value);
        }
        (weights.iter().sum(), sums.iter().sum())
    }

    /// Moments of the part of the weight between two shares of it: a sample on a border counts with the part inside.
    fn trimmed(&self, low: f64, high: f64) -> (f64, f64) {
        let n = self.values.len();
        let (total, _) = self.sums(|_| 0.0);
        let (low, high) = (low * total, high * total);
        let (mut before, mut from) = (0.0, 0);
        while from + 1 < n && before + self.weight(from) <= low {
            before += self.weight(from);
            from += 1;
        }
        let first = before + self.weight(from) - low;
        let (mut after, mut to) = (total, n);
        while to > from + 1 && after - self.weight(to - 1) >= high {
            after -= self.weight(to - 1);
            to -= 1;
        }
        let last = self.weight(to - 1) - (after - high);
        self.slice(from, to).moments(first.max(0.0), last.max(0.0))
    }

    /// Linear between order statistics: for equal weights the usual definition (type 7: position p (n − 1)), for others its
    /// generalisation, where sample k (from 0) stands at `k w_k + (n − 1) Σ_{i<k} w_i` of `(n − 1) Σ w`.
    fn quantiles(&self) -> [f64; QUANTILES.len()] {
        let n = self.values.len();
        if n == 1 {
            return [self.values[0]; QUANTILES.len()];
        }
        if self.weights.is_empty() {
            return QUANTILES.map(|p| {
                let position = p * (n - 1) as f64;
                let k = (position as usize).min(n - 2);
                between(self.values[k], self.values[k + 1], position - k as f64)
            });
        }
        let steps = (n - 1) as f64;
        let total = steps * self.weights.iter().sum::<f64>();
        let (mut k, mut before) = (0, 0.0);
        let stand = |k: usize, before: f64| k as f64 * self.weights[k] + steps * before;
        QUANTILES.map(|p| {
            let target = p * total;
            while k + 2 < n && stand(k + 1, before + self.weights[k]) <= target {
                before += self.weights[k];
                k += 1;
            }
            let (from, to) = (stand(k, before), stand(k + 1, before + self.weights[k]));
            between(self.values[k], self.values[k + 1], ((target - from) / (to - from)).clamp(0.0, 1.0))
        })
    }
}

fn between(low: f64, high: f64, share: f64) -> f64 {
    (low + share * (high - low)).clamp(low, high)
}

#[cfg(test)]
#[path = "time_statistics/tests.rs"]
mod tests;
