//! Every set against the portable one, bit for bit; a set that this CPU lacks is named aloud.

use super::*;

/// A small generator of its own: the same numbers on every machine.
fn values(seed: u64, length: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    (0..length).map(|_| (next() - 0.3) * 2f64.powi((next() * 24.0) as i32)).collect()
}

const LENGTHS: [usize; 14] = [1, 2, 7, 15, 16, 17, 31, 32, 33, 100, 255, 1_000, 4_097, 8_192];

fn each_set(check: impl Fn(&SampleKernels, &SampleKernels, &[f64])) {
    let sets = available();
    for name in NAMES {
        let Some(set) = sets.iter().find(|set| set.name == *name) else {
            eprintln!("SKIPPED sample kernels {name}: this CPU lacks the instructions");
            continue;
        };
        for (seed, length) in LENGTHS.into_iter().enumerate() {
            check(set, sets.last().unwrap(), &values(seed as u64 + 1, length));
        }
    }
}

#[test]
fn sums_equal_the_portable_ones_exactly() {
    each_set(|set, portable, values| {
        let narrow: Vec<f32> = values.iter().map(|&value| value as f32).collect();
        assert_eq!(set.sum(values).to_bits(), portable.sum(values).to_bits(), "{} at {}", set.name, values.len());
        assert_eq!(set.sum_f32(&narrow).to_bits(), portable.sum_f32(&narrow).to_bits(), "{}", set.name);
        assert_eq!(set.shifted_sums(values, values[0]), portable.shifted_sums(values, values[0]), "{}", set.name);
        let (ours, plain) = (set.shifted_sums_f32(&narrow, narrow[0]), portable.shifted_sums_f32(&narrow, narrow[0]));
        assert_eq!(ours, plain, "{} at {}", set.name, values.len());
    });
}

#[test]
fn a_plain_sum_is_the_sum() {
    each_set(|set, _, values| {
        let (plain, size) = (values.iter().sum::<f64>(), values.iter().map(|value| value.abs()).sum::<f64>());
        assert!((set.sum(values) - plain).abs() <= 1e-13 * size, "{}", set.name);
        let shifted = set.shifted_sums(values, values[0]);
        let squares: f64 = values.iter().map(|value| (value - values[0]) * (value - values[0])).sum();
        assert!((shifted.1 - squares).abs() <= 1e-13 * squares, "{}", set.name);
    });
}

#[test]
fn whole_numbers_of_a_unit_are_the_same_in_any_order() {
    each_set(|set, _, values| {
        let Extent { min, max } = set.extent(values).unwrap();
        let magic = 2f64.powi(80); // units of 2^28, then of 2^-12
        assert_eq!(set.unit_sum(values, min, magic), 0, "less than half a unit each");
        let magic = 2f64.powi(40);
        let expected: u64 = values.iter().map(|value| ((value - min) * 4_096.0).round_ties_even() as u64).sum();
        assert_eq!(set.unit_sum(values, min, magic), expected, "{} at {}", set.name, values.len());
        let squares = |value: &f64| ((value - max) * (value - max) / 4_096.0).round_ties_even() as u64;
        let expected: u64 = values.iter().map(squares).sum();
        assert_eq!(set.unit_squares(values, max, 2f64.powi(64)), expected, "{}", set.name);
        let backwards: Vec<f64> = values.iter().rev().copied().collect();
        assert_eq!(set.unit_squares(&backwards, max, 2f64.powi(64)), expected, "{}", set.name);
    });
}

#[test]
fn extents_buckets_and_counts_equal_plain_ones() {
    each_set(|set, portable, values| {
        let Extent { min, max } = set.extent(values).unwrap();
        assert_eq!(min, values.iter().copied().fold(f64::INFINITY, f64::min), "{}", set.name);
        assert_eq!(max, values.iter().copied().fold(f64::NEG_INFINITY, f64::max), "{}", set.name);
        let below = values.iter().filter(|&value| 3.0 - value > 100.0).count();
        let above = values.iter().filter(|&value| value - 3.0 > 100.0).count();
        assert_eq!(set.beyond(values, 3.0, 100.0), (below, above), "{}", set.name);
        let map = BucketMap { middle: 3.0, scale: 8.0, base: BucketMap::key(min, 3.0, 8.0), shift: 44 };
        let ids = |set: &SampleKernels| {
            let mut ids = vec![0; values.len()];
            set.buckets(values, map, &mut ids);
            ids
        };
        assert_eq!(ids(set), ids(portable), "{} at {}", set.name, values.len());
    });
}

#[test]
fn buckets_ascend_with_the_values() {
    let mut values = values(5, 1_000);
    values.extend([0.0, -0.0, f64::MIN_POSITIVE, 5e-324, -5e-324, 1e300, -1e300]);
    values.sort_unstable_by(f64::total_cmp);
    for (middle, scale) in [(0.0, 1.0), (-7.5, 1e-3), (1e6, 0.0), (0.0, 1e9)] {
        let keys: Vec<i64> = values.iter().map(|&value| BucketMap::key(value, middle, scale)).collect();
        assert!(keys.is_sorted(), "middle {middle}, scale {scale}");
    }
}

#[test]
fn an_extent_refuses_what_is_no_number() {
    for set in available() {
        assert_eq!(set.extent(&[]), None);
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for place in [0, 5, 16, 39] {
                let mut values = values(3, 40);
                values[place] = bad;
                assert_eq!(set.extent(&values), None, "{} {bad} at {place}", set.name);
            }
        }
        assert_eq!(set.extent(&[1e308, -1e308]), Some(Extent { min: -1e308, max: 1e308 }));
    }
}
