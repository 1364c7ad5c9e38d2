//! AVX-512: 64 codes or 16 floats a step, tails under masks. Codes by VNNI where the CPU has it, else by widening (BW).

use super::avx2::fold_eight;
use super::rows::{ROWS, row_scores};
use super::{Kernels, blocks};
use std::arch::x86_64::*;

pub(super) fn kernels() -> Vec<Kernels> {
    let base = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw");
    let mut paths = Vec::new();
    if base && is_x86_feature_detected!("avx512vnni") {
        paths.push(Kernels {
            name: "avx512vnni",
            dot_codes: dot_codes_vnni,
            score_range: score_range_vnni,
            score_slots: score_slots_vnni,
            estimate_block: blocks::avx512vnni,
            dot,
            dots,
            tile,
        });
    }
    if base {
        paths.push(Kernels {
            name: "avx512bw",
            dot_codes: dot_codes_bw,
            score_range: score_range_bw,
            score_slots: score_slots_bw,
            estimate_block: blocks::avx512bw,
            dot,
            dots,
            tile,
        });
    }
    paths
}

/// VNNI multiplies unsigned by signed: (a + 128)·b − 128·Σb is a·b, both sums in one pass.
///
/// # Safety
/// `a` and `b` point to `length` codes.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
#[inline]
unsafe fn dot_codes_vnni(a: *const i8, b: *const i8, length: usize) -> i32 {
    let shift = _mm512_set1_epi8(-128);
    let (mut shifted, mut offset) = (_mm512_setzero_si512(), _mm512_setzero_si512());
    let whole = length - length % 64;
    let mut at = 0;
    // SAFETY: every read ends at or before `length`; the tail is read under a mask.
    unsafe {
        while at < whole {
            let y = _mm512_loadu_si512(b.add(at).cast());
            let x = _mm512_xor_si512(_mm512_loadu_si512(a.add(at).cast()), shift);
            shifted = _mm512_dpbusd_epi32(shifted, x, y);
            offset = _mm512_dpbusd_epi32(offset, shift, y);
            at += 64;
        }
        if whole < length {
            let mask = (1u64 << (length - whole)) - 1;
            let y = _mm512_maskz_loadu_epi8(mask, b.add(whole));
            let x = _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, a.add(whole)), shift);
            shifted = _mm512_dpbusd_epi32(shifted, x, y);
            offset = _mm512_dpbusd_epi32(offset, shift, y);
        }
    }
    _mm512_reduce_add_epi32(_mm512_sub_epi32(shifted, offset))
}

/// # Safety
/// `a` and `b` point to `length` codes.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
unsafe fn dot_codes_bw(a: *const i8, b: *const i8, length: usize) -> i32 {
    let (mut even, mut odd) = (_mm512_setzero_si512(), _mm512_setzero_si512());
    let widen = |half: __m256i| _mm512_cvtepi8_epi16(half);
    let whole = length - length % 64;
    let mut at = 0;
    // SAFETY: every read ends at or before `length`; the tail is read under a mask.
    unsafe {
        while at < whole {
            let x = widen(_mm256_loadu_si256(a.add(at).cast()));
            let y = widen(_mm256_loadu_si256(b.add(at).cast()));
            even = _mm512_add_epi32(even, _mm512_madd_epi16(x, y));
            let x = widen(_mm256_loadu_si256(a.add(at + 32).cast()));
            let y = widen(_mm256_loadu_si256(b.add(at + 32).cast()));
            odd = _mm512_add_epi32(odd, _mm512_madd_epi16(x, y));
            at += 64;
        }
        if whole < length {
            let mask = (1u64 << (length - whole)) - 1;
            let x = _mm512_maskz_loadu_epi8(mask, a.add(whole));
            let y = _mm512_maskz_loadu_epi8(mask, b.add(whole));
            let low = _mm512_madd_epi16(widen(_mm512_castsi512_si256(x)), widen(_mm512_castsi512_si256(y)));
            even = _mm512_add_epi32(even, low);
            let (x, y) = (_mm512_extracti64x4_epi64::<1>(x), _mm512_extracti64x4_epi64::<1>(y));
            odd = _mm512_add_epi32(odd, _mm512_madd_epi16(widen(x), widen(y)));
        }
    }
    _mm512_reduce_add_epi32(_mm512_add_epi32(even, odd))
}

/// (row + 128) · query − 128 · Σ query: the second sum is taken once for eight rows.
///
/// # Safety
/// `query` and each of `rows` point to `stride` codes, a multiple of 64.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
#[inline]
unsafe fn dot_eight_vnni(query: *const i8, rows: [*const i8; ROWS], stride: usize) -> [i32; ROWS] {
    let shift = _mm512_set1_epi8(-128);
    let (mut sums, mut offset) = ([_mm512_setzero_si512(); ROWS], _mm512_setzero_si512());
    for at in (0..stride).step_by(64) {
        // SAFETY: every read ends at or before `stride`.
        unsafe {
            let x = _mm512_loadu_si512(query.add(at).cast());
            offset = _mm512_dpbusd_epi32(offset, shift, x);
            for (sum, row) in sums.iter_mut().zip(rows) {
                let y = _mm512_xor_si512(_mm512_loadu_si512(row.add(at).cast()), shift);
                *sum = _mm512_dpbusd_epi32(*sum, y, x);
            }
        }
    }
    halve_and_fold(&sums.map(|sum| _mm512_sub_epi32(sum, offset)))
}

/// # Safety
/// `query` and each of `rows` point to `stride` codes, a multiple of 64.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
unsafe fn dot_eight_bw(query: *const i8, rows: [*const i8; ROWS], stride: usize) -> [i32; ROWS] {
    let mut sums = [_mm512_setzero_si512(); ROWS];
    for at in (0..stride).step_by(32) {
        // SAFETY: every read ends at or before `stride`.
        unsafe {
            let x = _mm512_cvtepi8_epi16(_mm256_loadu_si256(query.add(at).cast()));
            for (sum, row) in sums.iter_mut().zip(rows) {
                let y = _mm512_cvtepi8_epi16(_mm256_loadu_si256(row.add(at).cast()));
                *sum = _mm512_add_epi32(*sum, _mm512_madd_epi16(x, y));
            }
        }
    }
    halve_and_fold(&sums)
}

#[target_feature(enable = "avx512f,avx2")]
#[inline]
fn halve_and_fold(sums: &[__m512i; ROWS]) -> [i32; ROWS] {
    fold_eight(&sums.map(|sum| _mm256_add_epi32(_mm512_castsi512_si256(sum), _mm512_extracti64x4_epi64::<1>(sum))))
}

row_scores!(score_range_vnni, score_slots_vnni, dot_eight_vnni, "avx512f,avx512bw,avx512vnni");
row_scores!(score_range_bw, score_slots_bw, dot_eight_bw, "avx512f,avx512bw");

/// # Safety
/// All pointers hold `length` values.
#[target_feature(enable = "avx512f")]
#[inline]
unsafe fn products_f32<const Q: usize, const R: usize>(
    queries: [*const f32; Q],
    rows: [*const f32; R],
    length: usize,
) -> [[f32; R]; Q] {
    let mut sums = [[_mm512_setzero_ps(); R]; Q];
    let whole = length - length % 16;
    let mut at = 0;
    // SAFETY: every read ends at or before `length`; the tail is read under a mask.
    unsafe {
        while at < whole {
            let x: [__m512; Q] = std::array::from_fn(|q| _mm512_loadu_ps(queries[q].add(at)));
            for r in 0..R {
                let y = _mm512_loadu_ps(rows[r].add(at));
                for q in 0..Q {
                    sums[q][r] = _mm512_fmadd_ps(x[q], y, sums[q][r]);
                }
            }
            at += 16;
        }
        if whole < length {
            let mask = (1u16 << (length - whole)) - 1;
            let x: [__m512; Q] = std::array::from_fn(|q| _mm512_maskz_loadu_ps(mask, queries[q].add(whole)));
            for r in 0..R {
                let y = _mm512_maskz_loadu_ps(mask, rows[r].add(whole));
                for q in 0..Q {
                    sums[q][r] = _mm512_fmadd_ps(x[q], y, sums[q][r]);
                }
            }
        }
    }
    sums.map(|row| row.map(|sum| _mm512_reduce_add_ps(sum)))
}

/// # Safety
/// Both pointers hold `length` values.
#[target_feature(enable = "avx512f")]
unsafe fn dot(a: *const f32, b: *const f32, length: usize) -> f32 {
    // SAFETY: the caller's word.
    unsafe { products_f32([a], [b], length)[0][0] }
}

/// # Safety
/// All pointers hold `length` values.
#[target_feature(enable = "avx512f")]
unsafe fn dots(query: *const f32, rows: [*const f32; 4], length: usize) -> [f32; 4] {
    // SAFETY: the caller's word.
    unsafe { products_f32([query], rows, length)[0] }
}

/// # Safety
/// All pointers hold `length` values.
#[target_feature(enable = "avx512f")]
unsafe fn tile(queries: [*const f32; 4], rows: [*const f32; 4], length: usize) -> [[f32; 4]; 4] {
    // SAFETY: the caller's word.
    unsafe { products_f32(queries, rows, length) }
}
