//! The walk when only some rows may be named: it goes over all nodes by score, allowed or not, and keeps the allowed ones.
//!
//! A plain walk ends when the best node that was not expanded is worse than all of the ef best. Here it also goes on until that
//! node is worse than all of the `wanted` best allowed ones: where few are allowed near the question it is wider by itself. One
//! that would read more than a scan of the allowed rows gives up, and the scan gives the answer.

use crate::deadline;
use crate::error::Result;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

/// Expansions between two looks at the clock.
const CLOCK_STEPS: usize = 64;
/// After this part of the budget there must be the same part of the wanted rows, or the walk gives up early.
const EARLY: usize = 4;

/// The base level of a graph, and scores of its nodes for the question at hand.
pub trait ScoredGraph {
    fn count(&self) -> usize;
    /// Neighbours of a slot; the slot itself may stand among them.
    fn links(&self, slot: u32) -> &[u32];
    /// Scores of the slots: the larger, the nearer.
    fn score(&self, slots: &[u32], out: &mut [f32]);
    /// Asks for what `links` of a slot will read.
    fn prefetch_links(&self, slot: u32);
    /// Asks for what `score` of a slot will read.
    fn prefetch_codes(&self, slot: u32);
}

/// How far a walk goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breadth {
    /// Nodes that it looks at as wide as a plain walk does.
    pub ef: usize,
    /// Allowed nodes that it brings, if they are there.
    pub wanted: usize,
    /// Nodes that it scores at most.
    pub budget: usize,
}

/// Memory of one walk, kept between walks.
#[derive(Default)]
pub struct FilteredScratch {
    visited: Vec<u64>,
    touched: Vec<u32>,
    listed: Vec<u32>,
    scores: Vec<f32>,
    frontier: BinaryHeap<Ranked>,
    /// Scores of the ef best nodes, the worst on top.
    near: BinaryHeap<Reverse<u32>>,
    /// The best allowed nodes, the worst on top.
    kept: BinaryHeap<Reverse<Ranked>>,
    /// What the last walk found with its scores, in no order.
    pub found: Vec<(f32, u32)>,
    /// Nodes that the last walk scored, and expanded.
    pub scored: usize,
    pub expanded: usize,
}

/// A score in the order of its bits, then a slot, lower ones first: one comparison ranks two nodes.
type Ranked = u64;

fn ordered(score: f32) -> u32 {
    let bits = score.to_bits();
    if bits >> 31 == 1 { !bits } else { bits | 1 << 31 }
}

fn ranked(order: u32, slot: u32) -> Ranked {
    u64::from(order) << 32 | u64::from(!slot)
}

fn score_of(ranked: Ranked) -> f32 {
    let order = (ranked >> 32) as u32;
    f32::from_bits(if order >> 31 == 1 { order & !(1 << 31) } else { !order })
}

fn slot_of(ranked: Ranked) -> u32 {
    !(ranked as u32)
}

impl FilteredScratch {
    fn restart(&mut self, count: usize) {
        for slot in self.touched.drain(..) {
            self.visited[slot as usize / 64] = 0;
        }
        self.visited.resize(count.div_ceil(64), 0);
        self.frontier.clear();
        self.near.clear();
        self.kept.clear();
        self.found.clear();
        (self.scored, self.expanded) = (0, 0);
    }

    /// Lists those of the slots that were not visited.
    fn list(&mut self, graph: &impl ScoredGraph, slots: &[u32]) {
        self.listed.clear();
        for &slot in slots {
            let (word, bit) = (&mut self.visited[slot as usize / 64], 1u64 << (slot % 64));
            if *word & bit == 0 {
                *word |= bit;
                self.touched.push(slot);
                self.listed.push(slot);
                graph.prefetch_codes(slot);
            }
        }
    }

    /// Nodes with a lower order are of no use any more.
    fn floor(&self, breadth: &Breadth) -> u32 {
        let near = if self.near.len() < breadth.ef { 0 } else { self.near.peek().map_or(0, |worst| worst.0) };
        let kept = if self.kept.len() < breadth.wanted {
            0
        } else {
            self.kept.peek().map_or(0, |worst| (worst.0 >> 32) as u32)
        };
        near.min(kept)
    }

    fn is_hopeless(&self, breadth: &Breadth) -> bool {
        let is_late = self.scored * EARLY >= breadth.budget && self.kept.len() * EARLY < breadth.wanted;
        self.scored >= breadth.budget || is_late
    }

    /// Scores the listed slots and puts each where it belongs.
    fn take(&mut self, graph: &impl ScoredGraph, is_allowed: &impl Fn(u32) -> bool, breadth: &Breadth) {
        self.scores.resize(self.listed.len(), 0.0);
        graph.score(&self.listed, &mut self.scores);
        self.scored += self.listed.len();
        let mut floor = self.floor(breadth);
        for (&slot, &score) in self.listed.iter().zip(&self.scores) {
            let order = ordered(score);
            if order < floor {
                continue;
            }
            self.frontier.push(ranked(order, slot));
            keep(&mut self.near, Reverse(order), breadth.ef);
            if is_allowed(slot) {
                keep(&mut self.kept, Reverse(ranked(order, slot)), breadth.wanted);
            }
            floor = self.floor(breadth);
        }
    }
}

fn keep<T: Ord>(heap: &mut BinaryHeap<T>, entry: T, room: usize) {
    if heap.len() < room {
        heap.push(entry);
    } else if let Some(mut worst) = heap.peek_mut()
        && entry < *worst
    {
        *worst = entry;
    }
}

/// Walks from a slot of the base; `scratch.found` are up to `wanted` allowed slots. False when it gave up: then they are worth
/// nothing.
///
/// Errors: `deadline_exceeded`.
pub fn filtered_walk(
    graph: &impl ScoredGraph,
    start: u32,
    is_allowed: impl Fn(u32) -> bool,
    breadth: &Breadth,
    deadline: Option<Instant>,
    scratch: &mut FilteredScratch,
) -> Result<bool> {
    scratch.restart(graph.count());
    scratch.list(graph, &[start]);
    scratch.take(graph, &is_allowed, breadth);
    while let Some(next) = scratch.frontier.pop() {
        if ((next >> 32) as u32) < scratch.floor(breadth) {
            break;
        }
        if scratch.is_hopeless(breadth) {
            return Ok(false);
        }
        if scratch.expanded.is_multiple_of(CLOCK_STEPS) {
            deadline::check(deadline)?;
        }
        scratch.expanded += 1;
        scratch.list(graph, graph.links(slot_of(next)));
        scratch.take(graph, &is_allowed, breadth);
        if let Some(&after) = scratch.frontier.peek() {
            graph.prefetch_links(slot_of(after));
        }
    }
    let FilteredScratch { kept, found, .. } = scratch;
    found.extend(kept.drain().map(|Reverse(ranked)| (score_of(ranked), slot_of(ranked))));
    Ok(true)
}
