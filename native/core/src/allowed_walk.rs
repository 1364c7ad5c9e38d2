//! How an opened index is searched where only some keys are allowed: a look around the question says where they lie, then a walk or
//! a scan brings them.

use crate::allowed::Allowed;
use crate::error::Result;
use crate::filtered_walk::{ScoredGraph, filtered_walk};
use crate::flat_scan::Over;
use crate::graph_view::GraphView;
use crate::kernels::{Kernels, prefetch};
use crate::opened_index::{Opened, Question, SearchMemory};
use crate::search_path::{LOOK, Question as Choice, SearchPath, weighed_scan_cost};
use crate::walk::walk;
use crate::walk_scratch::Candidate;
use crate::weighing::Weighing;
use std::time::Instant;

impl Opened {
    /// The k nearest of the allowed keys into the ranking of the memory, by whichever way costs least; true when all of them were
    /// looked at. An `ef` as wide as the index asks for that.
    ///
    /// Errors: `deadline_exceeded`.
    pub(crate) fn search_allowed(
        &self,
        kernels: &Kernels,
        question: Question<'_>,
        allowed: &Allowed<'_>,
        memory: &mut SearchMemory,
    ) -> Result<bool> {
        memory.ranking.restart(question.k);
        let choice = self.choice(question.k, question.ef);
        if choice.is_worth_a_look(allowed.count()) && self.walk_allowed(kernels, question, allowed, &choice, memory)? {
            self.rank_found(kernels, question, memory);
            return Ok(false);
        }
        let over = Over::Allowed { allowed, slots: self.slots() };
        self.flat_scan(kernels, question.query, question.deadline).run(over, &mut memory.flat, &mut memory.ranking)?;
        Ok(true)
    }

    /// Leaves allowed slots in `found`; false where a scan is better, which some looks show and some walks find out.
    fn walk_allowed(
        &self,
        kernels: &Kernels,
        question: Question<'_>,
        allowed: &Allowed<'_>,
        choice: &Choice,
        memory: &mut SearchMemory,
    ) -> Result<bool> {
        let graph = self.graph();
        memory.scratch.factors.clear();
        self.code_query(question.query, &mut memory.scratch);
        let look = |ef: usize, memory: &mut SearchMemory| -> Result<Around> {
            walk(&graph, kernels, self.breadth(ef, 1), question.deadline, &mut memory.scratch)?;
            Ok(Around::take(&mut memory.scratch.found, |slot| allowed.contains(graph.keys[slot as usize])))
        };
        let mut around = look(LOOK, memory)?;
        let mut path = choice.path_after(allowed.count(), around.seen, around.allowed);
        if let SearchPath::Walk { ef } = path {
            around = look(ef, memory)?;
            if around.allowed >= choice.wanted() {
                return Ok(true);
            }
            path = choice.path_after(allowed.count(), around.seen, around.allowed);
        }
        let SearchPath::Filtered(breadth) = path else { return Ok(false) };
        let SearchMemory { scratch, filtered, .. } = memory;
        let asked = Asked { graph: &graph, kernels, codes: &scratch.codes };
        let is_allowed = |slot: u32| allowed.contains(graph.keys[slot as usize]);
        if !filtered_walk(&asked, around.nearest, is_allowed, &breadth, question.deadline, filtered)? {
            return Ok(false);
        }
        scratch.found.clear();
        scratch.found.extend(filtered.found.iter().map(|&(score, slot)| Candidate { score, slot }));
        Ok(true)
    }
}

impl Opened {
    /// The k nearest of the allowed keys by the weighted cosine into the ranking of the memory; true when all of them were looked at,
    /// as without an ef.
    ///
    /// Errors: `deadline_exceeded`.
    pub(crate) fn search_weighed_allowed(
        &self,
        kernels: &Kernels,
        weighing: &Weighing,
        (k, ef): (usize, Option<usize>),
        allowed: &Allowed<'_>,
        deadline: Option<Instant>,
        memory: &mut SearchMemory,
    ) -> Result<bool> {
        memory.ranking.restart(k);
        let choice = ef.map(|ef| self.choice(k, ef));
        let scan = weighed_scan_cost(allowed.count(), weighing.counted());
        if let Some(choice) = choice.filter(|choice| choice.is_worth_a_weighed_look(scan)) {
            self.code_weighed(weighing, &mut memory.scratch);
            let graph = self.graph();
            let mut look = |ef: usize| -> Result<Around> {
                walk(&graph, kernels, ef, deadline, &mut memory.scratch)?;
                Ok(Around::take(&mut memory.scratch.found, |slot| allowed.contains(graph.keys[slot as usize])))
            };
            let around = look(LOOK)?;
            if let Some(wide) = choice.weighed_walk_after(scan, allowed.count(), around.seen, around.allowed)
                && look(wide)?.allowed >= choice.wanted_weighed()
            {
                self.rank_weighed(weighing, memory);
                return Ok(false);
            }
        }
        weighing.scan_allowed(&self.vectors, allowed, deadline, &mut memory.ranking)?;
        Ok(true)
    }
}

/// What a walk saw around a question.
struct Around {
    seen: usize,
    allowed: usize,
    /// The nearest slot, allowed or not.
    nearest: u32,
}

impl Around {
    /// Leaves the allowed ones of what a walk found.
    fn take(found: &mut Vec<Candidate>, is_allowed: impl Fn(u32) -> bool) -> Self {
        let seen = found.len();
        let nearest = found.iter().max_by(|a, b| a.score.total_cmp(&b.score)).map_or(0, |best| best.slot());
        found.retain(|candidate| is_allowed(candidate.slot()));
        Self { seen, allowed: found.len(), nearest }
    }
}

/// The graph with the codes of one question.
struct Asked<'a> {
    graph: &'a GraphView<'a>,
    kernels: &'a Kernels,
    codes: &'a [i8],
}

impl ScoredGraph for Asked<'_> {
    fn count(&self) -> usize {
        self.graph.count()
    }

    fn links(&self, slot: u32) -> &[u32] {
        self.graph.links_of(slot)
    }

    fn score(&self, slots: &[u32], out: &mut [f32]) {
        self.kernels.score_slots(self.codes, self.graph.codes, self.graph.inverse_norms, slots, out);
    }

    fn prefetch_links(&self, slot: u32) {
        let links = self.graph.links_of(slot);
        prefetch(links.as_ptr().cast(), size_of_val(links));
    }

    fn prefetch_codes(&self, slot: u32) {
        let row = self.graph.row(slot);
        prefetch(row.as_ptr().cast(), row.len());
    }
}
