//! Summaries of groups: at once for the few groups of one prediction, off the thread for millions of rows.

use crate::error::{guarded, to_js};
use napi::bindgen_prelude::{AsyncTask, Env, Float64Array, Float64ArraySlice, Result, Task, Uint32Array};
use napi_derive::napi;
use routewright_core::error as core;
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

/// Fills `out` (one row of fields a group) with the whole summary or the short one, for which only the trim counts. `cuts` is zCut,
/// trimLow, trimHigh; empty weights mean equal ones.
#[napi(catch_unwind)]
pub fn summarize_groups(
    values: &[f64],
    offsets: &[u32],
    weights: &[f64],
    cuts: &[f64],
    is_whole: bool,
    mut out: Float64ArraySlice,
) -> Result<()> {
    // SAFETY: an array of the caller that nothing else touches during this synchronous call.
    let out = unsafe { out.as_mut() };
    fill(values, offsets, weights, Summary { cuts: to_cuts(cuts), is_whole }, 1, out).map_err(to_js)
}

/// The same on several threads. The arrays must not be changed or transferred until the promise settles.
#[napi(catch_unwind, ts_return_type = "Promise<Float64Array>")]
pub fn summarize_groups_async(
    values: Float64Array,
    offsets: Uint32Array,
    weights: Float64Array,
    cuts: &[f64],
    is_whole: bool,
    threads: u32,
) -> AsyncTask<SummarizeTask> {
    let summary = Summary { cuts: to_cuts(cuts), is_whole };
    AsyncTask::new(SummarizeTask { values, offsets, weights, summary, threads: threads as usize })
}

fn to_cuts(cuts: &[f64]) -> Cuts {
    let cut = |at: usize| cuts.get(at).copied().unwrap_or(f64::NAN);
    Cuts { z_cut: cut(0), trim_low: cut(1), trim_high: cut(2) }
}

/// Which of the two is asked for, and how.
#[derive(Clone, Copy)]
struct Summary {
    cuts: Cuts,
    is_whole: bool,
}

impl Summary {
    /// Columns of a row.
    const fn width(self) -> usize {
        if self.is_whole { FIELDS.len() } else { TRIMMED_FIELDS.len() }
    }
}

fn fill(
    values: &[f64],
    offsets: &[u32],
    weights: &[f64],
    Summary { cuts, is_whole }: Summary,
    threads: usize,
    out: &mut [f64],
) -> core::Result<()> {
    let groups = Groups { values, offsets, weights: (!weights.is_empty()).then_some(weights) };
    if is_whole {
        summarize(groups, cuts, threads, out)
    } else {
        trim(groups, cuts.trim_low, cuts.trim_high, threads, out)
    }
}

pub struct SummarizeTask {
    values: Float64Array,
    offsets: Uint32Array,
    weights: Float64Array,
    summary: Summary,
    threads: usize,
}

impl Task for SummarizeTask {
    type Output = Vec<f64>;
    type JsValue = Float64Array;

    fn compute(&mut self) -> Result<Vec<f64>> {
        guarded(|| {
            let mut out = vec![0.0; self.offsets.len().saturating_sub(1) * self.summary.width()];
            fill(&self.values, &self.offsets, &self.weights, self.summary, self.threads, &mut out)?;
            Ok(out)
        })
    }

    fn resolve(&mut self, _: Env, out: Vec<f64>) -> Result<Float64Array> {
        Ok(out.into())
    }
}
