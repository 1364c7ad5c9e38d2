//! The base level of a built graph, made better for walking: every slot gets exactly `degree` links, spread over the directions
//! in which others lie and filled up with the nearest that are left.
//!
//! Candidates of a slot are what a beam search from it finds in the built graph. A candidate is kept when no kept one is so much
//! nearer to it than the slot is (the relative neighbourhood rule with slack α of Vamana, Subramanya et al. 2019); links are
//! made both ways and thinned by the same rule. Each slot is worked out from the built graph alone, so the result does not
//! depend on the number of threads.

use crate::error::{Code, Error, Result};
use crate::kernels::Kernels;
use crate::link_search::{BuiltGraph, LinkSearch, NOBODY, Near};
use crate::parallel;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Slots a thread takes at a time.
const BLOCK: usize = 256;

/// How often `refine` goes over every slot: looked around, linked.
pub const REFINING_PASSES: usize = 2;

/// Width of the search for candidates, and links a slot gets.
#[derive(Clone, Copy, Debug)]
pub struct Refinement {
    pub breadth: usize,
    pub degree: usize,
    pub threads: usize,
}

/// Tells how far the work is (slots done; each is gone over several times), and stops it.
#[derive(Default)]
pub struct Watch<'a> {
    pub done: Option<&'a AtomicUsize>,
    pub cancelled: Option<&'a AtomicBool>,
}

impl Watch<'_> {
    pub fn step(&self, slots: usize) -> Result<()> {
        if self.cancelled.is_some_and(|cancelled| cancelled.load(Ordering::Relaxed)) {
            return Err(Error::new(Code::Cancelled, "the build was cancelled"));
        }
        if let Some(done) = self.done {
            done.fetch_add(slots, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// count × degree links, each row filled with its own slot where there are not enough others.
///
/// Errors: `cancelled`.
pub fn refine(graph: &BuiltGraph<'_>, kernels: &Kernels, options: Refinement, watch: &Watch<'_>) -> Result<Vec<u32>> {
    let (count, degree) = (graph.inverse_norms.len(), options.degree);
    let mut kept = vec![NOBODY; count * degree];
    let mut nearest = vec![u32::MAX; count * degree];
    let rows = kept.chunks_mut(BLOCK * degree).zip(nearest.chunks_mut(BLOCK * degree)).enumerate();
    let work = Mutex::new(rows);
    let take = || work.lock().unwrap_or_else(PoisonError::into_inner).next();
    parallel::run(options.threads, || {
        let mut search = LinkSearch::new(graph, kernels, options.breadth);
        let mut chosen = Vec::new();
        while let Some((block, (kept, nearest))) = take() {
            let rows = kept.chunks_exact_mut(degree).zip(nearest.chunks_exact_mut(degree));
            for (at, (kept, nearest)) in rows.enumerate() {
                let slot = (block * BLOCK + at) as u32;
                let candidates = search.run(slot);
                nearest.iter_mut().zip(candidates).for_each(|(place, near)| *place = near.slot);
                search.add_built(slot);
                search.thin(degree, &mut chosen);
                kept[..chosen.len()].copy_from_slice(&chosen);
            }
            watch.step(nearest.len() / degree)?;
        }
        Ok(())
    })?;
    let reverse = Reverse::of(&kept, count, degree);
    let mut links = nearest;
    let work = Mutex::new(links.chunks_mut(BLOCK * degree).enumerate());
    let take = || work.lock().unwrap_or_else(PoisonError::into_inner).next();
    parallel::run(options.threads, || {
        let mut search = LinkSearch::new(graph, kernels, options.breadth);
        let mut chosen = Vec::new();
        while let Some((block, links)) = take() {
            for (at, links) in links.chunks_exact_mut(degree).enumerate() {
                let slot = block * BLOCK + at;
                search.pool.clear();
                let own = kept[slot * degree..][..degree].iter().take_while(|near| near.slot != u32::MAX);
                search.pool.extend(own);
                search.pool.extend(reverse.of_slot(slot));
                search.sort_pool();
                search.thin(degree, &mut chosen);
                fill(links, slot as u32, &chosen, &search.pool);
            }
            watch.step(links.len() / degree)?;
        }
        Ok(())
    })?;
    Ok(links)
}

/// Writes the chosen links over the row of nearest slots: chosen ones first, then others that were considered, then the
/// nearest, then the slot itself.
fn fill(row: &mut [u32], slot: u32, chosen: &[Near], considered: &[Near]) {
    let mut links: Vec<u32> = chosen.iter().map(|near| near.slot).collect();
    let nearest = row.iter().copied().filter(|&near| near != u32::MAX);
    for other in nearest.chain(considered.iter().map(|near| near.slot)) {
        if links.len() == row.len() {
            break;
        }
        if !links.contains(&other) {
            links.push(other);
        }
    }
    links.resize(row.len(), slot);
    row.copy_from_slice(&links);
}

/// For each slot those that kept it, as CSR.
struct Reverse {
    offsets: Vec<usize>,
    from: Vec<Near>,
}

impl Reverse {
    fn of(kept: &[Near], count: usize, degree: usize) -> Self {
        let mut offsets = vec![0usize; count + 1];
        let links = || kept.iter().enumerate().filter(|(_, near)| near.slot != u32::MAX);
        links().for_each(|(_, near)| offsets[near.slot as usize + 1] += 1);
        for slot in 0..count {
            offsets[slot + 1] += offsets[slot];
        }
        let mut next = offsets.clone();
        let mut from = vec![NOBODY; offsets[count]];
        for (at, near) in links() {
            let place = &mut next[near.slot as usize];
            from[*place] = Near { similarity: near.similarity, slot: (at / degree) as u32 };
            *place += 1;
        }
        Self { offsets, from }
    }

    fn of_slot(&self, slot: usize) -> &[Near] {
        &self.from[self.offsets[slot]..self.offsets[slot + 1]]
    }
}
