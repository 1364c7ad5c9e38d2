//! Quantiles, trims and deviations from the median by rank, for samples of equal weight. `at` gives the sample of a rank, from 0 in
//! ascending order.

/// Linear between two order statistics.
pub fn between(low: f64, high: f64, share: f64) -> f64 {
    (low + share * (high - low)).clamp(low, high)
}

/// The quantile at position p (n − 1), linear between order statistics: type 7 of Hyndman and Fan (Sample quantiles in
/// statistical packages, 1996). There is one sample at least.
pub fn quantile(n: usize, p: f64, mut at: impl FnMut(usize) -> f64) -> f64 {
    if n == 1 {
        return at(0);
    }
    let position = p * (n - 1) as f64;
    let k = (position as usize).min(n - 2);
    let low = at(k);
    between(low, at(k + 1), position - k as f64)
}

/// The median of |x − median|, not scaled. Deviations on either side of the median ascend away from it, so two of them are found by
/// halving, without computing all.
pub fn median_deviation(n: usize, median: f64, mut at: impl FnMut(usize) -> f64) -> f64 {
    let split = n.div_ceil(2); // samples of lower ranks are not above the median, the others not below it
    let (lower, upper) = (split, n - split);
    let mut side = |is_lower: bool, k: usize| match (is_lower, if is_lower { lower } else { upper }) {
        (_, length) if k >= length => f64::INFINITY,
        (true, _) => median - at(split - 1 - k),
        (false, _) => at(split + k) - median,
    };
    let wanted = (n - 1) / 2;
    // `low` becomes how many of the `wanted` smallest deviations lie below the median
    let (mut low, mut high) = (wanted.saturating_sub(upper), wanted.min(lower));
    while low < high {
        let taken = usize::midpoint(low, high);
        if side(true, taken) < side(false, wanted - taken - 1) { low = taken + 1 } else { high = taken }
    }
    let (left, right) = (side(true, low), side(false, wanted - low));
    let first = left.min(right);
    if n % 2 == 1 {
        return first;
    }
    let second = if left <= right { side(true, low + 1).min(right) } else { left.min(side(false, wanted - low + 1)) };
    between(first, second, 0.5)
}

/// The samples that lie between two shares of n: the first and one past the last rank, and what the two on the borders count.
pub fn trim_ranks(n: usize, low: f64, high: f64) -> (usize, usize, [f64; 2]) {
    let (low, high) = (low * n as f64, high * n as f64);
    let from = (low as usize).min(n - 1);
    let to = (high.ceil() as usize).clamp(from + 1, n);
    (from, to, [(from as f64 + 1.0 - low).max(0.0), (1.0 - (to as f64 - high)).max(0.0)])
}

#[cfg(test)]
#[path = "order_statistics/tests.rs"]
mod tests;
