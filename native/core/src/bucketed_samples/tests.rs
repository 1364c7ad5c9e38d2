use super::*;
use crate::sample_kernels::{active, available};

fn samples(kind: &str, n: u32) -> Vec<f64> {
    let mut state = n | 1;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24)
    };
    let mut value = |at: u32| match kind {
        "ties" => (next() * 6.0).floor(),
        "zeros" if !at.is_multiple_of(3) => {
            if at.is_multiple_of(2) {
                0.0
            } else {
                -0.0
            }
        }
        "gross" if at % 50 == 7 => 1e12 * next(),
        "signs" => (next() - 0.5) * 10f64.powi(at as i32 % 60 - 30),
        "small" => 5e-324 * (next() * 100.0).floor(),
        "huge" => 1e119 * next(),
        "ascending" => f64::from(at),
        _ => (next() + next() + next()) * 20.0 + 1.0,
    };
    (0..n).map(|at| value(at) + 0.0).collect()
}
const KINDS: [&str; 9] = ["times", "ties", "zeros", "gross", "signs", "small", "huge", "ascending", "one value"];

fn taken(samples: &[f64]) -> BucketedSamples {
    let mut bucketed = BucketedSamples::default();
    bucketed.take(&[1.0, 2.0, 3.0], Extent { min: 1.0, max: 3.0 }, active()); // what was there before changes nothing
    bucketed.take(samples, active().extent(samples).unwrap(), active());
    bucketed
}

#[test]
fn every_rank_is_that_of_the_sorted_samples() {
    for kind in KINDS {
        for n in [1, 2, 9, 100, 1_000, 20_000] {
            let samples = if kind == "one value" { vec![0.1; n as usize] } else { samples(kind, n) };
            let mut sorted = samples.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            let mut bucketed = taken(&samples);
            let step = (samples.len() / 97).max(1);
            for rank in (0..samples.len()).rev().step_by(step) {
                assert_eq!(bucketed.at(rank), sorted[rank], "{kind}, rank {rank} of {n}");
            }
        }
    }
}

/// Moments of sorted samples in the order of their values, the largest terms last.
fn plain(sorted: &[f64], [first, last]: [f64; 2]) -> (f64, f64) {
    let n = sorted.len();
    let weight = |at: usize| {
        if at == 0 {
            first
        } else if at + 1 == n {
            last
        } else {
            1.0
        }
    };
    let total: f64 = (0..n).map(weight).sum();
    let mean: f64 = (0..n).map(|at| weight(at) / total * sorted[at]).sum();
    let squares: f64 = (0..n).map(|at| weight(at) / total * (sorted[at] - mean) * (sorted[at] - mean)).sum();
    (mean, squares.sqrt())
}

#[test]
fn moments_between_ranks_agree_with_plain_ones() {
    for kind in KINDS.into_iter().filter(|kind| !["small", "one value"].contains(kind)) {
        let samples = samples(kind, 5_000);
        let mut sorted = samples.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let mut bucketed = taken(&samples);
        for (from, to) in [(0, 5_000), (500, 4_500), (499, 501), (10, 13), (77, 78), (0, 4_999)] {
            for weights in [[1.0, 1.0], [0.25, 0.75], [1e-9, 1.0]] {
                let (mean, sd) = bucketed.moments(from, to, weights, active());
                let (expected_mean, expected_sd) = plain(&sorted[from..to], weights);
                let size = sorted[from].abs().max(sorted[to - 1].abs());
                assert!((mean - expected_mean).abs() <= 1e-12 * size, "{kind} {from} {to}: {mean} {expected_mean}");
                assert!((sd - expected_sd).abs() <= 1e-12 * size, "{kind} {from} {to}: {sd} {expected_sd}");
            }
        }
    }
}

#[test]
fn neither_the_order_nor_the_instruction_set_changes_a_bit() {
    for kind in KINDS {
        let samples = samples(kind, 30_000);
        let backwards: Vec<f64> = samples.iter().rev().copied().collect();
        let mut seen = Vec::new();
        for set in available() {
            for order in [&samples, &backwards] {
                let mut bucketed = BucketedSamples::default();
                bucketed.take(order, set.extent(order).unwrap(), &set);
                let (mean, sd) = bucketed.moments(1_234, 28_765, [0.3, 0.6], &set);
                let within = bucketed.within(mean, sd, &set);
                seen.push((mean.to_bits(), sd.to_bits(), within));
            }
        }
        assert!(seen.iter().all(|row| *row == seen[0]), "{kind}");
    }
}

#[test]
fn samples_too_far_apart_do_not_fit() {
    assert!(fits(Extent { min: -1e100, max: 1e119 }));
    assert!(!fits(Extent { min: -1e100, max: 1e130 }));
    assert!(!fits(Extent { min: -1e308, max: 1e308 }));
}
