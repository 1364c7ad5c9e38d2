//! Sums, moments and grouping of columns, f64 or f32. All at once: they take nanoseconds a row, and bring no thread into it.

use crate::error::to_js;
use napi::bindgen_prelude::{Float64ArraySlice, Result, Uint32ArraySlice};
use napi_derive::napi;
use routewright_core::moments::{Column, MOMENT_FIELDS, moments, sums};
use routewright_core::sample_groups::group_rows;

/// Names of the columns of moments, in order.
#[napi(catch_unwind)]
pub fn moment_fields() -> Vec<String> {
    MOMENT_FIELDS.map(str::to_owned).to_vec()
}

/// Fills `out`, one row of fields a group.
#[napi(catch_unwind)]
pub fn group_moments(values: &[f64], offsets: &[u32], mut out: Float64ArraySlice) -> Result<()> {
    // SAFETY: an array of the caller that nothing else touches during this synchronous call; so in all functions below.
    moments(Column::F64(values), offsets, 1, unsafe { out.as_mut() }).map_err(to_js)
}

#[napi(catch_unwind)]
pub fn group_moments_f32(values: &[f32], offsets: &[u32], mut out: Float64ArraySlice) -> Result<()> {
    // SAFETY: see `group_moments`.
    moments(Column::F32(values), offsets, 1, unsafe { out.as_mut() }).map_err(to_js)
}

/// Fills `out` with the sum of each group.
#[napi(catch_unwind)]
pub fn group_sums(values: &[f64], offsets: &[u32], mut out: Float64ArraySlice) -> Result<()> {
    // SAFETY: see `group_moments`.
    sums(Column::F64(values), offsets, 1, unsafe { out.as_mut() }).map_err(to_js)
}

#[napi(catch_unwind)]
pub fn group_sums_f32(values: &[f32], offsets: &[u32], mut out: Float64ArraySlice) -> Result<()> {
    // SAFETY: see `group_moments`.
    sums(Column::F32(values), offsets, 1, unsafe { out.as_mut() }).map_err(to_js)
}

/// Fills `offsets` and `grouped`; returns the number of samples, NaN left out.
#[napi(catch_unwind)]
pub fn group_samples(
    groups: &[u32],
    values: &[f64],
    mut offsets: Uint32ArraySlice,
    mut grouped: Float64ArraySlice,
) -> Result<u32> {
    // SAFETY: see `group_moments`.
    let (offsets, grouped) = unsafe { (offsets.as_mut(), grouped.as_mut()) };
    group_rows(groups, Column::F64(values), offsets, grouped).map(|count| count as u32).map_err(to_js)
}

#[napi(catch_unwind)]
pub fn group_samples_f32(
    groups: &[u32],
    values: &[f32],
    mut offsets: Uint32ArraySlice,
    mut grouped: Float64ArraySlice,
) -> Result<u32> {
    // SAFETY: see `group_moments`.
    let (offsets, grouped) = unsafe { (offsets.as_mut(), grouped.as_mut()) };
    group_rows(groups, Column::F32(values), offsets, grouped).map(|count| count as u32).map_err(to_js)
}
