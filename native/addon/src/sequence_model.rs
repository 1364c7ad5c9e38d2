//! `BindingSequenceModel`: the opened sequence model. Predictions are synchronous and take well under a millisecond.

use crate::error::to_js;
use napi::bindgen_prelude::{Float64Array, Result, Uint32Array};
use napi_derive::napi;
use routewright_core::error::{Code, Error};
use routewright_core::sequence_model::Model;

/// `operations[offsets[c] .. offsets[c + 1]]` is candidate c.
#[napi(object)]
pub struct BindingSequences {
    pub offsets: Uint32Array,
    pub operations: Uint32Array,
    /// Natural logarithms.
    pub log_probabilities: Float64Array,
}

#[napi(object)]
pub struct BindingSequenceShape {
    pub features: u32,
    pub operations: u32,
    pub trees: u32,
    pub memory_bytes: f64,
}

#[napi]
pub struct BindingSequenceModel {
    /// None when retired.
    inner: Option<Model>,
}

#[napi]
impl BindingSequenceModel {
    #[napi(constructor, catch_unwind)]
    pub fn new(bytes: &[u8]) -> Result<Self> {
        Ok(Self { inner: Some(Model::from_bytes(bytes).map_err(to_js)?) })
    }

    #[napi(catch_unwind)]
    pub fn predict(&self, features: &[u16], candidates: u32, beam: u32) -> Result<BindingSequences> {
        let found = self.model()?.predict(features, candidates as usize, beam as usize).map_err(to_js)?;
        let mut offsets = vec![0];
        let mut operations = Vec::new();
        for candidate in &found {
            operations.extend(candidate.operations.iter().map(|&operation| u32::from(operation)));
            offsets.push(operations.len() as u32);
        }
        let log_probabilities: Vec<f64> = found.iter().map(|candidate| candidate.log_probability).collect();
        Ok(BindingSequences {
            offsets: offsets.into(),
            operations: operations.into(),
            log_probabilities: log_probabilities.into(),
        })
    }

    #[napi(catch_unwind)]
    pub fn log_probability(&self, features: &[u16], operations: &[u32]) -> Result<f64> {
        self.model()?.log_probability(features, operations).map_err(to_js)
    }

    #[napi(catch_unwind)]
    pub fn shape(&self) -> Result<BindingSequenceShape> {
        let model = self.model()?;
        Ok(BindingSequenceShape {
            features: model.feature_count() as u32,
            operations: model.operation_count() as u32,
            trees: model.trees() as u32,
            memory_bytes: model.memory() as f64,
        })
    }

    #[napi(catch_unwind)]
    pub fn retire(&mut self) {
        self.inner = None;
    }
}

impl BindingSequenceModel {
    fn model(&self) -> Result<&Model> {
        self.inner.as_ref().ok_or_else(|| to_js(Error::new(Code::ModelNotLoaded, "the sequence model was retired")))
    }
}
