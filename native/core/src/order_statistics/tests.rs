use super::*;

fn sorted(list: &[f64]) -> Vec<f64> {
    let mut list = list.to_vec();
    list.sort_unstable_by(f64::total_cmp);
    list
}

#[test]
fn the_deviation_from_the_median_is_the_median_of_all_deviations() {
    let mut state = 7u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    };
    for n in 1..200 {
        let spread = [3, 50, 1_000_000][n % 3];
        let list = sorted(&(0..n).map(|_| f64::from(next() % spread) * 0.37 - 5.0).collect::<Vec<_>>());
        let median = quantile(n, 0.5, |rank| list[rank]);
        let deviations = sorted(&list.iter().map(|value| (value - median).abs()).collect::<Vec<_>>());
        let expected = quantile(n, 0.5, |rank| deviations[rank]);
        assert_eq!(median_deviation(n, median, |rank| list[rank]), expected, "{n} samples {list:?}");
    }
}

#[test]
fn lopsided_samples_have_their_deviation_on_one_side() {
    let list = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 100.0, 1_000.0];
    assert_eq!(median_deviation(10, 0.0, |rank| list[rank]), 0.0);
    let list = [-1_000.0, -100.0, -3.0, 4.0, 4.0];
    assert_eq!(median_deviation(5, -3.0, |rank| list[rank]), 7.0);
}

#[test]
fn quantiles_lie_between_order_statistics() {
    let list = [1.0, 2.0, 3.0, 4.0];
    assert_eq!([0.0, 0.25, 0.5, 0.9, 1.0].map(|p| quantile(4, p, |rank| list[rank])), [1.0, 1.75, 2.5, 3.7, 4.0]);
    assert_eq!(quantile(1, 0.9, |rank| list[rank]), 1.0);
}

#[test]
fn a_trim_counts_the_parts_of_samples_on_its_borders() {
    let near = |a: [f64; 2], b: [f64; 2]| a.iter().zip(b).all(|(x, y)| (x - y).abs() < 1e-12);
    assert_eq!(trim_ranks(10, 0.0, 1.0), (0, 10, [1.0, 1.0]));
    assert_eq!(trim_ranks(10, 0.2, 0.8), (2, 8, [1.0, 1.0]));
    let (from, to, weights) = trim_ranks(4, 0.05, 0.95);
    assert!((from, to) == (0, 4) && near(weights, [0.8, 0.8]));
    let (from, to, weights) = trim_ranks(3, 0.5, 0.6);
    assert!((from, to) == (1, 2) && near(weights, [0.5, 0.8]));
    assert_eq!(trim_ranks(1, 0.3, 0.4).0, 0);
}
