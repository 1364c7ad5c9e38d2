use super::*;

const CUTS: Cuts = Cuts { z_cut: 2.5, trim_low: 0.05, trim_high: 0.95 };

fn rows(values: &[f64], offsets: &[u32], weights: Option<&[f64]>, threads: usize) -> Result<Vec<f64>> {
    let mut out = vec![0.0; (offsets.len() - 1) * FIELDS.len()];
    summarize(Groups { values, offsets, weights }, CUTS, threads, &mut out)?;
    Ok(out)
}

fn field(row: &[f64], name: &str) -> f64 {
    row[FIELDS.iter().position(|field| *field == name).unwrap()]
}

#[test]
fn a_small_group_by_hand() {
    let row = rows(&[3.0, 1.0, 2.0, 4.0], &[0, 4], None, 1).unwrap();
    assert_eq!((field(&row, "n"), field(&row, "nKept"), field(&row, "outliers")), (4.0, 4.0, 0.0));
    assert_eq!(field(&row, "mean"), 2.5);
    assert!((field(&row, "sd") - 1.25f64.sqrt()).abs() < 1e-15);
    assert_eq!((field(&row, "p25"), field(&row, "p50"), field(&row, "p90")), (1.75, 2.5, 3.7));
    // 5 % of four samples is .2 of one: 1 and 4 count .8 each.
    assert!((field(&row, "trimmedSd") - ((2.0 * 0.8 * 2.25 + 2.0 * 0.25) / 3.6f64).sqrt()).abs() < 1e-15);
}

#[test]
fn an_outlier_is_cut_and_counted() {
    let mut values = vec![10.0; 20];
    values.extend([10.5, 9.5, 500.0]);
    let row = rows(&values, &[0, 23], None, 1).unwrap();
    assert_eq!((field(&row, "n"), field(&row, "nKept"), field(&row, "outliers")), (23.0, 22.0, 1.0));
    assert_eq!((field(&row, "max"), field(&row, "mean")), (10.5, 10.0));
}

#[test]
fn groups_without_samples_have_no_numbers() {
    let row = rows(&[5.0], &[0, 0, 1], None, 1).unwrap();
    assert_eq!((row[0], row[1]), (0.0, 0.0));
    assert!(row[2].is_nan() && row[10].is_nan());
    let row = &row[FIELDS.len()..];
    assert_eq!((row[0], row[2], row[3], row[4]), (1.0, 5.0, 0.0, 0.0));
    let row = rows(&[5.0], &[0, 1], Some(&[0.0]), 1).unwrap();
    assert_eq!((row[0], row[1]), (1.0, 0.0));
}

#[test]
fn equal_weights_give_what_no_weights_give() {
    let values: Vec<f64> = (0..97).map(|at| f64::from(at * at % 31) * 0.37).collect();
    let plain = rows(&values, &[0, 97], None, 1).unwrap();
    let weighted = rows(&values, &[0, 97], Some(&vec![0.25; 97]), 1).unwrap();
    for (a, b) in plain.iter().zip(&weighted) {
        assert!((a - b).abs() < 1e-12, "{a} {b}");
    }
}

#[test]
fn the_order_of_samples_and_the_threads_change_no_bit() {
    let values: Vec<f64> = (0..60_000u32).map(|at| f64::from(at.wrapping_mul(2_654_435_761) % 9_973) / 7.0).collect();
    let weights: Vec<f64> = (0..60_000u32).map(|at| f64::from(at % 13) + 0.1).collect();
    let offsets: Vec<u32> = (0..=2_000).map(|group| group * 30).collect();
    let one = rows(&values, &offsets, Some(&weights), 1).unwrap();
    assert_eq!(one, rows(&values, &offsets, Some(&weights), 3).unwrap());
    let flip = |list: &[f64]| list.chunks(30).flat_map(|group| group.iter().rev().copied()).collect::<Vec<_>>();
    assert_eq!(one, rows(&flip(&values), &offsets, Some(&flip(&weights)), 1).unwrap());
}

#[test]
fn what_is_no_number_is_refused_with_its_place() {
    let error = rows(&[1.0, 2.0, f64::NAN], &[0, 1, 3], None, 1).unwrap_err();
    assert_eq!((error.code, error.message.as_str()), (Code::InvalidValue, "value 2 of group 1 is not a usable number"));
    let error = rows(&[1.0, 2.0], &[0, 2], Some(&[1.0, -1.0]), 1).unwrap_err();
    assert_eq!(
        (error.code, error.message.as_str()),
        (Code::InvalidValue, "weight 1 of group 0 is not a usable number")
    );
    assert_eq!(rows(&[1.0], &[0, 2], None, 1).unwrap_err().code, Code::BadRequest);
    assert_eq!(rows(&[1.0, 1.0], &[2, 1], None, 1).unwrap_err().code, Code::BadRequest);
    assert_eq!(rows(&[1.0], &[0, 1], Some(&[]), 1).unwrap_err().code, Code::BadRequest);
}

/// Times with ties, zeros and gross values, in groups that are sorted and groups that are spread over buckets.
fn plant() -> (Vec<f64>, Vec<u32>) {
    let offsets = vec![0, 3, 63, 127, 446, 766, 766, 3_000, 20_000];
    let time = |at: u32| match at % 23 {
        0 => 0.0,
        1 => 1e7,
        rest => f64::from(at.wrapping_mul(2_654_435_761) >> 20) / 64.0 + f64::from(rest % 3),
    };
    ((0..20_000).map(time).collect(), offsets)
}

#[test]
fn many_samples_are_summarized_as_if_they_were_sorted() {
    let (values, offsets) = plant();
    // equal weights take the sorted path
    let (spread, sorted) =
        (rows(&values, &offsets, None, 1).unwrap(), rows(&values, &offsets, Some(&vec![1.0; 20_000]), 1).unwrap());
    for (at, (a, b)) in spread.iter().zip(&sorted).enumerate() {
        let same = (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-11 * b.abs().max(1.0);
        assert!(same, "{} of group {}: {a} {b}", FIELDS[at % FIELDS.len()], at / FIELDS.len());
    }
}

#[test]
fn the_order_of_many_samples_and_the_threads_change_no_bit() {
    let (values, offsets) = plant();
    let bits = |rows: Vec<f64>| rows.into_iter().map(f64::to_bits).collect::<Vec<_>>();
    let one = bits(rows(&values, &offsets, None, 1).unwrap());
    assert_eq!(one, bits(rows(&values, &offsets, None, 2).unwrap()));
    let mut flipped = values.clone();
    for range in offsets.windows(2) {
        flipped[range[0] as usize..range[1] as usize].reverse();
    }
    assert_eq!(one, bits(rows(&flipped, &offsets, None, 1).unwrap()));
}

#[test]
fn a_short_summary_says_what_the_whole_one_says_without_cuts() {
    let (values, offsets) = plant();
    let groups = Groups { values: &values, offsets: &offsets, weights: None };
    let cuts = Cuts { z_cut: f64::INFINITY, trim_low: 0.1, trim_high: 0.9 };
    let mut whole = vec![0.0; 8 * FIELDS.len()];
    summarize(groups, cuts, 1, &mut whole).unwrap();
    for threads in [1, 2] {
        let mut short = vec![0.0; 8 * TRIMMED_FIELDS.len()];
        trim(groups, 0.1, 0.9, threads, &mut short).unwrap();
        for (short, whole) in short.chunks_exact(TRIMMED_FIELDS.len()).zip(whole.chunks_exact(FIELDS.len())) {
            for (name, value) in TRIMMED_FIELDS.into_iter().zip(short) {
                let expected = field(whole, name);
                let same =
                    (value.is_nan() && expected.is_nan()) || (value - expected).abs() <= 1e-11 * expected.max(1.0);
                assert!(same, "{name}: {value} {expected}");
            }
        }
    }
    let mut short = vec![0.0; 8 * TRIMMED_FIELDS.len()];
    assert_eq!(trim(groups, 0.9, 0.1, 1, &mut short).unwrap_err().code, Code::BadRequest);
}

#[test]
fn what_is_no_number_among_many_is_refused_with_its_place() {
    let (mut values, offsets) = plant();
    values[2_345] = f64::NAN;
    let error = rows(&values, &offsets, None, 2).unwrap_err();
    assert_eq!(
        (error.code, error.message.as_str()),
        (Code::InvalidValue, "value 2345 of group 6 is not a usable number")
    );
}

#[test]
fn the_deviation_from_the_median_counts_all_samples() {
    let mut values = vec![10.0; 20];
    values.extend([10.5, 9.5, 500.0]);
    let row = rows(&values, &[0, 23], None, 1).unwrap();
    assert_eq!((field(&row, "median"), field(&row, "mad"), field(&row, "outliers")), (10.0, 0.0, 1.0));
    let row = rows(&[1.0, 2.0, 4.0, 8.0, 100.0], &[0, 5], None, 1).unwrap();
    assert_eq!((field(&row, "median"), field(&row, "mad")), (4.0, 3.0));
    // the heavy sample is the median, and the deviations of the others weigh little
    let row = rows(&[1.0, 2.0, 9.0], &[0, 3], Some(&[1.0, 50.0, 1.0]), 1).unwrap();
    assert!(field(&row, "median") == 2.0 && field(&row, "mad") < 0.6);
}
