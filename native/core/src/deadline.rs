//! When an answer is of no use any more.

use crate::error::{Code, Error, Result};
use std::time::Instant;

/// Errors: `deadline_exceeded` from that moment on; without one never.
pub fn check(deadline: Option<Instant>) -> Result<()> {
    if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
        return Err(Error::new(Code::DeadlineExceeded, "the time for this search is over"));
    }
    Ok(())
}
