//! What a walk reads of an opened image, as slices taken once for the search.

use crate::entry_points::EntryPoints;
use crate::image::{ServingImage, UpperLevel};
use crate::kernels::{Kernels, prefetch};
use crate::neighbour_blocks::{BLOCKS_SECTION, NeighbourBlocks, Projected};

pub struct GraphView<'a> {
    image: &'a ServingImage,
    pub stride: usize,
    pub degree: usize,
    pub entry: u32,
    /// Slot → key.
    pub keys: &'a [u32],
    /// Rows of `stride` codes.
    pub codes: &'a [i8],
    pub inverse_norms: &'a [f32],
    /// count × degree slots; a slot's own number stands for no link.
    pub links: &'a [u32],
    /// Level 1 first.
    pub upper: Vec<UpperLevel<'a>>,
    pub blocks: Option<&'a NeighbourBlocks>,
    pub entries: &'a EntryPoints,
    block_bytes: &'a [u8],
}

impl<'a> GraphView<'a> {
    pub fn new(image: &'a ServingImage, blocks: Option<&'a NeighbourBlocks>, entries: &'a EntryPoints) -> Self {
        Self {
            image,
            stride: image.stride(),
            degree: image.degree(),
            entry: image.entry(),
            keys: image.keys(),
            codes: image.codes(),
            inverse_norms: image.inverse_norms(),
            links: image.links(),
            upper: (1..=image.top_level()).map(|level| image.upper(level)).collect(),
            blocks,
            entries,
            block_bytes: image.section(BLOCKS_SECTION).unwrap_or_default(),
        }
    }

    pub fn count(&self) -> usize {
        self.keys.len()
    }

    /// The codes of a slot, padded with zeros.
    pub fn row(&self, slot: u32) -> &'a [i8] {
        &self.codes[slot as usize * self.stride..][..self.stride]
    }

    pub fn links_of(&self, slot: u32) -> &'a [u32] {
        &self.links[slot as usize * self.degree..][..self.degree]
    }

    /// The block of a slot, of `bytes` bytes.
    pub fn block(&self, slot: u32, bytes: usize) -> &'a [u8] {
        &self.block_bytes[slot as usize * bytes..][..bytes]
    }

    /// Asks for all that a visit of the slot reads.
    pub fn prefetch(&self, slot: u32, block_bytes: usize) {
        let (row, links, block) = (self.row(slot), self.links_of(slot), self.block(slot, block_bytes));
        prefetch(std::ptr::from_ref(&self.inverse_norms[slot as usize]).cast(), size_of::<f32>());
        prefetch(row.as_ptr().cast(), row.len());
        prefetch(links.as_ptr().cast(), size_of_val(links));
        prefetch(block.as_ptr(), block.len());
    }

    /// See `NeighbourBlocks::project`.
    pub fn project(
        &self,
        blocks: &NeighbourBlocks,
        kernels: &Kernels,
        codes: &[i8],
        inverse_norm: f32,
        out: &mut Projected,
    ) {
        blocks.project(self.image, kernels, codes, inverse_norm, out);
    }
}
