//! Estimates of all neighbours of a slot at once: `exact + offset + factor · scale · (2 · Σ code·query − query offset)`, in this
//! order of operations on every path, so that all give the same bits. The layout stands in `block_shape`.

use crate::block_shape::{BlockShape, GROUP, from_bf16};

/// What a call is given; all pointers are valid for the shape.
#[derive(Clone, Copy)]
pub(super) struct Call {
    pub shape: BlockShape,
    pub block: *const u8,
    pub query: *const i8,
    pub offset: i32,
    pub scale: f32,
    pub exact: f32,
    pub out: *mut f32,
}

/// # Safety
/// The pointers of the call hold what its shape says.
pub(super) unsafe fn portable(call: Call) {
    let Call { shape, offset, scale, exact, .. } = call;
    // SAFETY: the caller's word; estimates do not lie in the block.
    let (block, query, out) = unsafe {
        (
            std::slice::from_raw_parts(call.block, shape.bytes()),
            std::slice::from_raw_parts(call.query, shape.lead()),
            std::slice::from_raw_parts_mut(call.out, shape.degree()),
        )
    };
    let (codes, factors) = block.split_at(shape.code_bytes());
    let bf16 = |at: usize| from_bf16(u16::from_le_bytes([factors[2 * at], factors[2 * at + 1]]));
    for (neighbour, estimate) in out.iter_mut().enumerate() {
        let mut product = 0;
        for (step, query) in query.chunks_exact(shape.step()).enumerate() {
            let bytes = &codes[(step * shape.degree() + neighbour) * GROUP..][..GROUP];
            for (plane, query) in query.chunks_exact(GROUP).enumerate() {
                for (&byte, &query) in bytes.iter().zip(query) {
                    product += i32::from(byte >> (plane * shape.bits()) & shape.largest()) * i32::from(query);
                }
            }
        }
        let value = (2 * product - offset) as f32 * scale;
        *estimate = (exact + bf16(neighbour)) + value * bf16(shape.degree() + neighbour);
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) use x86::{avx2, avx512bw, avx512vnni};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Call, GROUP};
    use crate::block_shape::NEIGHBOURS_STEP;
    use std::arch::x86_64::*;

    /// Neighbours of a 256-bit register.
    const EIGHT: usize = 8;

    /// Four codes of the query as one number.
    ///
    /// # Safety
    /// `query` points to as many planes of codes.
    #[inline]
    unsafe fn four(query: *const i8, plane: usize) -> i32 {
        // SAFETY: the caller's word.
        i32::from_le_bytes(unsafe { query.add(plane * GROUP).cast::<[u8; GROUP]>().read() })
    }

    /// # Safety
    /// The pointers of the call hold what its shape says.
    #[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
    pub unsafe fn avx512vnni(call: Call) {
        // SAFETY: the caller's word; the groups stay below the degree.
        unsafe {
            let groups = call.shape.degree() / NEIGHBOURS_STEP;
            for pair in 0..groups / 2 {
                match call.shape.bits() {
                    2 => wide_vnni::<2, 2, 4>(call, pair * 2),
                    _ => wide_vnni::<2, 4, 2>(call, pair * 2),
                }
            }
            if groups % 2 == 1 {
                match call.shape.bits() {
                    2 => wide_vnni::<1, 2, 4>(call, groups - 1),
                    _ => wide_vnni::<1, 4, 2>(call, groups - 1),
                }
            }
        }
    }

    /// # Safety
    /// The pointers of the call hold what its shape says.
    #[target_feature(enable = "avx512f,avx512bw")]
    pub unsafe fn avx512bw(call: Call) {
        // SAFETY: the caller's word; the groups stay below the degree.
        unsafe {
            for group in 0..call.shape.degree() / NEIGHBOURS_STEP {
                match call.shape.bits() {
                    2 => wide_bw::<2, 4>(call, group),
                    _ => wide_bw::<4, 2>(call, group),
                }
            }
        }
    }

    /// # Safety
    /// The pointers of the call hold what its shape says.
    #[target_feature(enable = "avx2")]
    pub unsafe fn avx2(call: Call) {
        // SAFETY: the caller's word; the groups stay below the degree.
        unsafe {
            for group in 0..call.shape.degree() / EIGHT {
                match call.shape.bits() {
                    2 => narrow::<2, 4>(call, group),
                    _ => narrow::<4, 2>(call, group),
                }
            }
        }
    }

    /// `GROUPS` times sixteen neighbours; two sums each, so that multiplications do not wait for each other.
    ///
    /// # Safety
    /// As `avx512vnni`; `first + GROUPS` groups exist.
    #[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
    #[inline]
    unsafe fn wide_vnni<const GROUPS: usize, const BITS: u32, const PLANES: usize>(call: Call, first: usize) {
        let shape = call.shape;
        let mask = _mm512_set1_epi8(shape.largest() as i8);
        let mut sums = [[_mm512_setzero_si512(); 2]; GROUPS];
        // SAFETY: steps and groups lie within the codes, and as many codes of the query.
        unsafe {
            for step in 0..shape.lead() / (GROUP * PLANES) {
                let codes = call.block.add((step * shape.degree() + first * NEIGHBOURS_STEP) * GROUP);
                let query = call.query.add(step * GROUP * PLANES);
                let mut codes: [__m512i; GROUPS] =
                    std::array::from_fn(|group| _mm512_loadu_si512(codes.add(group * 64).cast()));
                for plane in 0..PLANES {
                    let query = _mm512_set1_epi32(four(query, plane));
                    for (codes, sums) in codes.iter_mut().zip(&mut sums) {
                        let low = _mm512_and_si512(*codes, mask);
                        sums[plane % 2] = _mm512_dpbusd_epi32(sums[plane % 2], low, query);
                        *codes = _mm512_srl_epi16(*codes, _mm_cvtsi32_si128(BITS as i32));
                    }
                }
            }
            for (group, sums) in sums.into_iter().enumerate() {
                finish_wide(call, first + group, _mm512_add_epi32(sums[0], sums[1]));
            }
        }
    }

    /// # Safety
    /// As `avx512bw`; the group exists.
    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    unsafe fn wide_bw<const BITS: u32, const PLANES: usize>(call: Call, group: usize) {
        let shape = call.shape;
        let (mask, ones) = (_mm512_set1_epi8(shape.largest() as i8), _mm512_set1_epi16(1));
        let mut sum = _mm512_setzero_si512();
        // SAFETY: steps and groups lie within the codes, and as many codes of the query.
        unsafe {
            for step in 0..shape.lead() / (GROUP * PLANES) {
                let codes = call.block.add((step * shape.degree() + group * NEIGHBOURS_STEP) * GROUP);
                let query = call.query.add(step * GROUP * PLANES);
                let mut codes = _mm512_loadu_si512(codes.cast());
                // at most 4 × 2 × 3 × 127, or 2 × 2 × 15 × 127: fits 16 bits
                let mut pairs = _mm512_setzero_si512();
                for plane in 0..PLANES {
                    let query = _mm512_set1_epi32(four(query, plane));
                    pairs = _mm512_add_epi16(pairs, _mm512_maddubs_epi16(_mm512_and_si512(codes, mask), query));
                    codes = _mm512_srl_epi16(codes, _mm_cvtsi32_si128(BITS as i32));
                }
                sum = _mm512_add_epi32(sum, _mm512_madd_epi16(pairs, ones));
            }
            finish_wide(call, group, sum);
        }
    }

    /// # Safety
    /// As `avx512bw`; the group exists.
    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    unsafe fn finish_wide(call: Call, group: usize, sum: __m512i) {
        let Call { shape, offset, scale, exact, .. } = call;
        let at = group * NEIGHBOURS_STEP;
        // SAFETY: sixteen offsets, factors and estimates stand from `at` on.
        unsafe {
            let factors = call.block.add(shape.code_bytes());
            let bf16 = |at: usize| {
                let bits = _mm256_loadu_si256(factors.add(2 * at).cast());
                _mm512_castsi512_ps(_mm512_slli_epi32::<16>(_mm512_cvtepu16_epi32(bits)))
            };
            let value = _mm512_sub_epi32(_mm512_slli_epi32::<1>(sum), _mm512_set1_epi32(offset));
            let value = _mm512_mul_ps(_mm512_cvtepi32_ps(value), _mm512_set1_ps(scale));
            let near = _mm512_add_ps(_mm512_set1_ps(exact), bf16(at));
            let estimate = _mm512_add_ps(near, _mm512_mul_ps(value, bf16(shape.degree() + at)));
            _mm512_storeu_ps(call.out.add(at), estimate);
        }
    }

    /// # Safety
    /// As `avx2`; the group exists.
    #[target_feature(enable = "avx2")]
    #[inline]
    unsafe fn narrow<const BITS: u32, const PLANES: usize>(call: Call, group: usize) {
        let Call { shape, offset, scale, exact, .. } = call;
        let (mask, ones) = (_mm256_set1_epi8(shape.largest() as i8), _mm256_set1_epi16(1));
        let (at, mut sum) = (group * EIGHT, _mm256_setzero_si256());
        // SAFETY: steps and groups lie within the codes, as many codes of the query, and eight factors and estimates.
        unsafe {
            for step in 0..shape.lead() / (GROUP * PLANES) {
                let codes = call.block.add((step * shape.degree() + at) * GROUP);
                let query = call.query.add(step * GROUP * PLANES);
                let mut codes = _mm256_loadu_si256(codes.cast());
                let mut pairs = _mm256_setzero_si256();
                for plane in 0..PLANES {
                    let query = _mm256_set1_epi32(four(query, plane));
                    pairs = _mm256_add_epi16(pairs, _mm256_maddubs_epi16(_mm256_and_si256(codes, mask), query));
                    codes = _mm256_srl_epi16(codes, _mm_cvtsi32_si128(BITS as i32));
                }
                sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, ones));
            }
            let factors = call.block.add(shape.code_bytes());
            let bf16 = |at: usize| {
                let bits = _mm_loadu_si128(factors.add(2 * at).cast());
                _mm256_castsi256_ps(_mm256_slli_epi32::<16>(_mm256_cvtepu16_epi32(bits)))
            };
            let value = _mm256_sub_epi32(_mm256_slli_epi32::<1>(sum), _mm256_set1_epi32(offset));
            let value = _mm256_mul_ps(_mm256_cvtepi32_ps(value), _mm256_set1_ps(scale));
            let near = _mm256_add_ps(_mm256_set1_ps(exact), bf16(at));
            let estimate = _mm256_add_ps(near, _mm256_mul_ps(value, bf16(shape.degree() + at)));
            _mm256_storeu_ps(call.out.add(at), estimate);
        }
    }
}
