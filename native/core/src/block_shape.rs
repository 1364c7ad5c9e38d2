//! How the codes of all neighbours of a slot lie beside each other, so that all are scored together.
//!
//! For every 16 (2 bits) or 8 (4 bits) dimensions there are four bytes a neighbour, neighbour after neighbour; byte t holds
//! dimensions t, t + 4, … in ascending bits. Behind them one bf16 offset a neighbour, then one bf16 factor a neighbour.

/// Bytes of a neighbour that are read as one.
pub const GROUP: usize = 4;
/// Neighbours come in whole registers.
pub const NEIGHBOURS_STEP: usize = 16;
/// Bytes of offset and factor.
const FACTORS: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockShape {
    degree: usize,
    lead: usize,
    bits: usize,
}

impl BlockShape {
    /// The shape, or none when it cannot be scored.
    pub fn new(degree: usize, lead: usize, bits: usize) -> Option<Self> {
        let shape = Self { degree, lead, bits };
        let holds = matches!(bits, 2 | 4)
            && degree > 0
            && degree.is_multiple_of(NEIGHBOURS_STEP)
            && lead > 0
            && lead.is_multiple_of(shape.step());
        holds.then_some(shape)
    }

    /// Neighbours, a multiple of 16.
    pub fn degree(&self) -> usize {
        self.degree
    }

    /// Dimensions of the projection, a whole number of steps.
    pub fn lead(&self) -> usize {
        self.lead
    }

    /// 2 or 4 a dimension.
    pub fn bits(&self) -> usize {
        self.bits
    }

    /// Dimensions that share four bytes.
    pub fn step(&self) -> usize {
        8 / self.bits * GROUP
    }

    /// The largest code.
    pub fn largest(&self) -> u8 {
        (1 << self.bits) - 1
    }

    /// Bytes of the codes of all neighbours.
    pub fn code_bytes(&self) -> usize {
        self.degree * self.lead * self.bits / 8
    }

    pub fn bytes(&self) -> usize {
        self.code_bytes() + self.degree * FACTORS
    }

    /// Byte and shift of a neighbour's code of a dimension.
    pub fn place(&self, neighbour: usize, dimension: usize) -> (usize, usize) {
        let (step, within) = (dimension / self.step(), dimension % self.step());
        let byte = (step * self.degree + neighbour) * GROUP + within % GROUP;
        (byte, within / GROUP * self.bits)
    }
}

/// The nearest bf16, as its bits.
pub fn to_bf16(value: f32) -> u16 {
    let bits = value.to_bits();
    ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16) as u16
}

pub fn from_bf16(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

/// A query under the projection of a graph's blocks.
#[derive(Clone, Debug, Default)]
pub struct BlockQuery {
    /// One a dimension of the projection, −127 … 127.
    pub codes: Vec<i8>,
    /// Largest code × Σ codes: what twice the product is too large by.
    pub offset: i32,
    /// What one of the codes is worth.
    pub scale: f32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_bits_of_its_own() {
        for (degree, lead, bits) in [(32, 48, 2), (16, 24, 4)] {
            let shape = BlockShape::new(degree, lead, bits).unwrap();
            let mut taken = vec![0u8; shape.code_bytes()];
            for neighbour in 0..degree {
                for dimension in 0..lead {
                    let (byte, shift) = shape.place(neighbour, dimension);
                    let mask = shape.largest() << shift;
                    assert_eq!(taken[byte] & mask, 0);
                    taken[byte] |= mask;
                }
            }
            assert!(taken.iter().all(|&byte| byte == 0xFF));
        }
        assert_eq!(BlockShape::new(24, 48, 2), None);
        assert_eq!(BlockShape::new(32, 24, 2), None);
        assert_eq!(BlockShape::new(32, 48, 3), None);
    }

    #[test]
    fn bf16_is_the_nearest() {
        assert_eq!(from_bf16(to_bf16(1.0)), 1.0);
        assert_eq!(from_bf16(to_bf16(-0.007_812_5)), -0.007_812_5);
        assert!((from_bf16(to_bf16(0.123_456)) - 0.123_456).abs() < 0.000_5);
    }
}
