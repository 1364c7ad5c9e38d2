//! AVX2 with FMA: 32 codes or 8 floats a step.

use super::rows::{ROWS, row_scores};
use super::{Kernels, blocks};
use std::arch::x86_64::*;

pub(super) fn kernels() -> Option<Kernels> {
    (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")).then_some(Kernels {
        name: "avx2",
        dot_codes,
        score_range,
        score_slots,
        estimate_block: blocks::avx2,
        dot,
        dots,
        tile,
    })
}

/// 16 codes of each side, as a sum of products in eight 32-bit lanes.
///
/// # Safety
/// `a` and `b` point to 16 codes.
#[target_feature(enable = "avx2")]
unsafe fn products(sum: __m256i, a: *const i8, b: *const i8) -> __m256i {
    // SAFETY: the caller's word.
    unsafe {
        let x = _mm256_cvtepi8_epi16(_mm_loadu_si128(a.cast()));
        let y = _mm256_cvtepi8_epi16(_mm_loadu_si128(b.cast()));
        _mm256_add_epi32(sum, _mm256_madd_epi16(x, y))
    }
}

/// # Safety
/// `a` and `b` point to `length` codes.
#[target_feature(enable = "avx2")]
unsafe fn dot_codes(a: *const i8, b: *const i8, length: usize) -> i32 {
    let (mut even, mut odd) = (_mm256_setzero_si256(), _mm256_setzero_si256());
    let mut at = 0;
    // SAFETY: every read ends at or before `length`.
    unsafe {
        while at + 32 <= length {
            even = products(even, a.add(at), b.add(at));
            odd = products(odd, a.add(at + 16), b.add(at + 16));
            at += 32;
        }
        if at + 16 <= length {
            even = products(even, a.add(at), b.add(at));
            at += 16;
        }
        let sum = _mm256_add_epi32(even, odd);
        let half = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256::<1>(sum));
        let pair = _mm_add_epi32(half, _mm_shuffle_epi32::<0b00_00_11_10>(half));
        let mut total = _mm_cvtsi128_si32(_mm_add_epi32(pair, _mm_shuffle_epi32::<0b00_00_00_01>(pair)));
        while at < length {
            total += i32::from(*a.add(at)) * i32::from(*b.add(at));
            at += 1;
        }
        total
    }
}

/// |row| · (query with the row's signs), by pairs: two products of at most 128 · 127 fit 16 bits.
///
/// # Safety
/// `query` and each of `rows` point to `stride` codes, a multiple of 32.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn dot_eight(query: *const i8, rows: [*const i8; ROWS], stride: usize) -> [i32; ROWS] {
    let ones = _mm256_set1_epi16(1);
    let mut sums = [_mm256_setzero_si256(); ROWS];
    for at in (0..stride).step_by(32) {
        // SAFETY: every read ends at or before `stride`.
        unsafe {
            let x = _mm256_loadu_si256(query.add(at).cast());
            for (sum, row) in sums.iter_mut().zip(rows) {
                let y = _mm256_loadu_si256(row.add(at).cast());
                let pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(y), _mm256_sign_epi8(x, y));
                *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(pairs, ones));
            }
        }
    }
    fold_eight(&sums)
}

/// The sum of each vector's lanes.
#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn fold_eight(sums: &[__m256i; ROWS]) -> [i32; ROWS] {
    let four = |at: usize| {
        let (first, second) =
            (_mm256_hadd_epi32(sums[at], sums[at + 1]), _mm256_hadd_epi32(sums[at + 2], sums[at + 3]));
        _mm256_hadd_epi32(first, second)
    };
    let (first, second) = (four(0), four(4));
    let low = _mm256_permute2x128_si256::<0x20>(first, second);
    let high = _mm256_permute2x128_si256::<0x31>(first, second);
    let mut out = [0i32; ROWS];
    // SAFETY: eight sums of four bytes are as long as the vector.
    unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), _mm256_add_epi32(low, high)) };
    out
}

row_scores!(score_range, score_slots, dot_eight, "avx2");

/// # Safety
/// All pointers hold `length` values.
#[target_feature(enable = "avx2,fma")]
#[inline]
unsafe fn products_f32<const Q: usize, const R: usize>(
    queries: [*const f32; Q],
    rows: [*const f32; R],
    length: usize,
) -> [[f32; R]; Q] {
    let mut sums = [[_mm256_setzero_ps(); R]; Q];
    let whole = length - length % 8;
    let mut at = 0;
    // SAFETY: every read ends at or before `length`; the tail is read under a mask.
    unsafe {
        while at < whole {
            let x: [__m256; Q] = std::array::from_fn(|q| _mm256_loadu_ps(queries[q].add(at)));
            for r in 0..R {
                let y = _mm256_loadu_ps(rows[r].add(at));
                for q in 0..Q {
                    sums[q][r] = _mm256_fmadd_ps(x[q], y, sums[q][r]);
                }
            }
            at += 8;
        }
        if whole < length {
            let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
            let mask = _mm256_cmpgt_epi32(_mm256_set1_epi32((length - whole) as i32), lanes);
            let x: [__m256; Q] = std::array::from_fn(|q| _mm256_maskload_ps(queries[q].add(whole), mask));
            for r in 0..R {
                let y = _mm256_maskload_ps(rows[r].add(whole), mask);
                for q in 0..Q {
                    sums[q][r] = _mm256_fmadd_ps(x[q], y, sums[q][r]);
                }
            }
        }
    }
    sums.map(|row| row.map(|sum| horizontal(sum)))
}

#[target_feature(enable = "avx2")]
fn horizontal(sum: __m256) -> f32 {
    let half = _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps::<1>(sum));
    let pair = _mm_add_ps(half, _mm_movehl_ps(half, half));
    _mm_cvtss_f32(_mm_add_ss(pair, _mm_shuffle_ps::<1>(pair, pair)))
}

/// # Safety
/// Both pointers hold `length` values.
#[target_feature(enable = "avx2,fma")]
unsafe fn dot(a: *const f32, b: *const f32, length: usize) -> f32 {
    // SAFETY: the caller's word.
    unsafe { products_f32([a], [b], length)[0][0] }
}

/// # Safety
/// All pointers hold `length` values.
#[target_feature(enable = "avx2,fma")]
unsafe fn dots(query: *const f32, rows: [*const f32; 4], length: usize) -> [f32; 4] {
    // SAFETY: the caller's word.
    unsafe { products_f32([query], rows, length)[0] }
}

/// # Safety
/// All pointers hold `length` values.
#[target_feature(enable = "avx2,fma")]
unsafe fn tile(queries: [*const f32; 4], rows: [*const f32; 4], length: usize) -> [[f32; 4]; 4] {
    // SAFETY: the caller's word. Two halves: sixteen 256-bit sums would not fit the registers.
    unsafe {
        let [a, b, c, d] = queries;
        let [first, second] = products_f32([a, b], rows, length);
        let [third, fourth] = products_f32([c, d], rows, length);
        [first, second, third, fourth]
    }
}
