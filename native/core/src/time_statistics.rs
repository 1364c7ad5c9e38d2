//! Summaries of groups of samples stored contiguously (CSR): group g owns values `offsets[g] … offsets[g + 1]`.
//!
//! A small group, and one with weights, is sorted first and summed in that order, in f64 and with a fixed grouping of the sums; a
//! large one is spread over buckets and summed in whole numbers (`bucketed_samples`). Either way the same samples give the same bits
//! in any order, on any number of threads and any CPU. The definitions stand in `server/engine/time-statistics.ts`.

use crate::bucketed_samples::{self, BucketedSamples};
use crate::error::{Code, Error, Result};
use crate::few_samples::FewSamples;
use crate::group_work::{self, check_offsets, unusable};
use crate::order_statistics::quantile;
use crate::sample_kernels::{SampleKernels, active};

/// The columns of a summary, in the order of the output.
pub const FIELDS: [&str; 17] = [
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
    "median",
    "mad",
];
/// The columns of the short summary.
pub const TRIMMED_FIELDS: [&str; 4] = ["n", "trimmedMean", "trimmedSd", "median"];
pub const QUANTILES: [f64; 5] = [0.10, 0.25, 0.50, 0.75, 0.90];

/// A group with fewer samples is sorted faster than it is spread: measured, for the two kinds of summaries.
const SUMMARY_MANY: usize = 320;
const TRIM_MANY: usize = 64;

pub type Row = [f64; FIELDS.len()];

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
    check(groups, cuts)?;
    group_work::run(groups.offsets, threads, FIELDS.len(), out, || {
        let mut work = GroupSamples::default();
        move |group: usize, row: &mut [f64]| {
            let summary = match work.take(groups, group, SUMMARY_MANY)? {
                Taken::Many(samples, kernels) => samples.summary(cuts, kernels),
                Taken::Few(samples, n) => samples.summary(n, cuts),
            };
            row.copy_from_slice(&summary);
            Ok(())
        }
    })
}

/// Trimmed moments and the median of all samples, without a cut at outliers: one row of `TRIMMED_FIELDS` a group.
///
/// Errors: as `summarize`.
pub fn trim(groups: Groups<'_>, low: f64, high: f64, threads: usize, out: &mut [f64]) -> Result<()> {
    let cuts = Cuts { z_cut: f64::INFINITY, trim_low: low, trim_high: high };
    check(groups, cuts)?;
    group_work::run(groups.offsets, threads, TRIMMED_FIELDS.len(), out, || {
        let mut work = GroupSamples::default();
        move |group: usize, row: &mut [f64]| {
            let (n, (mean, sd), median) = match work.take(groups, group, TRIM_MANY)? {
                Taken::Many(samples, kernels) => {
                    let n = samples.len();
                    let moments = samples.trimmed(0, n, cuts, kernels);
                    (n, moments, quantile(n, 0.5, |rank| samples.at(rank)))
                }
                Taken::Few(samples, n) => {
                    let all = samples.sorted();
                    let is_empty = all.values.is_empty();
                    let moments = if is_empty { (f64::NAN, f64::NAN) } else { all.trimmed(low, high) };
                    (n, moments, if is_empty { f64::NAN } else { all.quantiles([0.5])[0] })
                }
            };
            row.copy_from_slice(&[n as f64, mean, sd, median]);
            Ok(())
        }
    })
}

fn check(groups: Groups<'_>, cuts: Cuts) -> Result<()> {
    let bad = |message: &str| Err(Error::new(Code::BadRequest, message));
    check_offsets(groups.offsets, groups.values.len())?;
    if groups.weights.is_some_and(|weights| weights.len() != groups.values.len()) {
        return bad("there must be one weight a value");
    }
    if cuts.z_cut.is_nan() || cuts.z_cut <= 0.0 {
        return bad("zCut must be above 0");
    }
    if !(0.0 <= cuts.trim_low && cuts.trim_low < cuts.trim_high && cuts.trim_high <= 1.0) {
        return bad("trimLow and trimHigh must satisfy 0 ≤ trimLow < trimHigh ≤ 1");
    }
    Ok(())
}

/// Memory for the samples of one group after the other.
#[derive(Default)]
struct GroupSamples {
    few: FewSamples,
    many: BucketedSamples,
}

enum Taken<'a> {
    Many(&'a mut BucketedSamples, &'static SampleKernels),
    /// With the number of samples, those of weight 0 included.
    Few(&'a mut FewSamples, usize),
}

impl GroupSamples {
    fn take(&mut self, groups: Groups<'_>, group: usize, many: usize) -> Result<Taken<'_>> {
        let range = groups.offsets[group] as usize..groups.offsets[group + 1] as usize;
        let n = range.len();
        if groups.weights.is_none() && n >= many {
            let (values, kernels) = (&groups.values[range.clone()], active());
            if let Some(extent) = kernels.extent(values).filter(|&extent| bucketed_samples::fits(extent)) {
                self.many.take(values, extent, kernels);
                return Ok(Taken::Many(&mut self.many, kernels));
            }
        }
        let from = range.start;
        self.few.take(groups, range).map_err(|(place, what)| unusable(what, from + place, group))?;
        Ok(Taken::Few(&mut self.few, n))
    }
}

#[cfg(test)]
#[path = "time_statistics/tests.rs"]
mod tests;
