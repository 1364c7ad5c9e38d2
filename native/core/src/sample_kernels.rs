//! Passes over columns of samples, one set per instruction set, chosen once at start.
//!
//! Every set is the same source (`passes.rs`), compiled for other instructions. Sums are grouped by fixed lanes, and where a product
//! is fused with a sum it is so in all sets (a CPU that cannot do it at once pays some nanoseconds a row), so all sets give the same
//! bits: what a plant reads does not depend on its processor.

mod passes;

pub use passes::{BucketMap, Extent, LANES};
use std::sync::OnceLock;

/// One set. A value exists only for instruction sets that this CPU has: that makes the calls below sound.
pub struct SampleKernels {
    pub name: &'static str,
    extent: unsafe fn(&[f64]) -> Option<Extent>,
    sum: unsafe fn(&[f64]) -> f64,
    sum_f32: unsafe fn(&[f32]) -> f64,
    shifted_sums: unsafe fn(&[f64], f64) -> (f64, f64),
    shifted_sums_f32: unsafe fn(&[f32], f32) -> (f64, f64),
    unit_sum: unsafe fn(&[f64], f64, f64) -> u64,
    unit_squares: unsafe fn(&[f64], f64, f64) -> u64,
    beyond: unsafe fn(&[f64], f64, f64) -> (usize, usize),
    buckets: unsafe fn(&[f64], BucketMap, &mut [u16]),
}

impl SampleKernels {
    /// Least and largest value; none where there is no value or one that is NaN or infinite.
    pub fn extent(&self, values: &[f64]) -> Option<Extent> {
        // SAFETY: this CPU has the instructions, as for every call below.
        unsafe { (self.extent)(values) }
    }

    pub fn sum(&self, values: &[f64]) -> f64 {
        // SAFETY: see `extent`.
        unsafe { (self.sum)(values) }
    }

    /// The same of f32 values, added in f64.
    pub fn sum_f32(&self, values: &[f32]) -> f64 {
        // SAFETY: see `extent`.
        unsafe { (self.sum_f32)(values) }
    }

    /// Σ (x − shift) and Σ (x − shift)²; the shift is one of the values.
    pub fn shifted_sums(&self, values: &[f64], shift: f64) -> (f64, f64) {
        // SAFETY: see `extent`.
        unsafe { (self.shifted_sums)(values, shift) }
    }

    pub fn shifted_sums_f32(&self, values: &[f32], shift: f32) -> (f64, f64) {
        // SAFETY: see `extent`.
        unsafe { (self.shifted_sums_f32)(values, shift) }
    }

    /// Σ (x − from) as a count of units, each term rounded to one: `magic` is 2^52 units and every term lies in 0 … 2^51 units.
    /// At most `UNIT_ROWS_MAX` values.
    pub fn unit_sum(&self, values: &[f64], from: f64, magic: f64) -> u64 {
        assert!(values.len() <= Self::UNIT_ROWS_MAX);
        // SAFETY: see `extent`.
        unsafe { (self.unit_sum)(values, from, magic) }
    }

    /// Σ (x − mean)² the same way.
    pub fn unit_squares(&self, values: &[f64], mean: f64, magic: f64) -> u64 {
        assert!(values.len() <= Self::UNIT_ROWS_MAX);
        // SAFETY: see `extent`.
        unsafe { (self.unit_squares)(values, mean, magic) }
    }

    /// Terms of 2^51 of which the sum fits 64 bits.
    pub const UNIT_ROWS_MAX: usize = 1 << 13;

    /// How many have mean − x > limit, and how many x − mean > limit.
    pub fn beyond(&self, values: &[f64], mean: f64, limit: f64) -> (usize, usize) {
        // SAFETY: see `extent`.
        unsafe { (self.beyond)(values, mean, limit) }
    }

    /// The bucket of each value; ids are as many as values.
    pub fn buckets(&self, values: &[f64], map: BucketMap, ids: &mut [u16]) {
        assert_eq!(values.len(), ids.len());
        // SAFETY: see `extent`.
        unsafe { (self.buckets)(values, map, ids) }
    }
}

macro_rules! set {
    ($module:ident, $name:literal $(, $features:literal)?) => {
        mod $module {
            use super::{BucketMap, Extent, SampleKernels, passes};

            pub(super) const KERNELS: SampleKernels = SampleKernels {
                name: $name,
                extent,
                sum,
                sum_f32,
                shifted_sums,
                shifted_sums_f32,
                unit_sum,
                unit_squares,
                beyond,
                buckets,
            };

            $(#[target_feature(enable = $features)])?
            fn extent(values: &[f64]) -> Option<Extent> {
                passes::extent(values)
            }

            $(#[target_feature(enable = $features)])?
            fn sum(values: &[f64]) -> f64 {
                passes::sum(values)
            }

            $(#[target_feature(enable = $features)])?
            fn sum_f32(values: &[f32]) -> f64 {
                passes::sum(values)
            }

            $(#[target_feature(enable = $features)])?
            fn shifted_sums(values: &[f64], shift: f64) -> (f64, f64) {
                passes::shifted_sums(values, shift)
            }

            $(#[target_feature(enable = $features)])?
            fn shifted_sums_f32(values: &[f32], shift: f32) -> (f64, f64) {
                passes::shifted_sums(values, shift)
            }

            $(#[target_feature(enable = $features)])?
            fn unit_sum(values: &[f64], from: f64, magic: f64) -> u64 {
                passes::units::<false>(values, from, magic)
            }

            $(#[target_feature(enable = $features)])?
            fn unit_squares(values: &[f64], mean: f64, magic: f64) -> u64 {
                passes::units::<true>(values, mean, magic)
            }

            $(#[target_feature(enable = $features)])?
            fn beyond(values: &[f64], mean: f64, limit: f64) -> (usize, usize) {
                passes::beyond(values, mean, limit)
            }

            $(#[target_feature(enable = $features)])?
            fn buckets(values: &[f64], map: BucketMap, ids: &mut [u16]) {
                passes::buckets(values, map, ids);
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
set!(avx512, "avx512", "avx512f,avx512bw,avx512dq,avx512vl");
#[cfg(target_arch = "x86_64")]
set!(avx2, "avx2", "avx2,fma");
set!(portable, "portable");

/// All sets that this CPU can run, the fastest first; `portable` is always the last.
#[allow(clippy::vec_init_then_push, reason = "only x86-64 has sets before it")]
pub fn available() -> Vec<SampleKernels> {
    let mut sets = Vec::new();
    #[cfg(target_arch = "x86_64")]
    {
        let wide = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw");
        if wide && is_x86_feature_detected!("avx512dq") && is_x86_feature_detected!("avx512vl") {
            sets.push(avx512::KERNELS);
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            sets.push(avx2::KERNELS);
        }
    }
    sets.push(portable::KERNELS);
    sets
}

/// Names of all sets that exist for this architecture, in order of preference.
pub const NAMES: &[&str] = if cfg!(target_arch = "x86_64") { &["avx512", "avx2", "portable"] } else { &["portable"] };

/// The set in use. `ROUTEWRIGHT_KERNELS` rules out wider ones, as for the kernels of the search: `avx512bw` and `avx512vnni` are
/// one set here.
pub fn active() -> &'static SampleKernels {
    static ACTIVE: OnceLock<SampleKernels> = OnceLock::new();
    ACTIVE.get_or_init(|| {
        let wanted = std::env::var("ROUTEWRIGHT_KERNELS").unwrap_or_default();
        let mut sets = available();
        let at = sets.iter().position(|set| wanted.starts_with(set.name)).unwrap_or(0);
        sets.swap_remove(at)
    })
}

#[cfg(test)]
#[path = "sample_kernels/tests.rs"]
mod tests;
