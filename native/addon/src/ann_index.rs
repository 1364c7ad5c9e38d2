//! `BindingIndex`: the opened index. Synchronous calls write into arrays of the caller; batches run off the thread.

use crate::error::{guarded, to_js};
use crate::later_search::LaterSearch;
use napi::bindgen_prelude::{
    AsyncTask, Env, Float32Array, Float32ArraySlice, Result, Task, Uint32Array, Uint32ArraySlice,
};
use napi_derive::napi;
use routewright_core::allowed_search::{Effort, FoundAllowed};
use routewright_core::ann_index::{AnnIndex, Blocks, Hits, OpenOptions};
use routewright_core::index_source::Source;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[napi(object)]
pub struct BindingOpenOptions {
    /// The serving image; without one an image is made in memory of the index file.
    pub image_path: Option<String>,
    pub index_path: String,
    pub vectors_path: String,
    pub dimensions: u32,
    pub count: u32,
}

#[napi]
pub struct BindingIndex {
    pub(crate) inner: Arc<AnnIndex>,
}

#[napi]
impl BindingIndex {
    #[napi(constructor, catch_unwind)]
    pub fn new(options: BindingOpenOptions) -> Result<Self> {
        let image = options.image_path.map(|path| Source::Image(path.into()));
        let options = OpenOptions {
            source: image.unwrap_or_else(|| Source::Graph(options.index_path.into())),
            vectors_path: options.vectors_path.into(),
            dimensions: options.dimensions as usize,
            count: options.count as usize,
        };
        Ok(Self { inner: Arc::new(AnnIndex::open(&options).map_err(to_js)?) })
    }

    /// Fills `keys` and `scores` (k is their length); the number found. After `timeout_ms` it ends with `deadline_exceeded`.
    #[napi(catch_unwind)]
    pub fn search(
        &self,
        query: &[f32],
        ef: u32,
        timeout_ms: Option<u32>,
        mut keys: Uint32ArraySlice,
        mut scores: Float32ArraySlice,
    ) -> Result<u32> {
        // SAFETY: arrays of the caller that nothing else touches during this synchronous call.
        let (keys, scores) = unsafe { (keys.as_mut(), scores.as_mut()) };
        self.inner
            .search(query, ef as usize, deadline(timeout_ms), keys, scores)
            .map(|found| found as u32)
            .map_err(to_js)
    }

    /// Like `search`, over all vectors.
    #[napi(catch_unwind)]
    pub fn exact(
        &self,
        query: &[f32],
        timeout_ms: Option<u32>,
        mut keys: Uint32ArraySlice,
        mut scores: Float32ArraySlice,
    ) -> Result<u32> {
        // SAFETY: arrays of the caller that nothing else touches during this synchronous call.
        let (keys, scores) = unsafe { (keys.as_mut(), scores.as_mut()) };
        self.inner.exact(query, deadline(timeout_ms), keys, scores).map(|found| found as u32).map_err(to_js)
    }

    /// Like `search` by the weighted cosine, `factors` one a dimension; over all vectors without an `ef`.
    #[napi(catch_unwind)]
    pub fn search_weighed(
        &self,
        query: &[f32],
        factors: &[f32],
        ef: Option<u32>,
        timeout_ms: Option<u32>,
        mut keys: Uint32ArraySlice,
        mut scores: Float32ArraySlice,
    ) -> Result<u32> {
        // SAFETY: arrays of the caller that nothing else touches during this synchronous call.
        let (keys, scores) = unsafe { (keys.as_mut(), scores.as_mut()) };
        let ef = ef.map(|ef| ef as usize);
        self.inner
            .search_weighed(query, factors, ef, deadline(timeout_ms), keys, scores)
            .map(|found| found as u32)
            .map_err(to_js)
    }

    /// Like `search` among the allowed keys, a bitset; without an `ef` exactly.
    #[napi(catch_unwind)]
    pub fn search_allowed(
        &self,
        query: &[f32],
        ef: Option<u32>,
        allowed: &[u32],
        timeout_ms: Option<u32>,
        mut keys: Uint32ArraySlice,
        mut scores: Float32ArraySlice,
    ) -> Result<BindingFoundAllowed> {
        // SAFETY: arrays of the caller that nothing else touches during this synchronous call.
        let (keys, scores) = unsafe { (keys.as_mut(), scores.as_mut()) };
        let ef = ef.map(|ef| ef as usize);
        self.inner
            .search_allowed(query, ef, allowed, deadline(timeout_ms), keys, scores)
            .map(BindingFoundAllowed::from)
            .map_err(to_js)
    }

    /// Like `search_weighed` among the allowed keys.
    #[napi(catch_unwind)]
    pub fn search_weighed_allowed(
        &self,
        query: &[f32],
        factors: &[f32],
        effort: BindingEffort,
        allowed: &[u32],
        mut keys: Uint32ArraySlice,
        mut scores: Float32ArraySlice,
    ) -> Result<BindingFoundAllowed> {
        // SAFETY: as in `search_allowed`.
        let (keys, scores) = unsafe { (keys.as_mut(), scores.as_mut()) };
        let effort = Effort { ef: effort.ef.map(|ef| ef as usize), deadline: deadline(effort.timeout_ms) };
        self.inner
            .search_weighed_allowed(query, factors, effort, allowed, keys, scores)
            .map(BindingFoundAllowed::from)
            .map_err(to_js)
    }

    /// One question off the thread, any of the above: without `factors` by the plain score, without an `ef` exactly, without
    /// `allowed` among all. Time counts from here. The arrays are copied.
    #[napi(catch_unwind, ts_return_type = "Promise<BindingLaterHits>")]
    pub fn search_later(
        &self,
        query: &[f32],
        factors: Option<&[f32]>,
        k: u32,
        ef: Option<u32>,
        allowed: Option<&[u32]>,
        timeout_ms: Option<u32>,
    ) -> AsyncTask<LaterSearch> {
        AsyncTask::new(LaterSearch {
            index: Arc::clone(&self.inner),
            query: query.to_vec(),
            factors: factors.map(<[f32]>::to_vec),
            k: k as usize,
            ef: ef.map(|ef| ef as usize),
            allowed: allowed.map(<[u32]>::to_vec),
            deadline: deadline(timeout_ms),
        })
    }

    #[napi(catch_unwind, ts_return_type = "Promise<BindingHits>")]
    pub fn search_batch(&self, queries: &[f32], k: u32, ef: u32, threads: u32) -> AsyncTask<SearchTask> {
        AsyncTask::new(self.task(queries, k, Some(ef), threads))
    }

    #[napi(catch_unwind, ts_return_type = "Promise<BindingHits>")]
    pub fn exact_batch(&self, queries: &[f32], k: u32, threads: u32) -> AsyncTask<SearchTask> {
        AsyncTask::new(self.task(queries, k, None, threads))
    }

    /// Fills `dots` and `norms`, one row a key, one column a block.
    #[napi(catch_unwind)]
    pub fn block_dots(
        &self,
        query: &[f32],
        keys: &[u32],
        offsets: &[u32],
        mut dots: Float32ArraySlice,
        mut norms: Float32ArraySlice,
    ) -> Result<()> {
        // SAFETY: as in `search`.
        let (dots, norms) = unsafe { (dots.as_mut(), norms.as_mut()) };
        self.inner.block_dots(query, keys, offsets, &mut Blocks { dots, norms }).map_err(to_js)
    }

    /// Copies the exact vector of a key.
    #[napi(catch_unwind)]
    pub fn vector(&self, key: u32, mut out: Float32ArraySlice) -> Result<()> {
        // SAFETY: as in `search`.
        self.inner.vector(key, unsafe { out.as_mut() }).map_err(to_js)
    }

    #[napi(catch_unwind)]
    pub fn health(&self) -> Result<()> {
        self.inner.health().map_err(to_js)
    }

    #[napi(catch_unwind)]
    pub fn retire(&self) {
        self.inner.retire();
    }
}

fn deadline(timeout_ms: Option<u32>) -> Option<Instant> {
    timeout_ms.map(|timeout| Instant::now() + Duration::from_millis(timeout.into()))
}

#[napi(object)]
pub struct BindingEffort {
    /// Without one exactly.
    pub ef: Option<u32>,
    pub timeout_ms: Option<u32>,
}

impl BindingIndex {
    /// The queries are copied here, on the JavaScript thread: later the caller may change them.
    fn task(&self, queries: &[f32], k: u32, ef: Option<u32>, threads: u32) -> SearchTask {
        let ef = ef.map(|ef| ef as usize);
        SearchTask {
            inner: Arc::clone(&self.inner),
            queries: queries.to_vec(),
            k: k as usize,
            ef,
            threads: threads as usize,
        }
    }
}

#[napi(object)]
pub struct BindingFoundAllowed {
    pub found: u32,
    /// Every allowed vector was looked at.
    pub scanned: bool,
}

impl From<FoundAllowed> for BindingFoundAllowed {
    fn from(answer: FoundAllowed) -> Self {
        Self { found: answer.found as u32, scanned: answer.scanned }
    }
}

pub struct SearchTask {
    inner: Arc<AnnIndex>,
    queries: Vec<f32>,
    k: usize,
    /// None: exhaustive.
    ef: Option<usize>,
    threads: usize,
}

#[napi(object)]
pub struct BindingHits {
    pub keys: Uint32Array,
    pub scores: Float32Array,
}

impl Task for SearchTask {
    type Output = Hits;
    type JsValue = BindingHits;

    fn compute(&mut self) -> Result<Hits> {
        guarded(|| match self.ef {
            Some(ef) => self.inner.search_batch(&self.queries, self.k, ef, self.threads),
            None => self.inner.exact_batch(&self.queries, self.k, self.threads),
        })
    }

    fn resolve(&mut self, _: Env, hits: Hits) -> Result<BindingHits> {
        Ok(BindingHits { keys: hits.keys.into(), scores: hits.scores.into() })
    }
}
