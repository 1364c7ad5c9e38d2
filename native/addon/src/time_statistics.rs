//! Summaries of groups: at once for the few groups of one prediction, off the thread for millions of rows.

use crate::error::{guarded, to_js};
use napi::bindgen_prelude::{AsyncTask, Env, Float64Array, Float64ArraySlice, Result, Task, Uint32Array};
use napi_derive::napi;
use routewright_core::time_statistics::{Cuts, FIELDS, Groups, TRIMMED_FIELDS, summarize, trim};

/// Names of the columns of a summary, in order.
#[napi(catch_unwind)]
pub fn time_fields() -> Vec<String> {
    FIELDS.map(str::to_owned).to_vec()
}

/// Names of the columns of a short summary, in order.
#[napi(catch_unwind)]
pub fn trimmed_fields() -> Vec<String> {
    TRIMMED_FIELDS.map(str::to_owned).to_vec()
}

/// Fills `out` (one row of fields a group). `cuts` is zCut, trimLow, trimHigh; empty weights mean equal ones.
#[napi(catch_unwind)]
pub fn summarize_groups(
    values: &[f64],
    offsets: &[u32],
    weights: &[f64],
    cuts: &[f64],
    mut out: Float64ArraySlice,
) -> Result<()> {
    let weights = (!weights.is_empty()).then_some(weights);
    // SAFETY: an array of the caller that nothing else touches during this synchronous call.
    let out = unsafe { out.as_mut() };
    summarize(Groups { values, offsets, weights }, to_cuts(cuts), 1, out).map_err(to_js)
}

/// The same for the short summary; of `cuts` the trim counts.
#[napi(catch_unwind)]
pub fn trim_groups(
    values: &[f64],
    offsets: &[u32],
    weights: &[f64],
    cuts: &[f64],
    mut out: Float64ArraySlice,
) -> Result<()> {
    let weights = (!weights.is_empty()).then_some(weights);
    let Cuts { trim_low, trim_high, .. } = to_cuts(cuts);
    // SAFETY: as in `summarize_groups`.
    let out = unsafe { out.as_mut() };
    trim(Groups { values, offsets, weights }, trim_low, trim_high, 1, out).map_err(to_js)
}

/// The whole summary, or the short one, on several threads. The arrays must not be changed or transferred until the promise settles.
#[napi(catch_unwind, ts_return_type = "Promise<Float64Array>")]
pub fn summarize_groups_async(
    values: Float64Array,
    offsets: Uint32Array,
    weights: Float64Array,
    cuts: &[f64],
    is_whole: bool,
    threads: u32,
) -> AsyncTask<SummarizeTask> {
    AsyncTask::new(SummarizeTask { values, offsets, weights, cuts: to_cuts(cuts), is_whole, threads: threads as usize })
}

fn to_cuts(cuts: &[f64]) -> Cuts {
    let cut = |at: usize| cuts.get(at).copied().unwrap_or(f64::NAN);
    Cuts { z_cut: cut(0), trim_low: cut(1), trim_high: cut(2) }
}

pub struct SummarizeTask {
    values: Float64Array,
    offsets: Uint32Array,
    weights: Float64Array,
    cuts: Cuts,
    is_whole: bool,
    threads: usize,
}

impl Task for SummarizeTask {
    type Output = Vec<f64>;
    type JsValue = Float64Array;

    fn compute(&mut self) -> Result<Vec<f64>> {
        let weights = (!self.weights.is_empty()).then_some(&*self.weights);
        let groups = Groups { values: &self.values, offsets: &self.offsets, weights };
        guarded(|| {
            let width = if self.is_whole { FIELDS.len() } else { TRIMMED_FIELDS.len() };
            let mut out = vec![0.0; groups.count() * width];
            if self.is_whole {
                summarize(groups, self.cuts, self.threads, &mut out)?;
            } else {
                trim(groups, self.cuts.trim_low, self.cuts.trim_high, self.threads, &mut out)?;
            }
            Ok(out)
        })
    }

    fn resolve(&mut self, _: Env, out: Vec<f64>) -> Result<Float64Array> {
        Ok(out.into())
    }
}
