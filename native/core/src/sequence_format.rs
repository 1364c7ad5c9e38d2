//! A model as bytes, little endian: magic, version, checksum of the rest, eight counts, roots, seen values, nodes,
//! entries, sets.
//! Opening checks every index, so that no file, however damaged or forged, can make a walk leave its arrays or never end.

use crate::error::{Code, Error, Result};
use crate::sequence_context::CONTEXT_COLUMNS;
use crate::sequence_model::Model;
use crate::sequence_node::{Kind, Node, entry_operation};
use crate::sequence_seen::SeenValues;
use crate::sequence_training::{FEATURES_MAX, OPERATIONS_MAX, STEPS_MAX};

const MAGIC: &[u8; 8] = b"RWSEQNCE";
const VERSION: u32 = 1;
const HEAD: usize = 52;

impl Model {
    /// The model as bytes; [`Model::from_bytes`] reads them on any machine.
    pub fn to_bytes(&self) -> Vec<u8> {
        let counts = [
            self.feature_count,
            self.operation_count,
            self.steps_max,
            self.roots.len(),
            self.nodes.len(),
            self.entries.len(),
            self.sets.len(),
            self.seen.words().len(),
        ];
        let mut bytes = Vec::with_capacity(HEAD + self.memory());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&[0; 8]);
        let words = counts.iter().map(|&count| count as u32).chain(self.roots.iter().chain(self.seen.words()).copied());
        let nodes = self.nodes.iter().flat_map(|node| [node.meta, node.argument, node.right]);
        for word in words.chain(nodes).chain(self.entries.iter().copied()) {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        for value in &self.sets {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        let sum = checksum(&bytes[20..]);
        bytes[12..20].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    /// Reads and checks a model. Fails with `artifact_corrupt` on bytes that are damaged or contradict themselves and with
    /// `artifact_mismatch` on a version that this build does not know.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        if bytes.len() < HEAD || &bytes[..8] != MAGIC {
            return Err(corrupt("it does not begin like a sequence model"));
        }
        let version = word(bytes, 8);
        if version != VERSION {
            return Err(Error::new(Code::ArtifactMismatch, format!("sequence model: version {version} is not known")));
        }
        if checksum(&bytes[20..]).to_le_bytes() != bytes[12..20] {
            return Err(corrupt("the checksum differs"));
        }
        let count = |at: usize| word(bytes, 20 + 4 * at) as usize;
        let (roots, nodes, entries, sets, seen) = (count(3), count(4), count(5), count(6), count(7));
        // In 64 bits: five counts of 32 bits cannot overflow there.
        let length =
            HEAD as u64 + 4 * (roots as u64 + seen as u64) + 12 * nodes as u64 + 4 * entries as u64 + 2 * sets as u64;
        if length != bytes.len() as u64 {
            return Err(corrupt("its length does not fit its counts"));
        }
        let words = |from: usize, n: usize| (0..n).map(move |at| word(bytes, from + 4 * at));
        let from_nodes = HEAD + 4 * (roots + seen);
        let from_entries = from_nodes + 12 * nodes;
        let node = |at: usize| {
            let from = from_nodes + 12 * at;
            Node { meta: word(bytes, from), argument: word(bytes, from + 4), right: word(bytes, from + 8) }
        };
        let model = Self {
            feature_count: count(0),
            operation_count: count(1),
            steps_max: count(2),
            seen: SeenValues::from_words(words(HEAD + 4 * roots, seen).collect(), count(0))
                .ok_or_else(|| corrupt("its columns do not fit their values"))?,
            roots: words(HEAD, roots).collect(),
            nodes: (0..nodes).map(node).collect(),
            entries: words(from_entries, entries).collect(),
            sets: bytes[from_entries + 4 * entries..]
                .chunks_exact(2)
                .map(|b| u16::from_le_bytes([b[0], b[1]]))
                .collect(),
        };
        model.check()?;
        Ok(model)
    }

    fn check(&self) -> Result<()> {
        let shape = (1..=FEATURES_MAX).contains(&self.feature_count)
            && (1..=OPERATIONS_MAX).contains(&self.operation_count)
            && self.steps_max <= STEPS_MAX
            && self.roots.first() == Some(&0)
            && self.roots.is_sorted_by(|a, b| a < b);
        if !shape {
            return Err(corrupt("its counts are out of range"));
        }
        if self.entries.iter().any(|&part| entry_operation(part) > self.operation_count) {
            return Err(corrupt("an operation is out of range"));
        }
        for (tree, &root) in self.roots.iter().enumerate() {
            let end = self.roots.get(tree + 1).map_or(self.nodes.len(), |&next| next as usize);
            if root as usize >= end || end > self.nodes.len() {
                return Err(corrupt("a tree has no nodes"));
            }
            for at in root as usize..end {
                self.check_node(at, end)?;
            }
        }
        Ok(())
    }

    /// Children lie behind their parent and before `end`: every walk ends.
    fn check_node(&self, at: usize, end: usize) -> Result<()> {
        let node = self.nodes[at];
        let (argument, right) = (node.argument as usize, node.right as usize);
        let good = match node.kind() {
            Kind::Leaf => node.meta == 0 && argument as u64 + right as u64 <= self.entries.len() as u64,
            kind => {
                let column = match kind {
                    Kind::Occurred => node.column() <= self.operation_count && argument >= 1,
                    _ => node.column() < self.feature_count + CONTEXT_COLUMNS,
                };
                let set = kind != Kind::InSet
                    || self.sets.get(argument).is_some_and(|&n| argument + 1 + n as usize <= self.sets.len());
                column && set && right > at + 1 && right < end
            }
        };
        if good { Ok(()) } else { Err(corrupt(&format!("node {at} points nowhere"))) }
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn corrupt(why: &str) -> Error {
    Error::new(Code::ArtifactCorrupt, format!("sequence model: {why}"))
}

/// FNV-1a over words of eight bytes: each step is a bijection, so one changed word always changes the sum.
fn checksum(bytes: &[u8]) -> u64 {
    let mut sum: u64 = 0xCBF2_9CE4_8422_2325 ^ bytes.len() as u64;
    let mut words = bytes.chunks_exact(8);
    for chunk in &mut words {
        let word = u64::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3], chunk[4], chunk[5], chunk[6], chunk[7]]);
        sum = (sum ^ word).wrapping_mul(0x0000_0100_0000_01B3).rotate_left(29);
    }
    for &byte in words.remainder() {
        sum = (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3).rotate_left(29);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sequence_node::entry;
    use crate::sequence_random::Random;
    use crate::sequence_tree::Tree;

    /// One tree: is column 1 in {3, 9}? Then operation 2, otherwise the end.
    fn model() -> Model {
        let mut question = Node::question(Kind::InSet, 1, 0, None, 0.5);
        question.right = 2;
        let tree = Tree {
            nodes: vec![question, Node::leaf(0, 1), Node::leaf(1, 1)],
            sets: vec![2, 3, 9],
            entries: vec![entry(2, 65_535), entry(0, 65_535)],
        };
        let seen = SeenValues::from_words(vec![0, 1, 0b11_1111], 2).expect("two columns");
        Model::join(5, 4, seen, vec![tree])
    }

    /// Writes the checksum anew, as a forger would.
    fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
        let sum = checksum(&bytes[20..]);
        bytes[12..20].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    #[test]
    fn a_model_survives_the_way_through_bytes() {
        let bytes = model().to_bytes();
        let read = Model::from_bytes(&bytes).expect("good bytes");
        assert_eq!(read, model());
        assert_eq!(read.to_bytes(), bytes);
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let bytes = model().to_bytes();
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(Model::from_bytes(&damaged).is_err(), "bit {bit}");
        }
        for length in 0..bytes.len() {
            let error = Model::from_bytes(&bytes[..length]).expect_err("cut");
            assert_eq!(error.code, Code::ArtifactCorrupt);
        }
    }

    #[test]
    fn a_version_of_the_future_is_a_mismatch() {
        let mut bytes = model().to_bytes();
        bytes[8] = 2;
        assert_eq!(Model::from_bytes(&sealed(bytes)).expect_err("version").code, Code::ArtifactMismatch);
    }

    /// Forged bytes with a right checksum are refused, or what they say can be walked without harm.
    #[test]
    fn forged_bytes_never_lead_a_walk_astray() {
        let bytes = model().to_bytes();
        let mut random = Random::new(1);
        let (mut refused, mut walked) = (0, 0);
        for _ in 0..5_000 {
            let mut forged = bytes.clone();
            for _ in 0..=random.below(3) {
                let at = 20 + random.below(forged.len() - 20);
                forged[at] = if random.below(2) == 0 { random.next_u64() as u8 } else { forged[at] ^ 1 };
            }
            match Model::from_bytes(&sealed(forged)) {
                Err(error) => {
                    assert_eq!(error.code, Code::ArtifactCorrupt);
                    refused += 1;
                }
                // A forged number of features would only make a long row.
                Ok(read) => {
                    let row = vec![random.below(12) as u16; read.feature_count()];
                    read.predict(&row, 3, 3).expect("a walk that ends");
                    walked += 1;
                }
            }
        }
        assert!(refused > 200 && walked > 200, "{refused} refused, {walked} walked");
    }
}
