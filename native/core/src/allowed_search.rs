//! Searches of an index that may name some keys only.

use crate::allowed::Allowed;
use crate::ann_index::{AnnIndex, remember, write_hits};
use crate::error::Result;
use crate::filtered_walk::Breadth;
use crate::filtered_walk::{ScoredGraph, filtered_walk};
use crate::flat_scan::Over;
use crate::graph_view::GraphView;
use crate::kernels::{self, Kernels, prefetch};
use crate::limits::{self, within};
use crate::opened_index::{Opened, Question, SearchMemory};
use crate::quantizer::check_vector;
use crate::search_path::{Question as Choice, SearchPath};
use crate::walk;
use crate::weighing::Weighing;
use std::time::Instant;

/// What a search found among the allowed keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundAllowed {
    pub found: usize,
    /// Every allowed vector was looked at: nothing is missed.
    pub scanned: bool,
}

impl AnnIndex {
    /// Up to k nearest of the allowed keys (a bitset, see `Allowed`), as good as a walk of breadth `ef` finds them, or exactly
    /// without an ef. Fills `keys` and `scores` (length k each).
    ///
    /// Errors: as `search`; `bad_request` for a set of another length or with bits beyond the last key.
    pub fn search_allowed(
        &self,
        query: &[f32],
        ef: Option<usize>,
        allowed: &[u32],
        deadline: Option<Instant>,
        keys: &mut [u32],
        scores: &mut [f32],
    ) -> Result<FoundAllowed> {
        within("k", keys.len(), 1, limits::K_MAX)?;
        within("ef", ef.unwrap_or(1), 1, limits::EF_MAX)?;
        check_vector(query, self.dimensions)?;
        let allowed = Allowed::new(allowed, self.count)?;
        let opened = self.opened()?;
        let question = Question { query, k: keys.len(), ef: ef.unwrap_or(self.count), deadline };
        remember(|memory| {
            let scanned = opened.search_allowed(kernels::active(), question, &allowed, memory)?;
            Ok(FoundAllowed { found: write_hits(memory.ranking.hits(), keys, scores), scanned })
        })
    }

    /// The same by the weighted cosine.
    ///
    /// Errors: as `search_weighed` and `search_allowed`.
    pub fn search_weighed_allowed(
        &self,
        query: &[f32],
        factors: &[f32],
        allowed: &[u32],
        keys: &mut [u32],
        scores: &mut [f32],
    ) -> Result<FoundAllowed> {
        within("k", keys.len(), 1, limits::K_MAX)?;
        let weighing = Weighing::new(query, factors, self.dimensions)?;
        let allowed = Allowed::new(allowed, self.count)?;
        let opened = self.opened()?;
        remember(|memory| {
            memory.ranking.restart(keys.len());
            for key in allowed.iter() {
                memory.ranking.offer(key, weighing.score(opened.vectors.row(key)));
            }
            Ok(FoundAllowed { found: write_hits(memory.ranking.hits(), keys, scores), scanned: true })
        })
    }
}

impl Opened {
    /// The k nearest of the allowed keys into the ranking of the memory, by whichever way costs least; true when all of them were
    /// looked at. An `ef` as wide as the index asks for that.
    fn search_allowed(
        &self,
        kernels: &Kernels,
        question: Question<'_>,
        allowed: &Allowed<'_>,
        memory: &mut SearchMemory,
    ) -> Result<bool> {
        let Question { query, k, ef, deadline } = question;
        memory.ranking.restart(k);
        let choice =
            Choice { k, ef, count: self.vectors.count(), allowed: Some(allowed.count()), degree: self.image.degree() };
        if let SearchPath::Filtered(breadth) = SearchPath::choose(&choice)
            && self.walk_allowed(kernels, query, allowed, &breadth, deadline, memory)?
        {
            return Ok(false);
        }
        let over = Over::Allowed { allowed, slots: self.slots() };
        self.flat_scan(kernels, query, deadline).run(over, &mut memory.flat, &mut memory.ranking)?;
        Ok(true)
    }

    /// False when the walk gave up.
    fn walk_allowed(
        &self,
        kernels: &Kernels,
        query: &[f32],
        allowed: &Allowed<'_>,
        breadth: &Breadth,
        deadline: Option<Instant>,
        memory: &mut SearchMemory,
    ) -> Result<bool> {
        let graph = self.graph();
        let SearchMemory { scratch, ranking, filtered, .. } = memory;
        scratch.factors.clear();
        self.code_query(query, scratch);
        let start = walk::start(&graph, kernels, scratch);
        let asked = Asked { graph: &graph, kernels, codes: &scratch.codes };
        let is_allowed = |slot: u32| allowed.contains(graph.keys[slot as usize]);
        if !filtered_walk(&asked, start, is_allowed, breadth, deadline, filtered)? {
            return Ok(false);
        }
        for &(_, slot) in &filtered.found {
            let key = graph.keys[slot as usize];
            ranking.offer(key, kernels.dot(query, self.vectors.row(key)));
        }
        Ok(true)
    }
}

/// The graph with the codes of one query.
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
