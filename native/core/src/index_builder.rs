//! Builds the files of an index: the library makes the graph over our codes with our metric, we write the exact vectors and
//! compile the graph into the image that is served.

use crate::error::{Code, Error, Result};
use crate::image;
use crate::image_compiler::{CompiledImage, Layout, WATCHED_PASSES};
use crate::insertion_order::insertion_order;
use crate::kernels;
use crate::limits::{self, within};
use crate::parallel;
use crate::quantizer::{NORM_BYTES, check_vector, inverse_norm, quantize};
use crate::refined_links::Watch;
use crate::usearch_file::UsearchFile;
use crate::vectors_file::{VectorsFile, map_file, write_vectors};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;
use usearch::{Index, IndexOptions, MetricKind, ScalarKind};

pub const INDEX_FILE: &str = "index.usearch";
pub const VECTORS_FILE: &str = "vectors.f32";
pub const IMAGE_FILE: &str = "serving.image";
/// Rows a thread takes at a time: neighbours in the order, so that threads work in different regions of the graph.
const BLOCK: usize = 2_048;
const COARSE_BLOCK: usize = 64;
/// Rows between two looks at the progress.
const PROGRESS_ROWS: usize = 64;
/// Candidates that are looked at for the links of each slot of the image.
const REFINED_BREADTH: usize = 100;
/// Rows are gone over this many times: added, then for the image looked around, linked, looked for. A row is done when all are.
const PASSES: usize = 1 + WATCHED_PASSES;
/// How far the norm of a stored vector may be from 1.
const UNIT_TOLERANCE: f64 = 1e-3;

/// Where the vectors come from: rows in memory, which are written beside the graph, or a file that stays where it is.
pub enum Rows<'a> {
    Memory(&'a [f32]),
    File(PathBuf),
}

pub struct BuildOptions {
    pub dimensions: usize,
    pub directory: PathBuf,
    pub connectivity: usize,
    pub expansion_add: usize,
    /// Codes of neighbours beside each slot of the image: faster to search, larger.
    pub blocks: bool,
    /// 0 means all cores.
    pub threads: usize,
}

/// Read by whoever watches a build, and the way to end it early.
#[derive(Default)]
pub struct Progress {
    done: AtomicUsize,
    total: AtomicUsize,
    cancelled: AtomicBool,
}

impl Progress {
    /// Rows done, rows in all (0 before the build has begun).
    pub fn read(&self) -> (usize, usize) {
        (self.done.load(Ordering::Relaxed) / PASSES, self.total.load(Ordering::Relaxed))
    }

    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    fn check(&self) -> Result<()> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(Error::new(Code::Cancelled, "the build was cancelled"));
        }
        Ok(())
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Built {
    pub seconds: f64,
    /// Of all files.
    pub bytes: u64,
    /// Most memory that was held at a time, mapped files left out.
    pub memory_bytes: u64,
    pub threads: usize,
    /// Vectors that a narrow walk for themselves does not find.
    pub unreached: usize,
}

/// Builds and writes both files and waits until they are on disk. Vectors have norm 1.
///
/// Errors: `bad_request` (ranges, norms), `vector_not_finite`, `vector_zero` with the row; `cancelled`;
/// `storage_full`, `engine_failed`. Files of a failed build are left for the caller, who owns the folder.
pub fn build(rows: Rows<'_>, options: &BuildOptions, progress: &Progress) -> Result<Built> {
    let start = Instant::now();
    within("dimensions", options.dimensions, 1, limits::DIMENSIONS_MAX)?;
    within("connectivity", options.connectivity, limits::CONNECTIVITY_MIN, limits::CONNECTIVITY_MAX)?;
    within("expansionAdd", options.expansion_add, 1, limits::EXPANSION_ADD_MAX)?;
    within("threads", options.threads, 0, limits::THREADS_MAX)?;
    let vectors = take_rows(rows, options)?;
    progress.total.store(vectors.count(), Ordering::Relaxed);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = if options.threads == 0 { cores } else { options.threads };
    let index = new_index(vectors.count(), threads, options)?;
    add_all(&index, &vectors, threads, progress)?;
    let path = options.directory.join(INDEX_FILE);
    save(&index, &path)?;
    let graph_memory = index.memory_usage() as u64;
    drop(index);
    let bytes = std::fs::metadata(&path).map_err(|error| Error::io(&path, &error))?.len();
    let (image_bytes, compiled) = compile(&path, &vectors, options, threads, progress)?;
    Ok(Built {
        seconds: start.elapsed().as_secs_f64(),
        bytes: bytes + image_bytes + size_of_val(vectors.values()) as u64,
        memory_bytes: graph_memory.max(compiled.peak_bytes()),
        threads,
        unreached: compiled.unreached(),
    })
}

/// Writes the serving image of a saved graph; its bytes, and itself.
fn compile(
    path: &Path,
    vectors: &VectorsFile,
    options: &BuildOptions,
    threads: usize,
    progress: &Progress,
) -> Result<(u64, CompiledImage)> {
    let file = map_file(path)?;
    let graph = UsearchFile::parse(&file)?;
    let layout = Layout { breadth: REFINED_BREADTH, blocks: options.blocks, threads };
    let watch = Watch { done: Some(&progress.done), cancelled: Some(&progress.cancelled) };
    let compiled = CompiledImage::compile(&graph, options.expansion_add, vectors, kernels::active(), layout, &watch)?;
    let bytes = image::write(&options.directory.join(IMAGE_FILE), &compiled.parts())?;
    Ok((bytes, compiled))
}

/// The rows as a mapped file, so that one copy serves the build and the page cache.
fn take_rows(rows: Rows<'_>, options: &BuildOptions) -> Result<VectorsFile> {
    let (path, values) = match rows {
        Rows::Memory(vectors) => {
            let path = options.directory.join(VECTORS_FILE);
            within("values", vectors.len(), 1, limits::COUNT_MAX.saturating_mul(options.dimensions))?;
            write_vectors(&path, vectors)?;
            (path, vectors.len())
        }
        Rows::File(path) => {
            let bytes = std::fs::metadata(&path).map_err(|error| Error::io(&path, &error))?.len() as usize;
            (path, bytes / size_of::<f32>())
        }
    };
    let count = values / options.dimensions;
    within("count", count, 1, limits::COUNT_MAX)?;
    if values % options.dimensions != 0 {
        return Err(Error::new(Code::VectorWrongLength, "the values are no whole number of vectors"));
    }
    VectorsFile::open(&path, options.dimensions, count)
}

fn engine_failed(error: impl std::fmt::Display) -> Error {
    Error::new(Code::EngineFailed, format!("the index could not be built: {error}"))
}

/// An empty index over int8 rows, with room for all and a slot a thread. Its own metric, set before anything is added:
/// cosine of the codes, whose inverse norms stand behind them.
fn new_index(count: usize, threads: usize, options: &BuildOptions) -> Result<Index> {
    let mut index = Index::new(&IndexOptions {
        dimensions: options.dimensions + NORM_BYTES,
        metric: MetricKind::IP,
        quantization: ScalarKind::I8,
        connectivity: options.connectivity,
        expansion_add: options.expansion_add,
        expansion_search: 1,
        multi: false,
    })
    .map_err(engine_failed)?;
    let (dimensions, row) = (options.dimensions, options.dimensions + NORM_BYTES);
    let kernels = kernels::active();
    index.change_metric::<i8>(Box::new(move |a, b| {
        // SAFETY: the library passes rows of its own matrix or the row being added, all of `row` codes.
        let (a, b) = unsafe { (std::slice::from_raw_parts(a, row), std::slice::from_raw_parts(b, row)) };
        let product = kernels.dot_codes(&a[..dimensions], &b[..dimensions]) as f32;
        1.0 - product * inverse_norm(a, dimensions) * inverse_norm(b, dimensions)
    }));
    index.reserve_capacity_and_threads(count, threads).map_err(engine_failed)?;
    Ok(index)
}

/// Adds every row under its number as key. With one thread the graph is the same each time.
fn add_all(index: &Index, vectors: &VectorsFile, threads: usize, progress: &Progress) -> Result<()> {
    let add = |key: u32, codes: &mut [i8]| -> Result<()> {
        let row = vectors.row(key);
        let named = |error: Error| Error::new(error.code, format!("row {key}: {}", error.message));
        let squared = check_vector(row, vectors.dimensions()).map_err(named)?;
        if (squared - 1.0).abs() > UNIT_TOLERANCE {
            return Err(Error::new(Code::BadRequest, format!("row {key}: the norm is not 1")));
        }
        quantize(row, codes);
        index.add(u64::from(key), codes).map_err(engine_failed)
    };
    let row_bytes = vectors.dimensions() + NORM_BYTES;
    let (order, coarse) = insertion_order(vectors, kernels::active(), threads)?;
    // The first row alone: it becomes the entry that all others start from.
    add(order[0], &mut vec![0; row_bytes])?;
    progress.done.fetch_add(1, Ordering::Relaxed);
    for (part, block) in [(&order[1..coarse], COARSE_BLOCK), (&order[coarse..], BLOCK)] {
        let work = Mutex::new(part.chunks(block));
        let left = || work.lock().unwrap_or_else(PoisonError::into_inner);
        parallel::run(threads, || {
            let mut codes = vec![0; row_bytes];
            // Taken in a statement of its own: a `while let` on the guard would hold the lock through its body.
            let take = || left().next();
            while let Some(keys) = take() {
                for keys in keys.chunks(PROGRESS_ROWS) {
                    let added = progress.check().and_then(|()| keys.iter().try_for_each(|&key| add(key, &mut codes)));
                    added.inspect_err(|_| *left() = [].chunks(block))?; // the other threads need not finish
                    progress.done.fetch_add(keys.len(), Ordering::Relaxed);
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn save(index: &Index, path: &Path) -> Result<()> {
    let text = path.to_str().ok_or_else(|| Error::new(Code::BadRequest, "the folder's name is not valid text"))?;
    let expected = index.serialized_length() as u64;
    let saved = index.save(text).map_err(engine_failed);
    let io = |error: std::io::Error| Error::io(path, &error);
    let file = File::options().append(true).open(path).map_err(io)?;
    file.sync_all().map_err(io)?;
    // The library says only that it failed; a file cut short means that the disk is full.
    if file.metadata().map_err(io)?.len() < expected {
        return Err(Error::new(Code::StorageFull, "the index file could not be written whole"));
    }
    saved
}

/// Version of the library that builds the graph.
pub fn library_version() -> &'static str {
    usearch::version()
}
