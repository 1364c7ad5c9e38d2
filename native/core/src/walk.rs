//! The search in the graph: greedy down the upper levels, then a beam of ef candidates at the base.
//!
//! Candidates stand in one list ordered by score; each is expanded once, best first; the walk ends when all that are left in
//! the list are expanded. This is the search of HNSW with its two heaps in one, and ef is a parameter of the call.

use crate::graph_file::GraphFile;
use crate::kernels::{Kernels, prefetch};
use crate::weighing::weighed_square;

/// Marks an expanded candidate in the slot's highest bit (counts stay below 2^31).
const EXPANDED: u32 = 1 << 31;

#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    pub score: f32,
    slot: u32,
}

impl Candidate {
    pub fn slot(self) -> u32 {
        self.slot & !EXPANDED
    }
}

/// Memory of one walk, kept between walks.
#[derive(Default)]
pub struct Scratch {
    pub codes: Vec<i8>,
    /// One a dimension where weights are moved, else empty.
    pub factors: Vec<i16>,
    pub beam: Vec<Candidate>,
    visited: Vec<u64>,
    touched: Vec<u32>,
    listed: Vec<u32>,
    scores: Vec<f32>,
}

impl Scratch {
    pub fn new(count: usize) -> Self {
        Self { visited: vec![0; count.div_ceil(64)], ..Self::default() }
    }

    /// True the first time.
    fn visit(&mut self, slot: u32) -> bool {
        let (word, bit) = (slot as usize / 64, 1u64 << (slot % 64));
        let first = self.visited[word] & bit == 0;
        if first {
            self.visited[word] |= bit;
            self.touched.push(slot);
        }
        first
    }

    fn forget(&mut self) {
        for slot in self.touched.drain(..) {
            self.visited[slot as usize / 64] = 0;
        }
        self.beam.clear();
    }

    /// Scores the listed slots against the query.
    fn score(&mut self, graph: &GraphFile, kernels: &Kernels) {
        self.scores.resize(self.listed.len(), 0.0);
        let query = &self.codes[..graph.dimensions()];
        kernels.score_rows(query, graph.codes(), &self.listed, &mut self.scores);
        if !self.factors.is_empty() {
            self.weigh(graph);
        }
    }

    /// From the norm that a row has to the one that it has under the factors.
    fn weigh(&mut self, graph: &GraphFile) {
        for (&slot, score) in self.listed.iter().zip(&mut self.scores) {
            let (codes, inverse_norm) = graph.codes().get(slot);
            let squared = weighed_square(codes, &self.factors);
            // a row of which nothing that counts is known is only a way to others
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

/// Fills `scratch.beam` with up to `ef` slots near `scratch.codes`, best first by the score of the codes.
pub fn walk(graph: &GraphFile, kernels: &Kernels, ef: usize, scratch: &mut Scratch) {
    scratch.forget();
    let entry = descend(graph, kernels, scratch);
    scratch.visit(entry.slot);
    scratch.beam.push(entry);
    let mut at = 0;
    while at < scratch.beam.len() {
        let slot = scratch.beam[at].slot;
        if slot & EXPANDED != 0 {
            at += 1;
            continue;
        }
        scratch.beam[at].slot |= EXPANDED;
        at = expand(graph, kernels, ef, slot, scratch).map_or(at + 1, |best| best.min(at + 1));
    }
}

/// Scores the unvisited neighbours of a slot and offers them; the best place that one of them took.
fn expand(graph: &GraphFile, kernels: &Kernels, ef: usize, slot: u32, scratch: &mut Scratch) -> Option<usize> {
    scratch.listed.clear();
    for link in graph.links(slot, 0) {
        if scratch.visit(link) {
            scratch.listed.push(link);
        }
    }
    scratch.score(graph, kernels);
    let mut best = None;
    for index in 0..scratch.listed.len() {
        let candidate = Candidate { score: scratch.scores[index], slot: scratch.listed[index] };
        if let Some(at) = scratch.offer(candidate, ef) {
            let (node, bytes) = graph.node_bytes(candidate.slot);
            prefetch(node, bytes);
            best = Some(best.map_or(at, |best: usize| best.min(at)));
        }
    }
    best
}

/// From the entry down to the base, each level's best as the next one's start.
fn descend(graph: &GraphFile, kernels: &Kernels, scratch: &mut Scratch) -> Candidate {
    scratch.listed.clear();
    scratch.listed.push(graph.entry());
    scratch.score(graph, kernels);
    let mut best = Candidate { score: scratch.scores[0], slot: graph.entry() };
    for level in (1..=graph.top_level()).rev() {
        loop {
            scratch.listed.clear();
            scratch.listed.extend(graph.links(best.slot, level));
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
    best
}
