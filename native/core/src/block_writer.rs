//! Writes a file in large aligned blocks. Linux keeps what was written so in pages of 2 MB, where it would keep smaller or
//! unaligned writes in pages of 4 KB; a search reads at random, and finds its place in large pages faster.

use std::io::{Result, Write};

/// A whole number of large pages.
const BLOCK: usize = 8 << 20;

pub struct BlockWriter<W> {
    out: W,
    block: Vec<u8>,
}

impl<W: Write> BlockWriter<W> {
    /// `out` is written from its start.
    pub fn new(out: W) -> Self {
        Self { out, block: Vec::with_capacity(BLOCK) }
    }

    /// Writes what is left and gives the target back.
    pub fn finish(mut self) -> Result<W> {
        self.out.write_all(&self.block)?;
        Ok(self.out)
    }
}

impl<W: Write> Write for BlockWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let taken = bytes.len().min(BLOCK - self.block.len());
        self.block.extend_from_slice(&bytes[..taken]);
        if self.block.len() == BLOCK {
            self.out.write_all(&self.block)?;
            self.block.clear();
        }
        Ok(taken)
    }

    /// Nothing: a block is written when it is whole, and the rest by `finish`.
    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was written, write by write.
    #[derive(Default)]
    struct Writes(Vec<Vec<u8>>);

    impl Write for Writes {
        fn write(&mut self, bytes: &[u8]) -> Result<usize> {
            self.0.push(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> Result<()> {
            Ok(())
        }
    }

    #[test]
    fn blocks_are_whole_and_nothing_is_lost() {
        let bytes: Vec<u8> = (0..2 * BLOCK + 12_345).map(|at| (at % 251) as u8).collect();
        let mut writer = BlockWriter::new(Writes::default());
        for part in bytes.chunks(1_000_003) {
            writer.write_all(part).unwrap();
        }
        let Writes(taken) = writer.finish().unwrap();
        assert_eq!(taken.iter().map(Vec::len).collect::<Vec<_>>(), [BLOCK, BLOCK, 12_345]);
        assert!(taken.concat() == bytes);
    }
}
