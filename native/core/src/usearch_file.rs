//! An index file of the library usearch, format 2, read in place and without its code: our own `index.usearch`, or one that
//! another tool wrote. Everything is checked before anything is given out; no unsafe code, so a damaged file is refused or
//! harmless. The library's own reader trusts the file.
//!
//! Layout, little endian: `u32 rows, u32 row bytes` (or both u64) · rows of vectors · 64-byte head (mark, version, metric,
//! kinds of element, key and slot, counts, dimensions, whether keys repeat) · five u64 (count, links above, links at the
//! base, top level, entry slot) · one i16 level a node · nodes: `u64 key, i16 level, u32 n + room for base links, per upper
//! level u32 n + room for links`.

mod head;
mod scalar;

pub use head::Metric;
pub use scalar::Scalar;

use crate::error::{Code, Error, Result};
use crate::image::format::{u32_at, u64_at};
use crate::image::validity::LEVELS_MAX;
use crate::limits::{CONNECTIVITY_MAX, CONNECTIVITY_MIN, COUNT_MAX};
use head::{GRAPH_HEAD, Head};
use std::ops::Range;

const NODE_HEAD: usize = 10;
const LINK: usize = 4;

/// A file whose every length, level, link and key has been checked. A *slot* is a node's number, 0 … count − 1.
pub struct UsearchFile<'a> {
    bytes: &'a [u8],
    head: Head,
    rows: Range<usize>,
    upper_links: usize,
    base_links: usize,
    top_level: usize,
    entry: u32,
    levels_at: usize,
    /// Where each node starts in the file.
    nodes: Vec<usize>,
}

fn corrupt(message: &str) -> Error {
    Error::new(Code::ArtifactCorrupt, format!("the index file is damaged: {message}"))
}

fn ensure(holds: bool, otherwise: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(corrupt(otherwise)) }
}

fn i16_at(bytes: &[u8], at: usize) -> i16 {
    i16::from_le_bytes([bytes[at], bytes[at + 1]])
}

impl<'a> UsearchFile<'a> {
    /// Errors: `artifact_mismatch` for a file that is whole but of a kind that cannot be read here (another version, element
    /// type, metric, key or slot; without vectors, empty, with deleted ones); `artifact_corrupt` when its parts contradict each other.
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        let (head, rows) = Head::parse(bytes)?;
        let count = head.count;
        let graph_at = rows.end + head::DENSE_HEAD;
        let levels_at = graph_at + GRAPH_HEAD;
        let nodes_at = count.checked_mul(2).and_then(|levels| levels.checked_add(levels_at));
        let nodes_at = nodes_at.filter(|&at| at <= bytes.len()).ok_or_else(|| corrupt("it is cut short"))?;
        let [size, upper, base, top, entry] = std::array::from_fn(|at| u64_at(bytes, graph_at + 8 * at));
        ensure(size == count as u64, "its graph has another number of nodes than it has vectors")?;
        let (least, most) = (CONNECTIVITY_MIN as u64, CONNECTIVITY_MAX as u64);
        let in_range = (least..=most).contains(&upper) && (least..=2 * most).contains(&base);
        ensure(in_range && top <= LEVELS_MAX as u64, "its links per node or its levels are out of range")?;
        let entry_level = |entry: u64| i16_at(bytes, levels_at + 2 * entry as usize);
        ensure(entry < size && i64::from(entry_level(entry)) == top as i64, "its entry node is not at its top level")?;
        let mut file = Self {
            bytes,
            head,
            rows,
            upper_links: upper as usize,
            base_links: base as usize,
            top_level: top as usize,
            entry: entry as u32,
            levels_at,
            nodes: Vec::with_capacity(count),
        };
        let mut at = nodes_at;
        for level in bytes[levels_at..nodes_at].chunks_exact(2) {
            let level = i16::from_le_bytes([level[0], level[1]]);
            ensure(level >= 0 && level as usize <= file.top_level, "a node's level is out of range")?;
            file.nodes.push(at);
            at += NODE_HEAD + LINK * (1 + file.base_links) + level as usize * LINK * (1 + file.upper_links);
        }
        ensure(at == bytes.len(), "it has another length than its nodes need")?;
        (0..count as u32).try_for_each(|slot| file.check_node(slot))?;
        file.check_keys()?;
        Ok(file)
    }

    /// The node repeats its level; its links stay within their room and lead to nodes of their level.
    fn check_node(&self, slot: u32) -> Result<()> {
        let level = self.level(slot);
        let own = i16_at(self.bytes, self.nodes[slot as usize] + 8);
        ensure(own as usize == level, "a node's level is not the one in the list of levels")?;
        for level in 0..=level {
            let (at, room) = self.list(slot, level);
            ensure(u32_at(self.bytes, at) as usize <= room, "a node has more links than there is room for")?;
            let stands = |link: u32| (link as usize) < self.count() && self.level(link) >= level;
            ensure(self.links(slot, level).all(stands), "a link leads to a node that is not on its level")?;
        }
        Ok(())
    }

    /// Unless the file says that keys repeat, each is there once.
    fn check_keys(&self) -> Result<()> {
        if self.head.multi {
            return Ok(());
        }
        let mut keys: Vec<u64> = (0..self.count() as u32).map(|slot| self.key(slot)).collect();
        keys.sort_unstable();
        ensure(keys.windows(2).all(|pair| pair[0] != pair[1]), "a key stands at two nodes")
    }

    pub fn count(&self) -> usize {
        self.head.count
    }

    /// Elements of a row.
    pub fn dimensions(&self) -> usize {
        self.head.dimensions
    }

    pub fn scalar(&self) -> Scalar {
        self.head.scalar
    }

    pub fn metric(&self) -> Metric {
        self.head.metric
    }

    /// Whether one key may stand at several nodes.
    pub fn multi(&self) -> bool {
        self.head.multi
    }

    /// Room for links above the base; half of what the base has, as a rule.
    pub fn connectivity(&self) -> usize {
        self.upper_links
    }

    /// Room for links at the base.
    pub fn base_links(&self) -> usize {
        self.base_links
    }

    pub fn top_level(&self) -> usize {
        self.top_level
    }

    /// The slot where searches start; it stands on the top level.
    pub fn entry(&self) -> u32 {
        self.entry
    }

    /// The highest level of a slot. This and the following panic on a slot outside the file.
    pub fn level(&self, slot: u32) -> usize {
        i16_at(self.bytes, self.levels_at + 2 * slot as usize) as usize
    }

    /// The number that the vector's owner knows it by; any 64 bits.
    pub fn key(&self, slot: u32) -> u64 {
        u64_at(self.bytes, self.nodes[slot as usize])
    }

    /// Slots linked to a slot at a level, none above its highest. A file of others may name one twice, or the slot itself.
    pub fn links(&self, slot: u32, level: usize) -> impl Iterator<Item = u32> + 'a {
        let links = if level > self.level(slot) {
            &[]
        } else {
            let (at, room) = self.list(slot, level);
            let held = (u32_at(self.bytes, at) as usize).min(room);
            &self.bytes[at + LINK..][..LINK * held]
        };
        links.chunks_exact(LINK).map(|link| u32_at(link, 0))
    }

    /// Where a list of links starts, with its count, and its room.
    fn list(&self, slot: u32, level: usize) -> (usize, usize) {
        let base = self.nodes[slot as usize] + NODE_HEAD;
        let Some(above) = level.checked_sub(1) else { return (base, self.base_links) };
        (base + LINK * (1 + self.base_links) + above * LINK * (1 + self.upper_links), self.upper_links)
    }

    /// The bytes of a vector as they stand in the file.
    pub fn row(&self, slot: u32) -> &'a [u8] {
        let bytes = self.rows.len() / self.count();
        &self.bytes[self.rows.clone()][slot as usize * bytes..][..bytes]
    }

    /// The vector of a slot at length 1, and the length that it has in the file.
    ///
    /// Errors: `bad_request` when `out` has not `dimensions` places; `vector_not_finite`, `vector_zero`.
    pub fn unit_vector(&self, slot: u32, out: &mut [f32]) -> Result<f64> {
        if out.len() != self.dimensions() {
            return Err(Error::new(Code::BadRequest, "the output has not one place for each dimension"));
        }
        self.scalar().decode(self.row(slot), out);
        let squared: f64 = out.iter().map(|&value| f64::from(value) * f64::from(value)).sum();
        let named = |code: Code, what: &str| Err(Error::new(code, format!("slot {slot}: {what}")));
        if !squared.is_finite() {
            return named(Code::VectorNotFinite, "the vector holds NaN or infinity");
        }
        if squared == 0.0 {
            return named(Code::VectorZero, "the vector is zero: it has no direction");
        }
        let norm = squared.sqrt();
        for value in out {
            *value = (f64::from(*value) / norm) as f32;
        }
        Ok(norm)
    }
}

/// Fails unless a count is one that an index may have.
fn check_count(count: u64) -> Result<usize> {
    match count {
        0 => Err(Error::new(Code::ArtifactMismatch, "the index file is empty")),
        1.. if count <= COUNT_MAX as u64 => Ok(count as usize),
        _ => Err(corrupt("it has too many vectors")),
    }
}
