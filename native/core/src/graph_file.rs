//! `index.usearch`, mapped read-only and read in place: codes, levels and links as the library writes them.
//!
//! The library's own `view` trusts the file (one flipped bit kills the process in a quarter of the cases), keeps ef in one
//! unsynchronised field and allocates per search. Here every number of the head is cross-checked at open, every link at use.
//!
//! Layout: `u32 rows, u32 row bytes` · rows of codes · 64-byte head · five u64 (count, links above, links at the base, top
//! level, entry slot) · one i16 level a node · nodes: `u64 key, i16 level, u32 n + base links, per upper level u32 n + links`.

use crate::error::{Code, Error, Result};
use crate::kernels::{CodeRows, NORM_BYTES};
use crate::limits::{CONNECTIVITY_MAX, CONNECTIVITY_MIN};
use crate::vectors_file::map_file;
use memmap2::Mmap;
use std::path::Path;

const MATRIX_HEAD: usize = 8;
const DENSE_HEAD: usize = 64;
const GRAPH_HEAD: usize = 40;
const NODE_HEAD: usize = 10;
const LINK: usize = 4;
const MAGIC: &[u8] = b"usearch";
/// The library's codes: inner product; int8; u64 keys; u32 slots.
const KINDS: [u8; 4] = [b'i', 23, 14, 15];

pub struct GraphFile {
    map: Mmap,
    dimensions: usize,
    count: usize,
    base_links: usize,
    upper_links: usize,
    top_level: usize,
    entry: u32,
    levels_at: usize,
    /// Where each node starts in the file.
    nodes: Vec<u64>,
}

fn corrupt(message: &str) -> Error {
    Error::new(Code::ArtifactCorrupt, format!("the index file is damaged: {message}"))
}

fn expect(what: &str, found: u64, promised: u64) -> Result<()> {
    if found == promised {
        return Ok(());
    }
    Err(Error::new(Code::ArtifactMismatch, format!("the index file has {what} {found} instead of {promised}")))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]))
}

fn i16_at(bytes: &[u8], at: usize) -> i16 {
    i16::from_le_bytes([bytes[at], bytes[at + 1]])
}

impl GraphFile {
    /// Errors: `artifact_missing`; `artifact_mismatch` when the file is another one than promised; `artifact_corrupt` when
    /// its parts contradict each other or its length.
    pub fn open(path: &Path, dimensions: usize, count: usize) -> Result<Self> {
        let map = map_file(path)?;
        let row_bytes = dimensions + NORM_BYTES;
        if map.len() < MATRIX_HEAD {
            return Err(corrupt("it has no head"));
        }
        expect("rows", u32_at(&map, 0).into(), count as u64)?;
        expect("bytes a row", u32_at(&map, 4).into(), row_bytes as u64)?;
        let dense_at = MATRIX_HEAD + count * row_bytes;
        let graph_at = dense_at + DENSE_HEAD;
        let levels_at = graph_at + GRAPH_HEAD;
        let nodes_at = levels_at + 2 * count;
        if map.len() < nodes_at {
            return Err(corrupt("it is cut short"));
        }
        check_dense_head(&map[dense_at..graph_at], row_bytes, count)?;
        let [size, upper, base, top, entry] = std::array::from_fn(|at| u64_at(&map, graph_at + 8 * at));
        expect("nodes", size, count as u64)?;
        let links = CONNECTIVITY_MIN as u64..=2 * CONNECTIVITY_MAX as u64;
        if !links.contains(&upper) || !links.contains(&base) {
            return Err(corrupt("its links per node are out of range"));
        }
        let (upper_links, base_links, top_level) = (upper as usize, base as usize, top as usize);
        if entry >= size || i64::from(i16_at(&map, levels_at + 2 * entry as usize)) != top as i64 {
            return Err(corrupt("its entry node is not at its top level"));
        }
        let mut nodes = Vec::with_capacity(count);
        let mut at = nodes_at as u64;
        for level in map[levels_at..nodes_at].chunks_exact(2) {
            let level = i16::from_le_bytes([level[0], level[1]]);
            if level < 0 || level as usize > top_level {
                return Err(corrupt("a node's level is out of range"));
            }
            nodes.push(at);
            at += (NODE_HEAD + LINK * (1 + base_links) + level as usize * LINK * (1 + upper_links)) as u64;
        }
        if at != map.len() as u64 {
            return Err(corrupt(&format!("it has {} bytes instead of {at}", map.len())));
        }
        Ok(Self { map, dimensions, count, base_links, upper_links, top_level, entry: entry as u32, levels_at, nodes })
    }

    pub fn count(&self) -> usize {
        self.count
    }

    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    pub fn connectivity(&self) -> usize {
        self.upper_links
    }

    pub fn top_level(&self) -> usize {
        self.top_level
    }

    /// Where every walk starts.
    pub fn entry(&self) -> u32 {
        self.entry
    }

    pub fn codes(&self) -> CodeRows<'_> {
        let bytes = self.count * (self.dimensions + NORM_BYTES);
        CodeRows::new(&self.map[MATRIX_HEAD..MATRIX_HEAD + bytes], self.dimensions)
    }

    /// The key of a slot; a damaged one is refused when it is used as a row.
    pub fn key(&self, slot: u32) -> u64 {
        u64_at(&self.map, self.nodes[slot as usize] as usize)
    }

    pub fn level(&self, slot: u32) -> usize {
        i16_at(&self.map, self.levels_at + 2 * slot as usize) as usize
    }

    /// Slots linked to a slot at a level; those outside the graph are left out.
    pub fn links(&self, slot: u32, level: usize) -> impl Iterator<Item = u32> + '_ {
        let bytes = if level == 0 {
            self.list(slot, 0, self.base_links)
        } else if level <= self.level(slot) {
            let from = LINK * (1 + self.base_links) + (level - 1) * LINK * (1 + self.upper_links);
            self.list(slot, from, self.upper_links)
        } else {
            &[]
        };
        let count = self.count as u32;
        bytes.chunks_exact(LINK).map(|link| u32_at(link, 0)).filter(move |&link| link < count)
    }

    /// The used part of a list of links, `from` bytes behind the node's head; a damaged count is cut to the room.
    fn list(&self, slot: u32, from: usize, room: usize) -> &[u8] {
        let at = self.nodes[slot as usize] as usize + NODE_HEAD + from;
        let held = u32_at(&self.map, at) as usize;
        &self.map[at + LINK..][..LINK * held.min(room)]
    }

    /// The first bytes of a node, to be asked for before they are needed.
    pub fn node_bytes(&self, slot: u32) -> (*const u8, usize) {
        let at = self.nodes[slot as usize] as usize;
        (self.map[at..].as_ptr(), NODE_HEAD + LINK * (1 + self.base_links))
    }
}

fn check_dense_head(head: &[u8], row_bytes: usize, count: usize) -> Result<()> {
    if &head[..7] != MAGIC {
        return Err(corrupt("its mark is missing"));
    }
    expect("format", u16::from_le_bytes([head[7], head[8]]).into(), 2)?;
    if head[13..17] != KINDS {
        return Err(Error::new(Code::ArtifactMismatch, "the index file has another metric or element type"));
    }
    expect("vectors", u64_at(head, 17), count as u64)?;
    expect("deleted vectors", u64_at(head, 25), 0)?;
    expect("dimensions", u64_at(head, 33), row_bytes as u64)?;
    expect("vectors a key flag", head[41].into(), 0)
}
