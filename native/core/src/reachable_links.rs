//! Every slot should be found by a search for its own vector. After links are refined some are not: tight groups of almost equal
//! vectors link to each other, and nobody outside to them. Each slot is looked for as a walk does; where the walk ends without
//! it, the nearest that it came to gives its last link, the least of its row, to the slot.

use crate::entry_points::EntryPoints;
use crate::error::Result;
use crate::kernels::Kernels;
use crate::link_search::{BuiltGraph, LinkSearch};
use crate::parallel;
use crate::refined_links::Watch;
use std::sync::{Mutex, PoisonError};

/// Candidates that a look keeps: few, so that a narrow search finds the slot, too.
const BREADTH: usize = 32;
/// Rounds of looking: in the first for all, then for those that were missed or lost a link.
const ROUNDS: usize = 4;
/// A slot gives one in so many of its links.
const GIVEN: usize = 4;
/// The nearest of a missed slot of which one gives it a link.
const OFFERS: usize = 8;
/// Slots a thread takes at a time.
const BLOCK: usize = 256;

/// How often `reach_all` goes over every slot, as its watch counts: the later rounds look for few, and are not counted.
pub const REACHING_PASSES: usize = 1;

/// Changes links (count × degree, `graph` gives their codes) so that slots are found. How many are not found in the end.
///
/// Errors: `cancelled`.
pub fn reach_all(
    links: &mut [u32],
    graph: &BuiltGraph<'_>,
    kernels: &Kernels,
    threads: usize,
    watch: &Watch<'_>,
) -> Result<usize> {
    let count = graph.inverse_norms.len();
    let degree = links.len() / count;
    let offsets: Vec<u32> = (0..=count).map(|slot| (slot * degree) as u32).collect();
    let mut given = vec![0usize; count];
    let mut wanted: Vec<u32> = (0..count as u32).collect();
    for round in 0.. {
        let missed =
            missed(&BuiltGraph { offsets: &offsets, links, ..*graph }, kernels, &wanted, threads, watch, round == 0)?;
        if missed.is_empty() || round == ROUNDS {
            return Ok(missed.len());
        }
        wanted.clear();
        for (slot, near) in missed {
            wanted.push(slot);
            let Some(&from) = near.iter().find(|&&from| given[from as usize] < degree / GIVEN) else { continue };
            let from = from as usize;
            given[from] += 1;
            wanted.push(std::mem::replace(&mut links[(from + 1) * degree - given[from]], slot));
        }
        wanted.sort_unstable();
        wanted.dedup();
    }
    unreachable!("the last round returns")
}

/// Those of the slots that are not found, in ascending order, each with the nearest that were.
fn missed(
    graph: &BuiltGraph<'_>,
    kernels: &Kernels,
    slots: &[u32],
    threads: usize,
    watch: &Watch<'_>,
    is_counted: bool,
) -> Result<Vec<(u32, Vec<u32>)>> {
    let entries = EntryPoints::of_rows(graph.codes, graph.stride, graph.inverse_norms);
    let work = Mutex::new(slots.chunks(BLOCK));
    let take = || work.lock().unwrap_or_else(PoisonError::into_inner).next();
    let all = Mutex::new(Vec::new());
    parallel::run(threads, || {
        let mut search = LinkSearch::new(graph, kernels, BREADTH);
        while let Some(slots) = take() {
            for &slot in slots {
                if let Some(near) = search.miss(slot, &entries) {
                    let near = near.iter().take(OFFERS).map(|near| near.slot).collect();
                    all.lock().unwrap_or_else(PoisonError::into_inner).push((slot, near));
                }
            }
            watch.step(if is_counted { slots.len() } else { 0 })?;
        }
        Ok(())
    })?;
    let mut all: Vec<(u32, Vec<u32>)> = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    all.sort_unstable_by_key(|(slot, _)| *slot);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels;
    use std::sync::atomic::AtomicUsize;

    const COUNT: usize = 4_096;
    const DEGREE: usize = 16;
    const STRIDE: usize = 64;

    /// Groups of sixteen almost equal rows that link to themselves only, but for one slot in four, which also links to another group.
    fn groups() -> (Vec<i8>, Vec<f32>, Vec<u32>) {
        let mut state = 9u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 16
        };
        let mut codes = vec![0i8; COUNT * STRIDE];
        for group in codes.chunks_exact_mut(DEGREE * STRIDE) {
            let centre: Vec<i8> = (0..STRIDE).map(|_| (next() % 200) as u8 as i8 / 2).collect();
            for (at, row) in group.chunks_exact_mut(STRIDE).enumerate() {
                row.copy_from_slice(&centre);
                row[at] = row[at].saturating_add(3);
            }
        }
        let norm = |row: &[i8]| 1.0 / (crate::quantizer::squared_norm(row) as f32).sqrt();
        let norms = codes.chunks_exact(STRIDE).map(norm).collect();
        let mut links: Vec<u32> =
            (0..COUNT).flat_map(|slot| (0..DEGREE).map(move |at| (slot / DEGREE * DEGREE + at) as u32)).collect();
        for slot in (0..COUNT).step_by(4) {
            links[slot * DEGREE] = next() % COUNT as u32;
        }
        (codes, norms, links)
    }

    #[test]
    fn what_nobody_leads_to_is_found_afterwards() {
        let (codes, norms, links) = groups();
        let graph = BuiltGraph { offsets: &[], links: &[], codes: &codes, stride: STRIDE, inverse_norms: &norms };
        let all: Vec<u32> = (0..COUNT as u32).collect();
        let count_missed = |links: &[u32]| {
            let offsets: Vec<u32> = (0..=COUNT).map(|slot| (slot * DEGREE) as u32).collect();
            let graph = BuiltGraph { offsets: &offsets, links, ..graph };
            missed(&graph, kernels::active(), &all, 1, &Watch::default(), false).unwrap().len()
        };
        let before = count_missed(&links);
        let reach = |threads| {
            let mut links = links.clone();
            let done = AtomicUsize::new(0);
            let watch = Watch { done: Some(&done), cancelled: None };
            let left = reach_all(&mut links, &graph, kernels::active(), threads, &watch).unwrap();
            assert_eq!(done.into_inner(), REACHING_PASSES * COUNT);
            (links, left)
        };
        let (mended, left) = reach(1);
        assert!(before > COUNT / 10, "{before} were missed before");
        assert_eq!(count_missed(&mended), left, "what is left is told");
        assert!(left * 10 < before, "{left} of {before} are left");
        assert_eq!(reach(3), (mended, left), "the number of threads does not matter");
    }
}
