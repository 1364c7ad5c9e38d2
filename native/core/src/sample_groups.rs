//! Rows in any order, brought together by group.

use crate::error::{Code, Error, Result};
use crate::moments::Column;

/// Fills `offsets` (one more than there are groups) and `grouped`: group g owns `grouped[offsets[g]] … grouped[offsets[g + 1]]`, its
/// rows in their order. A row that is NaN has no sample and is left out. Returns the number of samples.
///
/// Errors: `bad_request` (lengths, a group that does not exist).
pub fn group_rows(groups: &[u32], values: Column<'_>, offsets: &mut [u32], grouped: &mut [f64]) -> Result<usize> {
    let bad = |message: &str| Err(Error::new(Code::BadRequest, message));
    if groups.len() != values.len() || u32::try_from(groups.len()).is_err() {
        return bad("there must be one group a row, and fewer than 2^32 rows");
    }
    if offsets.is_empty() || grouped.len() < values.len() {
        return bad("the output must hold every row, and one offset more than there are groups");
    }
    let count = offsets.len() - 1;
    if groups.iter().any(|&group| group as usize >= count) {
        return bad("every row must be of a group that exists");
    }
    match values {
        Column::F64(values) => Ok(spread(groups, values, offsets, grouped)),
        Column::F32(values) => Ok(spread(groups, values, offsets, grouped)),
    }
}

/// A stable counting sort. `offsets[g]` is first the place of the next row of group g, and at the end where the group ends; moved by
/// one place that is where the next group begins.
fn spread<T: Copy + Into<f64>>(groups: &[u32], values: &[T], offsets: &mut [u32], grouped: &mut [f64]) -> usize {
    offsets.fill(0);
    let rows = || groups.iter().map(|&group| group as usize).zip(values.iter().map(|&value| value.into()));
    for (group, value) in rows() {
        offsets[group] += u32::from(!value.is_nan());
    }
    let mut total = 0;
    for offset in &mut *offsets {
        total += std::mem::replace(offset, total);
    }
    for (group, value) in rows() {
        if !value.is_nan() {
            grouped[offsets[group] as usize] = value;
            offsets[group] += 1;
        }
    }
    offsets.rotate_right(1);
    offsets[0] = 0;
    total as usize
}

#[cfg(test)]
#[path = "sample_groups/tests.rs"]
mod tests;
