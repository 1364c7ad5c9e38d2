//! `vectors.f32`: the exact vectors, raw little-endian rows in key order, mapped read-only.

use crate::block_writer::BlockWriter;
use crate::error::{Code, Error, Result};
use memmap2::Mmap;
use std::fs::File;
use std::io::Write;
use std::path::Path;

#[cfg(target_endian = "big")]
compile_error!("vectors.f32 is little-endian and used in place");

pub struct VectorsFile {
    map: Mmap,
    dimensions: usize,
    count: usize,
}

impl VectorsFile {
    /// Maps a file of exactly `count × dimensions` values. Errors: `artifact_missing`, `artifact_mismatch`.
    pub fn open(path: &Path, dimensions: usize, count: usize) -> Result<Self> {
        let map = map_file(path)?;
        let expected = count * dimensions * size_of::<f32>();
        if map.len() != expected {
            let message = format!("the vectors file has {} bytes instead of {expected}", map.len());
            return Err(Error::new(Code::ArtifactMismatch, message));
        }
        Ok(Self { map, dimensions, count })
    }

    pub fn count(&self) -> usize {
        self.count
    }

    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    pub fn values(&self) -> &[f32] {
        // SAFETY: maps start at a page, so the address fits f32; the length is a whole number of values; every bit pattern is
        // a float. Published files are read-only (see `map_file`).
        unsafe { std::slice::from_raw_parts(self.map.as_ptr().cast(), self.map.len() / size_of::<f32>()) }
    }

    /// Panics when `key` is not below `count`.
    pub fn row(&self, key: u32) -> &[f32] {
        let start = key as usize * self.dimensions;
        &self.values()[start..start + self.dimensions]
    }
}

/// Maps a whole file read-only.
pub fn map_file(path: &Path) -> Result<Mmap> {
    let file = File::open(path).map_err(|error| Error::io(path, &error))?;
    // SAFETY: artifacts are immutable: written beside, published by rename, mode 0444 (ARCHITECTURE, "A version on disk").
    // Rename and unlink are safe under a map; truncating or overwriting in place is forbidden to everybody.
    let map = unsafe { Mmap::map(&file) }.map_err(|error| Error::io(path, &error))?;
    // what is not in memory yet is read in large pages; a system that cannot do this reads it in small ones
    #[cfg(target_os = "linux")]
    let _ = map.advise(memmap2::Advice::HugePage);
    Ok(map)
}

/// Writes the rows and waits until they are on disk.
pub fn write_vectors(path: &Path, vectors: &[f32]) -> Result<()> {
    // SAFETY: any f32 may be read as four bytes.
    let bytes = unsafe { std::slice::from_raw_parts(vectors.as_ptr().cast::<u8>(), size_of_val(vectors)) };
    let write = || -> std::io::Result<()> {
        let mut writer = BlockWriter::new(File::create(path)?);
        writer.write_all(bytes)?;
        writer.finish()?.sync_all()
    };
    write().map_err(|error| Error::io(path, &error))
}
