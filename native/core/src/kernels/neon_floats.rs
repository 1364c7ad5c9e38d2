//! Float products of NEON: 8 a step, the same order of additions for one row, four rows and a tile.

use std::arch::aarch64::*;

/// Floats of a step, in two registers.
const STEP: usize = 8;

/// # Safety
/// `from` points to eight values.
#[target_feature(enable = "neon")]
#[inline]
unsafe fn eight_floats(from: *const f32) -> [float32x4_t; 2] {
    // SAFETY: the caller's word.
    unsafe { [vld1q_f32(from), vld1q_f32(from.add(4))] }
}

/// # Safety
/// All pointers hold `length` values.
#[target_feature(enable = "neon")]
#[inline]
unsafe fn products_f32<const Q: usize, const R: usize>(
    queries: [*const f32; Q],
    rows: [*const f32; R],
    length: usize,
) -> [[f32; R]; Q] {
    let mut sums = [[[vdupq_n_f32(0.0); 2]; R]; Q];
    let add = |sums: &mut [[[float32x4_t; 2]; R]; Q], x: [[float32x4_t; 2]; Q], r: usize, y: [float32x4_t; 2]| {
        for (sums, x) in sums.iter_mut().zip(x) {
            sums[r] = [vfmaq_f32(sums[r][0], x[0], y[0]), vfmaq_f32(sums[r][1], x[1], y[1])];
        }
    };
    let whole = length - length % STEP;
    // SAFETY: every read ends at or before `length`; the tail is put before zeros first.
    unsafe {
        for at in (0..whole).step_by(STEP) {
            let x = queries.map(|query| eight_floats(query.add(at)));
            for (r, row) in rows.iter().enumerate() {
                add(&mut sums, x, r, eight_floats(row.add(at)));
            }
        }
        if whole < length {
            let tail = |from: *const f32| {
                let mut values = [0f32; STEP];
                from.add(whole).copy_to_nonoverlapping(values.as_mut_ptr(), length - whole);
                eight_floats(values.as_ptr())
            };
            let x = queries.map(tail);
            for (r, row) in rows.iter().enumerate() {
                add(&mut sums, x, r, tail(*row));
            }
        }
    }
    sums.map(|row| row.map(|sum| vaddvq_f32(vaddq_f32(sum[0], sum[1]))))
}

/// # Safety
/// Both pointers hold `length` values.
#[target_feature(enable = "neon")]
pub(super) unsafe fn dot(a: *const f32, b: *const f32, length: usize) -> f32 {
    // SAFETY: the caller's word.
    unsafe { products_f32([a], [b], length)[0][0] }
}

/// # Safety
/// All pointers hold `length` values.
#[target_feature(enable = "neon")]
pub(super) unsafe fn dots(query: *const f32, rows: [*const f32; 4], length: usize) -> [f32; 4] {
    // SAFETY: the caller's word.
    unsafe { products_f32([query], rows, length)[0] }
}

/// Two queries at a time: their sums, values and a row take 22 of the 32 registers.
///
/// # Safety
/// All pointers hold `length` values.
#[target_feature(enable = "neon")]
pub(super) unsafe fn tile(queries: [*const f32; 4], rows: [*const f32; 4], length: usize) -> [[f32; 4]; 4] {
    let [first, second, third, fourth] = queries;
    // SAFETY: the caller's word.
    unsafe {
        let ([a, b], [c, d]) =
            (products_f32([first, second], rows, length), products_f32([third, fourth], rows, length));
        [a, b, c, d]
    }
}
