//! Which way to an answer is the cheapest: a walk, the walk that keeps allowed rows, or a scan of all that is allowed.
//!
//! Costs are counted in rows of codes that a scan picks one by one out of the cache, never in time: the same question takes the same
//! way on every machine. The proportions were measured on 60,000 × 784 pictures, 62,000 × 384 texts and 237,000 × 256 encoded items
//! (AVX-512 VNNI, graphs of connectivity 16). Where two ways cost the same the scan is better: it misses nothing.
//!
//! How many rows are allowed says nothing of where they lie. So a filtered search first looks around the question, by a walk that
//! costs a small part of the scan: the share of allowed rows there, not that of all, says what a walk would cost.

use crate::filtered_walk::Breadth;
use crate::limits::EF_MAX;

/// A row that the filtered walk scores: its links, the marks, the queue and the wait for memory.
const FILTERED_ROW: f64 = 7.0;
/// Rows that it scores, times the links of a node, for E nodes to the power of `FRESH_POWER`: the more it has seen, the fewer are
/// new.
const FRESH: f64 = 1.3;
const FRESH_POWER: f64 = 2.0 / 3.0;
/// Expansions of a walk, times ef.
const EXPANDED: f64 = 1.15;
/// A plain walk, in rows a visit and before the first.
const VISIT: f64 = 30.0;
const WALK_START: f64 = 500.0;
/// A row of a scan that reads all, and one of so many that they do not stay in the cache.
const CONSECUTIVE_ROW: f64 = 0.65;
const COLD_ROW: f64 = 2.5;
/// Bytes of codes that stay in the cache from one question to the next.
const CACHED_BYTES: usize = 13 << 20;
/// The ef of the look around a question. After a scan its rows are in no cache, and it costs up to so many rows; it is taken where
/// the scan costs ten times more.
pub const LOOK: usize = 16;
const LOOK_COST: f64 = 2_500.0;
const WORTH_A_LOOK: f64 = 10.0;
/// The share of all weighs as much as so many rows of the look.
const PRIOR: f64 = 1.0;
/// From this share around the question on, a plain walk brings enough of the allowed.
const DENSE: f64 = 0.3;
/// Walks among the allowed are wider than others: what is farther out lies less dense.
const WIDER: f64 = 1.5;
/// A filtered walk that would cost more than this part of the scan is not begun; it gives up where it costs twice what was thought.
const HOPEFUL: f64 = 0.35;
const BUDGET: f64 = 2.0;
/// Allowed rows at least that a walk brings, and times k.
const WANTED: usize = 30;
const WANTED_PER_K: usize = 2;

/// Under moved weights costs are counted in values of exact vectors that are read: coming to a vector costs as much as so many, and
/// a row that a walk scores on its codes, norm and all, as much as so many.
const WEIGHED_SCAN_ROW: f64 = 32.0;
const WEIGHED_ROW: f64 = 800.0;
/// Allowed rows, times k, that a walk under moved weights brings.
const WANTED_WEIGHED_PER_K: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SearchPath {
    /// The graph as it is, with this ef.
    Walk {
        ef: usize,
    },
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
    /// Bytes of a row of codes.
    pub row_bytes: usize,
    /// Links of a node at the base.
    pub degree: usize,
}

impl Question {
    /// Where everything is allowed.
    pub fn path(&self) -> SearchPath {
        let ef = self.ef.max(self.k);
        if self.count <= ef || self.scan_cost(self.count) <= walk_cost(ef) {
            SearchPath::Scan
        } else {
            SearchPath::Walk { ef }
        }
    }

    /// Whether so many allowed rows are enough to look where they lie; fewer are scanned.
    pub fn is_worth_a_look(&self, allowed: usize) -> bool {
        allowed > self.ef.max(self.k) && self.scan_cost(allowed) >= WORTH_A_LOOK * LOOK_COST
    }

    /// Where `near` of `seen` rows around the question are allowed, and `allowed` of all.
    pub fn path_after(&self, allowed: usize, seen: usize, near: usize) -> SearchPath {
        let scan = self.scan_cost(allowed);
        let ef = (WIDER * self.ef as f64) as usize;
        let ef = ef.max(self.k);
        let share = self.share(allowed, seen, near);
        let wide = (ef as f64 / share) as usize;
        if share >= DENSE && walk_cost(wide) < scan {
            return SearchPath::Walk { ef: wide };
        }
        // ef serves k of all rows; of the allowed ones a walk passes by the share
        let served = self.k as f64 + (ef - self.k) as f64 * share.sqrt();
        let wanted = self.wanted().max(served as usize);
        let expanded = (ef as f64 * EXPANDED).max(wanted as f64 / share);
        let scored = self.scored(expanded);
        if FILTERED_ROW * scored >= HOPEFUL * scan {
            return SearchPath::Scan;
        }
        SearchPath::Filtered(Breadth { ef, wanted, budget: (BUDGET * scored) as usize })
    }

    /// Whether a look under moved weights is a small part of a scan of this cost.
    pub fn is_worth_a_weighed_look(&self, scan: f64) -> bool {
        scan >= WORTH_A_LOOK * self.weighed_walk_cost(LOOK)
    }

    /// The ef of a walk under moved weights where it costs less than that scan.
    pub fn weighed_walk_after(&self, scan: f64, allowed: usize, seen: usize, near: usize) -> Option<usize> {
        let wide = self.ef.max(self.wanted_weighed()) as f64 / self.share(allowed, seen, near);
        let wide = (WIDER * wide) as usize;
        (wide <= EF_MAX && self.weighed_walk_cost(wide) < HOPEFUL * scan).then_some(wide)
    }

    /// As `wanted`; under moved weights codes rank coarsely.
    pub fn wanted_weighed(&self) -> usize {
        WANTED_WEIGHED_PER_K * self.k
    }

    fn weighed_walk_cost(&self, ef: usize) -> f64 {
        WEIGHED_ROW * self.scored(EXPANDED * ef as f64)
    }

    /// Rows that a walk on codes scores when it expands so many nodes.
    fn scored(&self, expanded: f64) -> f64 {
        FRESH * self.degree as f64 * expanded.powf(FRESH_POWER)
    }

    /// The share of allowed rows around a question.
    fn share(&self, allowed: usize, seen: usize, near: usize) -> f64 {
        (near as f64 + PRIOR * allowed as f64 / self.count as f64) / (seen as f64 + PRIOR)
    }

    /// Allowed rows that a walk must bring to be believed.
    pub fn wanted(&self) -> usize {
        WANTED.max(WANTED_PER_K * self.k)
    }

    fn scan_cost(&self, rows: usize) -> f64 {
        let cost = |rows: usize, each: f64| {
            rows as f64 * each * if rows * self.row_bytes > CACHED_BYTES { COLD_ROW } else { 1.0 }
        };
        cost(rows, 1.0).min(cost(self.count, CONSECUTIVE_ROW))
    }
}

/// What a scan of so many rows costs under moved weights, of which so many values count: in values read.
pub fn weighed_scan_cost(rows: usize, counted: usize) -> f64 {
    rows as f64 * (WEIGHED_SCAN_ROW + counted as f64)
}

fn walk_cost(ef: usize) -> f64 {
    WALK_START + VISIT * ef as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const K: usize = 10;

    fn question(count: usize, ef: usize) -> Question {
        Question { k: K, ef, count, row_bytes: 256, degree: 32 }
    }

    #[test]
    fn small_plants_and_narrow_filters_are_read_as_a_whole() {
        assert_eq!(question(1_000, 96).path(), SearchPath::Scan);
        assert_eq!(question(90, 96).path(), SearchPath::Scan);
        assert_eq!(question(300_000, 96).path(), SearchPath::Walk { ef: 96 });
        for allowed in [0, 30, 3_000] {
            assert!(!question(300_000, 96).is_worth_a_look(allowed));
        }
        assert!(question(300_000, 96).is_worth_a_look(100_000));
        assert!(!question(300_000, 300_000).is_worth_a_look(300_000));
    }

    #[test]
    fn a_look_costs_a_small_part_of_the_scan_and_what_it_saw_decides() {
        let path = |near| question(240_000, 96).path_after(50_000, 20, near);
        assert_eq!(path(0), SearchPath::Scan);
        assert!(matches!(path(5), SearchPath::Filtered(_)));
        assert!(matches!(path(20), SearchPath::Walk { ef } if (144..160).contains(&ef)));
    }

    #[test]
    fn a_filtered_walk_costs_less_than_the_scan_even_where_it_gives_up_and_brings_more_than_is_asked_for() {
        let question = Question { k: 50, ..question(1_000_000, 200) };
        let mut walks = 0;
        for allowed in (1..=40).map(|tenth| tenth * 25_000) {
            for near in 0..=20 {
                if let SearchPath::Filtered(breadth) = question.path_after(allowed, 20, near) {
                    assert!(breadth.budget as f64 * FILTERED_ROW <= question.scan_cost(allowed));
                    assert!(breadth.wanted >= 100 && breadth.ef >= 200);
                    walks += 1;
                }
            }
        }
        assert!(walks > 0);
    }
}
