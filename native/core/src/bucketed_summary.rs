//! The summary of a group of many samples of equal weight, from ranks instead of sorted samples. Definitions as in
//! `server/engine/time-statistics.ts`.

use crate::bucketed_samples::BucketedSamples;
use crate::order_statistics::{median_deviation, quantile, trim_ranks};
use crate::sample_kernels::SampleKernels;
use crate::time_statistics::{Cuts, QUANTILES, Row};

impl BucketedSamples {
    /// One row of `time_statistics::FIELDS`.
    pub fn summary(&mut self, cuts: Cuts, kernels: &SampleKernels) -> Row {
        let n = self.len();
        let (mean, sd) = self.moments(0, n, [1.0, 1.0], kernels);
        let (from, to) = self.within(mean, cuts.z_cut * sd, kernels);
        let (from, to) = if from < to { (from, to) } else { (0, n) }; // a cut below 1 may leave nothing
        let kept = to - from;
        let (mean, sd) = if kept == n { (mean, sd) } else { self.moments(from, to, [1.0, 1.0], kernels) };
        let (trimmed_mean, trimmed_sd) = self.trimmed(from, to, cuts, kernels);
        let cv = if sd == 0.0 { 0.0 } else { sd / mean.abs() };
        let median = quantile(n, 0.5, |rank| self.at(rank));
        let deviation = median_deviation(n, median, |rank| self.at(rank));
        let [p10, p25, p50, p75, p90] = QUANTILES.map(|p| quantile(kept, p, |rank| self.at(from + rank)));
        let (min, max) = (self.at(from), self.at(to - 1));
        let [n, kept, cut] = [n, kept, n - kept].map(|count| count as f64);
        [n, kept, mean, sd, cv, trimmed_mean, trimmed_sd, cut, min, max, p10, p25, p50, p75, p90, median, deviation]
    }

    /// Trimmed moments of the samples of ranks `from` … `to` − 1.
    pub fn trimmed(&mut self, from: usize, to: usize, cuts: Cuts, kernels: &SampleKernels) -> (f64, f64) {
        let (first, last, weights) = trim_ranks(to - from, cuts.trim_low, cuts.trim_high);
        self.moments(from + first, from + last, weights, kernels)
    }
}
