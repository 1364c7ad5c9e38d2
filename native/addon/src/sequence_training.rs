//! `BindingSequenceTraining`: one training of a sequence model, watched and cancelled through the object while it runs off the thread.

use crate::error::guarded;
use napi::bindgen_prelude::{AsyncTask, Env, Float32Array, Result, Task, Uint8Array, Uint16Array, Uint32Array};
use napi_derive::napi;
use routewright_core::sequence_forest::{Options, Progress, train};
use routewright_core::sequence_training::TrainingSet;
use std::sync::Arc;

/// The arrays must not be changed or transferred until the promise settles.
#[napi(object, object_to_js = false)]
pub struct BindingSequenceInput {
    pub features: Uint16Array,
    pub feature_kinds: Uint8Array,
    pub routing_item: Uint32Array,
    pub routing_weight: Float32Array,
    pub step_offsets: Uint32Array,
    pub operations: Uint32Array,
    pub operation_count: u32,
}

#[napi(object)]
pub struct BindingSequenceOptions {
    pub trees: Option<u32>,
    pub max_depth: Option<u32>,
    pub min_leaf: Option<u32>,
    pub seed: Option<f64>,
    /// 0 means all cores.
    pub threads: Option<u32>,
    pub max_transitions: Option<u32>,
}

#[napi(object)]
pub struct BindingSequenceProgress {
    pub done: u32,
    pub total: u32,
}

#[napi]
#[derive(Default)]
pub struct BindingSequenceTraining {
    progress: Arc<Progress>,
}

#[napi]
impl BindingSequenceTraining {
    #[napi(constructor, catch_unwind)]
    pub fn new() -> Self {
        Self::default()
    }

    #[napi(catch_unwind, ts_return_type = "Promise<Uint8Array>")]
    pub fn run(&self, input: BindingSequenceInput, options: BindingSequenceOptions) -> AsyncTask<SequenceTask> {
        let mut chosen = Options {
            trees: options.trees.map(|trees| trees as usize),
            leaf_min: options.min_leaf.map(|rows| rows as usize),
            ..Options::default()
        };
        chosen.depth_max = options.max_depth.map_or(chosen.depth_max, |depth| depth as usize);
        chosen.seed = options.seed.map_or(chosen.seed, |seed| seed as u64);
        chosen.threads = options.threads.map_or(chosen.threads, |threads| threads as usize);
        chosen.transitions_max = options.max_transitions.map_or(chosen.transitions_max, |rows| rows as usize);
        AsyncTask::new(SequenceTask { input, options: chosen, progress: Arc::clone(&self.progress) })
    }

    #[napi(catch_unwind)]
    pub fn progress(&self) -> BindingSequenceProgress {
        let (done, total) = self.progress.read();
        BindingSequenceProgress { done: done as u32, total: total as u32 }
    }

    /// The training ends soon with `cancelled`.
    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.progress.cancel();
    }
}

pub struct SequenceTask {
    input: BindingSequenceInput,
    options: Options,
    progress: Arc<Progress>,
}

impl Task for SequenceTask {
    type Output = Vec<u8>;
    type JsValue = Uint8Array;

    fn compute(&mut self) -> Result<Vec<u8>> {
        let set = TrainingSet {
            features: &self.input.features,
            feature_kinds: &self.input.feature_kinds,
            routing_item: &self.input.routing_item,
            routing_weight: &self.input.routing_weight,
            step_offsets: &self.input.step_offsets,
            operations: &self.input.operations,
            operation_count: self.input.operation_count,
        };
        guarded(|| train(&set, &self.options, &self.progress).map(|model| model.to_bytes()))
    }

    fn resolve(&mut self, _: Env, bytes: Vec<u8>) -> Result<Uint8Array> {
        Ok(bytes.into())
    }
}
