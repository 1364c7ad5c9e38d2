//! The search for the links of a slot: a beam through a graph by codes, and what of the found is worth a link.

use crate::entry_points::EntryPoints;
use crate::kernels::Kernels;
use crate::walk_scratch::Candidate;

/// A link is left out when another is α times nearer to its end; distances are 1 − cosine.
const ALPHA: f32 = 1.2;

/// A graph, as it was built or as it is refined, and the codes of its slots.
#[derive(Clone, Copy)]
pub struct BuiltGraph<'a> {
    /// Slot s owns links `offsets[s] … offsets[s + 1]`.
    pub offsets: &'a [u32],
    pub links: &'a [u32],
    /// Rows of `stride` codes, padded with zeros.
    pub codes: &'a [i8],
    pub stride: usize,
    pub inverse_norms: &'a [f32],
}

#[derive(Clone, Copy)]
pub struct Near {
    pub similarity: f32,
    pub slot: u32,
}

pub const NOBODY: Near = Near { similarity: f32::NEG_INFINITY, slot: u32::MAX };

/// One thread's search and its memory.
pub struct LinkSearch<'a> {
    graph: &'a BuiltGraph<'a>,
    kernels: &'a Kernels,
    breadth: usize,
    seen: Vec<u32>,
    turn: u32,
    pub pool: Vec<Near>,
    expanded: Vec<bool>,
    listed: Vec<u32>,
    scores: Vec<f32>,
}

impl<'a> LinkSearch<'a> {
    pub fn new(graph: &'a BuiltGraph<'a>, kernels: &'a Kernels, breadth: usize) -> Self {
        let seen = vec![0; graph.inverse_norms.len()];
        let (pool, expanded, listed, scores) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { graph, kernels, breadth, seen, turn: 0, pool, expanded, listed, scores }
    }

    fn row(&self, slot: u32) -> &'a [i8] {
        &self.graph.codes[slot as usize * self.graph.stride..][..self.graph.stride]
    }

    fn similarity(&self, a: u32, b: u32) -> f32 {
        let norms = self.graph.inverse_norms[a as usize] * self.graph.inverse_norms[b as usize];
        self.kernels.dot_codes(self.row(a), self.row(b)) as f32 * norms
    }

    /// The nearest others of a slot, nearest first, into the pool.
    pub fn run(&mut self, slot: u32) -> &[Near] {
        self.turn += 1;
        self.seen[slot as usize] = self.turn;
        self.pool.clear();
        self.expanded.clear();
        self.expand(slot, slot);
        self.follow(slot, |_| false);
        &self.pool
    }

    /// Looks for a slot as a walk for its own vector does. None when it is found, else the nearest others, nearest first.
    pub fn miss(&mut self, slot: u32, entries: &EntryPoints) -> Option<&[Near]> {
        self.turn += 1;
        self.pool.clear();
        self.expanded.clear();
        entries.score(self.kernels, self.row(slot), &mut self.scores);
        for Candidate { score, slot: start } in entries.best(&self.scores) {
            self.seen[start as usize] = self.turn;
            self.pool.push(Near { similarity: score * self.graph.inverse_norms[slot as usize], slot: start });
            self.expanded.push(false);
        }
        let is_found = |search: &Self| search.seen[slot as usize] == search.turn;
        self.follow(slot, is_found);
        if is_found(self) { None } else { Some(&self.pool) }
    }

    /// Looks at the links of the pool's slots, best first, until all were or there is no more need.
    fn follow(&mut self, query: u32, is_enough: impl Fn(&Self) -> bool) {
        let mut at = 0;
        while at < self.pool.len() && !is_enough(self) {
            if self.expanded[at] {
                at += 1;
                continue;
            }
            self.expanded[at] = true;
            let next = self.pool[at].slot;
            at = self.expand(query, next).min(at + 1);
        }
    }

    /// Offers the unseen links of a slot; the best place that one took.
    fn expand(&mut self, query: u32, slot: u32) -> usize {
        let range = self.graph.offsets[slot as usize] as usize..self.graph.offsets[slot as usize + 1] as usize;
        self.listed.clear();
        for &link in &self.graph.links[range] {
            if self.seen[link as usize] != self.turn {
                self.seen[link as usize] = self.turn;
                self.listed.push(link);
            }
        }
        self.scores.resize(self.listed.len(), 0.0);
        let (codes, norms) = (self.graph.codes, self.graph.inverse_norms);
        self.kernels.score_slots(self.row(query), codes, norms, &self.listed, &mut self.scores);
        let own = norms[query as usize];
        let mut best = usize::MAX;
        for at in 0..self.listed.len() {
            let near = Near { similarity: self.scores[at] * own, slot: self.listed[at] };
            if self.pool.len() == self.breadth {
                if near.similarity <= self.pool[self.breadth - 1].similarity {
                    continue;
                }
                self.pool.pop();
                self.expanded.pop();
            }
            let place = self.pool.partition_point(|other| other.similarity >= near.similarity);
            self.pool.insert(place, near);
            self.expanded.insert(place, false);
            best = best.min(place);
        }
        best
    }

    /// The links that the slot was built with stay candidates: those from when the graph was small lead far, and hold together
    /// what lies in tight groups.
    pub fn add_built(&mut self, slot: u32) {
        let range = self.graph.offsets[slot as usize] as usize..self.graph.offsets[slot as usize + 1] as usize;
        for &link in self.graph.links[range].iter().filter(|&&link| link != slot) {
            let similarity = self.similarity(link, slot);
            self.pool.push(Near { similarity, slot: link });
        }
        self.sort_pool();
    }

    /// Nearest first, each slot once.
    pub fn sort_pool(&mut self) {
        self.pool.sort_unstable_by(|a, b| b.similarity.total_cmp(&a.similarity).then(a.slot.cmp(&b.slot)));
        self.pool.dedup_by_key(|near| near.slot);
    }

    /// Those of the pool that no chosen one stands before, `degree` at most.
    pub fn thin(&self, degree: usize, chosen: &mut Vec<Near>) {
        chosen.clear();
        for &near in &self.pool {
            if chosen.len() == degree {
                return;
            }
            let distance = 1.0 - near.similarity;
            if chosen.iter().all(|other| ALPHA * (1.0 - self.similarity(other.slot, near.slot)) > distance) {
                chosen.push(near);
            }
        }
    }
}
