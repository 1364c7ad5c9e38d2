//! What an image holds, as slices: taken by the writer, given by the reader.

/// One level above the base, in rows of unequal length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpperLevel<'a> {
    /// Slots that stand on this level, ascending.
    pub slots: &'a [u32],
    /// Where each slot's links begin, and where the last one's end: one entry more than there are slots.
    pub offsets: &'a [u32],
    /// Slots of this level.
    pub links: &'a [u32],
}

impl<'a> UpperLevel<'a> {
    /// Links of a slot; none for a slot that is not on this level.
    pub fn links_of(&self, slot: u32) -> &'a [u32] {
        let Ok(at) = self.slots.binary_search(&slot) else { return &[] };
        &self.links[self.offsets[at] as usize..self.offsets[at + 1] as usize]
    }
}

/// All of an image. `count` is the number of keys.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageParts<'a> {
    pub dimensions: usize,
    /// Bytes of a row of codes, a multiple of 64.
    pub stride: usize,
    /// Links of a slot at the base.
    pub degree: usize,
    /// The slot where walks start; it stands on the top level.
    pub entry: u32,
    /// How the graph was built: links of a node above the base at most, and candidates of an
    /// insertion, 0 where nobody knows them any more.
    pub connectivity: usize,
    pub expansion_add: usize,
    /// Row of the exact vectors for each slot: every row once.
    pub keys: &'a [u32],
    /// count × stride; behind `dimensions` codes in −127 … 127 each row has zeros.
    pub codes: &'a [i8],
    /// One a slot, finite, not below 0.
    pub inverse_norms: &'a [f32],
    /// count × degree; behind a slot's links its row is filled with the slot itself.
    pub links: &'a [u32],
    /// Levels 1 to the top one, each within the one below.
    pub upper: Vec<UpperLevel<'a>>,
    /// Sections of others, by ascending id from `EXTENSION_MIN` on.
    pub extensions: Vec<(u32, &'a [u8])>,
}

impl ImageParts<'_> {
    pub fn count(&self) -> usize {
        self.keys.len()
    }
}
