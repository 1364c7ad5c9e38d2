//! Where the bytes of an image lie: in a mapped file, or in memory that starts at a multiple of 64 bytes like a map does.

use super::format::ALIGNMENT;
use memmap2::Mmap;

const WORD: usize = size_of::<u64>();

pub enum Storage {
    Mapped(Mmap),
    /// `bytes` bytes from word `first` on.
    Owned {
        words: Vec<u64>,
        first: usize,
        bytes: usize,
    },
}

impl Storage {
    /// A copy: the memory of a `Vec<u8>` starts anywhere.
    pub fn owned(bytes: &[u8]) -> Self {
        let spare = ALIGNMENT / WORD - 1;
        let mut words = vec![0u64; bytes.len().div_ceil(WORD) + spare];
        let first = words.as_ptr().align_offset(ALIGNMENT).min(spare);
        bytemuck::cast_slice_mut::<u64, u8>(&mut words)[first * WORD..][..bytes.len()].copy_from_slice(bytes);
        Self::Owned { words, first, bytes: bytes.len() }
    }

    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Owned { words, first, bytes } => &bytemuck::cast_slice(words)[first * WORD..][..*bytes],
        }
    }
}
