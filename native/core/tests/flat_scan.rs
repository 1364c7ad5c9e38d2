//! The scan of codes against the plainest exhaustive search, on every path of this CPU: the same keys and the same bits.

mod common;

use common::{numbers, unit};
use routewright_core::allowed::Allowed;
use routewright_core::code_bounds::{CodeBounds, CodedRows};
use routewright_core::error::{Code, Result};
use routewright_core::flat_scan::{FlatScan, FlatScratch, Over};
use routewright_core::kernels::{Kernels, available};
use routewright_core::quantizer::quantize;
use routewright_core::ranking::{Hit, Ranking};
use std::time::Instant;

/// Vectors with their codes, placed in slots of another order.
struct Table {
    dimensions: usize,
    vectors: Vec<f32>,
    codes: Vec<i8>,
    inverse_norms: Vec<f32>,
    keys: Vec<u32>,
    slots: Vec<u32>,
}

impl Table {
    fn new(vectors: Vec<f32>, dimensions: usize) -> Self {
        let (count, stride) = (vectors.len() / dimensions, dimensions.next_multiple_of(64));
        // 7,919 is prime: a permutation of any count that it does not divide
        let keys: Vec<u32> = (0..count).map(|slot| (slot * 7_919 % count) as u32).collect();
        let mut slots = vec![u32::MAX; count];
        let (mut codes, mut inverse_norms) = (vec![0i8; count * stride], Vec::new());
        for (slot, &key) in keys.iter().enumerate() {
            assert_eq!(std::mem::replace(&mut slots[key as usize], slot as u32), u32::MAX);
            let row = &mut codes[slot * stride..][..dimensions];
            quantize(&vectors[key as usize * dimensions..][..dimensions], row);
            let squared: i32 = row.iter().map(|&code| i32::from(code) * i32::from(code)).sum();
            inverse_norms.push(1.0 / (squared as f32).sqrt());
        }
        Self { dimensions, vectors, codes, inverse_norms, keys, slots }
    }

    fn rows(&self) -> CodedRows<'_> {
        let Self { dimensions, vectors, codes, inverse_norms, keys, .. } = self;
        let stride = dimensions.next_multiple_of(64);
        CodedRows { dimensions: *dimensions, stride, codes, inverse_norms, keys, vectors }
    }

    fn scan(&self, kernels: &Kernels, query: &[f32], k: usize, allowed: Option<&Allowed<'_>>) -> (Vec<Hit>, usize) {
        let bounds = CodeBounds::measure(&self.rows()).unwrap();
        let (mut scratch, mut ranking) = (FlatScratch::default(), Ranking::new(k));
        let over = allowed.map_or(Over::All, |allowed| Over::Allowed { allowed, slots: &self.slots });
        let scan = FlatScan { rows: self.rows(), bounds: &bounds, kernels, query, deadline: None };
        scan.run(over, &mut scratch, &mut ranking).unwrap();
        (ranking.hits().to_vec(), scratch.reranked)
    }

    fn brute(&self, kernels: &Kernels, query: &[f32], k: usize, allowed: Option<&Allowed<'_>>) -> Vec<Hit> {
        let rows = self.vectors.chunks(self.dimensions).zip(0u32..);
        let kept = rows.filter(|&(_, key)| allowed.is_none_or(|allowed| allowed.contains(key)));
        let mut hits: Vec<Hit> = kept.map(|(row, key)| Hit { key, score: kernels.dot(query, row) + 0.0 }).collect();
        hits.sort_unstable_by(Hit::rank);
        hits.truncate(k);
        hits
    }
}

fn spread(seed: u64, count: usize, dimensions: usize) -> Vec<f32> {
    let mut next = numbers(seed);
    (0..count).flat_map(|_| unit((0..dimensions).map(|_| next()).collect())).collect()
}

/// Around few centres, `width` apart from them: the smaller, the more all codes look alike.
fn around(seed: u64, count: usize, dimensions: usize, width: f32) -> Vec<f32> {
    let centres = spread(1, 5, dimensions);
    let mut next = numbers(seed);
    let centre = |at: usize| &centres[at % 5 * dimensions..][..dimensions];
    (0..count).flat_map(|at| unit(centre(at).iter().map(|value| value + next() * width).collect())).collect()
}

/// Mostly zeros, few distinct values: many equal vectors.
fn sparse(seed: u64, count: usize, dimensions: usize) -> Vec<f32> {
    let mut next = numbers(seed);
    let mut value = move |at: usize| if at == 0 || next() > 0.3 { 1.0 } else { 0.0 };
    (0..count).flat_map(|_| unit((0..dimensions).map(|at| value(at % 20)).collect())).collect()
}

fn bits_where(count: usize, keep: impl Fn(usize) -> bool) -> Vec<u32> {
    let mut words = vec![0u32; count.div_ceil(32)];
    (0..count).filter(|&key| keep(key)).for_each(|key| words[key / 32] |= 1 << (key % 32));
    words
}

fn same(found: &[Hit], expected: &[Hit], what: &str) {
    let bits = |hits: &[Hit]| hits.iter().map(|hit| (hit.key, hit.score.to_bits())).collect::<Vec<_>>();
    assert_eq!(bits(found), bits(expected), "{what}");
}

#[test]
fn keys_and_bits_are_those_of_an_exhaustive_search_at_any_share_of_allowed_rows() {
    let tables = [
        ("spread", Table::new(spread(3, 3_000, 70), 70)),
        ("clusters", Table::new(around(4, 3_000, 128, 0.3), 128)),
        ("all alike", Table::new(around(5, 2_000, 65, 1e-3), 65)),
        ("equal ones", Table::new(sparse(6, 2_500, 40), 40)),
        ("one direction", Table::new([1.0f32, 0.0].repeat(700), 2)),
        ("few", Table::new(spread(7, 9, 33), 33)),
    ];
    for (name, table) in &tables {
        let count = table.keys.len();
        let queries: Vec<f32> = spread(99, 2, table.dimensions)
            .into_iter()
            .chain(table.rows().vectors[..table.dimensions].to_vec())
            .collect();
        for kernels in &available() {
            for query in queries.chunks(table.dimensions) {
                let scaled: Vec<f32> = query.iter().map(|value| value * 37.0).collect();
                for k in [1, 10, 200] {
                    for query in [query, &scaled] {
                        let (found, _) = table.scan(kernels, query, k, None);
                        same(&found, &table.brute(kernels, query, k, None), &format!("{name} {} {k}", kernels.name));
                    }
                    for every in [1, 2, 3, 10, 100, 10_000] {
                        let words = bits_where(count, |key| key % every == every - 1);
                        let allowed = Allowed::new(&words, count).unwrap();
                        let (found, _) = table.scan(kernels, query, k, Some(&allowed));
                        let expected = table.brute(kernels, query, k, Some(&allowed));
                        same(&found, &expected, &format!("{name} {} {k} every {every}", kernels.name));
                    }
                }
            }
        }
    }
}

#[test]
fn norms_that_are_a_little_off_do_not_change_the_answer() {
    let mut vectors = around(8, 2_000, 96, 0.05);
    for (at, row) in vectors.chunks_mut(96).enumerate() {
        let scale = 1.0 + (at as f32 % 21.0 - 10.0) * 9e-5;
        for value in row {
            *value *= scale;
        }
    }
    let table = Table::new(vectors, 96);
    for kernels in &available() {
        for query in around(9, 20, 96, 0.05).chunks(96) {
            same(&table.scan(kernels, query, 10, None).0, &table.brute(kernels, query, 10, None), kernels.name);
        }
    }
}

#[test]
fn few_rows_are_read_exactly() {
    let table = Table::new(spread(11, 20_000, 64), 64);
    let queries = spread(12, 20, 64);
    let read: Vec<usize> = queries.chunks(64).map(|query| table.scan(&available()[0], query, 10, None).1).collect();
    assert!(read.iter().all(|&read| (10..=200).contains(&read)), "{read:?}");
}

#[test]
fn exact_scores_lie_within_what_their_codes_promise() {
    let table = Table::new(around(13, 1_000, 48, 0.2), 48);
    let (rows, kernels) = (table.rows(), &available()[0]);
    let bounds = CodeBounds::measure(&rows).unwrap();
    assert!(bounds.angle > 1e-4 && bounds.angle < 0.03, "{bounds:?}");
    for query in around(14, 30, 48, 0.4).chunks(48) {
        let mut codes = [0i8; 64];
        quantize(query, &mut codes[..48]);
        let reach = bounds.reach(query, &codes[..48]);
        let mut scores = vec![0f32; 1_000];
        kernels.score_range(&codes, rows.codes, rows.inverse_norms, &mut scores);
        for (raw, &key) in scores.into_iter().zip(rows.keys) {
            let exact = f64::from(kernels.dot(query, &rows.vectors[key as usize * 48..][..48]));
            assert!(reach.score_at_least(raw) <= exact, "{key}");
            assert!(reach.raw_for(exact) <= raw, "{key}");
        }
    }
}

#[test]
fn a_scan_whose_time_is_over_says_so() {
    let table = Table::new(spread(15, 2_000, 32), 32);
    let bounds = CodeBounds::measure(&table.rows()).unwrap();
    let kernels = &available()[0];
    let query = &table.vectors[..32];
    let scan = FlatScan { rows: table.rows(), bounds: &bounds, kernels, query, deadline: Some(Instant::now()) };
    let (mut scratch, mut ranking) = (FlatScratch::default(), Ranking::new(10));
    let words = bits_where(2_000, |key| key % 4 == 0);
    let allowed = Allowed::new(&words, 2_000).unwrap();
    for over in [Over::All, Over::Allowed { allowed: &allowed, slots: &table.slots }] {
        assert_eq!(scan.run(over, &mut scratch, &mut ranking).unwrap_err().code, Code::DeadlineExceeded);
    }
}

#[test]
fn bounds_are_refused_where_codes_and_vectors_do_not_fit() {
    let code = |result: Result<CodeBounds>| result.err().map(|error| error.code);
    let mut table = Table::new(spread(16, 50, 32), 32);
    let bounds = CodeBounds::measure(&table.rows()).unwrap();
    assert_eq!(CodeBounds::from_bytes(&bounds.to_bytes()), Ok(bounds));
    table.inverse_norms[7] *= 1.01;
    assert_eq!(code(CodeBounds::measure(&table.rows())), Some(Code::ArtifactCorrupt));
    table.inverse_norms[7] /= 1.01;
    table.keys[3] = 50;
    assert_eq!(code(CodeBounds::measure(&table.rows())), Some(Code::ArtifactCorrupt));
    for (angle, norm_error) in [(-0.1, 0.0), (4.0, 0.0), (f64::NAN, 0.0), (0.1, -1.0), (0.1, 2.0), (0.1, f64::NAN)] {
        let bytes = CodeBounds { angle, norm_error }.to_bytes();
        assert_eq!(code(CodeBounds::from_bytes(&bytes)), Some(Code::ArtifactCorrupt), "{angle} {norm_error}");
    }
    assert_eq!(code(CodeBounds::from_bytes(&bounds.to_bytes()[1..])), Some(Code::ArtifactCorrupt));
}
