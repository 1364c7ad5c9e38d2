//! Inner products, the only arithmetic of a search: one set per instruction set, chosen once at start.
//!
//! Every f32 product of one path adds in the same order whatever the shape of the call (one row, four rows, a 4 × 4 tile),
//! so approximate, exact and batch searches give the same bits.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod blocks;
#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(target_arch = "aarch64")]
mod neon_blocks;
#[cfg(target_arch = "aarch64")]
mod neon_floats;
mod portable;
mod rows;

use crate::block_shape::{BlockQuery, BlockShape};
use std::sync::OnceLock;

/// Codes of a padded row are a multiple of this.
pub const ROW_STEP: usize = 64;

type DotCodes = unsafe fn(*const i8, *const i8, usize) -> i32;
type ScoreRange = unsafe fn(*const i8, *const i8, *const f32, usize, &mut [f32]);
type ScoreSlots = unsafe fn(*const i8, *const i8, *const f32, usize, &[u32], &mut [f32]);
type EstimateBlock = unsafe fn(blocks::Call);
type Dot = unsafe fn(*const f32, *const f32, usize) -> f32;
type Dots = unsafe fn(*const f32, [*const f32; 4], usize) -> [f32; 4];
type Tile = unsafe fn([*const f32; 4], [*const f32; 4], usize) -> [[f32; 4]; 4];

/// One path. A value exists only for instruction sets that this CPU has: that makes the calls below sound.
pub struct Kernels {
    pub name: &'static str,
    dot_codes: DotCodes,
    score_range: ScoreRange,
    score_slots: ScoreSlots,
    estimate_block: EstimateBlock,
    dot: Dot,
    dots: Dots,
    tile: Tile,
}

impl Kernels {
    /// Σ a·b over int8 codes. Codes lie in −127 … 127, lengths are equal and at most 16,384: the sum fits.
    pub fn dot_codes(&self, a: &[i8], b: &[i8]) -> i32 {
        assert_eq!(a.len(), b.len());
        // SAFETY: both slices hold `len` codes, and this CPU has the path.
        unsafe { (self.dot_codes)(a.as_ptr(), b.as_ptr(), a.len()) }
    }

    /// For each of the consecutive rows: (query codes · row codes) × the row's inverse norm. Rows are as long as the query, a
    /// multiple of 64 codes, padded with zeros. Query codes lie in −127 … 127. Panics when lengths disagree.
    pub fn score_range(&self, query: &[i8], codes: &[i8], inverse_norms: &[f32], out: &mut [f32]) {
        assert!(!query.is_empty() && query.len().is_multiple_of(ROW_STEP));
        assert!(inverse_norms.len() == out.len() && codes.len() == out.len() * query.len());
        // SAFETY: as many rows of the query's length, and norms, as there are places; this CPU has the path.
        unsafe { (self.score_range)(query.as_ptr(), codes.as_ptr(), inverse_norms.as_ptr(), query.len(), out) }
    }

    /// The same for the listed rows of a table. Panics on a row outside it.
    pub fn score_slots(&self, query: &[i8], codes: &[i8], inverse_norms: &[f32], slots: &[u32], out: &mut [f32]) {
        assert!(!query.is_empty() && query.len().is_multiple_of(ROW_STEP));
        assert!(slots.len() == out.len() && codes.len() == inverse_norms.len() * query.len());
        assert!(slots.iter().all(|&slot| (slot as usize) < inverse_norms.len()), "a slot is outside the table");
        // SAFETY: every listed row and its norm lie inside the table; this CPU has the path.
        unsafe { (self.score_slots)(query.as_ptr(), codes.as_ptr(), inverse_norms.as_ptr(), query.len(), slots, out) }
    }

    /// Estimates the similarity of a query to all neighbours of a slot, from the slot's own and the codes of its block. Panics
    /// when lengths disagree.
    pub fn estimate_block(&self, shape: BlockShape, block: &[u8], query: &BlockQuery, exact: f32, out: &mut [f32]) {
        assert!(block.len() == shape.bytes() && query.codes.len() == shape.lead() && out.len() == shape.degree());
        let (offset, scale) = (query.offset, query.scale);
        let (block, query, out) = (block.as_ptr(), query.codes.as_ptr(), out.as_mut_ptr());
        // SAFETY: lengths are those of the shape, which only `BlockShape::new` makes; this CPU has the path.
        unsafe { (self.estimate_block)(blocks::Call { shape, block, query, offset, scale, exact, out }) }
    }

    /// Σ a·b in f32.
    pub fn dot(&self, a: &[f32], b: &[f32]) -> f32 {
        assert_eq!(a.len(), b.len());
        // SAFETY: both slices hold `len` values, and this CPU has the path.
        unsafe { (self.dot)(a.as_ptr(), b.as_ptr(), a.len()) }
    }

    /// Four rows against one query.
    pub fn dots(&self, query: &[f32], rows: [&[f32]; 4]) -> [f32; 4] {
        assert!(rows.iter().all(|row| row.len() == query.len()));
        // SAFETY: all five slices hold `len` values, and this CPU has the path.
        unsafe { (self.dots)(query.as_ptr(), rows.map(<[f32]>::as_ptr), query.len()) }
    }

    /// Four rows against four queries: `out[query][row]`.
    pub fn tile(&self, queries: [&[f32]; 4], rows: [&[f32]; 4]) -> [[f32; 4]; 4] {
        let length = queries[0].len();
        assert!(queries.iter().chain(&rows).all(|vector| vector.len() == length));
        // SAFETY: all eight slices hold `length` values, and this CPU has the path.
        unsafe { (self.tile)(queries.map(<[f32]>::as_ptr), rows.map(<[f32]>::as_ptr), length) }
    }
}

/// Asks for the cache lines of some bytes; nothing is read. Does nothing on processors without the instruction. On x86 into the
/// second level: a visit is 18 to 40 lines, more than a first level waits for at a time before it holds up the program.
#[inline]
pub fn prefetch(bytes: *const u8, length: usize) {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    for at in (0..length).step_by(64) {
        let line = bytes.wrapping_add(at);
        // SAFETY: a prefetch of any address is harmless, and every x86-64 has it.
        #[cfg(target_arch = "x86_64")]
        unsafe {
            std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T1 }>(line.cast());
        }
        // SAFETY: a hint for any address: it never faults, changes no register, no flag and no memory, and every ARM of 64 bits
        // has it. (The intrinsic is not in stable Rust 1.95.)
        #[cfg(target_arch = "aarch64")]
        unsafe {
            std::arch::asm!("prfm pldl1keep, [{line}]", line = in(reg) line, options(nostack, preserves_flags, readonly));
        }
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let _ = (bytes, length);
}

/// All paths that this CPU can run, the fastest first; `portable` is always the last.
pub fn available() -> Vec<Kernels> {
    let mut paths = Vec::new();
    #[cfg(target_arch = "x86_64")]
    {
        paths.extend(avx512::kernels());
        paths.extend(avx2::kernels());
    }
    #[cfg(target_arch = "aarch64")]
    paths.extend(neon::kernels());
    paths.push(portable::kernels());
    paths
}

/// Names of all paths that exist for this architecture, in order of preference.
pub const NAMES: &[&str] = if cfg!(target_arch = "x86_64") {
    &["avx512vnni", "avx512bw", "avx2", "portable"]
} else if cfg!(target_arch = "aarch64") {
    &["neon-dotprod", "neon", "portable"]
} else {
    &["portable"]
};

/// The path in use. `ROUTEWRIGHT_KERNELS=avx2` (or another name) takes a slower one, to compare or to rule one out.
pub fn active() -> &'static Kernels {
    static ACTIVE: OnceLock<Kernels> = OnceLock::new();
    ACTIVE.get_or_init(|| {
        let wanted = std::env::var("ROUTEWRIGHT_KERNELS").ok();
        let mut paths = available();
        let at = paths.iter().position(|path| Some(path.name) == wanted.as_deref()).unwrap_or(0);
        paths.swap_remove(at)
    })
}

#[cfg(test)]
#[path = "kernels/tests.rs"]
mod tests;
