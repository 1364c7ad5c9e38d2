//! Every path against the portable one; a path that this CPU lacks is named aloud.

use super::{Kernels, NAMES, ROW_STEP, available, portable};
use crate::block_shape::{BlockQuery, BlockShape, to_bf16};

/// A small generator of its own: the same numbers on every machine.
fn numbers(seed: u64) -> impl FnMut() -> u32 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u32
    }
}

fn codes(seed: u64, length: usize) -> Vec<i8> {
    let mut next = numbers(seed);
    (0..length).map(|_| (next() % 255) as i32 - 127).map(|code| code as i8).collect()
}

fn floats(seed: u64, length: usize) -> Vec<f32> {
    let mut next = numbers(seed);
    (0..length).map(|_| next() as f32 / u32::MAX as f32 - 0.5).collect()
}

const LENGTHS: [usize; 17] = [1, 3, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 100, 128, 256, 768, 785];

fn each_path(check: impl Fn(&Kernels)) {
    let paths = available();
    for name in NAMES {
        match paths.iter().find(|path| path.name == *name) {
            Some(path) => check(path),
            None => eprintln!("SKIPPED kernels {name}: this CPU lacks the instructions"),
        }
    }
}

#[test]
fn products_of_codes_equal_the_portable_ones_exactly() {
    let reference = portable::kernels();
    each_path(|path| {
        for (seed, length) in LENGTHS.into_iter().enumerate() {
            let (a, b) = (codes(seed as u64 + 1, length), codes(seed as u64 + 100, length));
            assert_eq!(path.dot_codes(&a, &b), reference.dot_codes(&a, &b), "{} at {length}", path.name);
        }
    });
}

#[test]
fn extreme_codes_do_not_overflow_at_the_longest_row() {
    each_path(|path| {
        let (low, high) = (vec![-127i8; 16_384], vec![127i8; 16_384]);
        assert_eq!(path.dot_codes(&low, &high), -127 * 127 * 16_384, "{}", path.name);
        assert_eq!(path.dot_codes(&low, &low), 127 * 127 * 16_384, "{}", path.name);
    });
}

/// A table of padded rows with the most extreme codes among them.
struct Table {
    codes: Vec<i8>,
    inverse_norms: Vec<f32>,
    query: Vec<i8>,
}

fn table(seed: u64, count: usize, dimensions: usize) -> Table {
    let stride = dimensions.next_multiple_of(ROW_STEP);
    let padded = |mut row: Vec<i8>| {
        row.resize(stride, 0);
        row
    };
    let mut rows: Vec<Vec<i8>> = (0..count).map(|row| codes(seed + row as u64, dimensions)).collect();
    rows[count / 2] = vec![-128; dimensions]; // no code of ours, but a file may hold it
    rows[count - 1] = vec![127; dimensions];
    let query = if seed.is_multiple_of(2) { codes(seed + 999, dimensions) } else { vec![-127; dimensions] };
    let mut next = numbers(seed);
    let inverse_norms = (0..count).map(|_| next() as f32 / u32::MAX as f32).collect();
    Table { codes: rows.into_iter().flat_map(padded).collect(), inverse_norms, query: padded(query) }
}

#[test]
fn ranges_and_lists_of_rows_score_the_same_bits_on_every_path() {
    for (seed, dimensions) in [1, 63, 64, 65, 100, 128, 256, 784, 1_536, 16_384].into_iter().enumerate() {
        for count in [1, 2, 7, 8, 9, 16, 37] {
            let Table { codes, inverse_norms, query } = table(seed as u64 + 5, count, dimensions);
            let row = |slot: usize| &codes[slot * query.len()..][..query.len()];
            let score = |slot: usize| portable::kernels().dot_codes(&query, row(slot)) as f32 * inverse_norms[slot];
            let expected: Vec<u32> = (0..count).map(|slot| score(slot).to_bits()).collect();
            let mut next = numbers(count as u64);
            let slots: Vec<u32> = (0..2 * count).map(|_| next() % count as u32).collect();
            each_path(|path| {
                let bits = |scores: &[f32]| scores.iter().map(|score| score.to_bits()).collect::<Vec<_>>();
                let mut out = vec![f32::NAN; count];
                path.score_range(&query, &codes, &inverse_norms, &mut out);
                assert_eq!(bits(&out), expected, "{} {count} × {dimensions}", path.name);
                let mut out = vec![f32::NAN; slots.len()];
                path.score_slots(&query, &codes, &inverse_norms, &slots, &mut out);
                let listed: Vec<u32> = slots.iter().map(|&slot| expected[slot as usize]).collect();
                assert_eq!(bits(&out), listed, "{} {count} × {dimensions}", path.name);
            });
        }
    }
}

#[test]
#[should_panic(expected = "outside the table")]
fn a_slot_outside_the_table_is_refused() {
    available()[0].score_slots(&[1; 64], &[1; 128], &[1.0; 2], &[0, 2], &mut [0.0; 2]);
}

#[test]
#[should_panic(expected = "is_multiple_of")]
fn rows_that_are_not_padded_are_refused() {
    available()[0].score_range(&[1; 60], &[1; 120], &[1.0; 2], &mut [0.0; 2]);
}

#[test]
fn float_products_agree_with_f64_arithmetic() {
    each_path(|path| {
        for (seed, length) in LENGTHS.into_iter().enumerate() {
            let (a, b) = (floats(seed as u64 + 1, length), floats(seed as u64 + 50, length));
            let exact: f64 = a.iter().zip(&b).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum();
            assert!((f64::from(path.dot(&a, &b)) - exact).abs() < 1e-5, "{} at {length}", path.name);
        }
    });
}

#[test]
fn one_row_four_rows_and_a_tile_give_the_same_bits() {
    each_path(|path| {
        for length in LENGTHS {
            let vectors: Vec<Vec<f32>> = (0..8).map(|seed| floats(seed + 9, length)).collect();
            let queries: [&[f32]; 4] = std::array::from_fn(|at| vectors[at].as_slice());
            let rows: [&[f32]; 4] = std::array::from_fn(|at| vectors[at + 4].as_slice());
            let tile = path.tile(queries, rows);
            for (q, query) in queries.iter().enumerate() {
                let four = path.dots(query, rows);
                for (r, row) in rows.iter().enumerate() {
                    let one = path.dot(query, row).to_bits();
                    assert_eq!(four[r].to_bits(), one, "{} at {length}", path.name);
                    assert_eq!(tile[q][r].to_bits(), one, "{} at {length}", path.name);
                }
            }
        }
    });
}

#[test]
fn estimates_of_blocks_have_the_bits_of_the_portable_ones() {
    let reference = portable::kernels();
    each_path(|path| {
        for (seed, (degree, lead, bits)) in
            [(16, 16, 2), (32, 96, 2), (48, 272, 2), (32, 8, 4), (16, 104, 4)].into_iter().enumerate()
        {
            let shape = BlockShape::new(degree, lead, bits).unwrap();
            let mut next = numbers(seed as u64 + 7);
            let mut block: Vec<u8> = (0..shape.bytes()).map(|_| next() as u8).collect();
            let factors = floats(seed as u64 + 9, 2 * degree);
            for (place, factor) in block[shape.code_bytes()..].chunks_exact_mut(2).zip(factors) {
                place.copy_from_slice(&to_bf16(factor).to_le_bytes());
            }
            for codes in [codes(seed as u64 + 3, lead), vec![127; lead], vec![-127; lead]] {
                let offset = i32::from(shape.largest()) * codes.iter().map(|&code| i32::from(code)).sum::<i32>();
                let query = BlockQuery { codes, offset, scale: 0.003_7 };
                let estimates = |kernels: &Kernels| {
                    let mut out = vec![0.0; degree];
                    kernels.estimate_block(shape, &block, &query, 0.71, &mut out);
                    out.into_iter().map(f32::to_bits).collect::<Vec<_>>()
                };
                assert_eq!(estimates(path), estimates(&reference), "{} {degree} {lead} {bits}", path.name);
            }
        }
    });
}
