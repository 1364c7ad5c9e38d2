//! A small image made without a graph: random links on the base, levels of every fourth slot, two extensions.

use routewright_core::image::{ImageParts, UpperLevel};
use routewright_core::quantizer::quantize;

/// The same numbers on every machine.
pub fn integers(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        ((state >> 20) as usize) % below
    }
}

pub struct Tables {
    pub dimensions: usize,
    pub stride: usize,
    pub degree: usize,
    pub entry: u32,
    pub keys: Vec<u32>,
    pub codes: Vec<i8>,
    pub inverse_norms: Vec<f32>,
    pub links: Vec<u32>,
    pub upper: Vec<(Vec<u32>, Vec<u32>, Vec<u32>)>,
    pub extensions: Vec<(u32, Vec<u8>)>,
}

impl Tables {
    pub fn new(count: usize, dimensions: usize, degree: usize) -> Self {
        let mut next = integers((count * 31 + dimensions) as u64);
        let stride = dimensions.next_multiple_of(64);
        let mut keys: Vec<u32> = (0..count as u32).collect();
        for at in (1..count).rev() {
            keys.swap(at, next(at + 1));
        }
        let mut codes = vec![0i8; count * stride];
        let mut inverse_norms = Vec::with_capacity(count);
        for row in codes.chunks_mut(stride) {
            let vector: Vec<f32> = (0..dimensions).map(|_| next(2_001) as f32 - 1_000.5).collect();
            quantize(&vector, &mut row[..dimensions]);
            let squared: i32 = row.iter().map(|&code| i32::from(code) * i32::from(code)).sum();
            inverse_norms.push(1.0 / (squared as f32).sqrt());
        }
        let slots: Vec<u32> = (0..count as u32).collect();
        let mut rows = |slots: &[u32], room: usize| -> Vec<Vec<u32>> {
            let mut row = |slot: u32| {
                let links = (0..next(room + 1)).map(|_| slots[next(slots.len())]);
                links.filter(|&link| link != slot).collect()
            };
            slots.iter().map(|&slot| row(slot)).collect()
        };
        let filled = |(slot, mut row): (usize, Vec<u32>)| {
            row.resize(degree, slot as u32);
            row
        };
        let links = rows(&slots, degree).into_iter().enumerate().flat_map(filled).collect();
        let mut upper = Vec::new();
        let mut level = slots;
        while level.len() >= 8 {
            level = level.into_iter().step_by(4).collect();
            let rows = rows(&level, 4);
            let offsets = std::iter::once(0).chain(rows.iter().scan(0, |end, row| {
                *end += row.len() as u32;
                Some(*end)
            }));
            upper.push((level.clone(), offsets.collect(), rows.concat()));
        }
        let extensions = vec![(100, vec![7; 130]), (205, Vec::new())];
        Self { dimensions, stride, degree, entry: level[0], keys, codes, inverse_norms, links, upper, extensions }
    }

    pub fn parts(&self) -> ImageParts<'_> {
        ImageParts {
            dimensions: self.dimensions,
            stride: self.stride,
            degree: self.degree,
            entry: self.entry,
            connectivity: 4,
            expansion_add: 64,
            keys: &self.keys,
            codes: &self.codes,
            inverse_norms: &self.inverse_norms,
            links: &self.links,
            upper: self.upper.iter().map(|(slots, offsets, links)| UpperLevel { slots, offsets, links }).collect(),
            extensions: self.extensions.iter().map(|(id, bytes)| (*id, &bytes[..])).collect(),
        }
    }
}
