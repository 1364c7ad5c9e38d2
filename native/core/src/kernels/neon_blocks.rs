//! Estimates of `blocks` by NEON: a register holds the codes of four neighbours.

use super::blocks::Call;
use super::neon::products_sdot;
use crate::block_shape::{GROUP, NEIGHBOURS_STEP};
use std::arch::aarch64::*;

/// Neighbours of a register.
const FOUR: usize = 4;
/// Registers of sixteen neighbours.
const SIXTEEN: usize = NEIGHBOURS_STEP / FOUR;

/// # Safety
/// The pointers of the call hold what its shape says.
#[target_feature(enable = "neon,dotprod")]
pub(super) unsafe fn sdot(call: Call) {
    // SAFETY: the caller's word; registers stay below those of the degree.
    unsafe {
        let registers = call.shape.degree() / FOUR;
        for first in (0..registers - registers % (2 * SIXTEEN)).step_by(2 * SIXTEEN) {
            match call.shape.bits() {
                2 => sums_sdot::<{ 2 * SIXTEEN }, 2, 4>(call, first),
                _ => sums_sdot::<{ 2 * SIXTEEN }, 4, 2>(call, first),
            }
        }
        if !registers.is_multiple_of(2 * SIXTEEN) {
            match call.shape.bits() {
                2 => sums_sdot::<SIXTEEN, 2, 4>(call, registers - SIXTEEN),
                _ => sums_sdot::<SIXTEEN, 4, 2>(call, registers - SIXTEEN),
            }
        }
    }
}

/// # Safety
/// The pointers of the call hold what its shape says.
#[target_feature(enable = "neon")]
pub(super) unsafe fn wide(call: Call) {
    // SAFETY: the caller's word; registers stay below those of the degree.
    unsafe {
        for first in (0..call.shape.degree() / FOUR).step_by(SIXTEEN) {
            match call.shape.bits() {
                2 => sums_wide::<2, 4>(call, first),
                _ => sums_wide::<4, 2>(call, first),
            }
        }
    }
}

/// Four codes of the query, once for each neighbour of a register.
///
/// # Safety
/// `query` points to as many planes of codes.
#[target_feature(enable = "neon")]
#[inline]
unsafe fn four(query: *const i8, plane: usize) -> int8x16_t {
    // SAFETY: the caller's word.
    let codes = unsafe { query.add(plane * GROUP).cast::<i32>().read_unaligned() };
    vreinterpretq_s8_s32(vdupq_n_s32(codes))
}

/// Codes of `REGISTERS` times four neighbours at one step.
///
/// # Safety
/// As `sdot`; the step and the registers exist.
#[target_feature(enable = "neon")]
#[inline]
unsafe fn codes<const REGISTERS: usize>(call: Call, step: usize, first: usize) -> [uint8x16_t; REGISTERS] {
    // SAFETY: step and registers lie within the codes.
    unsafe {
        let codes = call.block.add((step * call.shape.degree() + first * FOUR) * GROUP);
        std::array::from_fn(|register| vld1q_u8(codes.add(register * FOUR * GROUP)))
    }
}

/// The lowest code of each byte; codes are at most 15, so they are signed as well.
#[target_feature(enable = "neon")]
#[inline]
fn lowest(codes: uint8x16_t, mask: uint8x16_t) -> int8x16_t {
    vreinterpretq_s8_u8(vandq_u8(codes, mask))
}

/// # Safety
/// As `sdot`; `first + REGISTERS` registers exist.
#[target_feature(enable = "neon,dotprod")]
#[inline]
unsafe fn sums_sdot<const REGISTERS: usize, const BITS: i32, const PLANES: usize>(call: Call, first: usize) {
    let mask = vdupq_n_u8(call.shape.largest());
    let mut sums = [vdupq_n_s32(0); REGISTERS];
    // SAFETY: as many steps of codes and of the query.
    unsafe {
        for step in 0..call.shape.lead() / (GROUP * PLANES) {
            let query = call.query.add(step * GROUP * PLANES);
            let mut codes = codes::<REGISTERS>(call, step, first);
            for plane in 0..PLANES {
                let query = four(query, plane);
                for (codes, sum) in codes.iter_mut().zip(&mut sums) {
                    *sum = products_sdot(*sum, lowest(*codes, mask), query);
                    *codes = vshrq_n_u8::<BITS>(*codes);
                }
            }
        }
        sums.into_iter().enumerate().for_each(|(register, sum)| finish(call, first + register, sum));
    }
}

/// # Safety
/// As `wide`; sixteen neighbours stand from `first` on.
#[target_feature(enable = "neon")]
#[inline]
unsafe fn sums_wide<const BITS: i32, const PLANES: usize>(call: Call, first: usize) {
    let mask = vdupq_n_u8(call.shape.largest());
    let mut sums = [[vdupq_n_s32(0); 2]; SIXTEEN];
    // SAFETY: as many steps of codes and of the query.
    unsafe {
        for step in 0..call.shape.lead() / (GROUP * PLANES) {
            let query = call.query.add(step * GROUP * PLANES);
            let mut codes = codes::<SIXTEEN>(call, step, first);
            // at most 4 × 3 × 127, or 2 × 15 × 127: fits 16 bits
            let mut products = [[vdupq_n_s16(0); 2]; SIXTEEN];
            for plane in 0..PLANES {
                let query = four(query, plane);
                for (codes, [low, high]) in codes.iter_mut().zip(&mut products) {
                    let lowest = lowest(*codes, mask);
                    *low = vmlal_s8(*low, vget_low_s8(lowest), vget_low_s8(query));
                    *high = vmlal_high_s8(*high, lowest, query);
                    *codes = vshrq_n_u8::<BITS>(*codes);
                }
            }
            for ([low, high], products) in sums.iter_mut().zip(products) {
                *low = vpadalq_s16(*low, products[0]);
                *high = vpadalq_s16(*high, products[1]);
            }
        }
        for (register, [low, high]) in sums.into_iter().enumerate() {
            finish(call, first + register, vpaddq_s32(low, high));
        }
    }
}

/// Products and sums apart, as on every path.
///
/// # Safety
/// As `sdot`; the register exists.
#[target_feature(enable = "neon")]
#[inline]
unsafe fn finish(call: Call, register: usize, sum: int32x4_t) {
    let Call { shape, offset, scale, exact, .. } = call;
    let at = register * FOUR;
    // SAFETY: four offsets, factors and estimates stand from `at` on.
    unsafe {
        let factors = call.block.add(shape.code_bytes());
        let bf16 = |at: usize| {
            let bits = vld1_u16(factors.add(2 * at).cast());
            vreinterpretq_f32_u32(vshlq_n_u32::<16>(vmovl_u16(bits)))
        };
        let value = vsubq_s32(vshlq_n_s32::<1>(sum), vdupq_n_s32(offset));
        let value = vmulq_f32(vcvtq_f32_s32(value), vdupq_n_f32(scale));
        let near = vaddq_f32(vdupq_n_f32(exact), bf16(at));
        let estimate = vaddq_f32(near, vmulq_f32(value, bf16(shape.degree() + at)));
        vst1q_f32(call.out.add(at), estimate);
    }
}
