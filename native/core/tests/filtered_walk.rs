//! The filtered walk in a real graph: what it finds at every share of allowed rows, and that it knows when to give up.

mod common;

use common::{DIMENSIONS, Folder, clustered, numbers};
use routewright_core::allowed::Allowed;
use routewright_core::error::Code;
use routewright_core::filtered_walk::{Breadth, FilteredScratch, ScoredGraph, filtered_walk};
use routewright_core::kernels::{self, Kernels};
use routewright_core::quantizer::quantize;
use routewright_core::ranking::Ranking;
use routewright_core::usearch_file::UsearchFile;
use std::time::Instant;

const COUNT: usize = 20_000;
const DEGREE: usize = 16;
const STRIDE: usize = 64;
const K: usize = 10;
const EF: usize = 100;
const WANTED: usize = 60;
/// Rows that a walk may score.
const LITTLE: usize = 3_000;
const ENDLESS: usize = usize::MAX / 8;

struct Graph {
    vectors: Vec<f32>,
    keys: Vec<u32>,
    links: Vec<u32>,
    codes: Vec<i8>,
    inverse_norms: Vec<f32>,
}

/// The graph with the codes of one question.
struct Asked<'a> {
    graph: &'a Graph,
    query: Vec<i8>,
    kernels: &'static Kernels,
}

impl ScoredGraph for Asked<'_> {
    fn count(&self) -> usize {
        COUNT
    }

    fn links(&self, slot: u32) -> &[u32] {
        &self.graph.links[slot as usize * DEGREE..][..DEGREE]
    }

    fn score(&self, slots: &[u32], out: &mut [f32]) {
        self.kernels.score_slots(&self.query, &self.graph.codes, &self.graph.inverse_norms, slots, out);
    }

    fn prefetch_links(&self, _: u32) {}

    fn prefetch_codes(&self, _: u32) {}
}

fn codes(vector: &[f32]) -> Vec<i8> {
    let mut codes = vec![0i8; STRIDE];
    quantize(vector, &mut codes[..DIMENSIONS]);
    codes
}

impl Graph {
    fn built() -> Self {
        let (folder, vectors) = (Folder::new(), clustered(2, COUNT));
        folder.build(&vectors);
        let bytes = std::fs::read(folder.index_path()).unwrap();
        let file = UsearchFile::parse(&bytes).unwrap();
        let keys: Vec<u32> = (0..COUNT as u32).map(|slot| file.key(slot) as u32).collect();
        let (mut links, mut table, mut inverse_norms) = (Vec::new(), Vec::new(), Vec::new());
        for slot in 0..COUNT as u32 {
            links.extend(file.links(slot, 0));
            links.resize((slot as usize + 1) * DEGREE, slot);
            let row = codes(&vectors[keys[slot as usize] as usize * DIMENSIONS..][..DIMENSIONS]);
            inverse_norms.push(1.0 / row.iter().map(|&code| f32::from(code) * f32::from(code)).sum::<f32>().sqrt());
            table.extend(row);
        }
        Self { vectors, keys, links, codes: table, inverse_norms }
    }

    fn asked(&self, query: &[f32]) -> Asked<'_> {
        Asked { graph: self, query: codes(query), kernels: kernels::active() }
    }

    fn row(&self, key: u32) -> &[f32] {
        &self.vectors[key as usize * DIMENSIONS..][..DIMENSIONS]
    }

    fn nearest(&self, query: &[f32], keys: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut ranking = Ranking::new(K);
        keys.for_each(|key| ranking.offer(key, kernels::active().dot(query, self.row(key))));
        ranking.hits().iter().map(|hit| hit.key).collect()
    }

    /// In place of the descent from the upper levels: the nearest of every hundredth slot.
    fn start(&self, query: &[f32]) -> u32 {
        let mut ranking = Ranking::new(1);
        for slot in (0..COUNT).step_by(100) {
            ranking.offer(slot as u32, kernels::active().dot(query, self.row(self.keys[slot])));
        }
        ranking.hits()[0].key
    }

    /// None when the walk gave up.
    fn walk(
        &self,
        query: &[f32],
        allowed: &Allowed<'_>,
        breadth: &Breadth,
        scratch: &mut FilteredScratch,
    ) -> Option<Vec<u32>> {
        let is_allowed = |slot: u32| allowed.contains(self.keys[slot as usize]);
        let start = self.start(query);
        let whole = filtered_walk(&self.asked(query), start, is_allowed, breadth, None, scratch).unwrap();
        whole.then(|| self.nearest(query, scratch.found.iter().map(|&(_, slot)| self.keys[slot as usize])))
    }
}

fn bits_where(is_allowed: impl Fn(u32) -> bool) -> Vec<u32> {
    let mut words = vec![0u32; COUNT.div_ceil(32)];
    (0..COUNT as u32).filter(|&key| is_allowed(key)).for_each(|key| words[key as usize / 32] |= 1 << (key % 32));
    words
}

fn questions(count: usize) -> Vec<f32> {
    clustered(77, count)
}

/// Mean share of the true nearest that are found, and how many questions the walk answered; the others are scanned.
fn recall(graph: &Graph, budget: usize, is_allowed: impl Fn(&[f32], u32) -> bool) -> (f64, u32) {
    let mut scratch = FilteredScratch::default();
    let breadth = Breadth { ef: EF, wanted: WANTED, budget };
    let (mut found, mut all, mut walks) = (0u32, 0u32, 0);
    for query in questions(60).chunks(DIMENSIONS) {
        let words = bits_where(|key| is_allowed(query, key));
        let allowed = Allowed::new(&words, COUNT).unwrap();
        let expected = graph.nearest(query, allowed.iter());
        let walked = graph.walk(query, &allowed, &breadth, &mut scratch);
        walks += u32::from(walked.is_some());
        let answer = walked.unwrap_or_else(|| expected.clone());
        assert!(answer.iter().all(|&key| allowed.contains(key)));
        found += expected.iter().filter(|key| answer.contains(key)).count() as u32;
        all += expected.len() as u32;
    }
    (f64::from(found) / f64::from(all), walks)
}

#[test]
fn recall_holds_at_every_share_of_allowed_rows() {
    let graph = Graph::built();
    for share in [1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005] {
        let mut next = numbers(5);
        let draws: Vec<f64> = (0..COUNT).map(|_| f64::from(next()) + 0.5).collect();
        let (recall, walks) = recall(&graph, ENDLESS, |_, key| draws[key as usize] < share);
        assert!(recall >= 0.98 && walks == 60, "{recall} at {share}, {walks} walks");
    }
}

#[test]
fn recall_holds_where_the_filter_has_to_do_with_the_question() {
    let graph = Graph::built();
    let similarity = |query: &[f32], key: u32| kernels::active().dot(query, graph.row(key));
    // clusters that are near for some questions and far for others
    let (clusters, walks) = recall(&graph, LITTLE, |_, key| key % 40 < 8);
    assert!(clusters >= 0.98 && (1..60).contains(&walks), "{clusters} of clusters, {walks} walks");
    let (beyond, walks) = recall(&graph, LITTLE, |query, key| similarity(query, key) < 0.9);
    assert!(beyond >= 0.98, "{beyond} beyond, {walks} walks");
    let (far, walks) = recall(&graph, LITTLE, |query, key| similarity(query, key) < 0.1);
    assert!(far >= 0.98 && walks == 0, "{far} far, {walks} walks");
    let (near, walks) = recall(&graph, ENDLESS, |query, key| similarity(query, key) > 0.8);
    assert!(near >= 0.98 && walks > 0, "{near} near, {walks} walks");
}

#[test]
fn a_walk_that_finds_too_little_gives_up_early_and_leaves_nothing_behind() {
    let graph = Graph::built();
    let mut scratch = FilteredScratch::default();
    let (rare, all) = (bits_where(|key| key == 17), bits_where(|_| true));
    let (rare, all) = (Allowed::new(&rare, COUNT).unwrap(), Allowed::new(&all, COUNT).unwrap());
    let breadth = Breadth { ef: EF, wanted: 30, budget: 4_000 };
    for query in questions(20).chunks(DIMENSIONS) {
        let fresh = graph.walk(query, &all, &breadth, &mut FilteredScratch::default());
        assert!(fresh.is_some());
        assert_eq!(graph.walk(query, &rare, &breadth, &mut scratch), None);
        assert!(scratch.scored >= 1_000 && scratch.scored < 1_000 + DEGREE, "{}", scratch.scored);
        assert_eq!(graph.walk(query, &all, &breadth, &mut scratch), fresh);
    }
}

#[test]
fn a_walk_whose_time_is_over_says_so() {
    let graph = Graph::built();
    let query = &questions(1)[..DIMENSIONS];
    let breadth = Breadth { ef: EF, wanted: 30, budget: usize::MAX / 8 };
    let mut scratch = FilteredScratch::default();
    let result =
        filtered_walk(&graph.asked(query), graph.start(query), |_| true, &breadth, Some(Instant::now()), &mut scratch);
    assert_eq!(result.unwrap_err().code, Code::DeadlineExceeded);
}
