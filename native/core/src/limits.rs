//! Every bound of the engine in one place. A limit decided late is an outage.

use crate::error::{Code, Error, Result};

pub const DIMENSIONS_MAX: usize = 16_384;
/// Slots are marked in their highest bit while a walk is under way.
pub const COUNT_MAX: usize = (1 << 31) - 1;
pub const K_MAX: usize = 1_000;
pub const EF_MAX: usize = 4_096;
pub const THREADS_MAX: usize = 256;
pub const CONNECTIVITY_MIN: usize = 2;
pub const CONNECTIVITY_MAX: usize = 256;
pub const EXPANSION_ADD_MAX: usize = 4_096;

/// Fails with `bad_request` unless `min ≤ value ≤ max`.
pub fn within(name: &str, value: usize, min: usize, max: usize) -> Result<()> {
    if (min..=max).contains(&value) {
        return Ok(());
    }
    Err(Error::new(Code::BadRequest, format!("{name} must lie between {min} and {max}")))
}
