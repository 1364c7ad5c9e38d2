//! The search in the graph: greedy down the upper levels, then a beam of ef candidates at the base.
//!
//! Candidates stand in one list ordered by score; each is visited once, best first; the walk ends when all that are left in the
//! list were visited. This is the search of HNSW with its two heaps in one, and ef is a parameter of the call.
//!
//! With blocks, the codes of a slot are read only when it is visited: its neighbours' scores are estimated from its block. A slot
//! may stand in the list more than once, by the estimates of several neighbours, and the best of them decides when it is
//! visited; what is found are the visited ones. Without blocks every neighbour is scored on its own codes and listed once.

use crate::deadline;
use crate::error::Result;
use crate::graph_view::GraphView;
use crate::kernels::{Kernels, prefetch};
use crate::neighbour_blocks::{NeighbourBlocks, Projected};
use crate::weighing::weighed_square;
use std::time::Instant;

/// Marks a visited candidate in the slot's highest bit (counts stay below 2^31).
const VISITED: u32 = 1 << 31;
/// Visits between two looks at the clock.
const VISITS_A_LOOK: usize = 64;

#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    pub score: f32,
    slot: u32,
}

impl Candidate {
    pub fn slot(self) -> u32 {
        self.slot & !VISITED
    }
}

/// What a walk did: how often it looked at a slot's neighbours, and how many rows of codes it scored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WalkCounts {
    pub visits: usize,
    pub scored: usize,
}

/// Memory of one walk, kept between walks.
#[derive(Default)]
pub struct Scratch {
    /// Codes of the query, padded to the rows of the graph, and the inverse of their norm.
    pub codes: Vec<i8>,
    pub inverse_norm: f32,
    /// One a dimension where weights are moved, else empty.
    pub factors: Vec<i16>,
    /// What the walk found, in no order, each slot once.
    pub found: Vec<Candidate>,
    pub counts: WalkCounts,
    projected: Projected,
    beam: Vec<Candidate>,
    /// Neighbours of one visit that may enter the beam.
    fresh: Vec<Candidate>,
    marked: Vec<u64>,
    touched: Vec<u32>,
    listed: Vec<u32>,
    scores: Vec<f32>,
}

impl Scratch {
    fn unmark(&mut self) {
        for slot in self.touched.drain(..) {
            self.marked[slot as usize / 64] = 0;
        }
    }

    /// Forgets the last walk and makes room for a graph.
    fn restart(&mut self, count: usize) {
        self.unmark();
        if self.marked.len() < count.div_ceil(64) {
            self.marked.resize(count.div_ceil(64), 0);
        }
        self.beam.clear();
        self.found.clear();
        self.counts = WalkCounts::default();
    }

    fn is_marked(&self, slot: u32) -> bool {
        self.marked[slot as usize / 64] & 1u64 << (slot % 64) != 0
    }

    /// True the first time.
    fn mark(&mut self, slot: u32) -> bool {
        let is_first = !self.is_marked(slot);
        if is_first {
            self.marked[slot as usize / 64] |= 1u64 << (slot % 64);
            self.touched.push(slot);
        }
        is_first
    }

    /// Scores the listed slots against the query.
    fn score(&mut self, graph: &GraphView<'_>, kernels: &Kernels) {
        self.counts.scored += self.listed.len();
        self.scores.resize(self.listed.len(), 0.0);
        kernels.score_slots(&self.codes, graph.codes, graph.inverse_norms, &self.listed, &mut self.scores);
        if !self.factors.is_empty() {
            self.weigh(graph);
        }
    }

    /// From the norm that a row has to the one that it has under the factors.
    fn weigh(&mut self, graph: &GraphView<'_>) {
        for (&slot, score) in self.listed.iter().zip(&mut self.scores) {
            let squared = weighed_square(graph.row(slot), &self.factors);
            // a row of which nothing that counts is known is only a way to others
            let inverse_norm = graph.inverse_norms[slot as usize];
            *score = if squared == 0 { f32::MIN } else { *score / (inverse_norm * (squared as f32).sqrt()) };
        }
    }

    /// Puts a candidate in its place; the place, or none when the beam is full of better ones.
    fn offer(&mut self, candidate: Candidate, ef: usize) -> Option<usize> {
        if self.beam.len() == ef {
            if candidate.score <= self.beam[ef - 1].score {
                return None;
            }
            self.beam.pop();
        }
        let at = self.beam.partition_point(|other| other.score >= candidate.score);
        self.beam.insert(at, candidate);
        Some(at)
    }
}

impl Scratch {
    /// Lists the unvisited ones of a slot's neighbours with an estimate above the worst, best first.
    fn collect(&mut self, links: &[u32], worst: f32) {
        self.fresh.clear();
        self.listed.resize(links.len(), 0);
        let mut listed = 0;
        for (at, &score) in self.scores[..links.len()].iter().enumerate() {
            // written always, kept when it is better: no branch to guess
            self.listed[listed] = at as u32;
            listed += usize::from(score > worst);
        }
        for &at in &self.listed[..listed] {
            let (score, slot) = (self.scores[at as usize], links[at as usize]);
            if self.marked[slot as usize / 64] & 1u64 << (slot % 64) != 0 {
                continue;
            }
            let mut place = self.fresh.len();
            let new = Candidate { score, slot };
            self.fresh.push(new);
            while place > 0 && self.fresh[place - 1].score < score {
                self.fresh[place] = self.fresh[place - 1];
                place -= 1;
            }
            self.fresh[place] = new;
        }
    }

    /// Puts the listed ones in their places and drops what is beyond ef; the best place that one took.
    fn merge(&mut self, ef: usize) -> usize {
        let (beam, fresh) = (&mut self.beam, &self.fresh);
        let (mut old, mut new) = (beam.len(), fresh.len());
        let kept = (old + new).min(ef);
        for _ in kept..old + new {
            let is_new_worst = new > 0 && (old == 0 || beam[old - 1].score >= fresh[new - 1].score);
            *(if is_new_worst { &mut new } else { &mut old }) -= 1;
        }
        if new == 0 {
            return usize::MAX;
        }
        beam.resize(kept, fresh[0]);
        let mut place = kept;
        while new > 0 {
            place -= 1;
            if old > 0 && beam[old - 1].score < fresh[new - 1].score {
                old -= 1;
                beam[place] = beam[old];
            } else {
                new -= 1;
                beam[place] = fresh[new];
            }
        }
        place
    }
}

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
    let entry = descend(graph, kernels, scratch);
    scratch.beam.push(entry);
    match graph.blocks.filter(|_| scratch.factors.is_empty()) {
        Some(blocks) => walk_blocks(graph, blocks, kernels, ef, deadline, scratch),
        None => walk_codes(graph, kernels, ef, deadline, scratch),
    }
}

/// Where a walk at the base begins: the nearest that the upper levels know.
pub fn start(graph: &GraphView<'_>, kernels: &Kernels, scratch: &mut Scratch) -> u32 {
    scratch.restart(graph.count());
    descend(graph, kernels, scratch).slot
}

/// Every neighbour is scored on its own codes.
fn walk_codes(
    graph: &GraphView<'_>,
    kernels: &Kernels,
    ef: usize,
    deadline: Option<Instant>,
    scratch: &mut Scratch,
) -> Result<()> {
    scratch.mark(scratch.beam[0].slot);
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
    scratch.scores.resize(shape.degree(), 0.0);
    let mut at = 0;
    while at < scratch.beam.len() {
        let slot = scratch.beam[at].slot;
        if slot & VISITED != 0 {
            at += 1;
            continue;
        }
        scratch.beam[at].slot |= VISITED;
        if !scratch.mark(slot) {
            at += 1;
            continue; // visited already, by another estimate
        }
        if scratch.counts.visits.is_multiple_of(VISITS_A_LOOK) {
            deadline::check(deadline)?;
        }
        scratch.counts.visits += 1;
        scratch.counts.scored += 1;
        let links = graph.links_of(slot);
        prefetch(links.as_ptr().cast(), size_of_val(links));
        let block = graph.block(slot, shape.bytes());
        prefetch(block.as_ptr(), block.len());
        // the next one so far is asked for while this one is worked on
        if let Some(next) = scratch.beam[at + 1..].iter().find(|next| next.slot & VISITED == 0) {
            graph.prefetch(next.slot, shape.bytes());
        }
        let score = kernels.dot_codes(graph.row(slot), &scratch.codes) as f32 * graph.inverse_norms[slot as usize];
        scratch.found.push(Candidate { score, slot });
        let exact = score * scratch.inverse_norm;
        kernels.estimate_block(shape, graph.block(slot, shape.bytes()), &projected.query, exact, &mut scratch.scores);
        let worst = if scratch.beam.len() == ef { scratch.beam[ef - 1].score } else { f32::MIN };
        scratch.collect(links, worst);
        // the nearest new one is asked for while the new ones are put in their places
        if let Some(first) = scratch.fresh.first()
            && scratch.beam.get(at + 1).is_none_or(|next| first.score > next.score)
        {
            graph.prefetch(first.slot, shape.bytes());
        }
        at = scratch.merge(ef).min(at + 1);
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
