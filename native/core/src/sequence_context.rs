//! What a decision may look at besides the attributes: the operations already chosen. The same function serves training and decoding.

/// Columns that follow the attributes in a decision's row: last, last but one and first operation, the number of
/// operations so far, and how often the last one has occurred.
pub const CONTEXT_COLUMNS: usize = 5;
/// 0 ordered, 1 categorical; parallel to the context columns.
pub const CONTEXT_KINDS: [u8; CONTEXT_COLUMNS] = [1, 1, 1, 0, 0];

/// Fills `out` (length [`CONTEXT_COLUMNS`]) from the operations so far; 0 stands for "none yet".
pub fn write_context(prefix: &[u16], out: &mut [u16]) {
    let steps = prefix.len();
    let last = prefix.last().copied().unwrap_or(0);
    out[0] = last;
    out[1] = if steps > 1 { prefix[steps - 2] } else { 0 };
    out[2] = prefix.first().copied().unwrap_or(0);
    out[3] = steps as u16;
    out[4] = count_of(prefix, last) as u16;
}

/// How often `operation` stands in the prefix.
pub fn count_of(prefix: &[u16], operation: u16) -> usize {
    prefix.iter().filter(|&&o| o == operation).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn context_of_an_empty_and_of_a_repeating_prefix() {
        let mut out = [9; CONTEXT_COLUMNS];
        write_context(&[], &mut out);
        assert_eq!(out, [0, 0, 0, 0, 0]);
        write_context(&[4, 7, 4], &mut out);
        assert_eq!(out, [4, 7, 4, 3, 2]);
    }
}
