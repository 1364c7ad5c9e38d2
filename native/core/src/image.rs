//! The serving image: one immutable file that a search walks in place. Codes, links and keys lie slot by slot in sections
//! that start at multiples of 64 bytes and carry checksums; everything is checked once, when the image is opened.

pub mod checksum;
pub mod format;
pub mod parts;
mod reader;
mod storage;
pub mod validity;
mod writer;

pub use parts::{ImageParts, UpperLevel};
pub use reader::ServingImage;
pub use writer::{to_bytes, write};

use crate::error::{Code, Error};

/// Cores used to check an image: more of them wait for memory.
const THREADS_MAX: usize = 4;

fn corrupt(message: &str) -> Error {
    Error::new(Code::ArtifactCorrupt, format!("the serving image is damaged: {message}"))
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX)
}
