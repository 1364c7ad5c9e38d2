use super::*;
use crate::error::Code;
use crate::sample_kernels::available;

/// n, mean and deviation in two passes, summed in order.
fn plain(values: &[f64]) -> [f64; 3] {
    let n = values.len() as f64;
    let mean = values.iter().map(|value| value / n).sum::<f64>();
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean) / n).sum();
    [n, mean, squares.sqrt()]
}

fn rows(values: &[f64], offsets: &[u32], threads: usize) -> Result<Vec<f64>> {
    let mut out = vec![0.0; (offsets.len() - 1) * MOMENT_FIELDS.len()];
    moments(Column::F64(values), offsets, threads, &mut out)?;
    Ok(out)
}

fn expect_close(actual: &[f64], expected: [f64; 3], within: f64) {
    for (a, b) in actual.iter().zip(expected) {
        assert!((a - b).abs() <= within * b.abs().max(1e-300), "{actual:?} instead of {expected:?}");
    }
}

fn waves(n: u32) -> Vec<f64> {
    (0..n).map(|at| f64::from(at.wrapping_mul(2_654_435_761) >> 12) / 4_096.0 + 1.0).collect()
}

#[test]
fn groups_of_all_lengths_agree_with_two_passes() {
    let values = waves(30_000);
    let offsets = [0, 0, 1, 3, 20, 400, 4_496, 8_593, 30_000];
    let out = rows(&values, &offsets, 1).unwrap();
    assert!(out[0] == 0.0 && out[1].is_nan() && out[2].is_nan());
    for (group, row) in out.chunks_exact(3).enumerate().skip(1) {
        let range = offsets[group] as usize..offsets[group + 1] as usize;
        expect_close(row, plain(&values[range]), 1e-12);
    }
}

#[test]
fn a_small_deviation_around_a_large_mean_keeps_its_digits() {
    let values: Vec<f64> = waves(10_000).iter().map(|value| 1e12 + value).collect();
    let [n, mean, sd] = plain(&values.iter().map(|value| value - 1e12).collect::<Vec<_>>()); // the differences are exact
    expect_close(&rows(&values, &[0, 10_000], 1).unwrap(), [n, 1e12 + mean, sd], 1e-12);
    // the first value, which is the shift, far from all others
    let mut values = waves(2_000);
    values[0] = 1e9;
    expect_close(&rows(&values, &[0, 2_000], 1).unwrap(), plain(&values), 1e-12);
}

#[test]
fn equal_values_have_no_deviation_and_huge_ones_have_theirs() {
    assert_eq!(rows(&vec![0.1; 5_000], &[0, 5_000], 1).unwrap(), [5_000.0, 0.1, 0.0]);
    assert_eq!(rows(&[-0.0, 0.0], &[0, 2], 1).unwrap(), [2.0, 0.0, 0.0]);
    expect_close(&rows(&[1e200, 3e200, 1e200, 3e200], &[0, 4], 1).unwrap(), [4.0, 2e200, 1e200], 1e-12);
    expect_close(
        &rows(&[1.6e308, 1.7e308, -1.7e308, -1.6e308], &[0, 4], 1).unwrap()[2..],
        [f64::hypot(1.65, 0.05) * 1e308; 3],
        1e-12,
    );
    assert_eq!(rows(&[5e-324, 5e-324], &[0, 2], 1).unwrap(), [2.0, 5e-324, 0.0]);
}

#[test]
fn threads_and_instruction_sets_change_no_bit() {
    let values = waves(200_000);
    let offsets: Vec<u32> = (0..=1_000).map(|group| group * 200).collect();
    let one = rows(&values, &offsets, 1).unwrap();
    assert_eq!(one, rows(&values, &offsets, 3).unwrap());
    let narrow: Vec<f32> = values.iter().map(|&value| value as f32).collect();
    let sets = available();
    let portable = sets.last().unwrap();
    for set in &sets {
        assert_eq!(Column::F64(&values).moments(set), Column::F64(&values).moments(portable), "{}", set.name);
        assert_eq!(Column::F32(&narrow).moments(set), Column::F32(&narrow).moments(portable), "{}", set.name);
    }
    let mut whole = [0.0; 3];
    moments(Column::F32(&narrow), &[0, 200_000], 1, &mut whole).unwrap();
    expect_close(&whole, plain(&narrow.iter().map(|&value| f64::from(value)).collect::<Vec<_>>()), 1e-12);
}

#[test]
fn sums_are_plain_sums() {
    let mut out = [0.0; 3];
    sums(Column::F64(&[1.0, 2.0, 4.0, 8.0]), &[0, 1, 1, 4], 2, &mut out).unwrap();
    assert_eq!(out, [1.0, 0.0, 14.0]);
}

#[test]
fn what_is_no_number_is_refused_with_its_place() {
    let error = rows(&[1.0, 2.0, f64::INFINITY], &[0, 1, 3], 1).unwrap_err();
    assert_eq!((error.code, error.message.as_str()), (Code::InvalidValue, "value 2 of group 1 is not a usable number"));
    assert_eq!(rows(&[1.0, f64::NAN], &[0, 2], 1).unwrap_err().code, Code::InvalidValue);
    assert_eq!(rows(&[1.0], &[0, 2], 1).unwrap_err().code, Code::BadRequest);
    assert_eq!(rows(&[1.0], &[1, 0], 1).unwrap_err().code, Code::BadRequest);
    assert_eq!(moments(Column::F64(&[1.0]), &[0, 1], 0, &mut [0.0; 3]).unwrap_err().code, Code::BadRequest);
    assert_eq!(moments(Column::F64(&[1.0]), &[0, 1], 1, &mut [0.0; 2]).unwrap_err().code, Code::BadRequest);
}
