//! `BindingBuild`: one build of an index, watched and cancelled through the object while it runs off the thread.

use crate::error::guarded;
use napi::bindgen_prelude::{AsyncTask, Either, Env, Float32Array, Result, Task};
use napi_derive::napi;
use routewright_core::index_builder::{BuildOptions, Built, Progress, Rows, build};
use std::sync::Arc;

#[napi(object)]
pub struct BindingBuildOptions {
    pub dimensions: u32,
    pub directory: String,
    pub connectivity: u32,
    pub expansion_add: u32,
    /// Codes of neighbours beside each slot of the image.
    pub blocks: bool,
    /// 0 means all cores.
    pub threads: u32,
}

#[napi(object)]
pub struct BindingBuilt {
    pub seconds: f64,
    /// Of all files.
    pub bytes: f64,
    /// Most memory that was held at a time, mapped files left out.
    pub memory_bytes: f64,
    pub threads: u32,
    /// Vectors that a narrow walk for themselves does not find.
    pub unreached: u32,
}

#[napi(object)]
pub struct BindingProgress {
    pub done: u32,
    pub total: u32,
}

#[napi]
#[derive(Default)]
pub struct BindingBuild {
    progress: Arc<Progress>,
}

#[napi]
impl BindingBuild {
    #[napi(constructor, catch_unwind)]
    pub fn new() -> Self {
        Self::default()
    }

    /// `rows` are vectors, which must not be changed or transferred until the promise settles, or the path of a file of them.
    #[napi(catch_unwind, ts_return_type = "Promise<BindingBuilt>")]
    pub fn run(&self, rows: Either<Float32Array, String>, options: BindingBuildOptions) -> AsyncTask<BuildTask> {
        let options = BuildOptions {
            dimensions: options.dimensions as usize,
            directory: options.directory.into(),
            connectivity: options.connectivity as usize,
            expansion_add: options.expansion_add as usize,
            blocks: options.blocks,
            threads: options.threads as usize,
        };
        AsyncTask::new(BuildTask { rows, options, progress: Arc::clone(&self.progress) })
    }

    #[napi(catch_unwind)]
    pub fn progress(&self) -> BindingProgress {
        let (done, total) = self.progress.read();
        BindingProgress { done: done as u32, total: total as u32 }
    }

    /// The build ends soon with `cancelled`.
    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.progress.cancel();
    }
}

pub struct BuildTask {
    rows: Either<Float32Array, String>,
    options: BuildOptions,
    progress: Arc<Progress>,
}

impl Task for BuildTask {
    type Output = Built;
    type JsValue = BindingBuilt;

    fn compute(&mut self) -> Result<Built> {
        let rows = match &self.rows {
            Either::A(vectors) => Rows::Memory(vectors),
            Either::B(path) => Rows::File(path.into()),
        };
        guarded(|| build(rows, &self.options, &self.progress))
    }

    fn resolve(&mut self, _: Env, built: Built) -> Result<BindingBuilt> {
        Ok(BindingBuilt {
            seconds: built.seconds,
            bytes: built.bytes as f64,
            memory_bytes: built.memory_bytes as f64,
            threads: built.threads as u32,
            unreached: built.unreached as u32,
        })
    }
}
