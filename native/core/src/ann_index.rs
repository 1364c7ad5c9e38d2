//! One opened index: the serving image and the mapped exact vectors, until it is retired.

use crate::error::{Code, Error, Result};
use crate::exact;
use crate::index_source::Source;
use crate::kernels;
use crate::limits::{self, within};
use crate::opened_index::{Opened, Question, SearchMemory};
use crate::parallel;
use crate::quantizer::check_query;
use crate::ranking::Hit;
use crate::vectors_file::VectorsFile;
use crate::weighing::Weighing;
use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// In place of a key where fewer than k were found.
pub const NO_KEY: u32 = u32::MAX;
/// Queries a worker of a batch answers at a time.
const BATCH_BLOCK: usize = 16;

thread_local! {
    /// Each searching thread has memory of its own: any number of searches run at a time and none waits for another.
    static MEMORY: RefCell<SearchMemory> = RefCell::default();
}

pub struct OpenOptions {
    pub source: Source,
    pub vectors_path: PathBuf,
    pub dimensions: usize,
    pub count: usize,
}

pub struct AnnIndex {
    pub dimensions: usize,
    pub count: usize,
    opened: RwLock<Option<Arc<Opened>>>,
    /// Which vector the next health question asks for.
    turn: AtomicUsize,
}

impl AnnIndex {
    /// Maps the files, checks all of the image and cross-checks it with what is promised.
    ///
    /// Errors: `artifact_missing`, `artifact_corrupt`, `artifact_mismatch`, `bad_request`.
    pub fn open(options: &OpenOptions) -> Result<Self> {
        within("dimensions", options.dimensions, 1, limits::DIMENSIONS_MAX)?;
        within("count", options.count, 1, limits::COUNT_MAX)?;
        let vectors = VectorsFile::open(&options.vectors_path, options.dimensions, options.count)?;
        let image = options.source.open(&vectors)?;
        let opened = RwLock::new(Some(Arc::new(Opened::new(image, vectors)?)));
        Ok(Self { dimensions: options.dimensions, count: options.count, opened, turn: AtomicUsize::new(0) })
    }

    /// The files stay mapped as long as somebody holds this.
    pub(crate) fn opened(&self) -> Result<Arc<Opened>> {
        let opened = self.opened.read().unwrap_or_else(PoisonError::into_inner);
        opened.clone().ok_or_else(|| Error::new(Code::ModelNotLoaded, "the index was retired"))
    }

    /// Up to k nearest by inner product with the exact vectors, out of the ef nearest that the graph gives.
    /// Fills `keys` and `scores` (length k each) and says how many it found.
    ///
    /// Errors: `vector_*`, `bad_request` (k 1 to 1,000, ef 1 to 4,096), `deadline_exceeded`, `model_not_loaded`.
    pub fn search(
        &self,
        query: &[f32],
        ef: usize,
        deadline: Option<Instant>,
        keys: &mut [u32],
        scores: &mut [f32],
    ) -> Result<usize> {
        within("k", keys.len(), 1, limits::K_MAX)?;
        within("ef", ef, 1, limits::EF_MAX)?;
        check_query(kernels::active(), query, self.dimensions)?;
        let opened = self.opened()?;
        let question = Question { query, k: keys.len(), ef, deadline };
        remember(|memory| {
            opened.search(kernels::active(), question, memory)?;
            Ok(write_hits(memory.ranking.hits(), keys, scores))
        })
    }

    /// Up to k nearest by the weighted cosine with a factor on each dimension, out of the ef nearest that the graph gives, or of
    /// all without an ef: reading the few dimensions that count of every vector is less than a walk that must be wide.
    ///
    /// Errors: as `search`; `vector_zero` when the factors leave nothing, `bad_request` for factors below 0.
    pub fn search_weighed(
        &self,
        query: &[f32],
        factors: &[f32],
        ef: Option<usize>,
        deadline: Option<Instant>,
        keys: &mut [u32],
        scores: &mut [f32],
    ) -> Result<usize> {
        within("k", keys.len(), 1, limits::K_MAX)?;
        within("ef", ef.unwrap_or(1), 1, limits::EF_MAX)?;
        let weighing = Weighing::new(query, factors, self.dimensions)?;
        let opened = self.opened()?;
        remember(|memory| {
            opened.search_weighed(kernels::active(), &weighing, ef, keys.len(), deadline, memory)?;
            Ok(write_hits(memory.ranking.hits(), keys, scores))
        })
    }

    /// The same for many queries (row-major) on several threads. Errors as `search`, with the query's number.
    pub fn search_batch(&self, queries: &[f32], k: usize, ef: usize, threads: usize) -> Result<Hits> {
        within("ef", ef, 1, limits::EF_MAX)?;
        let mut hits = self.batch(queries, k, threads)?;
        let opened = self.opened()?;
        let blocks = queries.chunks(self.dimensions * BATCH_BLOCK);
        let outputs = hits.keys.chunks_mut(k * BATCH_BLOCK).zip(hits.scores.chunks_mut(k * BATCH_BLOCK));
        let work = Mutex::new(blocks.zip(outputs));
        let take = || work.lock().unwrap_or_else(PoisonError::into_inner).next();
        parallel::run(threads.min(queries.len() / self.dimensions), || {
            let mut memory = SearchMemory::default();
            while let Some((queries, (keys, scores))) = take() {
                let outputs = keys.chunks_mut(k).zip(scores.chunks_mut(k));
                for (query, (keys, scores)) in queries.chunks(self.dimensions).zip(outputs) {
                    let question = Question { query, k, ef, deadline: None };
                    opened.search(kernels::active(), question, &mut memory)?;
                    write_hits(memory.ranking.hits(), keys, scores);
                }
            }
            Ok(())
        })?;
        Ok(hits)
    }

    /// The k nearest of all vectors, exhaustively. Errors as `search`.
    pub fn exact(
        &self,
        query: &[f32],
        deadline: Option<Instant>,
        keys: &mut [u32],
        scores: &mut [f32],
    ) -> Result<usize> {
        within("k", keys.len(), 1, limits::K_MAX)?;
        check_query(kernels::active(), query, self.dimensions)?;
        let opened = self.opened()?;
        let question = Question { query, k: keys.len(), ef: self.count, deadline };
        remember(|memory| {
            opened.scan(kernels::active(), question, memory)?;
            Ok(write_hits(memory.ranking.hits(), keys, scores))
        })
    }

    /// The same for many queries (row-major) on several threads: the oracle.
    pub fn exact_batch(&self, queries: &[f32], k: usize, threads: usize) -> Result<Hits> {
        let mut hits = self.batch(queries, k, threads)?;
        let opened = self.opened()?;
        let rankings = exact::scan_batch(&opened.vectors, kernels::active(), queries, k, threads);
        for (at, ranking) in rankings.iter().enumerate() {
            let part = at * k..(at + 1) * k;
            write_hits(ranking.hits(), &mut hits.keys[part.clone()], &mut hits.scores[part]);
        }
        Ok(hits)
    }

    /// Checks a batch and makes its empty answer.
    fn batch(&self, queries: &[f32], k: usize, threads: usize) -> Result<Hits> {
        within("k", k, 1, limits::K_MAX)?;
        within("threads", threads, 1, limits::THREADS_MAX)?;
        if !queries.len().is_multiple_of(self.dimensions) {
            return Err(Error::new(Code::VectorWrongLength, "the values are no whole number of queries"));
        }
        for (at, query) in queries.chunks(self.dimensions).enumerate() {
            let named = |error: Error| Error::new(error.code, format!("query {at}: {}", error.message));
            check_query(kernels::active(), query, self.dimensions).map_err(named)?;
        }
        let length = queries.len() / self.dimensions * k;
        Ok(Hits { keys: vec![NO_KEY; length], scores: vec![f32::NEG_INFINITY; length] })
    }

    /// Per key and block of dimensions: the inner product of query and stored vector, and the stored block's squared norm.
    /// `offsets` has one entry more than there are blocks; outputs are row-major, a row a key.
    ///
    /// Errors: `bad_request` for an unknown key or offsets out of order, `vector_wrong_length`, `model_not_loaded`.
    pub fn block_dots(&self, query: &[f32], keys: &[u32], offsets: &[u32], out: &mut Blocks<'_>) -> Result<()> {
        let bad = |message: &str| Err(Error::new(Code::BadRequest, message));
        if query.len() != self.dimensions {
            return Err(Error::new(Code::VectorWrongLength, "the query has not the index's dimensions"));
        }
        let blocks = offsets.len().saturating_sub(1);
        let ascending = offsets.windows(2).all(|pair| pair[0] <= pair[1]);
        if !ascending || offsets.last().is_none_or(|&last| last as usize > self.dimensions) {
            return bad("block offsets must ascend and end within the vector");
        }
        if keys.iter().any(|&key| key as usize >= self.count) {
            return bad("a key is not in the index");
        }
        if out.dots.len() != keys.len() * blocks || out.norms.len() != out.dots.len() {
            return bad("the output has not one place for each key and block");
        }
        let (opened, kernels) = (self.opened()?, kernels::active());
        for (row, &key) in keys.iter().enumerate() {
            let stored = opened.vectors.row(key);
            for (block, pair) in offsets.windows(2).enumerate() {
                let part = pair[0] as usize..pair[1] as usize;
                let at = row * blocks + block;
                out.dots[at] = kernels.dot(&query[part.clone()], &stored[part.clone()]);
                out.norms[at] = kernels.dot(&stored[part.clone()], &stored[part]);
            }
        }
        Ok(())
    }

    /// Copies the exact vector of a key. Errors: `bad_request`, `model_not_loaded`.
    pub fn vector(&self, key: u32, out: &mut [f32]) -> Result<()> {
        if key as usize >= self.count || out.len() != self.dimensions {
            return Err(Error::new(Code::BadRequest, "the key is not in the index"));
        }
        out.copy_from_slice(self.opened()?.vectors.row(key));
        Ok(())
    }

    /// Asks the index a question whose answer is known: a stored vector must find itself or its equal.
    pub fn health(&self) -> Result<()> {
        let opened = self.opened()?;
        let key = self.turn.fetch_add(7_919, Ordering::Relaxed) % self.count;
        let query = opened.vectors.row(key as u32);
        let (mut found, mut score) = ([NO_KEY], [0.0]);
        self.search(query, 64, None, &mut found, &mut score)?;
        let own = kernels::active().dot(query, query);
        if score[0] < own * 0.95 {
            return Err(Error::new(Code::EngineFailed, "the index does not find its own vectors"));
        }
        Ok(())
    }

    /// No new question is taken; the files are unmapped on a thread of their own when the last running one is answered.
    pub fn retire(&self) {
        let taken = self.opened.write().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut opened) = taken else { return };
        // Unmapping gigabytes takes milliseconds: never on the JavaScript thread.
        let reaper = std::thread::Builder::new().name("routewright-reaper".to_owned()).spawn(move || {
            while let Err(still_used) = Arc::try_unwrap(opened) {
                opened = still_used;
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        drop(reaper); // without a thread to spare, the last user unmaps
    }
}

impl Drop for AnnIndex {
    fn drop(&mut self) {
        self.retire();
    }
}

/// Answers of a batch: k places a query, unused ones `NO_KEY` and −∞.
pub struct Hits {
    pub keys: Vec<u32>,
    pub scores: Vec<f32>,
}

/// Outputs of `block_dots`.
pub struct Blocks<'a> {
    pub dots: &'a mut [f32],
    pub norms: &'a mut [f32],
}

/// Runs a search with this thread's memory; with memory of its own where the thread is inside a search already.
pub(crate) fn remember<T>(search: impl FnOnce(&mut SearchMemory) -> Result<T>) -> Result<T> {
    MEMORY.with(|memory| match memory.try_borrow_mut() {
        Ok(mut memory) => search(&mut memory),
        Err(_) => search(&mut SearchMemory::default()),
    })
}

pub(crate) fn write_hits(hits: &[Hit], keys: &mut [u32], scores: &mut [f32]) -> usize {
    for ((hit, key), score) in hits.iter().zip(keys).zip(scores) {
        (*key, *score) = (hit.key, hit.score);
    }
    hits.len()
}
