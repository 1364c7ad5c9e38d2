//! Scores of padded rows, eight at a time, so that the codes of the query are read once for eight rows and their sums are folded
//! together. Each path brings `dot_eight`; the loops are the same text, compiled for each.

/// Rows that are scored side by side.
pub(super) const ROWS: usize = 8;
/// Bytes that are asked for ahead of the consecutive rows at work.
pub(super) const AHEAD_BYTES: usize = 4_096;

/// Writes `score_range` and `score_slots` of a path around its `dot_eight`.
macro_rules! row_scores {
    ($range:ident, $slots:ident, $dot_eight:ident $(, $features:literal)?) => {
        /// # Safety
        /// `codes` points to `out.len()` rows of `stride` codes, `norms` to as many values, `query` to `stride` codes; `stride`
        /// is a multiple of 64.
        $(#[target_feature(enable = $features)])?
        unsafe fn $range(query: *const i8, codes: *const i8, norms: *const f32, stride: usize, out: &mut [f32]) {
            use super::rows::{AHEAD_BYTES, ROWS};
            let last = out.len().saturating_sub(1);
            for (eight, scores) in out.chunks_mut(ROWS).enumerate() {
                let first = eight * ROWS;
                // SAFETY: every row lies before the last one or is it; a prefetch never faults.
                unsafe {
                    super::prefetch(codes.add(first * stride).cast::<u8>().wrapping_add(AHEAD_BYTES), ROWS * stride);
                    let rows = std::array::from_fn(|at| codes.add((first + at).min(last) * stride));
                    let products = $dot_eight(query, rows, stride);
                    for (at, score) in scores.iter_mut().enumerate() {
                        *score = products[at] as f32 * *norms.add(first + at);
                    }
                }
            }
        }

        /// # Safety
        /// `codes` and `norms` hold every listed row, `query` points to `stride` codes, a multiple of 64; `slots` and `out` are
        /// as long as each other.
        $(#[target_feature(enable = $features)])?
        unsafe fn $slots(
            query: *const i8,
            codes: *const i8,
            norms: *const f32,
            stride: usize,
            slots: &[u32],
            out: &mut [f32],
        ) {
            use super::rows::ROWS;
            // SAFETY: listed rows exist.
            let row = |slot: u32| unsafe { codes.add(slot as usize * stride) };
            for (eight, scores) in out.chunks_mut(ROWS).enumerate() {
                let listed = &slots[eight * ROWS..];
                for &slot in listed.iter().skip(ROWS).take(ROWS) {
                    super::prefetch(row(slot).cast(), stride);
                }
                // SAFETY: listed rows and their norms exist; where fewer than eight are left the last one is repeated.
                unsafe {
                    let rows = std::array::from_fn(|at| row(listed[at.min(scores.len() - 1)]));
                    let products = $dot_eight(query, rows, stride);
                    for (at, score) in scores.iter_mut().enumerate() {
                        *score = products[at] as f32 * *norms.add(listed[at] as usize);
                    }
                }
            }
        }
    };
}
pub(super) use row_scores;
