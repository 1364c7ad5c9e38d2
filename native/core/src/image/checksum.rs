//! Checksums of an image: XXH3-64 (<https://github.com/Cyan4973/xxHash>, `doc/xxhash_spec.md`). They find damage, not
//! malice: files are trusted by the SHA-256 of the manifest.

use crate::error::Result;
use crate::parallel;
use std::sync::{Mutex, PoisonError};
use xxhash_rust::xxh3::xxh3_64;

/// A section's checksum is the one of the list of its pieces' checksums, so that cores can share a section.
pub const PIECE_BYTES: usize = 1 << 20;
/// Below this, starting a thread costs more than it saves.
const PARALLEL_BYTES: usize = 4 << 20;

pub fn checksum(bytes: &[u8]) -> u64 {
    xxh3_64(bytes)
}

/// The checksum of each section, computed on up to `threads` threads.
pub fn section_checksums(sections: &[&[u8]], threads: usize) -> Result<Vec<u64>> {
    let pieces: Vec<&[u8]> = sections.iter().flat_map(|section| section.chunks(PIECE_BYTES)).collect();
    let mut sums = vec![0u64; pieces.len()];
    let work = Mutex::new(pieces.iter().zip(&mut sums));
    let take = || work.lock().unwrap_or_else(PoisonError::into_inner).next();
    let small = pieces.len() * PIECE_BYTES <= PARALLEL_BYTES + sections.len() * PIECE_BYTES;
    parallel::run(if small { 1 } else { threads }, || {
        while let Some((piece, sum)) = take() {
            *sum = checksum(piece);
        }
        Ok(())
    })?;
    let mut rest = &sums[..];
    let of_section = |section: &&[u8]| {
        let (own, others) = rest.split_at(section.len().div_ceil(PIECE_BYTES));
        rest = others;
        checksum(bytemuck::cast_slice(own))
    };
    Ok(sections.iter().map(of_section).collect())
}
