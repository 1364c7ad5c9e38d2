//! Summaries of groups of samples stored contiguously (CSR): group g owns values `offsets[g] … offsets[g + 1]`.
//!
//! A group is sorted first and summed in that order, in f64 and with a fixed grouping of the sums, by one thread: the same
//! samples give the same bits in any order, on any number of threads. The definitions stand in `server/engine/time-statistics.ts`.

use crate::error::{Code, Error, Result};
use crate::limits::{THREADS_MAX, within};
use crate::parallel;
use crate::sorted_samples::SortedSamples;
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
        let all = SortedSamples { values: &self.values, weights: &self.weights };
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

#[cfg(test)]
#[path = "time_statistics/tests.rs"]
mod tests;
