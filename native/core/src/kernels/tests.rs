//! Every path against the portable one; a path that this CPU lacks is named aloud.

use super::{CodeRows, Kernels, NAMES, NORM_BYTES, available, portable};

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

#[test]
fn scored_rows_are_products_times_the_inverse_norm() {
    let (dimensions, count) = (100, 50);
    let mut bytes = Vec::new();
    for row in 0..count {
        bytes.extend(codes(row + 7, dimensions).iter().map(|&code| code as u8));
        bytes.extend((1.0 / (row as f32 + 1.0)).to_le_bytes());
    }
    assert_eq!(bytes.len(), count as usize * (dimensions + NORM_BYTES));
    let query = codes(3, dimensions);
    let listed: Vec<u32> = (0..count as u32).rev().collect();
    each_path(|path| {
        let mut out = vec![0f32; listed.len()];
        path.score_rows(&query, CodeRows::new(&bytes, dimensions), &listed, &mut out);
        for (score, &row) in out.iter().zip(&listed) {
            let product = portable::kernels().dot_codes(&query, &codes(u64::from(row) + 7, dimensions));
            assert_eq!(*score, product as f32 * (1.0 / (row as f32 + 1.0)), "{} row {row}", path.name);
        }
    });
}

#[test]
#[should_panic(expected = "listed")]
fn a_row_outside_the_table_is_refused() {
    let bytes = vec![0u8; 2 * (8 + NORM_BYTES)];
    available()[0].score_rows(&[0; 8], CodeRows::new(&bytes, 8), &[2], &mut [0.0]);
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
