//! How far codes may lead astray: a proof, not a guess, so that a scan of codes gives the exact answer.
//!
//! A vector and its codes, read as a vector, stand at a small angle. Angles obey the triangle inequality, so the angle of query
//! and stored vector lies within (angle of the query to its codes + angle of the stored vector to its codes) of the angle of the
//! two rows of codes, which whole numbers give exactly.

use crate::error::{Code, Error, Result};
use crate::quantizer::squared_norm;
use std::f64::consts::PI;

/// What f32 adds to a cosine of codes: the product of whole numbers, the inverse norm and their product are each rounded.
const COSINE_ROUNDING: f64 = 1e-6;
/// Standard deviations that are as good as certain.
const SPREAD: f64 = 6.0;
/// Half a unit in the last place of an f32 near 1.
const UNIT_ROUNDOFF: f64 = 1.0 / 16_777_216.0;

/// Measured over all rows of an index.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CodeBounds {
    /// The widest angle of a stored vector to its codes, in radians.
    pub angle: f64,
    /// How far the norm of a stored vector is from 1, at most.
    pub norm_error: f64,
}

impl CodeBounds {
    pub const BYTES: usize = 16;

    /// Reads all vectors (row-major, key order) and their codes (rows of `stride`, slot order; `keys` gives each slot's key).
    ///
    /// Errors: `artifact_corrupt` for a key that has no vector, or an inverse norm that is not that of its codes.
    pub fn measure(rows: &CodedRows<'_>) -> Result<Self> {
        let mut bounds = Self { angle: 0.0, norm_error: 0.0 };
        for (slot, &key) in rows.keys.iter().enumerate() {
            let start = key as usize * rows.dimensions;
            let vector = rows.vectors.get(start..start + rows.dimensions);
            let vector = vector.ok_or_else(|| damaged("a key has no vector"))?;
            let codes = &rows.codes[slot * rows.stride..][..rows.dimensions];
            let Turned { angle, norm, codes_norm } = turned(vector, codes);
            if (f64::from(rows.inverse_norms[slot]) * codes_norm - 1.0).abs() > COSINE_ROUNDING / 2.0 {
                return Err(damaged("an inverse norm is not that of its codes"));
            }
            bounds.angle = bounds.angle.max(angle);
            bounds.norm_error = bounds.norm_error.max((norm - 1.0).abs());
        }
        Ok(bounds)
    }

    /// Angle, then norm error: two f64, little endian.
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..8].copy_from_slice(&self.angle.to_le_bytes());
        bytes[8..].copy_from_slice(&self.norm_error.to_le_bytes());
        bytes
    }

    /// Errors: `artifact_corrupt` for another length or values that no rows can have.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let value = |at: usize| f64::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]));
        if bytes.len() != Self::BYTES {
            return Err(damaged("the bounds of its codes have another length"));
        }
        let bounds = Self { angle: value(0), norm_error: value(8) };
        if !(0.0..=PI).contains(&bounds.angle) || !(0.0..=1.0).contains(&bounds.norm_error) {
            return Err(damaged("the bounds of its codes are out of range"));
        }
        Ok(bounds)
    }

    /// For a query and its codes (as many as it has values).
    pub fn reach(&self, query: &[f32], codes: &[i8]) -> Reach {
        let Turned { angle, norm, codes_norm } = turned(query, codes);
        // an f32 sum over at least eight lanes, and the lanes
        let product_rounding = (query.len() / 8 + 20) as f64 * UNIT_ROUNDOFF;
        Reach { angle: angle + self.angle, slack: self.norm_error + product_rounding, codes_norm, norm }
    }
}

/// The parts of an index that a scan of codes reads.
#[derive(Clone, Copy)]
pub struct CodedRows<'a> {
    pub dimensions: usize,
    /// Codes a row, a multiple of 64; those behind the dimensions are 0.
    pub stride: usize,
    /// Rows by slot.
    pub codes: &'a [i8],
    /// One a slot.
    pub inverse_norms: &'a [f32],
    /// Slot → key.
    pub keys: &'a [u32],
    /// Exact vectors by key, row-major.
    pub vectors: &'a [f32],
}

/// What the codes of one query can say. A *raw* score is (query codes · row codes) × the row's inverse norm.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reach {
    angle: f64,
    slack: f64,
    codes_norm: f64,
    norm: f64,
}

impl Reach {
    /// What is to be expected instead of what is certain: rounding errs in no direction in particular, so of its angle only a
    /// share of about 1/√dimensions turns a vector towards or away from another; `SPREAD` times that is beyond chance.
    #[must_use]
    pub fn expected(mut self, dimensions: usize) -> Self {
        self.angle *= (SPREAD / (dimensions as f64).sqrt()).min(1.0);
        self
    }

    /// The exact score of a row with this raw score is not below this.
    pub fn score_at_least(&self, raw: f32) -> f64 {
        let cosine = (f64::from(raw) / self.codes_norm - COSINE_ROUNDING).clamp(-1.0, 1.0);
        ((cosine.acos() + self.angle).min(PI).cos() - self.slack) * self.norm
    }

    /// Rows with a smaller raw score have an exact score below this one.
    pub fn raw_for(&self, score: f64) -> f32 {
        let cosine = score / self.norm - self.slack;
        if cosine <= -1.0 {
            return f32::NEG_INFINITY;
        }
        let widest = cosine.min(1.0).acos() + self.angle;
        if widest >= PI {
            return f32::NEG_INFINITY;
        }
        ((widest.cos() - COSINE_ROUNDING) * self.codes_norm) as f32
    }
}

/// How a vector and its codes lie to each other.
struct Turned {
    angle: f64,
    norm: f64,
    codes_norm: f64,
}

/// Squares of f32 are exact in f64, so the difference of two almost equal sums still has nine digits.
fn turned(vector: &[f32], codes: &[i8]) -> Turned {
    const LANES: usize = 8;
    let (mut norms, mut products) = ([0f64; LANES], [0f64; LANES]);
    for (values, codes) in vector.chunks(LANES).zip(codes.chunks(LANES)) {
        let lanes = norms.iter_mut().zip(&mut products);
        for ((norm, product), (&value, &code)) in lanes.zip(values.iter().zip(codes)) {
            *norm += f64::from(value) * f64::from(value);
            *product += f64::from(value) * f64::from(code);
        }
    }
    let (squared, product): (f64, f64) = (norms.iter().sum(), products.iter().sum());
    let codes_norm = f64::from(squared_norm(codes)).sqrt();
    let along = product / codes_norm;
    let across = (squared - along * along).max(0.0).sqrt();
    Turned { angle: across.atan2(along), norm: squared.sqrt(), codes_norm }
}

fn damaged(message: &str) -> Error {
    Error::new(Code::ArtifactCorrupt, format!("the index is damaged: {message}"))
}
