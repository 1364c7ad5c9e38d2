//! Searches of an index that may name some keys only.

use crate::allowed::Allowed;
use crate::ann_index::{AnnIndex, write_hits};
use crate::error::Result;
use crate::kernels;
use crate::limits::{self, within};
use crate::opened_index::Opened;
use crate::quantizer::check_vector;
use crate::ranking::Ranking;
use crate::weighing::Weighing;

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
        keys: &mut [u32],
        scores: &mut [f32],
    ) -> Result<FoundAllowed> {
        within("k", keys.len(), 1, limits::K_MAX)?;
        within("ef", ef.unwrap_or(1), 1, limits::EF_MAX)?;
        check_vector(query, self.dimensions)?;
        let allowed = Allowed::new(allowed, self.count)?;
        let opened = self.opened()?;
        let mut slot = opened.permits.acquire()?;
        slot.ranking.restart(keys.len());
        scan(&opened, query, &allowed, &mut slot.ranking);
        Ok(FoundAllowed { found: write_hits(slot.ranking.hits(), keys, scores), scanned: true })
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
        let mut slot = opened.permits.acquire()?;
        slot.ranking.restart(keys.len());
        for key in allowed.iter() {
            slot.ranking.offer(key, weighing.score(opened.vectors.row(key)));
        }
        Ok(FoundAllowed { found: write_hits(slot.ranking.hits(), keys, scores), scanned: true })
    }
}

fn scan(opened: &Opened, query: &[f32], allowed: &Allowed<'_>, ranking: &mut Ranking) {
    let kernels = kernels::active();
    for key in allowed.iter() {
        ranking.offer(key, kernels.dot(query, opened.vectors.row(key)));
    }
}
