//! What a search answers: recall, order, determinism, and what it refuses.

mod common;
use common::*;
use routewright_core::ann_index::{Blocks, NO_KEY};
use routewright_core::error::Code;

#[test]
fn a_wide_search_finds_what_the_exhaustive_one_finds_with_the_same_scores() {
    let (_folder, index, _) = built();
    let queries = clustered(77, 200);
    let (mut found, mut narrow, mut wide) = (0, 0, 0);
    for query in queries.chunks(DIMENSIONS) {
        let (truth, truth_scores) = exact(&index, query, 10).unwrap();
        let (keys, scores) = search(&index, query, 10, 128).unwrap();
        for (key, score) in keys.iter().zip(&scores) {
            if let Some(at) = truth.iter().position(|other| other == key) {
                assert_eq!(score.to_bits(), truth_scores[at].to_bits(), "the re-rank is exact");
                found += 1;
            }
        }
        narrow += usize::from(search(&index, query, 1, 1).unwrap().0[0] == truth[0]);
        wide += usize::from(search(&index, query, 1, 128).unwrap().0[0] == truth[0]);
        assert!(scores.is_sorted_by(|a, b| a >= b));
    }
    assert!(found >= 1_980, "recall {found} of 2000");
    assert!(narrow < wide, "ef has an effect: {narrow} at 1, {wide} at 128");
}

#[test]
fn exact_search_agrees_with_f64_arithmetic() {
    let (_folder, index, vectors) = built();
    for query in clustered(5, 20).chunks(DIMENSIONS) {
        let dot = |row: &[f32]| row.iter().zip(query).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
        let mut truth: Vec<(f64, u32)> = vectors.chunks(DIMENSIONS).map(dot).zip(0..).collect();
        truth.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (keys, scores) = exact(&index, query, 25).unwrap();
        for ((key, score), truth) in keys.iter().zip(&scores).zip(&truth) {
            assert!((f64::from(*score) - truth.0).abs() < 1e-5);
            assert!((dot(&vectors[*key as usize * DIMENSIONS..][..DIMENSIONS]) - truth.0).abs() < 1e-5);
        }
    }
}

#[test]
fn equal_vectors_are_answered_in_the_order_of_their_keys() {
    let folder = Folder::new();
    let mut vectors = clustered(2, COUNT);
    let twin = vectors[..DIMENSIONS].to_vec();
    for key in [2_999usize, 7, 1_500] {
        vectors[key * DIMENSIONS..][..DIMENSIONS].copy_from_slice(&twin);
    }
    folder.build(&vectors);
    let index = folder.open(COUNT).unwrap();
    assert_eq!(search(&index, &twin, 4, 64).unwrap().0, [0, 7, 1_500, 2_999]);
    assert_eq!(exact(&index, &twin, 4).unwrap().0, [0, 7, 1_500, 2_999]);
}

#[test]
fn a_batch_answers_what_single_searches_answer_on_any_number_of_threads() {
    let (_folder, index, _) = built();
    let queries = clustered(9, 101);
    for threads in [1, 2, 7] {
        let approximate = index.search_batch(&queries, 7, 40, threads).unwrap();
        let exhaustive = index.exact_batch(&queries, 7, threads).unwrap();
        for (at, query) in queries.chunks(DIMENSIONS).enumerate() {
            let part = at * 7..(at + 1) * 7;
            let (keys, scores) = search(&index, query, 7, 40).unwrap();
            assert_eq!((&approximate.keys[part.clone()], &approximate.scores[part.clone()]), (&*keys, &*scores));
            let (keys, scores) = exact(&index, query, 7).unwrap();
            assert_eq!((&exhaustive.keys[part.clone()], &exhaustive.scores[part]), (&*keys, &*scores));
        }
    }
    assert!(index.search_batch(&[], 7, 40, 2).unwrap().keys.is_empty());
}

#[test]
fn a_single_vector_is_an_index_too_and_unused_places_hold_no_key() {
    let folder = Folder::new();
    folder.build(&clustered(2, 1));
    let index = folder.open(1).unwrap();
    let query = clustered(3, 1);
    assert_eq!(search(&index, &query, 5, 16).unwrap().0, [0]);
    let hits = index.search_batch(&query, 3, 16, 1).unwrap();
    assert_eq!(hits.keys, [0, NO_KEY, NO_KEY]);
    assert_eq!(hits.scores[1..], [f32::NEG_INFINITY; 2]);
}

#[test]
fn the_scale_of_a_query_scales_the_scores_and_changes_no_key() {
    let (_folder, index, _) = built();
    let query = clustered(4, 1);
    let (keys, scores) = search(&index, &query, 5, 64).unwrap();
    let doubled: Vec<f32> = query.iter().map(|value| value * 2.0).collect();
    let (same, twice) = search(&index, &doubled, 5, 64).unwrap();
    assert_eq!(keys, same);
    assert!(scores.iter().zip(&twice).all(|(a, b)| a * 2.0 == *b));
}

#[test]
fn queries_without_a_direction_and_numbers_out_of_range_are_refused() {
    let (_folder, index, _) = built();
    let good = clustered(3, 1);
    let with = |value: f32| [&[value], &good[1..]].concat();
    for (query, expected) in [
        (with(f32::NAN), Code::VectorNotFinite),
        (with(f32::INFINITY), Code::VectorNotFinite),
        (with(f32::NEG_INFINITY), Code::VectorNotFinite),
        (with(3e38), Code::VectorNotFinite),
        (vec![0.0; DIMENSIONS], Code::VectorZero),
        (good[1..].to_vec(), Code::VectorWrongLength),
        (vec![], Code::VectorWrongLength),
        (vec![0.1; 100_000], Code::VectorWrongLength),
    ] {
        assert_eq!(code(search(&index, &query, 5, 32)), expected);
        assert_eq!(code(exact(&index, &query, 5)), expected);
    }
    for (k, ef) in [(0, 32), (1_001, 32), (5, 0), (5, 4_097)] {
        assert_eq!(code(search(&index, &good, k, ef)), Code::BadRequest, "k {k} ef {ef}");
        assert_eq!(code(index.search_batch(&good, k, ef, 1)), Code::BadRequest, "k {k} ef {ef}");
    }
    assert!(search(&index, &good, 1_000, 4_096).is_ok());
    assert_eq!(search(&index, &good, 200, 16).unwrap().0.len(), 200, "k above ef widens the search");
    assert_eq!(code(index.search_batch(&good[1..], 5, 32, 1)), Code::VectorWrongLength);
    assert_eq!(code(index.search_batch(&good, 5, 32, 0)), Code::BadRequest);
    assert_eq!(code(index.search_batch(&good, 5, 32, 257)), Code::BadRequest);
    let second = [good.clone(), with(f32::NAN)].concat();
    let error = index.exact_batch(&second, 5, 1).err().unwrap();
    assert!(error.code == Code::VectorNotFinite && error.message.starts_with("query 1:"));
}

#[test]
fn blocks_of_a_vector_sum_to_the_whole() {
    let (_folder, index, vectors) = built();
    let query = clustered(8, 1);
    let (keys, offsets) = ([5u32, 2_999, 5], [0u32, 3, 3, 10, DIMENSIONS as u32]);
    let (mut dots, mut norms) = ([9f32; 12], [9f32; 12]);
    index.block_dots(&query, &keys, &offsets, &mut Blocks { dots: &mut dots, norms: &mut norms }).unwrap();
    for (row, &key) in keys.iter().enumerate() {
        let stored = &vectors[key as usize * DIMENSIONS..][..DIMENSIONS];
        let whole: f32 = stored.iter().zip(&query).map(|(a, b)| a * b).sum();
        assert!((dots[row * 4..][..4].iter().sum::<f32>() - whole).abs() < 1e-6);
        assert!((norms[row * 4..][..4].iter().sum::<f32>() - 1.0).abs() < 1e-5);
        assert_eq!((dots[row * 4 + 1], norms[row * 4 + 1]), (0.0, 0.0), "an empty block");
    }
    let mut attempt = |keys: &[u32], offsets: &[u32]| {
        code(index.block_dots(&query, keys, offsets, &mut Blocks { dots: &mut dots[..1], norms: &mut norms[..1] }))
    };
    assert_eq!(attempt(&[COUNT as u32], &[0, 1]), Code::BadRequest);
    assert_eq!(attempt(&[0], &[1, 0]), Code::BadRequest);
    assert_eq!(attempt(&[0], &[0, DIMENSIONS as u32 + 1]), Code::BadRequest);
    assert_eq!(attempt(&[0, 1], &[0, 1]), Code::BadRequest);
    assert_eq!(attempt(&[0], &[]), Code::BadRequest);
    let mut out = [0.0; DIMENSIONS];
    index.vector(7, &mut out).unwrap();
    assert_eq!(out, vectors[7 * DIMENSIONS..][..DIMENSIONS]);
    assert_eq!(code(index.vector(COUNT as u32, &mut out)), Code::BadRequest);
}

/// The weighted cosine in f64.
fn weighted_cosine(query: &[f32], factors: &[f32], row: &[f32]) -> f64 {
    let sum = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).zip(factors).map(|((&a, &b), &factor)| f64::from(a) * f64::from(b) * f64::from(factor)).sum()
    };
    let norm = sum(row, row) * sum(query, query);
    if norm > 0.0 { sum(query, row) / norm.sqrt() } else { 0.0 }
}

#[test]
fn moved_weights_are_answered_by_the_weighted_cosine_in_the_graph_and_over_all() {
    let (_folder, index, vectors) = built();
    for factors in [
        std::array::from_fn(|at| if at < 8 { 0.0 } else { 1.0 }),
        std::array::from_fn::<f32, DIMENSIONS, _>(|at| if at < 8 { 4.0 } else { 0.5 }),
    ] {
        let mut right = 0;
        for query in clustered(31, 50).chunks(DIMENSIONS) {
            let mut truth: Vec<f64> =
                vectors.chunks(DIMENSIONS).map(|row| weighted_cosine(query, &factors, row)).collect();
            let of = |key: u32| weighted_cosine(query, &factors, &vectors[key as usize * DIMENSIONS..][..DIMENSIONS]);
            truth.sort_by(|a, b| b.total_cmp(a));
            let (mut keys, mut scores) = ([NO_KEY; 10], [0.0; 10]);
            assert_eq!(index.search_weighed(query, &factors, None, None, &mut keys, &mut scores).unwrap(), 10);
            for ((&key, &score), truth) in keys.iter().zip(&scores).zip(&truth) {
                assert!((f64::from(score) - truth).abs() < 1e-5 && (of(key) - truth).abs() < 1e-5);
            }
            let found = index.search_weighed(query, &factors, Some(256), None, &mut keys, &mut scores).unwrap();
            right += keys[..found].iter().filter(|&&key| of(key) >= truth[9] - 1e-6).count();
        }
        assert!(right >= 485, "recall {right} of 500");
    }
    let plain = |query: &[f32]| search(&index, query, 10, 128).unwrap().0;
    let query = &clustered(31, 1)[..];
    let before = plain(query);
    let refused = index.search_weighed(query, &[0.0; DIMENSIONS], Some(64), None, &mut [0; 4], &mut [0.0; 4]);
    assert_eq!(refused.unwrap_err().code, Code::VectorZero);
    assert_eq!(plain(query), before, "a slot keeps nothing of moved weights");
}
