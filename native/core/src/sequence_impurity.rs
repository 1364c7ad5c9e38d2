//! Entropy of weighted class counts, in the form that can be updated class by class.

/// x · log2 x, 0 at 0. A polynomial of its own: fast, exact to 1e-9, and the same bits on every machine.
pub fn weight_log(x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let bits = x.to_bits();
    let mut exponent = ((bits >> 52) & 0x7FF) as i64 - 1_023;
    let mut mantissa = f64::from_bits((bits & 0x000F_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000);
    if mantissa > std::f64::consts::SQRT_2 {
        mantissa *= 0.5;
        exponent += 1;
    }
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let q = s * s;
    let series = s * (1.0 + q * (1.0 / 3.0 + q * (0.2 + q * (1.0 / 7.0 + q * (1.0 / 9.0 + q / 11.0)))));
    x * (exponent as f64 + series * (2.0 * std::f64::consts::LOG2_E))
}

/// Weights below this look their logarithm up.
const TABLE: usize = 2_048;

/// w · log2 w for whole weights.
pub struct WeightLog(Vec<f64>);

impl Default for WeightLog {
    fn default() -> Self {
        Self((0..TABLE).map(|w| weight_log(w as f64)).collect())
    }
}

impl WeightLog {
    fn of(&self, weight: u32) -> f64 {
        self.0.get(weight as usize).copied().unwrap_or_else(|| weight_log(f64::from(weight)))
    }
}

/// The two sides of a cut that moves: weight per class, and Σ w·log w of each side kept up to date.
pub struct Sides<'a> {
    log: &'a WeightLog,
    total: Vec<u32>,
    left: Vec<u32>,
    weight: u32,
    left_weight: u32,
    left_sum: f64,
    right_sum: f64,
    total_sum: f64,
}

impl<'a> Sides<'a> {
    pub fn new(log: &'a WeightLog, total: Vec<u32>) -> Self {
        let total_sum = total.iter().map(|&w| log.of(w)).sum();
        let weight = total.iter().sum();
        let left = vec![0; total.len()];
        Self { log, total, left, weight, left_weight: 0, left_sum: 0.0, right_sum: total_sum, total_sum }
    }

    /// Puts every row back to the right.
    pub fn reset(&mut self) {
        self.left.fill(0);
        (self.left_weight, self.left_sum, self.right_sum) = (0, 0.0, self.total_sum);
    }

    pub fn move_left(&mut self, class: u16, weight: u32) {
        let (left, total) = (&mut self.left[class as usize], self.total[class as usize]);
        let right = total - *left;
        self.left_sum -= self.log.of(*left);
        self.right_sum += self.log.of(right - weight) - self.log.of(right);
        *left += weight;
        self.left_sum += self.log.of(*left);
        self.left_weight += weight;
    }

    /// Information won by the cut, in bits × weight.
    pub fn gain(&self) -> f64 {
        self.gain_at(self.left_weight, self.left_sum, self.right_sum)
    }

    /// Gain of cutting off just these classes' weights, without moving anything.
    pub fn gain_of(&self, cells: &[(u16, u32)]) -> f64 {
        let (mut weight, mut left, mut right) = (0, 0.0, self.total_sum);
        for &(class, w) in cells {
            let total = self.total[class as usize];
            weight += w;
            left += self.log.of(w);
            right += self.log.of(total - w) - self.log.of(total);
        }
        self.gain_at(weight, left, right)
    }

    fn gain_at(&self, left_weight: u32, left_sum: f64, right_sum: f64) -> f64 {
        let sides = self.log.of(left_weight) - left_sum + self.log.of(self.weight - left_weight) - right_sum;
        self.log.of(self.weight) - self.total_sum - sides
    }

    pub fn log(&self) -> &'a WeightLog {
        self.log
    }

    pub fn weight(&self) -> u32 {
        self.weight
    }

    pub fn total(&self, class: u16) -> u32 {
        self.total[class as usize]
    }

    pub fn classes(&self) -> usize {
        self.total.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_polynomial_is_the_logarithm() {
        for x in [1e-6, 0.25, 0.5, 1.0, 1.4, 1.5, 2.0, 3.0, 1e3, 325_000.7] {
            assert!((weight_log(x) - x * x.log2()).abs() <= 1e-8 * x.max(1.0) * 20.0, "{x}");
        }
        assert!(weight_log(0.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_pure_cut_wins_the_whole_entropy_and_moving_equals_cutting_off() {
        let log = WeightLog::default();
        let mut sides = Sides::new(&log, vec![4, 4]);
        sides.move_left(0, 4);
        assert!((sides.gain() - 8.0).abs() < 1e-6);
        assert!((sides.gain_of(&[(0, 4)]) - 8.0).abs() < 1e-6);
        sides.reset();
        assert!(sides.gain().abs() < 1e-9);
    }
}
