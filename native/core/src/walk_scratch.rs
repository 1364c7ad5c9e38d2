//! Memory of one walk: the list of candidates, what was marked, and what was found. A thread keeps it between walks.

use crate::block_shape::NEIGHBOURS_STEP;
use crate::candidate_queue::CandidateQueue;
use crate::graph_view::GraphView;
use crate::kernels::Kernels;
use crate::neighbour_blocks::Projected;
use crate::weighing::weighed_square;

/// Marks a visited candidate in the slot's highest bit (counts stay below 2^31).
pub(crate) const VISITED: u32 = 1 << 31;
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    pub score: f32,
    pub(crate) slot: u32,
}

impl Candidate {
    pub fn slot(self) -> u32 {
        self.slot & !VISITED
    }
}

/// What a search did: how often it looked at a slot's neighbours, how many rows of codes it scored, and how many exact vectors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WalkCounts {
    pub visits: usize,
    pub scored: usize,
    pub exact: usize,
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
    pub(crate) projected: Projected,
    pub(crate) beam: Vec<Candidate>,
    pub(crate) queue: CandidateQueue,
    marked: Vec<u64>,
    touched: Vec<u32>,
    pub(crate) listed: Vec<u32>,
    pub(crate) scores: Vec<f32>,
}

impl Scratch {
    pub(crate) fn unmark(&mut self) {
        for slot in self.touched.drain(..) {
            self.marked[slot as usize / 64] = 0;
        }
    }

    /// Forgets the last walk and makes room for a graph.
    pub(crate) fn restart(&mut self, count: usize) {
        self.unmark();
        if self.marked.len() < count.div_ceil(64) {
            self.marked.resize(count.div_ceil(64), 0);
        }
        self.beam.clear();
        self.found.clear();
        self.counts = WalkCounts::default();
    }

    pub(crate) fn is_marked(&self, slot: u32) -> bool {
        self.marked[slot as usize / 64] & 1u64 << (slot % 64) != 0
    }

    /// True the first time.
    pub(crate) fn mark(&mut self, slot: u32) -> bool {
        let is_first = !self.is_marked(slot);
        if is_first {
            self.marked[slot as usize / 64] |= 1u64 << (slot % 64);
            self.touched.push(slot);
        }
        is_first
    }

    /// Scores the listed slots against the query.
    pub(crate) fn score(&mut self, graph: &GraphView<'_>, kernels: &Kernels) {
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
    pub(crate) fn offer(&mut self, candidate: Candidate, ef: usize) -> Option<usize> {
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
    /// Takes the best that was not visited, and marks it.
    pub(crate) fn take(&mut self) -> Option<u32> {
        loop {
            let slot = self.queue.take()?;
            if self.mark(slot) {
                return Some(slot);
            }
        }
    }

    /// Puts the unvisited ones of a slot's neighbours with a good estimate into the queue. What no processor could guess is
    /// counted, not branched on. The neighbours are as many as a block has.
    pub(crate) fn collect(&mut self, links: &[u32]) {
        let worst = self.queue.worst();
        self.listed.resize(links.len(), 0);
        let mut listed = 0;
        for (sixteen, scores) in self.scores.as_chunks().0.iter().enumerate() {
            let mut better = above(scores, worst);
            while better != 0 {
                let at = sixteen * NEIGHBOURS_STEP + better.trailing_zeros() as usize;
                better &= better - 1;
                self.listed[listed] = at as u32;
                listed += usize::from(!self.is_marked(links[at]));
            }
        }
        let (scores, listed) = (&self.scores, &self.listed[..listed]);
        self.queue.put(listed.iter().map(|&at| (scores[at as usize], links[at as usize])));
    }
}

/// One bit a score, the first one lowest: is it above the bound?
fn above(scores: &[f32; NEIGHBOURS_STEP], bound: f32) -> u32 {
    scores.iter().enumerate().fold(0, |bits, (at, &score)| bits | u32::from(score > bound) << at)
}
