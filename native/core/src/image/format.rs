//! The layout of a serving image, little endian, every part at a multiple of 64 bytes, nothing between the parts but zeros:
//!
//! | bytes | what |
//! |---|---|
//! | 128 | head: mark, version, shape of the graph, length of the file, checksum of head and table |
//! | 32 × sections | table: per section `u32 id, u32 0, u64 offset, u64 length, u64 checksum` |
//! | … | sections in the order of the table: 1 to 8, then extensions by ascending id |
//! | 64 | footer: mark, length of the file, the head's checksum again |
//!
//! The file has one spelling: offsets follow from the lengths, so that two sections cannot overlap and no byte is unchecked.

use super::checksum::checksum;
use super::corrupt;
use crate::error::{Code, Error, Result};
use std::ops::Range;

pub const MAGIC: [u8; 8] = *b"RWIMAGE\n";
pub const FOOTER_MAGIC: [u8; 8] = *b"RWIMGEND";
pub const VERSION: u32 = 1;
pub const ALIGNMENT: usize = 64;
pub const HEAD_BYTES: usize = 128;
pub const ENTRY_BYTES: usize = 32;
pub const FOOTER_BYTES: usize = 64;
pub const SECTIONS_MAX: usize = 64;
/// Sections from this id on are opaque here; who compiles and walks the image says what they hold.
pub const EXTENSION_MIN: u32 = 100;
/// Where the head's checksum stands; it is computed with zeros in its place.
const CHECKSUM_AT: usize = 64;

/// How near two vectors are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Metric {
    /// Of unit vectors: inner product, cosine and L2 rank alike.
    Cosine = 1,
}

/// What the codes of a row are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Scalar {
    /// −127 … 127, one inverse norm a row.
    Int8 = 1,
}

/// Sections that every image has, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Section {
    Keys = 1,
    Codes,
    InverseNorms,
    Links,
    /// Two u32 a level: how many slots, how many links.
    UpperCounts,
    UpperSlots,
    UpperOffsets,
    UpperLinks,
}

pub const SECTIONS: usize = Section::UpperLinks as usize;

impl Section {
    /// Its place in the table.
    pub const fn place(self) -> usize {
        self as usize - 1
    }
}

/// What the head says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub dimensions: u32,
    /// Bytes of a row of codes.
    pub stride: u32,
    pub count: u32,
    /// Links of a slot at the base, used or not.
    pub degree: u32,
    pub top_level: u32,
    pub entry: u32,
    pub connectivity: u32,
    pub expansion_add: u32,
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: u32,
    pub offset: u64,
    pub length: u64,
    pub checksum: u64,
}

impl Entry {
    pub fn range(&self) -> Range<usize> {
        self.offset as usize..(self.offset + self.length) as usize
    }
}

pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]))
}

pub fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]))
}

/// The next multiple of the alignment.
pub const fn aligned(at: u64) -> u64 {
    at.next_multiple_of(ALIGNMENT as u64)
}

/// Bytes of head and table with their padding: where the first section starts.
pub const fn front_bytes(sections: usize) -> u64 {
    aligned((HEAD_BYTES + sections * ENTRY_BYTES) as u64)
}

/// Head and table with their padding, and the footer.
pub fn encode(head: &Head, table: &[Entry], file_bytes: u64) -> (Vec<u8>, [u8; FOOTER_BYTES]) {
    let mut front = vec![0; front_bytes(table.len()) as usize];
    front[..8].copy_from_slice(&MAGIC);
    let kinds = [VERSION, Metric::Cosine as u32, Scalar::Int8 as u32];
    let shape = [head.dimensions, head.stride, head.count, head.degree, head.top_level, head.entry];
    let build = [head.connectivity, head.expansion_add, table.len() as u32];
    for (at, number) in kinds.into_iter().chain(shape).chain(build).enumerate() {
        front[8 + 4 * at..][..4].copy_from_slice(&number.to_le_bytes());
    }
    front[56..64].copy_from_slice(&file_bytes.to_le_bytes());
    for (at, entry) in table.iter().enumerate() {
        let row = &mut front[HEAD_BYTES + ENTRY_BYTES * at..][..ENTRY_BYTES];
        row[..4].copy_from_slice(&entry.id.to_le_bytes());
        row[8..16].copy_from_slice(&entry.offset.to_le_bytes());
        row[16..24].copy_from_slice(&entry.length.to_le_bytes());
        row[24..].copy_from_slice(&entry.checksum.to_le_bytes());
    }
    let sum = checksum(&front).to_le_bytes();
    front[CHECKSUM_AT..CHECKSUM_AT + 8].copy_from_slice(&sum);
    (front, footer(file_bytes, sum))
}

fn footer(file_bytes: u64, sum: [u8; 8]) -> [u8; FOOTER_BYTES] {
    let mut footer = [0; FOOTER_BYTES];
    footer[..8].copy_from_slice(&FOOTER_MAGIC);
    footer[8..16].copy_from_slice(&file_bytes.to_le_bytes());
    footer[16..24].copy_from_slice(&sum);
    footer
}

/// Reads head and table and checks all that they say of themselves and of the file's length; contents are not looked at.
///
/// Errors: `artifact_mismatch` for another kind or version of file; `artifact_corrupt`.
pub fn decode(bytes: &[u8]) -> Result<(Head, Vec<Entry>)> {
    if bytes.len() < HEAD_BYTES + FOOTER_BYTES {
        return Err(corrupt("it has no head"));
    }
    let other = |what: &str| Err(Error::new(Code::ArtifactMismatch, format!("the serving image has another {what}")));
    if bytes[..8] != MAGIC {
        return Err(corrupt("its mark is missing"));
    }
    let number = |at: usize| u32_at(bytes, 8 + 4 * at);
    if number(0) != VERSION {
        return other("format version");
    }
    if number(1) != Metric::Cosine as u32 || number(2) != Scalar::Int8 as u32 {
        return other("metric or element type");
    }
    let (sections, file_bytes) = (number(11) as usize, u64_at(bytes, 56));
    if file_bytes != bytes.len() as u64 || !(SECTIONS..=SECTIONS_MAX).contains(&sections) {
        return Err(corrupt("its length or its number of sections is not what it says"));
    }
    let front_end = front_bytes(sections) as usize;
    if front_end + FOOTER_BYTES > bytes.len() {
        return Err(corrupt("it is cut short"));
    }
    let mut front = bytes[..front_end].to_vec();
    front[CHECKSUM_AT..CHECKSUM_AT + 8].fill(0);
    let sum = checksum(&front).to_le_bytes();
    if bytes[CHECKSUM_AT..CHECKSUM_AT + 8] != sum {
        return Err(corrupt("the checksum of its head is wrong"));
    }
    if bytes[bytes.len() - FOOTER_BYTES..] != footer(file_bytes, sum) {
        return Err(corrupt("its footer is wrong"));
    }
    let [dimensions, stride, count, degree, top_level, entry, connectivity, expansion_add] =
        std::array::from_fn(|at| number(3 + at));
    let head = Head { dimensions, stride, count, degree, top_level, entry, connectivity, expansion_add };
    let table = decode_table(&front, sections, file_bytes)?;
    zeros(&front[CHECKSUM_AT + 8..HEAD_BYTES])?;
    zeros(&front[HEAD_BYTES + ENTRY_BYTES * sections..])?;
    for (entry, next) in table.iter().zip(table.iter().skip(1).map(|next| next.offset as usize).chain([bytes.len()])) {
        zeros(&bytes[entry.range().end..next.min(bytes.len() - FOOTER_BYTES)])?;
    }
    Ok((head, table))
}

/// The table; each section starts where the one before ends, the last ends where the footer starts.
fn decode_table(front: &[u8], sections: usize, file_bytes: u64) -> Result<Vec<Entry>> {
    let mut table: Vec<Entry> = Vec::with_capacity(sections);
    let mut expected = front.len() as u64;
    for row in front[HEAD_BYTES..].chunks_exact(ENTRY_BYTES).take(sections) {
        let [offset, length, checksum] = std::array::from_fn(|at| u64_at(row, 8 * (at + 1)));
        let entry = Entry { id: u32_at(row, 0), offset, length, checksum };
        let last = table.last().map_or(0, |last| last.id);
        let in_order =
            if table.len() < SECTIONS { entry.id == last + 1 } else { entry.id >= EXTENSION_MIN && entry.id > last };
        if !in_order || u32_at(row, 4) != 0 {
            return Err(corrupt("its sections are not the ones that an image has"));
        }
        if offset != expected || length > file_bytes - expected {
            return Err(corrupt("its sections do not follow each other"));
        }
        expected = aligned(offset + length);
        if expected > file_bytes {
            return Err(corrupt("its sections do not follow each other"));
        }
        table.push(entry);
    }
    if expected + FOOTER_BYTES as u64 != file_bytes {
        return Err(corrupt("its sections do not fill it"));
    }
    Ok(table)
}

fn zeros(bytes: &[u8]) -> Result<()> {
    if bytes.iter().all(|&byte| byte == 0) { Ok(()) } else { Err(corrupt("there is something between its parts")) }
}
