//! Small groups of samples, and groups with weights: sorted as integers of the same order, then summarized by `SortedSamples`.

use crate::order_statistics::median_deviation;
use crate::sorted_samples::SortedSamples;
use crate::time_statistics::{Cuts, FIELDS, Groups, QUANTILES, Row};

/// One group's samples of positive weight, sorted; the memory is kept from group to group.
#[derive(Default)]
pub struct FewSamples {
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

impl FewSamples {
    /// The place of the first value or weight that cannot be used, if any.
    pub fn take(
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

    pub fn sorted(&self) -> SortedSamples<'_> {
        SortedSamples { values: &self.values, weights: &self.weights }
    }

    pub fn summary(&mut self, n: usize, cuts: Cuts) -> Row {
        let all = self.sorted();
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
        row[10..15].copy_from_slice(&kept.quantiles(QUANTILES));
        row[15] = all.quantiles([0.5])[0];
        row[16] = self.median_deviation(row[15]);
        row
    }

    /// Median of |x − median|, by weight as other quantiles.
    fn median_deviation(&mut self, median: f64) -> f64 {
        if self.weights.is_empty() {
            return median_deviation(self.values.len(), median, |rank| self.values[rank]);
        }
        self.pairs.clear();
        let deviations = self.values.iter().map(|value| to_key((value - median).abs()));
        self.pairs.extend(deviations.zip(self.weights.iter().map(|weight| weight.to_bits())));
        self.pairs.sort_unstable();
        self.values.clear();
        self.values.extend(self.pairs.iter().map(|pair| from_key(pair.0)));
        self.weights.clear();
        self.weights.extend(self.pairs.iter().map(|pair| f64::from_bits(pair.1)));
        self.sorted().quantiles([0.5])[0]
    }
}
