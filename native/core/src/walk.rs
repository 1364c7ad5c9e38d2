//! The search in the graph: from where it begins, candidates are visited best first, each once, and their neighbours become
//! candidates; of these the ef best are kept, and the walk ends when all that are kept were visited. This is the search of HNSW
//! with its two heaps in one, and ef is a parameter of the call.
//!
//! With blocks, the codes of a slot are read only when it is visited: its neighbours' scores are estimated from its block. A slot
//! may be kept more than once, by the estimates of several neighbours, and the best of them decides when it is visited; what is
//! found are the visited ones. It begins at the best entry points. The walk waits for memory more than for anything else: the
//! next slot is taken, and asked for, one visit ahead, so that the order is best first but for the neighbours just found.
//!
//! Without blocks every neighbour is scored on its own codes and listed once; it begins where a descent through the upper
//! levels ends, which scores fewer rows than there are entry points.

use crate::deadline;
use crate::error::Result;
use crate::graph_view::GraphView;
use crate::kernels::{Kernels, prefetch};
use crate::neighbour_blocks::{NeighbourBlocks, Projected};
use crate::walk_scratch::{Candidate, Scratch, VISITED};
use std::time::Instant;

/// Visits between two looks at the clock.
const VISITS_A_LOOK: usize = 64;

/// Fills `scratch.found` with slots near `scratch.codes`: up to `ef` by their codes, or with blocks all that were visited.
/// Scores are products of codes × inverse norm of the row, which rank like cosines.
///
/// Errors: `deadline_exceeded`.
pub fn walk(
    graph: &GraphView<'_>,
    kernels: &Kernels,
    ef: usize,
    deadline: Option<Instant>,
    scratch: &mut Scratch,
) -> Result<()> {
    scratch.restart(graph.count());
    match graph.blocks.filter(|_| scratch.factors.is_empty()) {
        Some(blocks) => walk_blocks(graph, blocks, kernels, ef, deadline, scratch),
        None => walk_codes(graph, kernels, ef, deadline, scratch),
    }
}

/// Every neighbour is scored on its own codes.
fn walk_codes(
    graph: &GraphView<'_>,
    kernels: &Kernels,
    ef: usize,
    deadline: Option<Instant>,
    scratch: &mut Scratch,
) -> Result<()> {
    let entry = descend(graph, kernels, scratch);
    scratch.beam.push(entry);
    scratch.mark(entry.slot);
    let mut at = 0;
    while at < scratch.beam.len() {
        let slot = scratch.beam[at].slot;
        if slot & VISITED != 0 {
            at += 1;
            continue;
        }
        if scratch.counts.visits.is_multiple_of(VISITS_A_LOOK) {
            deadline::check(deadline)?;
        }
        scratch.beam[at].slot |= VISITED;
        scratch.counts.visits += 1;
        scratch.listed.clear();
        for &link in graph.links_of(slot) {
            if scratch.mark(link) {
                scratch.listed.push(link);
            }
        }
        scratch.score(graph, kernels);
        let mut best = at + 1;
        for index in 0..scratch.listed.len() {
            let candidate = Candidate { score: scratch.scores[index], slot: scratch.listed[index] };
            if let Some(place) = scratch.offer(candidate, ef) {
                best = best.min(place);
            }
        }
        if let Some(next) = scratch.beam.get(best) {
            let links = graph.links_of(next.slot());
            prefetch(links.as_ptr().cast(), size_of_val(links));
        }
        at = best;
    }
    scratch.found.extend_from_slice(&scratch.beam);
    Ok(())
}

/// Neighbours are estimated from the blocks of those that are visited.
fn walk_blocks(
    graph: &GraphView<'_>,
    blocks: &NeighbourBlocks,
    kernels: &Kernels,
    ef: usize,
    deadline: Option<Instant>,
    scratch: &mut Scratch,
) -> Result<()> {
    let mut projected = std::mem::take(&mut scratch.projected);
    graph.project(blocks, kernels, &scratch.codes, scratch.inverse_norm, &mut projected);
    let outcome = visit_all(graph, blocks, kernels, ef, deadline, &projected, scratch);
    scratch.projected = projected;
    outcome
}

fn visit_all(
    graph: &GraphView<'_>,
    blocks: &NeighbourBlocks,
    kernels: &Kernels,
    ef: usize,
    deadline: Option<Instant>,
    projected: &Projected,
    scratch: &mut Scratch,
) -> Result<()> {
    let shape = blocks.shape;
    let bytes = shape.bytes();
    scratch.scores.resize(shape.degree(), 0.0);
    scratch.queue.restart(ef);
    graph.entries.score(kernels, &scratch.codes, &mut scratch.scores);
    scratch.counts.scored += scratch.scores.len();
    let entries = graph.entries.best(&scratch.scores);
    let inverse_norm = scratch.inverse_norm;
    scratch.queue.put(entries.into_iter().map(|entry| (entry.score * inverse_norm, entry.slot)));
    scratch.scores.resize(shape.degree(), 0.0);
    let mut next = scratch.take();
    while let Some(slot) = next {
        if scratch.counts.visits.is_multiple_of(VISITS_A_LOOK) {
            deadline::check(deadline)?;
        }
        scratch.counts.visits += 1;
        scratch.counts.scored += 1;
        // chosen before this one's neighbours are known, so that it has come from memory when its turn is there
        next = scratch.take();
        if let Some(next) = next {
            graph.prefetch(next, bytes);
        }
        let score = kernels.dot_codes(graph.row(slot), &scratch.codes) as f32 * graph.inverse_norms[slot as usize];
        scratch.found.push(Candidate { score, slot });
        let exact = score * scratch.inverse_norm;
        kernels.estimate_block(shape, graph.block(slot, bytes), &projected.query, exact, &mut scratch.scores);
        scratch.collect(graph.links_of(slot));
        if next.is_none() {
            next = scratch.take();
        }
    }
    Ok(())
}

/// From the entry down to the base, each level's best as the next one's start. A slot is scored once, whatever levels it stands on.
fn descend(graph: &GraphView<'_>, kernels: &Kernels, scratch: &mut Scratch) -> Candidate {
    scratch.listed.clear();
    scratch.listed.push(graph.entry);
    scratch.score(graph, kernels);
    let mut best = Candidate { score: scratch.scores[0], slot: graph.entry };
    for level in graph.upper.iter().rev() {
        loop {
            scratch.listed.clear();
            for &link in level.links_of(best.slot) {
                if scratch.mark(link) {
                    scratch.listed.push(link);
                }
            }
            scratch.score(graph, kernels);
            let before = best.slot;
            for (&slot, &score) in scratch.listed.iter().zip(&scratch.scores) {
                if score > best.score {
                    best = Candidate { score, slot };
                }
            }
            if best.slot == before {
                break;
            }
        }
    }
    scratch.unmark();
    best
}
