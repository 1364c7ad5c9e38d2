//! NEON of 64-bit ARM: 16 codes a step, by SDOT where the CPU has it, else by widening (floats: `neon_floats`).

use super::neon_floats::{dot, dots, tile};
use super::rows::{ROWS, row_scores};
use super::{Kernels, neon_blocks};
use std::arch::aarch64::*;
use std::arch::is_aarch64_feature_detected;

pub(super) fn kernels() -> Vec<Kernels> {
    let base = is_aarch64_feature_detected!("neon");
    let mut paths = Vec::new();
    if base && is_aarch64_feature_detected!("dotprod") {
        paths.push(Kernels {
            name: "neon-dotprod",
            dot_codes: dot_codes_sdot,
            score_range: score_range_sdot,
            score_slots: score_slots_sdot,
            estimate_block: neon_blocks::sdot,
            dot,
            dots,
            tile,
        });
    }
    if base {
        paths.push(Kernels {
            name: "neon",
            dot_codes: dot_codes_wide,
            score_range: score_range_wide,
            score_slots: score_slots_wide,
            estimate_block: neon_blocks::wide,
            dot,
            dots,
            tile,
        });
    }
    paths
}

/// Adds the products of 16 signed codes of each side, four by four, to four sums. Written as an instruction: the intrinsic
/// (`vdotq_s32`) is not in stable Rust 1.95.
#[target_feature(enable = "neon,dotprod")]
#[inline]
pub(super) fn products_sdot(mut sum: int32x4_t, a: int8x16_t, b: int8x16_t) -> int32x4_t {
    // SAFETY: registers in, one register out, no memory and no flags; the CPU has the instruction where this function may run.
    unsafe {
        std::arch::asm!(
            "sdot {sum:v}.4s, {a:v}.16b, {b:v}.16b",
            sum = inout(vreg) sum,
            a = in(vreg) a,
            b = in(vreg) b,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    sum
}

/// The same sums in another grouping; one of the sides lies in −127 … 127, so two products of at most 128 · 127 fit 16 bits.
#[target_feature(enable = "neon")]
#[inline]
fn products_wide(sum: int32x4_t, a: int8x16_t, b: int8x16_t) -> int32x4_t {
    let low = vmull_s8(vget_low_s8(a), vget_low_s8(b));
    vpadalq_s16(sum, vmlal_high_s8(low, a, b))
}

/// Writes `dot_codes` and `dot_eight` of a path around its sums of products.
macro_rules! codes {
    ($products:ident, $features:literal, $dot:ident, $eight:ident) => {
        /// # Safety
        /// `a` and `b` point to `length` codes.
        #[target_feature(enable = $features)]
        #[inline]
        unsafe fn $dot(a: *const i8, b: *const i8, length: usize) -> i32 {
            const SUMS: usize = 4;
            let mut sums = [vdupq_n_s32(0); SUMS];
            let mut at = 0;
            // SAFETY: every read ends at or before `length`.
            unsafe {
                while at + SUMS * 16 <= length {
                    for (step, sum) in sums.iter_mut().enumerate() {
                        *sum = $products(*sum, vld1q_s8(a.add(at + step * 16)), vld1q_s8(b.add(at + step * 16)));
                    }
                    at += SUMS * 16;
                }
                while at + 16 <= length {
                    sums[0] = $products(sums[0], vld1q_s8(a.add(at)), vld1q_s8(b.add(at)));
                    at += 16;
                }
                let sum = vaddq_s32(vaddq_s32(sums[0], sums[1]), vaddq_s32(sums[2], sums[3]));
                let mut total = vaddvq_s32(sum);
                while at < length {
                    total += i32::from(*a.add(at)) * i32::from(*b.add(at));
                    at += 1;
                }
                total
            }
        }

        /// # Safety
        /// `query` and each of `rows` point to `stride` codes, a multiple of 16.
        #[target_feature(enable = $features)]
        #[inline]
        unsafe fn $eight(query: *const i8, rows: [*const i8; ROWS], stride: usize) -> [i32; ROWS] {
            let mut sums = [vdupq_n_s32(0); ROWS];
            for at in (0..stride).step_by(16) {
                // SAFETY: every read ends at or before `stride`.
                unsafe {
                    let x = vld1q_s8(query.add(at));
                    for (sum, row) in sums.iter_mut().zip(rows) {
                        *sum = $products(*sum, x, vld1q_s8(row.add(at)));
                    }
                }
            }
            fold_eight(&sums)
        }
    };
}
codes!(products_sdot, "neon,dotprod", dot_codes_sdot, dot_eight_sdot);
codes!(products_wide, "neon", dot_codes_wide, dot_eight_wide);
row_scores!(score_range_sdot, score_slots_sdot, dot_eight_sdot, "neon,dotprod");
row_scores!(score_range_wide, score_slots_wide, dot_eight_wide, "neon");

/// The sum of each vector's lanes.
#[target_feature(enable = "neon")]
#[inline]
fn fold_eight(sums: &[int32x4_t; ROWS]) -> [i32; ROWS] {
    let mut out = [0; ROWS];
    for (four, out) in sums.chunks_exact(4).zip(out.chunks_exact_mut(4)) {
        let folded = vpaddq_s32(vpaddq_s32(four[0], four[1]), vpaddq_s32(four[2], four[3]));
        // SAFETY: `out` is a chunk of four.
        unsafe { vst1q_s32(out.as_mut_ptr(), folded) };
    }
    out
}
