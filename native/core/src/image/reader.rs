//! Reads a serving image: in place from a mapped file, or from bytes. What was opened holds in every part; nothing is
//! checked again at use. No unsafe code: a file that lies is refused or harmless.

use super::checksum::section_checksums;
use super::format::{self, Entry, Head, SECTIONS, Section, u32_at};
use super::parts::{ImageParts, UpperLevel};
use super::storage::Storage;
use super::{corrupt, threads, validity};
use crate::error::Result;
use crate::vectors_file::map_file;
use std::ops::Range;
use std::path::Path;

#[cfg(target_endian = "big")]
compile_error!("serving images are little-endian and used in place");

const WORD: usize = size_of::<u32>();

/// An opened image. The slices are views into the file: take them once a search, not once a step.
pub struct ServingImage {
    storage: Storage,
    head: Head,
    table: Vec<Entry>,
    upper: Vec<UpperRanges>,
}

/// Where one upper level lies in the file.
struct UpperRanges {
    slots: Range<usize>,
    offsets: Range<usize>,
    links: Range<usize>,
}

impl ServingImage {
    /// Maps the file and checks all of it.
    ///
    /// Errors: `artifact_missing`; `artifact_mismatch` for another format version, metric or element type;
    /// `artifact_corrupt` for everything else that does not hold.
    pub fn open(path: &Path) -> Result<Self> {
        Self::checked(Storage::Mapped(map_file(path)?))
    }

    /// The same from bytes; they are copied to where they can be used in place.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "so that two copies do not live side by side for longer than the copying"
    )]
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self> {
        Self::checked(Storage::owned(&bytes))
    }

    fn checked(storage: Storage) -> Result<Self> {
        let bytes = storage.bytes();
        let (head, table) = format::decode(bytes)?;
        let sections: Vec<&[u8]> = table.iter().map(|entry| &bytes[entry.range()]).collect();
        check_lengths(&head, &table)?;
        let sums = section_checksums(&sections, threads())?;
        if let Some(damaged) = table.iter().zip(&sums).find(|(entry, sum)| entry.checksum != **sum) {
            return Err(corrupt(&format!("the checksum of section {} is wrong", damaged.0.id)));
        }
        let upper = upper_ranges(bytes, &table)?;
        let image = Self { storage, head, table, upper };
        validity::check(&image.parts(), threads())?;
        Ok(image)
    }

    pub fn metric(&self) -> format::Metric {
        format::Metric::Cosine
    }

    pub fn scalar(&self) -> format::Scalar {
        format::Scalar::Int8
    }

    pub fn count(&self) -> usize {
        self.head.count as usize
    }

    pub fn dimensions(&self) -> usize {
        self.head.dimensions as usize
    }

    /// Bytes of a row of codes, a multiple of 64.
    pub fn stride(&self) -> usize {
        self.head.stride as usize
    }

    /// Links of a slot at the base, padding included.
    pub fn degree(&self) -> usize {
        self.head.degree as usize
    }

    /// The slot where walks start.
    pub fn entry(&self) -> u32 {
        self.head.entry
    }

    pub fn top_level(&self) -> usize {
        self.upper.len()
    }

    pub fn connectivity(&self) -> usize {
        self.head.connectivity as usize
    }

    pub fn expansion_add(&self) -> usize {
        self.head.expansion_add as usize
    }

    /// Bytes of the whole image.
    pub fn bytes(&self) -> usize {
        self.storage.bytes().len()
    }

    /// Row of the exact vectors for each slot: a permutation of 0 … count − 1.
    pub fn keys(&self) -> &[u32] {
        bytemuck::cast_slice(self.required(Section::Keys))
    }

    /// count × stride codes; each row is padded with zeros.
    pub fn codes(&self) -> &[i8] {
        bytemuck::cast_slice(self.required(Section::Codes))
    }

    pub fn inverse_norms(&self) -> &[f32] {
        bytemuck::cast_slice(self.required(Section::InverseNorms))
    }

    /// count × degree slots; each row is padded with its own slot.
    pub fn links(&self) -> &[u32] {
        bytemuck::cast_slice(self.required(Section::Links))
    }

    /// A level above the base. Panics outside 1 … `top_level`.
    pub fn upper(&self, level: usize) -> UpperLevel<'_> {
        let ranges = &self.upper[level - 1];
        let slice = |range: &Range<usize>| bytemuck::cast_slice(&self.storage.bytes()[range.clone()]);
        UpperLevel { slots: slice(&ranges.slots), offsets: slice(&ranges.offsets), links: slice(&ranges.links) }
    }

    /// The bytes of an extension (ids from `format::EXTENSION_MIN` on), from a multiple of 64 on. Their checksum is right;
    /// what they say is not looked at.
    pub fn section(&self, id: u32) -> Option<&[u8]> {
        let entry = self.table[SECTIONS..].iter().find(|entry| entry.id == id)?;
        Some(&self.storage.bytes()[entry.range()])
    }

    /// All of it, as the writer takes it.
    pub fn parts(&self) -> ImageParts<'_> {
        let bytes = self.storage.bytes();
        ImageParts {
            dimensions: self.dimensions(),
            stride: self.stride(),
            degree: self.degree(),
            entry: self.entry(),
            connectivity: self.connectivity(),
            expansion_add: self.expansion_add(),
            keys: self.keys(),
            codes: self.codes(),
            inverse_norms: self.inverse_norms(),
            links: self.links(),
            upper: (1..=self.top_level()).map(|level| self.upper(level)).collect(),
            extensions: self.table[SECTIONS..].iter().map(|entry| (entry.id, &bytes[entry.range()])).collect(),
        }
    }

    fn required(&self, section: Section) -> &[u8] {
        &self.storage.bytes()[self.table[section.place()].range()]
    }
}

/// That the sections have the lengths that follow from the head, and all tables whole numbers.
fn check_lengths(head: &Head, table: &[Entry]) -> Result<()> {
    let product = |numbers: [u32; 3]| {
        numbers.into_iter().try_fold(1u64, |product, number| product.checked_mul(number.into())).unwrap_or(u64::MAX)
    };
    let word = WORD as u32;
    let expected = [
        (Section::Keys, product([head.count, word, 1])),
        (Section::Codes, product([head.count, head.stride, 1])),
        (Section::InverseNorms, product([head.count, word, 1])),
        (Section::Links, product([head.count, head.degree, word])),
        (Section::UpperCounts, product([head.top_level, 2, word])),
    ];
    let words = [Section::UpperSlots, Section::UpperOffsets, Section::UpperLinks];
    let right = expected.iter().all(|(section, length)| table[section.place()].length == *length)
        && words.iter().all(|section| table[section.place()].length.is_multiple_of(WORD as u64));
    if right { Ok(()) } else { Err(corrupt("a section has another length than its rows need")) }
}

/// Where the levels lie in the three sections that they share: one behind the other, and nothing left.
fn upper_ranges(bytes: &[u8], table: &[Entry]) -> Result<Vec<UpperRanges>> {
    let range = |section: Section| table[section.place()].range();
    let mut rest = [range(Section::UpperSlots), range(Section::UpperOffsets), range(Section::UpperLinks)];
    let mut take = |part: usize, words: usize| {
        let range = &mut rest[part];
        let end = words.checked_mul(WORD).and_then(|length| range.start.checked_add(length));
        let end =
            end.filter(|&end| end <= range.end).ok_or_else(|| corrupt("its levels are longer than their sections"))?;
        Ok(std::mem::replace(&mut range.start, end)..end)
    };
    let counts = bytes[range(Section::UpperCounts)].chunks_exact(2 * WORD);
    let ranges = counts.map(|counts| {
        let (slots, links) = (u32_at(counts, 0) as usize, u32_at(counts, WORD) as usize);
        Ok(UpperRanges { slots: take(0, slots)?, offsets: take(1, slots + 1)?, links: take(2, links)? })
    });
    let ranges = ranges.collect::<Result<Vec<_>>>()?;
    if rest.iter().any(|range| !range.is_empty()) {
        return Err(corrupt("its levels are shorter than their sections"));
    }
    Ok(ranges)
}
