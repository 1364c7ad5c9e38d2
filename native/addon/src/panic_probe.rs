//! Panics on purpose, so that a test can prove that a panic reaches JavaScript as an error and the process lives on.

use crate::error::guarded;
use napi::bindgen_prelude::{AsyncTask, Env, Result, Task};
use napi_derive::napi;

#[napi(catch_unwind)]
pub fn panic_now() {
    panic!("on purpose");
}

pub struct PanicTask;

impl Task for PanicTask {
    type Output = ();
    type JsValue = ();

    fn compute(&mut self) -> Result<()> {
        guarded(|| panic!("on purpose, off the thread"))
    }

    fn resolve(&mut self, _: Env, (): ()) -> Result<()> {
        Ok(())
    }
}

#[napi(catch_unwind, ts_return_type = "Promise<void>")]
pub fn panic_later() -> AsyncTask<PanicTask> {
    AsyncTask::new(PanicTask)
}
