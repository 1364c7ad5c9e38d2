//! One search off the JavaScript thread, for questions that would hold it too long.

use crate::error::guarded;
use napi::bindgen_prelude::{Env, Float32Array, Result, Task, Uint32Array};
use napi_derive::napi;
use routewright_core::allowed_search::{Effort, FoundAllowed};
use routewright_core::ann_index::AnnIndex;
use routewright_core::error;
use routewright_core::limits::{K_MAX, within};
use std::sync::Arc;
use std::time::Instant;

/// A question with copies of all that it needs.
pub struct LaterSearch {
    pub index: Arc<AnnIndex>,
    pub query: Vec<f32>,
    /// None: by the plain score.
    pub factors: Option<Vec<f32>>,
    pub k: usize,
    /// None: exactly.
    pub ef: Option<usize>,
    /// None: everything.
    pub allowed: Option<Vec<u32>>,
    pub deadline: Option<Instant>,
}

/// What was found, best first.
pub struct LaterFound {
    keys: Vec<u32>,
    scores: Vec<f32>,
    scanned: bool,
}

#[napi(object)]
pub struct BindingLaterHits {
    pub keys: Uint32Array,
    pub scores: Float32Array,
    /// Every vector that is allowed was looked at.
    pub scanned: bool,
}

impl LaterSearch {
    fn answer(&self) -> error::Result<LaterFound> {
        let Self { index, query, ef, deadline, .. } = self;
        within("k", self.k, 1, K_MAX)?;
        let (mut keys, mut scores) = (vec![0; self.k], vec![0.0; self.k]);
        let (to, at) = (&mut keys, &mut scores);
        let of_all = |found: usize| FoundAllowed { found, scanned: ef.is_none() };
        let answer = match (self.factors.as_deref(), self.allowed.as_deref(), *ef) {
            (None, None, None) => of_all(index.exact(query, *deadline, to, at)?),
            (None, None, Some(ef)) => of_all(index.search(query, ef, *deadline, to, at)?),
            (None, Some(allowed), ef) => index.search_allowed(query, ef, allowed, *deadline, to, at)?,
            (Some(factors), None, ef) => of_all(index.search_weighed(query, factors, ef, *deadline, to, at)?),
            (Some(factors), Some(allowed), ef) => {
                let effort = Effort { ef, deadline: *deadline };
                index.search_weighed_allowed(query, factors, effort, allowed, to, at)?
            }
        };
        keys.truncate(answer.found);
        scores.truncate(answer.found);
        Ok(LaterFound { keys, scores, scanned: answer.scanned })
    }
}

impl Task for LaterSearch {
    type Output = LaterFound;
    type JsValue = BindingLaterHits;

    fn compute(&mut self) -> Result<LaterFound> {
        guarded(|| self.answer())
    }

    fn resolve(&mut self, _: Env, LaterFound { keys, scores, scanned }: LaterFound) -> Result<BindingLaterHits> {
        Ok(BindingLaterHits { keys: keys.into(), scores: scores.into(), scanned })
    }
}
