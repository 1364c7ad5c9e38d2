//! Which keys an answer may name: a bitset over the rows of the vectors, in memory of the caller.

use crate::error::{Code, Error, Result};

const BITS: usize = u32::BITS as usize;

#[derive(Clone, Copy, Debug)]
pub struct Allowed<'a> {
    words: &'a [u32],
    count: usize,
}

impl<'a> Allowed<'a> {
    /// Bit `key & 31` of word `key >> 5` says whether a key is allowed.
    ///
    /// Errors: `bad_request` unless there are exactly as many words as `keys` need and no bit beyond the last key.
    pub fn new(words: &'a [u32], keys: usize) -> Result<Self> {
        let bad = |message: &str| Err(Error::new(Code::BadRequest, message));
        if words.len() != keys.div_ceil(BITS) {
            return bad("the allowed set must have one bit for each vector");
        }
        let used = keys % BITS;
        if used > 0 && words[words.len() - 1] >> used != 0 {
            return bad("the allowed set names vectors beyond the last");
        }
        let count = words.iter().map(|word| word.count_ones() as usize).sum();
        Ok(Self { words, count })
    }

    /// How many keys are allowed.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Panics on a key beyond the last word.
    #[inline]
    pub fn contains(&self, key: u32) -> bool {
        self.words[key as usize / BITS] >> (key as usize % BITS) & 1 == 1
    }

    /// Allowed keys, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + use<'a> {
        self.words.iter().zip(0u32..).flat_map(|(&word, at)| {
            let mut left = word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros())?;
                left &= left - 1;
                Some(at * u32::BITS + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_counted_found_and_listed_in_order() {
        let words = [0x8000_0001, 0, 0b110];
        let allowed = Allowed::new(&words, 67).unwrap();
        assert_eq!(allowed.count(), 4);
        assert_eq!(allowed.iter().collect::<Vec<_>>(), [0, 31, 65, 66]);
        let by_question: Vec<u32> = (0..67).filter(|&key| allowed.contains(key)).collect();
        assert_eq!(by_question, [0, 31, 65, 66]);
    }

    #[test]
    fn a_set_of_another_length_or_with_bits_beyond_the_last_key_is_refused() {
        let code = |words: &[u32], keys| Allowed::new(words, keys).err().map(|error| error.code);
        assert_eq!(code(&[0, 0], 33), None);
        assert_eq!(code(&[u32::MAX], 32), None);
        assert_eq!(code(&[0], 33), Some(Code::BadRequest));
        assert_eq!(code(&[0, 0], 32), Some(Code::BadRequest));
        assert_eq!(code(&[], 1), Some(Code::BadRequest));
        assert_eq!(code(&[0, 0b10], 33), Some(Code::BadRequest));
        assert_eq!(code(&[0, 0b1], 33), None);
    }
}
