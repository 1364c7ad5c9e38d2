//! Kinds of element that vectors of a usearch file can have, and their values as f32.

/// The library numbers them 11, 4, 12, 23.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar {
    F32,
    /// The upper half of an f32.
    Bf16,
    /// IEEE 754 binary16.
    F16,
    I8,
}

impl Scalar {
    pub(super) fn of_kind(kind: u8) -> Option<Self> {
        match kind {
            11 => Some(Self::F32),
            4 => Some(Self::Bf16),
            12 => Some(Self::F16),
            23 => Some(Self::I8),
            _ => None,
        }
    }

    /// Bytes of one element.
    pub const fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::Bf16 | Self::F16 => 2,
            Self::I8 => 1,
        }
    }

    /// Writes the values of a row; codes as whole numbers, of which only the direction is meant.
    pub fn decode(self, row: &[u8], out: &mut [f32]) {
        let places = out.iter_mut().zip(row.chunks_exact(self.bytes()));
        match self {
            Self::F32 => places.for_each(|(out, of)| *out = f32::from_le_bytes([of[0], of[1], of[2], of[3]])),
            Self::Bf16 => places.for_each(|(out, of)| *out = f32::from_le_bytes([0, 0, of[0], of[1]])),
            Self::F16 => places.for_each(|(out, of)| *out = from_half(u16::from_le_bytes([of[0], of[1]]))),
            Self::I8 => places.for_each(|(out, of)| *out = f32::from(of[0] as i8)),
        }
    }
}

/// IEEE 754 binary16: 1 bit of sign, 5 of exponent (bias 15), 10 of fraction. Every value is an f32.
fn from_half(half: u16) -> f32 {
    let (exponent, fraction) = (i32::from(half >> 10 & 31), half & 1_023);
    let size = match exponent {
        0 => f32::from(fraction) / 16_777_216.0, // 2^−14 × fraction ÷ 1024
        31 if fraction == 0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + f32::from(fraction) / 1_024.0) * 2f32.powi(exponent - 15),
    };
    if half >> 15 == 1 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_have_the_values_of_the_standard() {
        // The examples of IEEE 754: one, its successor, the largest, the smallest normal, the largest and smallest below it.
        let known = [
            (0x3C00, 1.0),
            (0x3C01, 1.0 + 2f32.powi(-10)),
            (0xC000, -2.0),
            (0x7BFF, 65_504.0),
            (0x0400, 2f32.powi(-14)),
            (0x03FF, 1_023.0 * 2f32.powi(-24)),
            (0x8001, -(2f32.powi(-24))),
            (0x7C00, f32::INFINITY),
        ];
        for (half, value) in known {
            assert_eq!(from_half(half), value, "{half:#x}");
        }
        assert!(from_half(0x7C01).is_nan());
        assert!(from_half(0x8000).is_sign_negative());
    }

    #[test]
    fn rows_are_decoded_by_their_kind() {
        let decoded = |scalar: Scalar, row: &[u8]| {
            let mut out = [0.0; 2];
            scalar.decode(row, &mut out);
            out
        };
        assert_eq!(decoded(Scalar::F32, &[0, 0, 128, 63, 0, 0, 0, 192]), [1.0, -2.0]);
        assert_eq!(decoded(Scalar::Bf16, &[128, 63, 0, 192]), [1.0, -2.0]);
        assert_eq!(decoded(Scalar::F16, &[0, 60, 0, 192]), [1.0, -2.0]);
        assert_eq!(decoded(Scalar::I8, &[127, 129]), [127.0, -127.0]);
    }
}
