//! f32 vectors to int8 codes: scaled by the vector's own largest value, rounded to the nearest, with the inverse norm of
//! the codes behind them. The library's cast divides by the norm and truncates instead; measured, that costs recall.

use crate::error::{Code, Error, Result};
use crate::kernels::Kernels;

/// Bytes behind the codes of a row in an index file: the inverse of their norm, f32 little endian.
pub const NORM_BYTES: usize = 4;

/// Sums that run beside each other, so that none waits for the one before.
const LANES: usize = 8;
/// Added to a small number and taken away again as bits, this leaves the nearest whole number in the lowest bits.
const ROUNDING: f64 = 1.5 * (1u64 << 52) as f64;

/// Far above what rounding of f32 can lose.
const SURELY_NOT_ZERO: f32 = 1e-30;

/// Squared norm of a vector that may be searched or stored. Refuses what has no direction.
///
/// Errors: `vector_wrong_length`, `vector_not_finite`, `vector_zero`.
pub fn check_vector(vector: &[f32], dimensions: usize) -> Result<f64> {
    if vector.len() != dimensions {
        let message = format!("the vector has {} values, the index {dimensions}", vector.len());
        return Err(Error::new(Code::VectorWrongLength, message));
    }
    let mut lanes = [0f64; LANES];
    for values in vector.chunks(LANES) {
        for (lane, &value) in lanes.iter_mut().zip(values) {
            *lane += f64::from(value) * f64::from(value);
        }
    }
    let squared: f64 = lanes.iter().sum();
    if !squared.is_finite() || squared > f64::from(f32::MAX) {
        // The sum alone cannot say it: a finite f64 sum may come from values whose f32 products overflow.
        return Err(Error::new(Code::VectorNotFinite, "the vector holds NaN, infinity or a value too large"));
    }
    if squared == 0.0 {
        return Err(Error::new(Code::VectorZero, "the vector is zero: it has no direction"));
    }
    Ok(squared)
}

/// Refuses what `check_vector` refuses, in a tenth of its time: the f32 sum tells of nearly all vectors that they are good.
///
/// Errors: as `check_vector`.
pub fn check_query(kernels: &Kernels, query: &[f32], dimensions: usize) -> Result<()> {
    let squared = kernels.dot(query, query);
    // too small or too large to be sure, or NaN: f64 decides
    if query.len() == dimensions && (SURELY_NOT_ZERO..f32::MAX).contains(&squared) {
        return Ok(());
    }
    check_vector(query, dimensions).map(drop)
}

/// Writes the codes of a checked vector: `dimensions` codes, and the inverse norm where `codes` has room for it.
pub fn quantize(vector: &[f32], codes: &mut [i8]) {
    let mut lanes = [0f32; LANES];
    for values in vector.chunks(LANES) {
        for (lane, value) in lanes.iter_mut().zip(values) {
            *lane = if value.abs() > *lane { value.abs() } else { *lane };
        }
    }
    let scale = 127.0 / f64::from(lanes.into_iter().fold(0f32, f32::max));
    for (code, &value) in codes.iter_mut().zip(vector) {
        *code = round(f64::from(value) * scale);
    }
    if codes.len() == vector.len() + NORM_BYTES {
        let inverse_norm = 1.0 / (squared_norm(&codes[..vector.len()]) as f32).sqrt();
        for (code, byte) in codes[vector.len()..].iter_mut().zip(inverse_norm.to_le_bytes()) {
            *code = byte as i8;
        }
    }
}

/// The nearest whole number, the even one of two; −128 to 127.
pub fn round(value: f64) -> i8 {
    (value + ROUNDING).to_bits() as i8
}

/// Σ code² of at most 16,384 codes.
pub fn squared_norm(codes: &[i8]) -> i32 {
    codes.iter().map(|&code| i32::from(code) * i32::from(code)).sum()
}

/// The inverse norm that `quantize` put behind `dimensions` codes.
pub fn inverse_norm(codes: &[i8], dimensions: usize) -> f32 {
    let tail = &codes[dimensions..dimensions + NORM_BYTES];
    f32::from_le_bytes(std::array::from_fn(|at| tail[at] as u8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_checked_like_a_vector() {
        let kernels = crate::kernels::active();
        let odd = [0.0, -0.0, 1e-40, 1e-20, 1e-3, 1.0, 1e18, 1.7e19, 1.9e19, 1e38, f32::MAX, f32::INFINITY, f32::NAN];
        for length in [1, 8, 37] {
            for value in odd {
                for (at, others) in [(0, 0.0), (length - 1, 0.0), (length / 2, 1.0), (0, value)] {
                    let mut query = vec![others; length];
                    query[at] = value;
                    let code = |error: Error| error.code;
                    let expected = check_vector(&query, length).map(drop).map_err(code);
                    assert_eq!(check_query(kernels, &query, length).map_err(code), expected, "{value} of {length}");
                    assert!(check_query(kernels, &query, length + 1).is_err());
                }
            }
        }
    }

    #[test]
    fn codes_are_rounded_not_truncated() {
        let mut codes = [0i8; 3 + NORM_BYTES];
        quantize(&[1.0, -0.5, 0.0119], &mut codes);
        // 0.5 × 127 = 63.5 and .0119 × 127 = 1.51: truncation would give −63 and 1.
        assert_eq!(codes[..3], [127, -64, 2]);
        let norm = f32::from(127i16).hypot(64.0).hypot(2.0);
        assert!((inverse_norm(&codes, 3) - 1.0 / norm).abs() < 1e-9);
    }

    #[test]
    fn codes_do_not_depend_on_the_scale_of_the_vector() {
        let vector = [0.3f32, -0.7, 0.11, 0.0];
        let (mut codes, mut tiny) = ([0i8; 4], [0i8; 4]);
        quantize(&vector, &mut codes);
        quantize(&vector.map(|value| value * 1e-38), &mut tiny);
        assert_eq!(codes, tiny);
    }

    #[test]
    fn vectors_without_a_direction_are_refused() {
        let code = |vector: &[f32]| check_vector(vector, 2).unwrap_err().code;
        assert_eq!(code(&[f32::NAN, 0.0]), Code::VectorNotFinite);
        assert_eq!(code(&[f32::INFINITY, 0.0]), Code::VectorNotFinite);
        assert_eq!(code(&[f32::MAX, 0.0]), Code::VectorNotFinite);
        assert_eq!(code(&[0.0, -0.0]), Code::VectorZero);
        assert_eq!(code(&[1.0]), Code::VectorWrongLength);
        assert_eq!(code(&[]), Code::VectorWrongLength);
        assert!(check_vector(&[1e-30, 0.0], 2).is_ok());
    }
}
