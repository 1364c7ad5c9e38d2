//! Searches that may name some keys only, against the exhaustive one.

mod common;

use common::*;
use routewright_core::allowed_search::Effort;
use routewright_core::ann_index::AnnIndex;
use routewright_core::error::{Code, Result};

fn bits_where(is_allowed: impl Fn(u32) -> bool) -> Vec<u32> {
    let mut words = vec![0u32; COUNT.div_ceil(32)];
    (0..COUNT as u32).filter(|&key| is_allowed(key)).for_each(|key| words[key as usize / 32] |= 1 << (key % 32));
    words
}

fn allowed(
    index: &AnnIndex,
    query: &[f32],
    k: usize,
    ef: Option<usize>,
    words: &[u32],
) -> Result<(Vec<u32>, Vec<u32>)> {
    let (mut keys, mut scores) = (vec![0; k], vec![0.0; k]);
    let found = index.search_allowed(query, ef, words, None, &mut keys, &mut scores)?.found;
    Ok((keys[..found].to_vec(), scores[..found].iter().map(|score| score.to_bits()).collect()))
}

#[test]
fn the_exact_answer_is_the_exhaustive_one_without_what_is_not_allowed() {
    let (_folder, index, _) = built();
    for query in clustered(77, 20).chunks(DIMENSIONS) {
        let (all, all_scores) = exact(&index, query, 1_000).unwrap();
        for every in [1, 2, 7, 100, 1_000] {
            let words = bits_where(|key| key % every == 0);
            let kept = || all.iter().zip(&all_scores).filter(|(key, _)| **key % every == 0).take(5);
            let (keys, scores) = allowed(&index, query, 5, None, &words).unwrap();
            let whole = kept().count();
            assert_eq!(keys[..whole], kept().map(|(key, _)| *key).collect::<Vec<_>>(), "every {every}");
            assert_eq!(scores[..whole], kept().map(|(_, score)| score.to_bits()).collect::<Vec<_>>());
            assert_eq!(keys.len(), 5.min(COUNT.div_ceil(every as usize)));
        }
    }
}

#[test]
fn recall_holds_at_every_share_that_is_allowed_with_scores_that_are_exact() {
    let (_folder, index, _) = built();
    for every in [1, 2, 3, 5, 10, 40, 300] {
        let words = bits_where(|key| key % every == every - 1);
        let (mut found, mut all) = (0, 0);
        for query in clustered(78, 100).chunks(DIMENSIONS) {
            let (truth, truth_scores) = allowed(&index, query, 10, None, &words).unwrap();
            let (keys, scores) = allowed(&index, query, 10, Some(128), &words).unwrap();
            assert!(keys.iter().all(|key| key % every == every - 1));
            for (key, score) in truth.iter().zip(&truth_scores) {
                if let Some(at) = keys.iter().position(|other| other == key) {
                    assert_eq!(scores[at], *score);
                    found += 1;
                }
            }
            all += truth.len();
        }
        assert!(found * 100 >= all * 98, "{found} of {all} where one in {every} is allowed");
    }
}

#[test]
fn a_filter_that_leaves_nothing_finds_nothing() {
    let (_folder, index, _) = built();
    let query = &clustered(5, 1)[..DIMENSIONS];
    let none = bits_where(|_| false);
    for ef in [None, Some(64)] {
        assert_eq!(allowed(&index, query, 3, ef, &none).unwrap(), (Vec::new(), Vec::new()));
    }
    let found = index
        .search_weighed_allowed(query, &[1.0; DIMENSIONS], Effort::default(), &none, &mut [0; 3], &mut [0.0; 3])
        .unwrap();
    assert_eq!(found.found, 0);
}

#[test]
fn weights_that_are_all_equal_change_no_order() {
    let (_folder, index, _) = built();
    let words = bits_where(|key| key % 3 == 1);
    for query in clustered(9, 20).chunks(DIMENSIONS) {
        let (truth, _) = allowed(&index, query, 10, None, &words).unwrap();
        let (mut keys, mut scores) = ([0; 10], [0.0; 10]);
        index
            .search_weighed_allowed(query, &[2.0; DIMENSIONS], Effort::default(), &words, &mut keys, &mut scores)
            .unwrap();
        assert_eq!(keys, truth[..]);
    }
}

#[test]
fn a_set_that_does_not_fit_the_index_is_refused() {
    let (_folder, index, _) = built();
    let query = &clustered(5, 1)[..DIMENSIONS];
    let all = bits_where(|_| true);
    for ef in [None, Some(64)] {
        assert_eq!(code(allowed(&index, query, 3, ef, &all[1..])), Code::BadRequest);
        assert_eq!(code(allowed(&index, query, 3, ef, &[&all[..], &[0]].concat())), Code::BadRequest);
        let mut beyond = all.clone();
        *beyond.last_mut().unwrap() = u32::MAX;
        assert_eq!(code(allowed(&index, query, 3, ef, &beyond)), Code::BadRequest);
        assert_eq!(code(allowed(&index, &query[1..], 3, ef, &all)), Code::VectorWrongLength);
        assert_eq!(code(allowed(&index, &[0.0; DIMENSIONS], 3, ef, &all)), Code::VectorZero);
        assert_eq!(code(allowed(&index, query, 1_001, ef, &all)), Code::BadRequest);
    }
    assert_eq!(code(allowed(&index, query, 3, Some(0), &all)), Code::BadRequest);
    index.retire();
    assert_eq!(code(allowed(&index, query, 3, None, &all)), Code::ModelNotLoaded);
}

/// Large enough for walks: what is found at shares of allowed rows, and by filters that have to do with the question.
#[test]
fn walks_among_the_allowed_keep_their_recall_and_filters_far_from_the_question_are_scanned() {
    const MANY: usize = 60_000;
    let (folder, vectors) = (Folder::new(), clustered(3, MANY));
    folder.build(&vectors);
    let index = folder.open(MANY).unwrap();
    let mut next = numbers(5);
    let draws: Vec<f64> = (0..MANY).map(|_| f64::from(next()) + 0.5).collect();
    let centre = vectors[..DIMENSIONS].to_vec();
    let near = |key: u32| {
        let row = &vectors[key as usize * DIMENSIONS..][..DIMENSIONS];
        row.iter().zip(&centre).map(|(a, b)| a * b).sum::<f32>()
    };
    let mut ways = [0, 0];
    let mut check = |what: &str, is_allowed: &dyn Fn(u32) -> bool| {
        let mut words = vec![0u32; MANY.div_ceil(32)];
        (0..MANY as u32).filter(|&key| is_allowed(key)).for_each(|key| words[key as usize / 32] |= 1 << (key % 32));
        let (mut found, mut all) = (0, 0);
        for query in clustered(78, 60).chunks(DIMENSIONS) {
            let (truth, _) = allowed(&index, query, 10, None, &words).unwrap();
            let (mut keys, mut scores) = ([0; 10], [0.0; 10]);
            let answer = index.search_allowed(query, Some(200), &words, None, &mut keys, &mut scores).unwrap();
            ways[usize::from(answer.scanned)] += 1;
            assert!(keys[..answer.found].iter().all(|&key| is_allowed(key)), "{what}");
            found += truth.iter().filter(|key| keys[..answer.found].contains(key)).count();
            all += truth.len();
        }
        // codes of 24 dimensions rank coarsely: a search without a filter finds as much
        assert!(found * 100 >= all * 97, "{found} of {all}: {what}");
    };
    check("all", &|_| true);
    for share in [0.9, 0.6, 0.45] {
        check("a share at random", &|key| draws[key as usize] < share);
    }
    check("what is far from one", &|key| near(key) < 0.3);
    check("what is near one, and others at random", &|key| near(key) > 0.2 || draws[key as usize] < 0.5);
    check("few near one, all others", &|key| near(key) < 0.2 || draws[key as usize] < 0.2);
    assert!(ways[0] >= 100 && ways[1] > 0, "{ways:?}");

    // the same index under moved weights: what counts is the first half of the dimensions, and the last a little
    let mut factors = [1.0; DIMENSIONS];
    factors[..DIMENSIONS / 2].fill(3.0);
    let words = vec![0x7777_7777; MANY / 32];
    let (mut found, mut unfiltered, mut walks) = (0, 0, 0);
    let asked = clustered(79, 60);
    for query in asked.chunks(DIMENSIONS) {
        let (mut truth, mut keys, mut scores) = ([0; 10], [0; 10], [0.0; 10]);
        let exactly = Effort::default();
        index.search_weighed_allowed(query, &factors, exactly, &words, &mut truth, &mut scores).unwrap();
        let effort = Effort { ef: Some(150), deadline: None };
        let answer = index.search_weighed_allowed(query, &factors, effort, &words, &mut keys, &mut scores).unwrap();
        walks += u32::from(!answer.scanned);
        assert!(keys.iter().all(|&key| words[key as usize / 32] >> (key % 32) & 1 == 1));
        found += truth.iter().filter(|key| keys.contains(key)).count();
        index.search_weighed(query, &factors, None, None, &mut truth, &mut scores).unwrap();
        index.search_weighed(query, &factors, Some(150), None, &mut keys, &mut scores).unwrap();
        unfiltered += truth.iter().filter(|key| keys.contains(key)).count();
    }
    assert!(found + 12 >= unfiltered && walks >= 30, "{found} of 600, {walks} walks, {unfiltered} without a filter");
}

#[test]
fn a_search_whose_time_is_over_ends_on_every_path() {
    let (_folder, index, _) = built();
    let query = &clustered(5, 1)[..DIMENSIONS];
    let words = bits_where(|key| key % 3 != 1);
    let over = Some(std::time::Instant::now());
    for ef in [None, Some(64)] {
        let plain = index.search_allowed(query, ef, &words, over, &mut [0; 3], &mut [0.0; 3]);
        assert_eq!(code(plain), Code::DeadlineExceeded);
        let factors = [2.0; DIMENSIONS];
        let weighed = index.search_weighed(query, &factors, ef, over, &mut [0; 3], &mut [0.0; 3]);
        assert_eq!(code(weighed), Code::DeadlineExceeded);
        let effort = Effort { ef, deadline: over };
        let both = index.search_weighed_allowed(query, &factors, effort, &words, &mut [0; 3], &mut [0.0; 3]);
        assert_eq!(code(both), Code::DeadlineExceeded);
    }
}
