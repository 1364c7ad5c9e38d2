//! A node of a tree, twelve bytes, and the question it asks. The left child follows its parent, the right one is named.

/// What a node asks. `Leaf` ends the walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Leaf,
    /// Column ≤ argument goes left; a missing value (0) goes where training put it.
    AtMost,
    /// Column = argument goes left.
    Equal,
    /// Column in the set at argument goes left.
    InSet,
    /// Operation `column` occurred at least `argument` times: left.
    Occurred,
}

/// `meta`: bits 0 to 2 kind, 3 missing was seen in training, 4 missing goes left, 8 to 15 share that went left, 16 to 31 column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    pub meta: u32,
    /// Threshold, value, start of a set or of a leaf's entries.
    pub argument: u32,
    /// Index of the right child; number of a leaf's entries.
    pub right: u32,
}

impl Node {
    pub const fn leaf(start: u32, entries: u32) -> Self {
        Self { meta: 0, argument: start, right: entries }
    }

    /// `left_share`: weight of the left rows over that of all, 0 to 1.
    pub fn question(kind: Kind, column: u16, argument: u32, missing: Option<bool>, left_share: f64) -> Self {
        let share = (left_share * 255.0).round().clamp(1.0, 254.0) as u32;
        let missing = missing.map_or(0, |left| 8 | (u32::from(left) << 4));
        Self { meta: kind as u32 | missing | (share << 8) | (u32::from(column) << 16), argument, right: 0 }
    }

    pub const fn kind(self) -> Kind {
        match self.meta & 7 {
            1 => Kind::AtMost,
            2 => Kind::Equal,
            3 => Kind::InSet,
            4 => Kind::Occurred,
            _ => Kind::Leaf,
        }
    }

    pub const fn column(self) -> usize {
        (self.meta >> 16) as usize
    }

    pub const fn missing_seen(self) -> bool {
        self.meta & 8 != 0
    }

    pub const fn missing_left(self) -> bool {
        self.meta & 16 != 0
    }

    /// Share of the training weight that went left.
    pub fn left_share(self) -> f32 {
        ((self.meta >> 8) & 255) as f32 / 255.0
    }
}

/// Part of a leaf: probability in units of 1/65535 in the low half, operation (0 = end) in the high half.
pub const fn entry(operation: u16, probability: u16) -> u32 {
    (operation as u32) << 16 | probability as u32
}

pub const fn entry_operation(entry: u32) -> usize {
    (entry >> 16) as usize
}

pub fn entry_probability(entry: u32) -> f32 {
    (entry & 0xFFFF) as f32 / 65_535.0
}

/// A set is stored as its length, then its values, ascending.
pub fn set_contains(sets: &[u16], start: usize, value: u16) -> bool {
    let length = sets[start] as usize;
    sets[start + 1..start + 1 + length].binary_search(&value).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_gives_back_what_was_put_in() {
        let node = Node::question(Kind::InSet, 65_535, 12, Some(true), 0.5);
        assert_eq!((node.kind(), node.column(), node.argument), (Kind::InSet, 65_535, 12));
        assert!(node.missing_seen() && node.missing_left());
        assert!((node.left_share() - 0.5).abs() < 0.01);
        let plain = Node::question(Kind::Equal, 3, 4, None, 0.0);
        assert!(!plain.missing_seen() && plain.left_share() > 0.0);
        assert_eq!(Node::leaf(7, 2).kind(), Kind::Leaf);
        assert_eq!((entry_operation(entry(65_535, 9)), entry(65_535, 9) & 0xFFFF), (65_535, 9));
    }

    #[test]
    fn membership_of_a_set_that_does_not_start_at_zero() {
        let sets = [9, 9, 2, 5, 300];
        assert!(set_contains(&sets, 2, 5) && set_contains(&sets, 2, 300));
        assert!(!set_contains(&sets, 2, 9));
    }
}
