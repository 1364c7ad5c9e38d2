//! The order in which rows enter the graph: near ones one after the other, so that what a row's search touches is still in the
//! cache from the row before, at the build and later in the file. Some rows spread over all come first: they make the coarse
//! graph that every later row finds its place by.

use crate::error::Result;
use crate::kernels::Kernels;
use crate::parallel;
use crate::vectors_file::VectorsFile;
use std::sync::{Mutex, PoisonError};

/// Below this many rows everything fits the cache anyway.
const ROWS_MIN: usize = 20_000;
const ROWS_A_PIVOT: usize = 1_000;
const PIVOTS_MAX: usize = 512;
/// One row in so many comes first. More is slower, fewer costs recall: on `GloVe` (340,000 × 100) at ef 256 all rows by
/// neighbourhood but 1 in 16 gave .959, 1 in 4 .962, none .967, for 66, 70 and 92 seconds of processor time.
const COARSE: usize = 4;
/// Rows a thread takes at a time.
const BLOCK: usize = 4_096;

/// Keys in order of insertion, and how many of them make the coarse graph.
pub fn insertion_order(vectors: &VectorsFile, kernels: &Kernels, threads: usize) -> Result<(Vec<u32>, usize)> {
    let count = vectors.count();
    let mut order: Vec<u32> = (0..count as u32).step_by(COARSE).collect();
    let coarse = order.len();
    let rest = (0..count as u32).filter(|key| !(*key as usize).is_multiple_of(COARSE));
    if count < ROWS_MIN {
        order.extend(rest);
        return Ok((order, coarse));
    }
    let pivots = chain(vectors, kernels);
    let near = nearest_pivots(vectors, kernels, &pivots, threads)?;
    let mut rest: Vec<u32> = rest.collect();
    rest.sort_by_key(|&key| near[key as usize]); // stable: the same each time
    order.extend(rest);
    Ok((order, coarse))
}

/// Rows spread evenly over all, each followed by the nearest that is left.
fn chain(vectors: &VectorsFile, kernels: &Kernels) -> Vec<u32> {
    let wanted = (vectors.count() / ROWS_A_PIVOT).min(PIVOTS_MAX);
    let mut left: Vec<u32> = (0..wanted).map(|at| (at * vectors.count() / wanted) as u32).collect();
    let mut chain = vec![left.swap_remove(0)];
    while !left.is_empty() {
        let last = vectors.row(chain[chain.len() - 1]);
        let score = |at: &usize| kernels.dot(last, vectors.row(left[*at]));
        let next = (0..left.len()).max_by(|a, b| score(a).total_cmp(&score(b))).unwrap_or(0);
        chain.push(left.swap_remove(next));
    }
    chain
}

/// For each row the place of its nearest pivot in the chain.
fn nearest_pivots(vectors: &VectorsFile, kernels: &Kernels, pivots: &[u32], threads: usize) -> Result<Vec<u16>> {
    let mut near = vec![0u16; vectors.count()];
    let work = Mutex::new(near.chunks_mut(BLOCK).enumerate());
    let take = || work.lock().unwrap_or_else(PoisonError::into_inner).next();
    parallel::run(threads, || {
        while let Some((block, near)) = take() {
            for (at, near) in near.iter_mut().enumerate() {
                let row = vectors.row((block * BLOCK + at) as u32);
                *near = nearest(vectors, kernels, pivots, row);
            }
        }
        Ok(())
    })?;
    Ok(near)
}

fn nearest(vectors: &VectorsFile, kernels: &Kernels, pivots: &[u32], row: &[f32]) -> u16 {
    let (mut best, mut near) = (f32::NEG_INFINITY, 0);
    for (four, keys) in pivots.chunks_exact(4).enumerate() {
        let scores = kernels.dots(row, std::array::from_fn(|at| vectors.row(keys[at])));
        for (at, score) in scores.into_iter().enumerate() {
            if score > best {
                (best, near) = (score, four * 4 + at);
            }
        }
    }
    near as u16
}
