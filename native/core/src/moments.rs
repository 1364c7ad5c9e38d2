//! Count, mean and deviation of contiguous groups in one pass over the rows.
//!
//! A block of rows is shifted by its first value before it is squared: that value belongs to the block, so the squares exceed the
//! deviation by a factor of the number of rows at most, and no digits are lost as by the bare sum of squares. Blocks are joined by
//! the formula of Chan and others (Updating formulae and a pairwise algorithm for computing sample variances, 1979). The same rows
//! in the same order give the same bits on any number of threads and any set of instructions.

use crate::error::Result;
use crate::group_work::{self, check_offsets};
use crate::sample_kernels::{SampleKernels, active};

/// The columns of the output, in order.
pub const MOMENT_FIELDS: [&str; 3] = ["n", "mean", "sd"];
/// Rows of one shift.
const BLOCK: usize = 4_096;
/// Values whose squares leave the range of numbers are brought down by this, a power of two, and the results up again.
const DOWN: f64 = f64::from_bits((1023 - 540) << 52);

/// What has to be known of some samples to join them with others.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    pub n: f64,
    pub mean: f64,
    /// Σ (x − mean)²
    pub squares: f64,
}

impl Moments {
    /// Of both, as if they had been counted together.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        if self.n == 0.0 || other.n == 0.0 {
            return if self.n == 0.0 { other } else { self };
        }
        let n = self.n + other.n;
        let step = other.mean - self.mean;
        Self {
            n,
            mean: self.mean + step * (other.n / n),
            squares: self.squares + other.squares + step * step * (self.n * (other.n / n)),
        }
    }

    /// Divided by n, not n − 1.
    pub fn sd(&self) -> f64 {
        (self.squares * (1.0 / self.n)).sqrt()
    }

    fn row(&self) -> [f64; MOMENT_FIELDS.len()] {
        if self.n == 0.0 { [0.0, f64::NAN, f64::NAN] } else { [self.n, self.mean, self.sd()] }
    }
}

/// A column of samples as it is stored.
#[derive(Clone, Copy)]
pub enum Column<'a> {
    F64(&'a [f64]),
    F32(&'a [f32]),
}

impl<'a> Column<'a> {
    pub fn len(&self) -> usize {
        match self {
            Self::F64(values) => values.len(),
            Self::F32(values) => values.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn slice(&self, from: usize, to: usize) -> Column<'a> {
        match self {
            Self::F64(values) => Column::F64(&values[from..to]),
            Self::F32(values) => Column::F32(&values[from..to]),
        }
    }

    fn get(&self, at: usize) -> f64 {
        match self {
            Self::F64(values) => values[at],
            Self::F32(values) => f64::from(values[at]),
        }
    }

    fn sum(&self, kernels: &SampleKernels) -> f64 {
        match self {
            Self::F64(values) => kernels.sum(values),
            Self::F32(values) => kernels.sum_f32(values),
        }
    }

    /// Of the distances from the first value, and of their squares.
    fn shifted_sums(&self, kernels: &SampleKernels) -> (f64, f64) {
        match self {
            Self::F64(values) => kernels.shifted_sums(values, values[0]),
            Self::F32(values) => kernels.shifted_sums_f32(values, values[0]),
        }
    }

    /// Moments of all values, of which there is one at least; not finite when a value is not, or when squares leave the range of
    /// numbers. Means are joined as distances from the first value: a small deviation around a large mean keeps its digits.
    fn moments(&self, kernels: &SampleKernels) -> Moments {
        let origin = self.get(0);
        let block = |from: usize| self.slice(from, self.len().min(from + BLOCK)).block_moments(origin, kernels);
        let mut all = block(0);
        let mut from = BLOCK;
        while from < self.len() {
            all = all.join(block(from));
            from += BLOCK;
        }
        Moments { mean: origin + all.mean, ..all }
    }

    fn block_moments(&self, origin: f64, kernels: &SampleKernels) -> Moments {
        let (sum, squares) = self.shifted_sums(kernels);
        let n = self.len() as f64;
        let offset = sum * (1.0 / n); // the quotient is there before the sum is
        let squares = squares - sum * offset;
        // rounding may leave a little less than nothing; what is no number stays none
        Moments { n, mean: self.get(0) - origin + offset, squares: if squares < 0.0 { 0.0 } else { squares } }
    }

    /// The row for values so large that their squares are not numbers any more.
    fn row_of_huge(&self, kernels: &SampleKernels) -> [f64; MOMENT_FIELDS.len()] {
        let down: Vec<f64> = (0..self.len()).map(|at| self.get(at) * DOWN).collect();
        let down = Column::F64(&down).moments(kernels);
        [down.n, down.mean / DOWN, down.sd() / DOWN]
    }
}

/// Fills `out`, one row of `MOMENT_FIELDS` a group: group g owns rows `offsets[g] … offsets[g + 1]`. A group without rows has no mean.
///
/// Errors: `bad_request` (offsets, lengths), `invalid_value` with the place of a value that is NaN or infinite.
pub fn moments(values: Column<'_>, offsets: &[u32], threads: usize, out: &mut [f64]) -> Result<()> {
    check_offsets(offsets, values.len())?;
    let kernels = active();
    group_work::run(offsets, threads, MOMENT_FIELDS.len(), out, || {
        |group: usize, row: &mut [f64]| {
            let from = offsets[group] as usize;
            let rows = values.slice(from, offsets[group + 1] as usize);
            if rows.is_empty() {
                row.copy_from_slice(&Moments::default().row());
                return Ok(());
            }
            let found = rows.moments(kernels);
            row.copy_from_slice(&found.row());
            if found.mean.is_finite() && found.squares.is_finite() {
                return Ok(());
            }
            if let Some(place) = (0..rows.len()).find(|&place| !rows.get(place).is_finite()) {
                return Err(group_work::unusable("value", from + place, group));
            }
            row.copy_from_slice(&rows.row_of_huge(kernels));
            Ok(())
        }
    })
}

/// Fills `out` with the plain sum of each group, in f64. What is no number makes the sum of its group none.
pub fn sums(values: Column<'_>, offsets: &[u32], threads: usize, out: &mut [f64]) -> Result<()> {
    check_offsets(offsets, values.len())?;
    let kernels = active();
    group_work::run(offsets, threads, 1, out, || {
        |group: usize, row: &mut [f64]| {
            row[0] = values.slice(offsets[group] as usize, offsets[group + 1] as usize).sum(kernels);
            Ok(())
        }
    })
}

#[cfg(test)]
#[path = "moments/tests.rs"]
mod tests;
