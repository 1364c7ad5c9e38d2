//! Beside every slot the codes of all its neighbours, so that one look at a slot estimates how near they are and only those
//! slots that are visited are scored on their own codes (the layout of `SymphonyQG`, Gou et al. 2024, with another code).
//!
//! A neighbour x of c is coded by its difference to c under a projection. With ê the code and s chosen so that x itself would
//! be estimated exactly (the scaling of `RaBitQ`, Gao and Long 2024), for a query q of norm 1:
//! `q·x ≈ q·c + (c·x − 1) + s ⟨q − c, ê⟩`; what does not depend on q is kept as one offset a neighbour. The error shrinks with
//! the distances of q and x to c. Codes are odd whole numbers, 2 or 4 bits a direction.

use crate::block_shape::{BlockQuery, BlockShape, from_bf16, to_bf16};
use crate::error::{Code, Error, Result};
use crate::image::ServingImage;
use crate::kernels::Kernels;
use crate::limits::DIMENSIONS_MAX;
use crate::parallel;
use crate::projection::Projection;
use crate::quantizer::round;
use crate::vectors_file::VectorsFile;
use std::sync::{Mutex, PoisonError};

/// Extensions of the serving image.
pub const PROJECTION_SECTION: u32 = 100;
pub const BLOCKS_SECTION: u32 = 101;
/// lead, bits, then nothing: u32 each.
const HEAD: usize = 64;
/// Slots a thread codes at a time.
const TAKEN: usize = 512;
/// Best distance of neighbouring levels for normally distributed values, in standard deviations (Max 1960).
const STEP_OF_BITS: [(usize, f32); 2] = [(2, 0.996), (4, 0.335)];

/// Where the parts of the two sections lie; checked once.
pub struct NeighbourBlocks {
    pub shape: BlockShape,
    stride: usize,
    scales: Vec<f32>,
}

fn damaged(message: &str) -> Error {
    Error::new(Code::ArtifactCorrupt, format!("the serving image is damaged: {message}"))
}

impl NeighbourBlocks {
    /// None for an image without blocks. Errors: `artifact_corrupt` when lengths do not fit the image.
    pub fn open(image: &ServingImage) -> Result<Option<Self>> {
        let (Some(projection), Some(blocks)) = (image.section(PROJECTION_SECTION), image.section(BLOCKS_SECTION))
        else {
            return Ok(None);
        };
        let word = |at: usize| u32::from_le_bytes(std::array::from_fn(|byte| projection[at + byte])) as usize;
        if projection.len() < HEAD {
            return Err(damaged("its projection is cut short"));
        }
        let (lead, bits) = (word(0), word(4));
        let shape = BlockShape::new(image.degree(), lead, bits).filter(|_| lead <= DIMENSIONS_MAX);
        let shape = shape.ok_or_else(|| damaged("its blocks have no known shape"))?;
        let stride = image.stride();
        let expected = scales_bytes(lead) + HEAD + lead * stride;
        let held = image.count().checked_mul(shape.bytes());
        if projection.len() != expected || Some(blocks.len()) != held {
            return Err(damaged("its blocks have another length than its slots need"));
        }
        let scales: Vec<f32> = projection[HEAD..HEAD + 4 * lead]
            .chunks_exact(4)
            .map(|bytes| f32::from_le_bytes(std::array::from_fn(|byte| bytes[byte])))
            .collect();
        if !scales.iter().all(|scale| scale.is_finite() && *scale >= 0.0) {
            return Err(damaged("its projection is not made of numbers"));
        }
        Ok(Some(Self { shape, stride, scales }))
    }

    /// The query under the projection. `codes` are those of the query, padded to the image's rows; `inverse_norm` is theirs.
    pub fn project(
        &self,
        image: &ServingImage,
        kernels: &Kernels,
        codes: &[i8],
        inverse_norm: f32,
        out: &mut Projected,
    ) {
        let section = image.section(PROJECTION_SECTION).unwrap_or_default();
        let directions: &[i8] = bytemuck::cast_slice(&section[HEAD + scales_bytes(self.scales.len())..]);
        debug_assert_eq!(directions.len(), self.scales.len() * self.stride);
        out.values.resize(self.scales.len(), 0.0);
        kernels.score_range(codes, directions, &self.scales, &mut out.values);
        let largest = out.values.iter().fold(f32::MIN_POSITIVE, |largest, value| largest.max(value.abs()));
        let to_code = 127.0 / largest;
        out.query.codes.clear();
        out.query.codes.extend(out.values.iter().map(|value| round(f64::from(value * to_code))));
        let sum: i32 = out.query.codes.iter().map(|&code| i32::from(code)).sum();
        out.query.offset = i32::from(self.shape.largest()) * sum;
        out.query.scale = largest / 127.0 * inverse_norm;
    }
}

/// Memory of one projected query.
#[derive(Default)]
pub struct Projected {
    pub query: BlockQuery,
    values: Vec<f32>,
}

fn scales_bytes(lead: usize) -> usize {
    (4 * lead).next_multiple_of(64)
}

/// The section of the projection.
pub fn projection_bytes(projection: &Projection, bits: usize) -> Vec<u8> {
    let lead = projection.lead();
    let mut bytes = vec![0; HEAD + scales_bytes(lead)];
    bytes[..4].copy_from_slice(&(lead as u32).to_le_bytes());
    bytes[4..8].copy_from_slice(&(bits as u32).to_le_bytes());
    for (at, scale) in projection.scales.iter().enumerate() {
        bytes[HEAD + 4 * at..HEAD + 4 * at + 4].copy_from_slice(&scale.to_le_bytes());
    }
    bytes.extend(projection.codes.iter().map(|&code| code as u8));
    bytes
}

/// What the coding of blocks reads.
pub struct Coding<'a> {
    pub shape: BlockShape,
    /// count × degree slots; a slot itself stands for no neighbour.
    pub links: &'a [u32],
    /// Slot → key.
    pub keys: &'a [u32],
    pub vectors: &'a VectorsFile,
    /// By key, `lead` values each.
    pub projected: &'a [f32],
    pub kernels: &'a Kernels,
}

impl Coding<'_> {
    /// The section of the blocks.
    pub fn run(&self, threads: usize) -> Result<Vec<u8>> {
        let size = self.shape.bytes();
        let mut bytes = vec![0u8; self.keys.len() * size];
        let work = Mutex::new(bytes.chunks_mut(TAKEN * size).enumerate());
        let take = || work.lock().unwrap_or_else(PoisonError::into_inner).next();
        parallel::run(threads, || {
            let mut difference = vec![0f32; self.shape.lead()];
            while let Some((part, blocks)) = take() {
                for (at, block) in blocks.chunks_exact_mut(size).enumerate() {
                    self.code(part * TAKEN + at, block, &mut difference);
                }
            }
            Ok(())
        })?;
        Ok(bytes)
    }

    fn code(&self, slot: usize, block: &mut [u8], difference: &mut [f32]) {
        let shape = self.shape;
        let (codes, factors) = block.split_at_mut(shape.code_bytes());
        let (offsets, scales) = factors.split_at_mut(2 * shape.degree());
        let own_key = self.keys[slot];
        let own = self.projected_row(own_key);
        let links = &self.links[slot * shape.degree()..][..shape.degree()];
        for (neighbour, &link) in links.iter().enumerate() {
            let (offset, scale) = if link as usize == slot {
                (f32::NEG_INFINITY, 0.0)
            } else {
                let key = self.keys[link as usize];
                let pairs = difference.iter_mut().zip(self.projected_row(key)).zip(own);
                pairs.for_each(|((difference, other), own)| *difference = other - own);
                let cosine = self.kernels.dot(self.vectors.row(own_key), self.vectors.row(key));
                let code = |dimension: usize, code: u8| {
                    let (byte, shift) = shape.place(neighbour, dimension);
                    codes[byte] |= code << shift;
                };
                code_difference(shape, difference, own, cosine, code)
            };
            offsets[2 * neighbour..][..2].copy_from_slice(&to_bf16(offset).to_le_bytes());
            scales[2 * neighbour..][..2].copy_from_slice(&to_bf16(scale).to_le_bytes());
        }
    }

    fn projected_row(&self, key: u32) -> &[f32] {
        &self.projected[key as usize * self.shape.lead()..][..self.shape.lead()]
    }
}

/// Codes one difference; offset and factor of the neighbour.
fn code_difference(
    shape: BlockShape,
    difference: &[f32],
    own: &[f32],
    cosine: f32,
    mut put: impl FnMut(usize, u8),
) -> (f32, f32) {
    let squared: f32 = difference.iter().map(|value| value * value).sum();
    let deviation = (squared / shape.lead() as f32).sqrt().max(f32::MIN_POSITIVE);
    let step = STEP_OF_BITS.iter().find(|(bits, _)| *bits == shape.bits()).map_or(1.0, |(_, step)| *step);
    let (to_level, largest) = (1.0 / (step * deviation), f32::from(shape.largest()));
    let (mut along, mut own_along) = (0f32, 0f32);
    for (dimension, (&value, &own)) in difference.iter().zip(own).enumerate() {
        let level = (value * to_level + largest / 2.0).round().clamp(0.0, largest);
        let odd = 2.0 * level - largest;
        along += odd * value;
        own_along += odd * own;
        put(dimension, level as u8);
    }
    let distance = (2.0 - 2.0 * cosine).max(0.0); // |x − c|²
    let scale = from_bf16(to_bf16(if along > 0.0 { distance / along } else { 0.0 }));
    (cosine - 1.0 - scale * own_along, scale)
}
