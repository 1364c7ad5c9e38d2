//! Moments and quantiles of samples in ascending order: the arithmetic of `time_statistics`.

use crate::order_statistics::{between, quantile};

/// Below this many samples nothing is called an outlier.
const OUTLIER_SAMPLES_MIN: usize = 3;

/// Consecutive sorted samples; never empty.
#[derive(Clone, Copy)]
pub struct SortedSamples<'a> {
    pub values: &'a [f64],
    /// Empty when all weights are equal.
    pub weights: &'a [f64],
}

impl<'a> SortedSamples<'a> {
    pub fn weight(&self, at: usize) -> f64 {
        self.weights.get(at).copied().unwrap_or(1.0)
    }

    fn slice(&self, from: usize, to: usize) -> SortedSamples<'a> {
        SortedSamples { values: &self.values[from..to], weights: self.weights.get(from..to).unwrap_or_default() }
    }

    /// Those within `z_cut` standard deviations of the mean; all when there are too few to tell.
    #[must_use]
    pub fn without_outliers(&self, z_cut: f64) -> SortedSamples<'a> {
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
    pub fn moments(&self, first: f64, last: f64) -> (f64, f64) {
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
    pub fn trimmed(&self, low: f64, high: f64) -> (f64, f64) {
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
    pub fn quantiles<const N: usize>(&self, shares: [f64; N]) -> [f64; N] {
        let n = self.values.len();
        if n == 1 || self.weights.is_empty() {
            return shares.map(|p| quantile(n, p, |rank| self.values[rank]));
        }
        let steps = (n - 1) as f64;
        let total = steps * self.weights.iter().sum::<f64>();
        let (mut k, mut before) = (0, 0.0);
        let stand = |k: usize, before: f64| k as f64 * self.weights[k] + steps * before;
        shares.map(|p| {
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
