//! Exhaustive search over the exact vectors: the oracle that recall is measured against.
//!
//! Blocked so that a tile of rows stays in the cache while all queries pass over it; 4 × 4 products at a time.

use crate::kernels::Kernels;
use crate::ranking::Ranking;
use crate::vectors_file::VectorsFile;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Rows of a tile: 64 rows of 256 dimensions are 64 KB.
const TILE_BYTES: usize = 64 * 1024;
/// Queries that share one pass over the rows; bounds the memory of the rankings.
const QUERIES_A_PASS: usize = 1_024;

/// The best k of all rows for each query (row-major, whole rows). The answer does not depend on `threads`.
pub fn scan_batch(vectors: &VectorsFile, kernels: &Kernels, queries: &[f32], k: usize, threads: usize) -> Vec<Ranking> {
    let dimensions = vectors.dimensions();
    let passes = queries.chunks(QUERIES_A_PASS * dimensions);
    passes.flat_map(|pass| scan_pass(vectors, kernels, pass, k, threads)).collect()
}

fn scan_pass(vectors: &VectorsFile, kernels: &Kernels, queries: &[f32], k: usize, threads: usize) -> Vec<Ranking> {
    let rows_a_tile = (TILE_BYTES / size_of::<f32>() / vectors.dimensions()).clamp(4, 4_096) / 4 * 4;
    let tiles = vectors.count().div_ceil(rows_a_tile);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut rankings: Vec<Ranking> = queries.chunks(vectors.dimensions()).map(|_| Ranking::new(k)).collect();
        loop {
            let tile = next.fetch_add(1, Ordering::Relaxed);
            if tile >= tiles {
                return rankings;
            }
            let rows = tile * rows_a_tile..((tile + 1) * rows_a_tile).min(vectors.count());
            scan_tile(vectors, kernels, queries, rows, &mut rankings);
        }
    };
    let mut parts: Vec<Vec<Ranking>> = thread::scope(|scope| {
        let workers: Vec<_> = (1..threads.min(tiles)).map(|_| scope.spawn(work)).collect();
        let own = work();
        let others =
            workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        std::iter::once(own).chain(others).collect()
    });
    let mut merged = parts.swap_remove(0);
    for part in parts {
        for (ranking, other) in merged.iter_mut().zip(part) {
            other.hits().iter().for_each(|hit| ranking.offer(hit.key, hit.score));
        }
    }
    merged
}

fn scan_tile(vectors: &VectorsFile, kernels: &Kernels, queries: &[f32], rows: Range<usize>, rankings: &mut [Ranking]) {
    let dimensions = vectors.dimensions();
    let query = |at: usize| &queries[at * dimensions..(at + 1) * dimensions];
    let whole_rows = rows.start..rows.start + rows.len() / 4 * 4;
    let whole_queries = rankings.len() / 4 * 4;
    for first in (0..whole_queries).step_by(4) {
        let four = std::array::from_fn(|at| query(first + at));
        for key in whole_rows.clone().step_by(4) {
            let scores = kernels.tile(four, std::array::from_fn(|at| vectors.row((key + at) as u32)));
            for (ranking, scores) in rankings[first..first + 4].iter_mut().zip(scores) {
                offer_four(ranking, key as u32, scores);
            }
        }
    }
    for (at, ranking) in rankings.iter_mut().enumerate().skip(whole_queries) {
        for key in whole_rows.clone().step_by(4) {
            let scores = kernels.dots(query(at), std::array::from_fn(|row| vectors.row((key + row) as u32)));
            offer_four(ranking, key as u32, scores);
        }
    }
    for key in whole_rows.end as u32..rows.end as u32 {
        for (at, ranking) in rankings.iter_mut().enumerate() {
            ranking.offer(key, kernels.dot(query(at), vectors.row(key)));
        }
    }
}

fn offer_four(ranking: &mut Ranking, key: u32, scores: [f32; 4]) {
    for (at, score) in scores.into_iter().enumerate() {
        ranking.offer(key + at as u32, score);
    }
}
