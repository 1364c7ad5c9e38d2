//! Which way to an answer is the cheapest: the plain walk, the walk that keeps allowed rows, or a scan of all that is allowed.
//!
//! Costs are counted in rows of codes that a scan picks one by one. The proportions were measured on 60,000 × 784 pictures and
//! 238,000 × 256 encoded items (AVX-512 VNNI, graphs of connectivity 16, a machine under load): a row of a walk took 160 and 100 ns,
//! a picked one 84 and 47 where a filter was new and 17 and less where its rows lay in the cache; consecutive rows take two thirds
//! of a picked one. A walk that expands E nodes scored 36 and 52 × E^(2/3) rows. Where both cost the same the scan is better: it
//! misses nothing.

use crate::filtered_walk::Breadth;

/// A row that a walk scores: its links, the marks, the queue and the wait for memory.
const WALK_ROW: f64 = 4.0;
/// A row of a scan that reads all.
const CONSECUTIVE_ROW: f64 = 0.65;
/// Rows that a walk scores, times the links of a node, for E nodes to the power of `FRESH_POWER`: the more it has seen, the fewer
/// are new.
const FRESH: f64 = 1.3;
const FRESH_POWER: f64 = 2.0 / 3.0;
/// Expansions of a plain walk, times ef.
const EXPANDED: f64 = 1.15;
/// Allowed rows at least that a filtered walk brings, and times k.
const WANTED: usize = 30;
const WANTED_PER_K: usize = 2;
/// A filtered walk may cost what it was thought to, and so much more, but never more than the scan.
const BUDGET: f64 = 2.0;

#[derive(Clone, Copy, Debug)]
pub enum SearchPath {
    /// The graph as it is: everything is allowed.
    Walk,
    Filtered(Breadth),
    /// All rows, or all that are allowed: exact.
    Scan,
}

/// What decides.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    pub k: usize,
    pub ef: usize,
    /// Vectors of the index.
    pub count: usize,
    /// How many of them are allowed; none: all.
    pub allowed: Option<usize>,
    /// Links of a node at the base.
    pub degree: usize,
}

impl SearchPath {
    pub fn choose(question: &Question) -> Self {
        let Question { k, ef, count, degree, .. } = *question;
        let allowed = question.allowed.unwrap_or(count);
        let ef = ef.max(k);
        if allowed <= ef {
            return Self::Scan; // wider than all there is
        }
        let scan = (allowed as f64).min(count as f64 * CONSECUTIVE_ROW);
        if question.allowed.is_none() {
            return if scan <= walk_cost(ef as f64 * EXPANDED, degree) { Self::Scan } else { Self::Walk };
        }
        let share = allowed as f64 / count as f64;
        // ef serves k of all rows; of the allowed ones a walk passes by the share, and what is farther out lies less dense
        let served = k as f64 + (ef - k) as f64 * share.sqrt();
        let wanted = (served as usize).max(WANTED).max(WANTED_PER_K * k);
        let expanded = (ef as f64 * EXPANDED).max(wanted as f64 / share);
        let cost = walk_cost(expanded, degree);
        if cost >= scan {
            return Self::Scan;
        }
        let budget = ((BUDGET * cost).min(scan) / WALK_ROW) as usize;
        Self::Filtered(Breadth { ef, wanted, budget })
    }
}

fn walk_cost(expanded: f64, degree: usize) -> f64 {
    WALK_ROW * FRESH * degree as f64 * expanded.powf(FRESH_POWER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(count: usize, allowed: Option<usize>, ef: usize) -> &'static str {
        match SearchPath::choose(&Question { k: 10, ef, count, allowed, degree: 32 }) {
            SearchPath::Walk => "walk",
            SearchPath::Filtered(_) => "filtered",
            SearchPath::Scan => "scan",
        }
    }

    #[test]
    fn small_plants_and_narrow_filters_are_read_as_a_whole() {
        assert_eq!(path(1_000, None, 96), "scan");
        assert_eq!(path(300_000, None, 96), "walk");
        assert_eq!(path(300_000, Some(300_000), 96), "filtered");
        assert_eq!(path(300_000, Some(150_000), 96), "filtered");
        assert_eq!(path(300_000, Some(3_000), 96), "scan");
        assert_eq!(path(300_000, Some(30), 96), "scan");
        assert_eq!(path(300_000, Some(0), 96), "scan");
        assert_eq!(path(90, None, 96), "scan");
    }

    #[test]
    fn a_filtered_walk_never_costs_more_than_the_scan_and_brings_more_than_is_asked_for() {
        for allowed in (1..=40).map(|tenth| tenth * 25_000) {
            let question = Question { k: 50, ef: 200, count: 1_000_000, allowed: Some(allowed), degree: 32 };
            if let SearchPath::Filtered(breadth) = SearchPath::choose(&question) {
                assert!(breadth.budget as f64 * WALK_ROW <= allowed as f64);
                assert!(breadth.wanted >= 100 && breadth.ef >= 200);
            }
        }
    }
}
