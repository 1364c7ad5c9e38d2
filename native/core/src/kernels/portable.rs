//! Plain Rust: the reference for the other paths, and the path of CPUs without them (the compiler vectorises it).

use super::rows::{ROWS, row_scores};
use super::{Kernels, blocks};

pub(super) fn kernels() -> Kernels {
    Kernels { name: "portable", dot_codes, score_range, score_slots, estimate_block: blocks::portable, dot, dots, tile }
}

/// # Safety
/// `a` and `b` point to `length` codes.
unsafe fn dot_codes(a: *const i8, b: *const i8, length: usize) -> i32 {
    // SAFETY: the caller's word.
    let (a, b) = unsafe { (std::slice::from_raw_parts(a, length), std::slice::from_raw_parts(b, length)) };
    a.iter().zip(b).map(|(&x, &y)| i32::from(x) * i32::from(y)).sum()
}

/// # Safety
/// `query` and each of `rows` point to `stride` codes.
unsafe fn dot_eight(query: *const i8, rows: [*const i8; ROWS], stride: usize) -> [i32; ROWS] {
    // SAFETY: the caller's word.
    rows.map(|row| unsafe { dot_codes(query, row, stride) })
}

row_scores!(score_range, score_slots, dot_eight);

const LANES: usize = 16;

/// # Safety
/// `a` and `b` point to `length` values.
unsafe fn dot(a: *const f32, b: *const f32, length: usize) -> f32 {
    // SAFETY: the caller's word.
    let (a, b) = unsafe { (std::slice::from_raw_parts(a, length), std::slice::from_raw_parts(b, length)) };
    let mut sums = [0f32; LANES];
    let (a_steps, b_steps) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let (a_rest, b_rest) = (a_steps.remainder(), b_steps.remainder());
    for (x, y) in a_steps.zip(b_steps) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    for (lane, (x, y)) in a_rest.iter().zip(b_rest).enumerate() {
        sums[lane] += x * y;
    }
    sums.iter().sum()
}

/// # Safety
/// All pointers hold `length` values.
unsafe fn dots(query: *const f32, rows: [*const f32; 4], length: usize) -> [f32; 4] {
    // SAFETY: the caller's word.
    rows.map(|row| unsafe { dot(query, row, length) })
}

/// # Safety
/// All pointers hold `length` values.
unsafe fn tile(queries: [*const f32; 4], rows: [*const f32; 4], length: usize) -> [[f32; 4]; 4] {
    // SAFETY: the caller's word.
    queries.map(|query| unsafe { dots(query, rows, length) })
}
