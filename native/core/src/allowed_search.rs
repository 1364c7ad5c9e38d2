//! Searches of an index that may name some keys only.

use crate::allowed::Allowed;
use crate::ann_index::{AnnIndex, remember, write_hits};
use crate::error::Result;
use crate::kernels;
use crate::limits::{self, within};
use crate::opened_index::Question;
use crate::quantizer::check_query;
use crate::weighing::Weighing;
use std::time::Instant;

/// What a search found among the allowed keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundAllowed {
    pub found: usize,
    /// Every allowed vector was looked at: nothing is missed.
    pub scanned: bool,
}

/// How much is done for an answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Effort {
    /// Breadth of a walk; none: exactly.
    pub ef: Option<usize>,
    /// When the answer is of no use any more.
    pub deadline: Option<Instant>,
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
        check_query(kernels::active(), query, self.dimensions)?;
        let allowed = Allowed::new(allowed, self.count)?;
        let opened = self.opened()?;
        let question = Question { query, k: keys.len(), ef: ef.unwrap_or(self.count), deadline };
        remember(|memory| {
            let scanned = opened.search_allowed(kernels::active(), question, &allowed, memory)?;
            Ok(FoundAllowed { found: write_hits(memory.ranking.hits(), keys, scores), scanned })
        })
    }

    /// The same by the weighted cosine; over all that are allowed without an ef.
    ///
    /// Errors: as `search_weighed` and `search_allowed`.
    pub fn search_weighed_allowed(
        &self,
        query: &[f32],
        factors: &[f32],
        effort: Effort,
        allowed: &[u32],
        keys: &mut [u32],
        scores: &mut [f32],
    ) -> Result<FoundAllowed> {
        let Effort { ef, deadline } = effort;
        within("k", keys.len(), 1, limits::K_MAX)?;
        within("ef", ef.unwrap_or(1), 1, limits::EF_MAX)?;
        let weighing = Weighing::new(query, factors, self.dimensions)?;
        let allowed = Allowed::new(allowed, self.count)?;
        let opened = self.opened()?;
        remember(|memory| {
            let breadth = (keys.len(), ef);
            let scanned =
                opened.search_weighed_allowed(kernels::active(), &weighing, breadth, &allowed, deadline, memory)?;
            Ok(FoundAllowed { found: write_hits(memory.ranking.hits(), keys, scores), scanned })
        })
    }
}
