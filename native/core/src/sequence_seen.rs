//! The values that training saw, per categorical column: of another value the trees know nothing, and must not act as if.

use crate::sequence_training::TrainingSet;

/// In place of a value that training never saw. No attribute value is that large.
pub const UNSEEN: u16 = u16::MAX;

/// Per column its number of words, then the words: bit v of them says that value v was seen. Ordered columns have no words.
#[derive(Debug, PartialEq)]
pub struct SeenValues {
    words: Vec<u32>,
    /// Start of each column in `words`, after its count.
    starts: Vec<u32>,
}

impl SeenValues {
    /// Of the items that have a routing.
    pub fn of(set: &TrainingSet) -> Self {
        let columns = set.feature_count();
        let mut bits: Vec<Vec<u32>> = vec![Vec::new(); columns];
        let categorical: Vec<usize> = (0..columns).filter(|&column| set.feature_kinds[column] == 1).collect();
        for &item in set.routing_item {
            let row = &set.features[item as usize * columns..(item as usize + 1) * columns];
            for &column in &categorical {
                let (word, bit) = (row[column] as usize / 32, row[column] % 32);
                if bits[column].len() <= word {
                    bits[column].resize(word + 1, 0);
                }
                bits[column][word] |= 1 << bit;
            }
        }
        let words = bits.into_iter().flat_map(|column| [vec![column.len() as u32], column].concat()).collect();
        Self::from_words(words, columns).unwrap_or(Self { words: Vec::new(), starts: Vec::new() })
    }

    /// None when the words do not hold exactly this many columns.
    pub fn from_words(words: Vec<u32>, columns: usize) -> Option<Self> {
        let (mut at, mut starts) = (0, Vec::new());
        for _ in 0..columns {
            let count = *words.get(at)? as usize;
            starts.push(at as u32 + 1);
            at = at.checked_add(1)?.checked_add(count)?;
        }
        (at == words.len()).then_some(Self { words, starts })
    }

    pub fn words(&self) -> &[u32] {
        &self.words
    }

    pub fn columns(&self) -> usize {
        self.starts.len()
    }

    /// The row with [`UNSEEN`] in place of values that training never saw; missing stays missing.
    pub fn mask(&self, row: &mut [u16]) {
        for (value, &start) in row.iter_mut().zip(&self.starts) {
            let count = self.words[start as usize - 1] as usize;
            if *value == 0 || count == 0 {
                continue;
            }
            let (word, bit) = (*value as usize / 32, *value % 32);
            if word >= count || self.words[start as usize + word] >> bit & 1 == 0 {
                *value = UNSEEN;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_values_of_routed_items_are_seen_and_ordered_columns_are_left_alone() {
        let set = TrainingSet {
            features: &[1, 5, 40, 6, 99, 7],
            feature_kinds: &[1, 0],
            routing_item: &[0, 1],
            routing_weight: &[1.0, 1.0],
            step_offsets: &[0, 1, 2],
            operations: &[1, 1],
            operation_count: 1,
        };
        let seen = SeenValues::of(&set);
        for (row, expected) in [([40, 9], [40, 9]), ([99, 9], [UNSEEN, 9]), ([2, 0], [UNSEEN, 0]), ([0, 5], [0, 5])] {
            let mut row = row;
            seen.mask(&mut row);
            assert_eq!(row, expected);
        }
        assert!(SeenValues::from_words(seen.words().to_vec(), 3).is_none());
        assert_eq!(SeenValues::from_words(seen.words().to_vec(), 2), Some(seen));
    }
}
