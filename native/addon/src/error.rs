//! Errors and panics of core on their way to JavaScript: `[code] message`, taken apart again in `server/engine/addon.ts`.

use napi::bindgen_prelude::{Error, Result, Status};
use routewright_core::error as core;
use std::panic::{AssertUnwindSafe, catch_unwind};

pub fn to_js(error: core::Error) -> Error {
    Error::new(Status::GenericFailure, error.to_string())
}

/// Work off the JavaScript thread: there a panic would end the process, here it becomes an `engine_failed`.
pub fn guarded<T>(work: impl FnOnce() -> core::Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(panicked(&*panic))).map_err(to_js)
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> core::Error {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    core::Error::new(core::Code::EngineFailed, format!("panic: {}", text.unwrap_or("unknown")))
}
