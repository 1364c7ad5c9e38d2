//! A small seeded generator (`SplitMix64`): the same seed gives the same forest on every machine and any number of threads.

pub struct Random(u64);

impl Random {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A generator of its own for part `index` of the work seeded by `seed`.
    pub fn of(seed: u64, index: u64) -> Self {
        let mut mixed = Self(seed ^ index.wrapping_mul(0xD134_2543_DE82_EF95));
        mixed.next_u64();
        mixed
    }

    pub const fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in 0 ≤ x < 1.
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in 0 .. bound (bound ≥ 1).
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next_u64()) * bound as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_parts_differ() {
        let mut first = Random::of(7, 1);
        let mut same = Random::of(7, 1);
        let mut other = Random::of(7, 2);
        let drawn = first.next_u64();
        assert_eq!(drawn, same.next_u64());
        assert_ne!(drawn, other.next_u64());
        for _ in 0..1_000 {
            assert!(first.below(3) < 3);
            assert!((0.0..1.0).contains(&first.unit()));
        }
    }
}
