//! The two heads of a usearch file: how many rows of how many bytes, and of what kind they are.

use super::{Scalar, check_count, corrupt, ensure};
use crate::error::{Code, Error, Result};
use crate::image::format::{u32_at, u64_at};
use crate::limits::DIMENSIONS_MAX;
use crate::quantizer::NORM_BYTES;
use std::ops::Range;

pub const DENSE_HEAD: usize = 64;
/// Five u64 of the graph, which stand behind the head.
pub const GRAPH_HEAD: usize = 40;
const MAGIC: &[u8] = b"usearch";
const FORMAT: u16 = 2;
/// Kinds of key and slot in the library's numbering: u64, u32.
const KEY_U64: u8 = 14;
const SLOT_U32: u8 = 15;

/// The library's metrics that order unit vectors alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    InnerProduct,
    Cosine,
    SquaredL2,
}

pub struct Head {
    pub count: usize,
    pub dimensions: usize,
    pub scalar: Scalar,
    pub metric: Metric,
    pub multi: bool,
}

fn mismatch(what: &str) -> Error {
    Error::new(Code::ArtifactMismatch, format!("the index file has {what}"))
}

impl Head {
    /// The head, and where the rows lie. Behind them there is room for the heads, no more is said.
    pub fn parse(bytes: &[u8]) -> Result<(Self, Range<usize>)> {
        if bytes.starts_with(MAGIC) {
            return Err(mismatch("no vectors"));
        }
        let narrow = (bytes.len() >= 8).then(|| (8, u64::from(u32_at(bytes, 0)), u64::from(u32_at(bytes, 4))));
        let wide = (bytes.len() >= 16).then(|| (16, u64_at(bytes, 0), u64_at(bytes, 8)));
        let (rows, count, row_bytes) = [narrow, wide]
            .into_iter()
            .flatten()
            .find_map(|(start, count, row_bytes)| Some((marked(bytes, start, count, row_bytes)?, count, row_bytes)))
            .ok_or_else(|| corrupt("its mark is missing"))?;
        let head = &bytes[rows.end..rows.end + DENSE_HEAD];
        if u16::from_le_bytes([head[7], head[8]]) != FORMAT {
            return Err(mismatch("another format version"));
        }
        let metric = match head[13] {
            b'i' => Metric::InnerProduct,
            b'c' => Metric::Cosine,
            b'e' => Metric::SquaredL2,
            _ => return Err(mismatch("a metric that does not order directions")),
        };
        let scalar = Scalar::of_kind(head[14]).ok_or_else(|| mismatch("another element type"))?;
        if head[15..17] != [KEY_U64, SLOT_U32] {
            return Err(mismatch("another kind of key or slot"));
        }
        let [present, deleted, dimensions] = std::array::from_fn(|at| u64_at(head, 17 + 8 * at));
        if deleted != 0 {
            return Err(mismatch("deleted vectors: it must be written anew without them"));
        }
        let multi = match head[41] {
            0 => false,
            1 => true,
            _ => return Err(corrupt("its flag is neither set nor clear")),
        };
        ensure(present == count, "its head has another number of vectors than it has rows")?;
        // Our own rows have an inverse norm behind the codes.
        let fits = (1..=(DIMENSIONS_MAX + NORM_BYTES) as u64).contains(&dimensions);
        ensure(
            fits && row_bytes == dimensions * scalar.bytes() as u64,
            "its rows have not the bytes of its dimensions",
        )?;
        ensure(head[42..].iter().all(|&byte| byte == 0), "there is something where its head has nothing")?;
        let head = Self { count: check_count(count)?, dimensions: dimensions as usize, scalar, metric, multi };
        Ok((head, rows))
    }
}

/// Where so many rows lie, if the mark of the head stands behind them.
fn marked(bytes: &[u8], start: usize, count: u64, row_bytes: u64) -> Option<Range<usize>> {
    let end = usize::try_from(count.checked_mul(row_bytes)?).ok()?.checked_add(start)?;
    let heads = end.checked_add(DENSE_HEAD + GRAPH_HEAD)?;
    (heads <= bytes.len() && bytes[end..].starts_with(MAGIC)).then_some(start..end)
}
