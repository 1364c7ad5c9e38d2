//! Makes a serving image of a graph that usearch built: links refined to a fixed degree, codes padded, blocks of neighbours'
//! codes beside each slot. Slots keep the order of the built graph, where near vectors stand near each other.

use crate::block_shape::{BlockShape, NEIGHBOURS_STEP};
use crate::code_bounds::{CodeBounds, CodedRows};
use crate::error::{Code, Error, Result};
use crate::image::{ImageParts, UpperLevel};
use crate::kernels::{Kernels, ROW_STEP};
use crate::link_search::BuiltGraph;
use crate::neighbour_blocks::{BLOCKS_SECTION, Coding, PROJECTION_SECTION, projection_bytes};
use crate::projection::Projection;
use crate::quantizer::{check_vector, quantize, squared_norm};
use crate::reachable_links::{REACHING_PASSES, reach_all};
use crate::refined_links::{REFINING_PASSES, Refinement, Watch, refine};
use crate::usearch_file::UsearchFile;
use crate::vectors_file::VectorsFile;

/// Extension with the bounds of the codes.
pub const BOUNDS_SECTION: u32 = 102;
/// Bits a direction in blocks.
const BLOCK_BITS: usize = 2;
/// Directions of the projection: so many times the root of the dimensions. On 60,000 × 784 pictures .99 of the ten nearest took 66
/// µs at 9.5 times the root, 59 at 7 and 58 at 5, where blocks are a third smaller; recall at the same ef falls a little.
const LEAD_PER_ROOT: f64 = 6.0;
/// Directions at least: word vectors of 100 dimensions have no leading ones.
const LEAD_LEAST: usize = 96;

/// Bytes a link while links are refined: what was kept, its way back, the nearest.
const REFINING_BYTES: usize = 20;

/// How an image is made.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Candidates of each slot when links are refined; 0 leaves the links as they were built.
    pub breadth: usize,
    /// Codes of neighbours beside each slot.
    pub blocks: bool,
    pub threads: usize,
}

/// All that an image holds, in memory.
pub struct CompiledImage {
    dimensions: usize,
    stride: usize,
    degree: usize,
    entry: u32,
    connectivity: usize,
    expansion_add: usize,
    keys: Vec<u32>,
    codes: Vec<i8>,
    inverse_norms: Vec<f32>,
    links: Vec<u32>,
    upper: Vec<(Vec<u32>, Vec<u32>, Vec<u32>)>,
    extensions: Vec<(u32, Vec<u8>)>,
    /// Memory of the steps that is given back when the image is made.
    passing_bytes: usize,
    unreached: usize,
}

impl CompiledImage {
    /// Codes are made anew from the exact vectors, which the file's keys name.
    ///
    /// Errors: `artifact_mismatch` when file and vectors do not belong together, `vector_*` for a vector without direction,
    /// `cancelled`.
    pub fn compile(
        file: &UsearchFile<'_>,
        expansion_add: usize,
        vectors: &VectorsFile,
        kernels: &Kernels,
        layout: Layout,
        watch: &Watch<'_>,
    ) -> Result<Self> {
        let count = file.count();
        if count != vectors.count() {
            return Err(Error::new(
                Code::ArtifactMismatch,
                "the graph has another number of vectors than the vectors file",
            ));
        }
        let keys = keys_of(file)?;
        let (dimensions, stride) = (vectors.dimensions(), vectors.dimensions().next_multiple_of(ROW_STEP));
        let mut codes = vec![0i8; count * stride];
        let mut inverse_norms = Vec::with_capacity(count);
        for (row, &key) in codes.chunks_exact_mut(stride).zip(&keys) {
            let named = |error: Error| Error::new(error.code, format!("row {key}: {}", error.message));
            check_vector(vectors.row(key), dimensions).map_err(named)?;
            inverse_norms.push(quantize_row(vectors.row(key), row));
        }
        let (links, unreached) = base_links(file, (&codes, stride, &inverse_norms), kernels, layout, watch)?;
        let degree = links.len() / count;
        let upper = (1..=file.top_level()).map(|level| upper_level(file, level)).collect();
        let rows = CodedRows {
            dimensions,
            stride,
            codes: &codes,
            inverse_norms: &inverse_norms,
            keys: &keys,
            vectors: vectors.values(),
        };
        let mut extensions = Vec::new();
        let mut passing_bytes = if layout.breadth == 0 { 0 } else { REFINING_BYTES * links.len() };
        if layout.blocks {
            let shape = block_shape(dimensions, degree)?;
            let projection = Projection::fit(vectors, shape.lead(), kernels);
            let projected = projection.apply(vectors, kernels, layout.threads)?;
            passing_bytes = passing_bytes.max(size_of_val(projected.as_slice()));
            let coding = Coding { shape, links: &links, keys: &keys, vectors, projected: &projected, kernels };
            extensions.push((PROJECTION_SECTION, projection_bytes(&projection, BLOCK_BITS)));
            extensions.push((BLOCKS_SECTION, coding.run(layout.threads)?));
        }
        extensions.push((BOUNDS_SECTION, CodeBounds::measure(&rows)?.to_bytes().to_vec()));
        let (connectivity, entry) = (file.connectivity(), file.entry());
        Ok(Self {
            dimensions,
            stride,
            degree,
            entry,
            connectivity,
            expansion_add,
            keys,
            codes,
            inverse_norms,
            links,
            upper,
            extensions,
            passing_bytes,
            unreached,
        })
    }

    /// Most memory that making it took, mapped files left out.
    pub fn peak_bytes(&self) -> u64 {
        let extensions: usize = self.extensions.iter().map(|(_, bytes)| bytes.len()).sum();
        let words = self.keys.len() + self.inverse_norms.len() + self.links.len();
        (self.passing_bytes + extensions + self.codes.len() + size_of::<u32>() * words) as u64
    }

    /// Slots that a narrow walk for their own codes does not find; not looked for where links stay as they were built.
    pub fn unreached(&self) -> usize {
        self.unreached
    }

    pub fn parts(&self) -> ImageParts<'_> {
        ImageParts {
            dimensions: self.dimensions,
            stride: self.stride,
            degree: self.degree,
            entry: self.entry,
            connectivity: self.connectivity,
            expansion_add: self.expansion_add,
            keys: &self.keys,
            codes: &self.codes,
            inverse_norms: &self.inverse_norms,
            links: &self.links,
            upper: self.upper.iter().map(|(slots, offsets, links)| UpperLevel { slots, offsets, links }).collect(),
            extensions: self.extensions.iter().map(|(id, bytes)| (*id, bytes.as_slice())).collect(),
        }
    }
}

/// Codes of a vector into a padded row; their inverse norm.
pub fn quantize_row(vector: &[f32], row: &mut [i8]) -> f32 {
    let codes = &mut row[..vector.len()];
    quantize(vector, codes);
    1.0 / (squared_norm(codes) as f32).sqrt()
}

fn block_shape(dimensions: usize, degree: usize) -> Result<BlockShape> {
    let step = 8 / BLOCK_BITS * crate::block_shape::GROUP;
    let lead = ((dimensions as f64).sqrt() * LEAD_PER_ROOT) as usize;
    let lead = lead.max(LEAD_LEAST).min(dimensions).next_multiple_of(step);
    BlockShape::new(degree, lead, BLOCK_BITS)
        .ok_or_else(|| Error::new(Code::EngineFailed, "no shape of blocks for this degree"))
}

/// Slot → row of the vectors; each row once.
fn keys_of(file: &UsearchFile<'_>) -> Result<Vec<u32>> {
    let count = file.count();
    let mut seen = vec![false; count];
    (0..count as u32)
        .map(|slot| {
            let key = file.key(slot) as usize;
            if key >= count || std::mem::replace(&mut seen[key], true) {
                return Err(Error::new(
                    Code::ArtifactMismatch,
                    "the graph's keys are not the rows of the vectors file",
                ));
            }
            Ok(key as u32)
        })
        .collect()
}

/// How often every slot is gone over for a layout that refines links: what a watch counts.
pub const WATCHED_PASSES: usize = REFINING_PASSES + REACHING_PASSES;

/// The links, and how many slots they do not lead to.
fn base_links(
    file: &UsearchFile<'_>,
    (codes, stride, inverse_norms): (&[i8], usize, &[f32]),
    kernels: &Kernels,
    layout: Layout,
    watch: &Watch<'_>,
) -> Result<(Vec<u32>, usize)> {
    let count = file.count();
    let degree = (2 * file.connectivity()).next_multiple_of(NEIGHBOURS_STEP);
    if layout.breadth == 0 {
        let mut links = Vec::with_capacity(count * degree);
        for slot in 0..count as u32 {
            links.extend(file.links(slot, 0).filter(|&link| link != slot).take(degree));
            links.resize((slot as usize + 1) * degree, slot);
        }
        return Ok((links, 0));
    }
    let (mut offsets, mut built) = (vec![0u32], Vec::new());
    for slot in 0..count as u32 {
        built.extend(file.links(slot, 0));
        offsets.push(built.len() as u32);
    }
    let graph = BuiltGraph { offsets: &offsets, links: &built, codes, stride, inverse_norms };
    let mut links =
        refine(&graph, kernels, Refinement { breadth: layout.breadth, degree, threads: layout.threads }, watch)?;
    let unreached = reach_all(&mut links, &graph, kernels, layout.threads, watch)?;
    Ok((links, unreached))
}

/// Slots of a level, and their links as CSR.
fn upper_level(file: &UsearchFile<'_>, level: usize) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
    let slots: Vec<u32> = (0..file.count() as u32).filter(|&slot| file.level(slot) >= level).collect();
    let (mut offsets, mut links) = (vec![0], Vec::new());
    for &slot in &slots {
        links.extend(file.links(slot, level));
        offsets.push(links.len() as u32);
    }
    (slots, offsets, links)
}
