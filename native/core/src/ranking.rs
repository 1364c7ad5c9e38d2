//! The best k of many, ordered by score descending, equal scores by key ascending: the same answer in any order of offers.

use std::cmp::Ordering;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    pub key: u32,
    pub score: f32,
}

impl Hit {
    /// `Less` when `self` ranks before `other`.
    pub fn rank(&self, other: &Self) -> Ordering {
        other.score.total_cmp(&self.score).then(self.key.cmp(&other.key))
    }
}

#[derive(Debug, Default)]
pub struct Ranking {
    k: usize,
    hits: Vec<Hit>,
}

impl Ranking {
    pub fn new(k: usize) -> Self {
        Self { k, hits: Vec::with_capacity(k + 1) }
    }

    /// Empties the ranking for another question.
    pub fn restart(&mut self, k: usize) {
        self.k = k;
        self.hits.clear();
    }

    /// How many are wanted.
    pub fn k(&self) -> usize {
        self.k
    }

    /// A score below this one cannot enter.
    pub fn threshold(&self) -> f32 {
        if self.hits.len() < self.k { f32::NEG_INFINITY } else { self.hits[self.k - 1].score }
    }

    pub fn offer(&mut self, key: u32, score: f32) {
        if score < self.threshold() {
            return;
        }
        let hit = Hit { key, score: score + 0.0 }; // −0 and 0 are one score
        let at = self.hits.partition_point(|other| other.rank(&hit).is_lt());
        if at < self.k {
            self.hits.insert(at, hit);
            self.hits.truncate(self.k);
        }
    }

    pub fn hits(&self) -> &[Hit] {
        &self.hits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_scores_are_ordered_by_key_whatever_the_order_of_offers() {
        let keys = |offers: &[(u32, f32)]| {
            let mut ranking = Ranking::new(3);
            for &(key, score) in offers {
                ranking.offer(key, score);
            }
            ranking.hits().iter().map(|hit| hit.key).collect::<Vec<_>>()
        };
        assert_eq!(keys(&[(9, 0.5), (2, 0.5), (7, 0.9), (1, 0.5), (4, 0.1)]), [7, 1, 2]);
        assert_eq!(keys(&[(4, 0.1), (1, 0.5), (7, 0.9), (2, 0.5), (9, 0.5)]), [7, 1, 2]);
        assert_eq!(keys(&[(5, 0.0), (3, -0.0)]), [3, 5]);
    }
}
