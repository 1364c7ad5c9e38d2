//! The passes in plain Rust over lanes that the compiler turns into vectors. Always inlined: they become code of the set that calls.

// Inlining is what makes a pass use the instructions of its set.
#![allow(clippy::inline_always)]

/// Sums and extremes are kept in this many lanes: two vectors of AVX-512, four of AVX2.
pub const LANES: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    pub min: f64,
    pub max: f64,
}

/// Where a value falls: the bits of its distance from the middle plus a scale, which order like a logarithm far from the middle and
/// like the value itself near it. Neither zeros nor a few gross values crowd the others into one bucket.
#[derive(Clone, Copy, Debug)]
pub struct BucketMap {
    pub middle: f64,
    pub scale: f64,
    /// Key of the least value; keys above it lose `shift` bits.
    pub base: i64,
    pub shift: u32,
}

impl BucketMap {
    /// An integer that never falls while values rise.
    #[inline(always)]
    pub fn key(value: f64, middle: f64, scale: f64) -> i64 {
        let distance = value - middle;
        let bits = (distance.abs() + scale).to_bits() as i64 - scale.to_bits() as i64;
        if distance < 0.0 { -bits } else { bits }
    }
}

type Lanes<T> = [T; LANES];

/// The values behind the last whole lanes, filled up with `rest`. Its terms must count nothing.
#[inline(always)]
fn last_lanes<T: Copy>(tail: &[T], rest: T) -> Lanes<T> {
    let mut lanes = [rest; LANES];
    lanes[..tail.len()].copy_from_slice(tail);
    lanes
}

/// Runs the block for every `LANES` values. A macro, since sums that a closure borrows stay in memory.
macro_rules! each_lanes {
    ($values:expr, $rest:expr, |$lanes:ident| $step:block) => {
        let (whole, tail) = $values.as_chunks::<LANES>();
        for $lanes in whole {
            $step
        }
        if !tail.is_empty() {
            let $lanes = &last_lanes(tail, $rest);
            $step
        }
    };
}

/// The lanes added pairwise.
#[inline(always)]
fn fold(mut lanes: Lanes<f64>) -> f64 {
    let mut half = LANES;
    while half > 1 {
        half /= 2;
        for lane in 0..half {
            lanes[lane] += lanes[lane + half];
        }
    }
    lanes[0]
}

#[inline(always)]
pub fn extent(values: &[f64]) -> Option<Extent> {
    let &first = values.first()?;
    let (mut low, mut high, mut finite) = ([first; LANES], [first; LANES], [0.0; LANES]);
    each_lanes!(values, first, |lanes| {
        for lane in 0..LANES {
            low[lane] = if lanes[lane] < low[lane] { lanes[lane] } else { low[lane] };
        }
        for lane in 0..LANES {
            high[lane] = if lanes[lane] > high[lane] { lanes[lane] } else { high[lane] };
        }
        for lane in 0..LANES {
            finite[lane] += lanes[lane] * 0.0; // NaN once a value is not finite
        }
    });
    let min = low.into_iter().fold(first, f64::min);
    let max = high.into_iter().fold(first, f64::max);
    (fold(finite) == 0.0).then_some(Extent { min, max })
}

#[inline(always)]
pub fn sum<T: Copy + Into<f64> + Default>(values: &[T]) -> f64 {
    let mut sums = [0.0; LANES];
    each_lanes!(values, T::default(), |lanes| {
        for lane in 0..LANES {
            sums[lane] += lanes[lane].into();
        }
    });
    fold(sums)
}

/// `shift` is one of the values, so that nothing is lost when it fills the last lanes.
#[inline(always)]
pub fn shifted_sums<T: Copy + Into<f64> + Default>(values: &[T], shift: T) -> (f64, f64) {
    let (mut sums, mut squares) = ([0.0; LANES], [0.0; LANES]);
    let from: f64 = shift.into();
    each_lanes!(values, shift, |lanes| {
        let mut distances = [0.0; LANES];
        for lane in 0..LANES {
            distances[lane] = lanes[lane].into() - from;
        }
        for lane in 0..LANES {
            sums[lane] += distances[lane];
        }
        for lane in 0..LANES {
            squares[lane] = distances[lane].mul_add(distances[lane], squares[lane]);
        }
    });
    (fold(sums), fold(squares))
}

/// Σ of x − from, or of its square, each rounded to a multiple of the last bit of `magic`: adding the magic number makes the term an
/// integer in its bits, and integers add up the same in any order (the compiler chooses the lanes).
#[inline(always)]
pub fn units<const SQUARED: bool>(values: &[f64], from: f64, magic: f64) -> u64 {
    let mut sum = 0u64;
    for &value in values {
        let distance = value - from;
        let term = if SQUARED { distance * distance } else { distance };
        sum = sum.wrapping_add((term + magic).to_bits());
    }
    sum.wrapping_sub(magic.to_bits().wrapping_mul(values.len() as u64))
}

#[inline(always)]
pub fn beyond(values: &[f64], mean: f64, limit: f64) -> (usize, usize) {
    let (mut below, mut above) = (0u64, 0u64);
    for &value in values {
        below += u64::from(mean - value > limit);
        above += u64::from(value - mean > limit);
    }
    (below as usize, above as usize)
}

#[inline(always)]
pub fn buckets(values: &[f64], map: BucketMap, ids: &mut [u16]) {
    let BucketMap { middle, scale, base, shift } = map;
    for (id, &value) in ids.iter_mut().zip(values) {
        *id = (BucketMap::key(value, middle, scale).wrapping_sub(base) as u64 >> shift) as u16;
    }
}
