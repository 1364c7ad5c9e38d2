//! What all statistics over contiguous groups share: offsets that are checked, groups spread over threads, places in errors.

use crate::error::{Code, Error, Result};
use crate::limits::{THREADS_MAX, within};
use crate::parallel;
use std::sync::{Mutex, PoisonError};

/// Fewer rows than this are not worth a thread.
const THREAD_ROWS_MIN: usize = 16_384;
/// Parts of the work a thread takes, one at a time, when all are as long.
const PARTS: usize = 16;

/// Fails with `bad_request` unless offsets ascend and end within the values.
pub fn check_offsets(offsets: &[u32], values: usize) -> Result<()> {
    if offsets.is_sorted() && offsets.last().is_some_and(|&last| last as usize <= values) {
        return Ok(());
    }
    Err(Error::new(Code::BadRequest, "offsets must ascend and end within the values"))
}

/// The error that names a sample by its row.
pub fn unusable(what: &str, row: usize, group: usize) -> Error {
    Error::new(Code::InvalidValue, format!("{what} {row} of group {group} is not a usable number"))
}

/// Fills `out`, `width` numbers a group. `make` is called once a thread; what it returns is asked for one group after the other.
/// Each group is written by one call, so the number of threads changes nothing in the answer.
///
/// Errors: `bad_request` (length of `out`, threads) and those of the work.
pub fn run<F>(offsets: &[u32], threads: usize, width: usize, out: &mut [f64], make: impl Fn() -> F + Sync) -> Result<()>
where
    F: FnMut(usize, &mut [f64]) -> Result<()>,
{
    within("threads", threads, 1, THREADS_MAX)?;
    let count = offsets.len().saturating_sub(1);
    if out.len() != count * width {
        return Err(Error::new(Code::BadRequest, "the output must have one row a group"));
    }
    if count == 0 {
        return Ok(());
    }
    let rows = (offsets[count] - offsets[0]) as usize;
    let threads = threads.min(count).min(1 + rows / THREAD_ROWS_MIN);
    let block = if threads == 1 { count } else { count.div_ceil(threads * PARTS) };
    let work = Mutex::new(out.chunks_mut(block * width).enumerate());
    let take = || work.lock().unwrap_or_else(PoisonError::into_inner).next();
    parallel::run(threads, || {
        let mut fill = make();
        while let Some((at, out)) = take() {
            for (group, row) in out.chunks_exact_mut(width).enumerate() {
                fill(at * block + group, row)?;
            }
        }
        Ok(())
    })
}
