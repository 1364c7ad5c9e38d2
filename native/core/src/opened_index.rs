//! The mapped files of an opened index, and how they are searched: walk and exact ranking, by inner product or by weighted cosine.

use crate::code_bounds::{CodeBounds, CodedRows, Reach};
use crate::entry_points::EntryPoints;
use crate::error::{Code, Error, Result};
use crate::filtered_walk::FilteredScratch;
use crate::flat_scan::{FlatScan, FlatScratch, Over};
use crate::graph_view::GraphView;
use crate::image::ServingImage;
use crate::image_compiler::{BOUNDS_SECTION, quantize_row};
use crate::kernels::{Kernels, prefetch};
use crate::neighbour_blocks::NeighbourBlocks;
use crate::ranking::Ranking;
use crate::search_path::{Question as Choice, SearchPath};
use crate::vectors_file::VectorsFile;
use crate::walk::walk;
use crate::walk_scratch::{Candidate, Scratch, WalkCounts};
use crate::weighing::Weighing;
use std::sync::OnceLock;
use std::time::Instant;

/// Candidates that are scored on the exact vectors: this many times k, and not fewer than the least.
const RERANKED_PER_K: usize = 2;
const RERANKED_LEAST: usize = 30;
/// Room in the beam of a walk over blocks for each of the k, and for each of ef.
const BREADTH_PER_K: usize = 3;
const BREADTH_PER_EF: usize = 2;
/// Exact vectors scored side by side, and those asked for ahead.
const SIDE_BY_SIDE: usize = 4;
const AHEAD: usize = 4;

pub struct Opened {
    pub image: ServingImage,
    pub vectors: VectorsFile,
    pub blocks: Option<NeighbourBlocks>,
    pub entries: EntryPoints,
    bounds: CodeBounds,
    /// Key → slot, made when it is first asked for.
    slots: OnceLock<Vec<u32>>,
}

/// What one search needs for itself; a thread keeps one.
#[derive(Default)]
pub struct SearchMemory {
    pub scratch: Scratch,
    pub ranking: Ranking,
    pub flat: FlatScratch,
    pub filtered: FilteredScratch,
}

/// One question by inner product.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// Checked: of the index's dimensions, finite, not zero.
    pub query: &'a [f32],
    pub k: usize,
    pub ef: usize,
    /// When the answer is of no use any more.
    pub deadline: Option<Instant>,
}

impl Opened {
    /// Image and vectors belong together when their counts and dimensions agree.
    ///
    /// Errors: `artifact_corrupt` for sections that do not fit the image.
    pub fn new(image: ServingImage, vectors: VectorsFile) -> Result<Self> {
        if image.count() != vectors.count() || image.dimensions() != vectors.dimensions() {
            return Err(Error::new(Code::ArtifactMismatch, "image and vectors have other counts or dimensions"));
        }
        let blocks = NeighbourBlocks::open(&image)?;
        let bounds = match image.section(BOUNDS_SECTION) {
            Some(bytes) => CodeBounds::from_bytes(bytes)?,
            None => CodeBounds::measure(&coded_rows(&image, &vectors))?,
        };
        let entries = EntryPoints::of(&image);
        Ok(Self { image, entries, vectors, blocks, bounds, slots: OnceLock::new() })
    }

    pub fn graph(&self) -> GraphView<'_> {
        GraphView::new(&self.image, self.blocks.as_ref(), &self.entries)
    }

    /// The k nearest by inner product, out of what a walk of breadth ef gives, into the ranking of the memory.
    pub fn search(&self, kernels: &Kernels, question: Question<'_>, memory: &mut SearchMemory) -> Result<()> {
        if self.choice(question.k, question.ef).path() == SearchPath::Scan {
            return self.scan(kernels, question, memory); // reading all costs less than the graph
        }
        memory.ranking.restart(question.k);
        memory.scratch.factors.clear();
        let graph = self.graph();
        self.code_query(question.query, &mut memory.scratch);
        let mut breadth = self.breadth(question.ef, question.k);
        loop {
            walk(&graph, kernels, breadth, question.deadline, &mut memory.scratch)?;
            if memory.scratch.found.len() >= question.k {
                break;
            }
            breadth *= 2; // what stands in the beam more than once is found once
            if breadth >= self.vectors.count() {
                return self.scan(kernels, question, memory);
            }
        }
        self.rank_found(kernels, question, memory);
        Ok(())
    }

    /// Ranks the best of what a walk found by the exact vectors.
    pub(crate) fn rank_found(&self, kernels: &Kernels, question: Question<'_>, memory: &mut SearchMemory) {
        let reranked = (RERANKED_PER_K * question.k).max(RERANKED_LEAST);
        keep_best(&mut memory.scratch.found, reranked, self.image.keys());
        let dimensions = self.image.dimensions();
        let reach = self.bounds.reach(question.query, &memory.scratch.codes[..dimensions]).expected(dimensions);
        self.rerank(kernels, question.query, reach, memory);
    }

    pub(crate) fn choice(&self, k: usize, ef: usize) -> Choice {
        let (count, row_bytes, degree) = (self.vectors.count(), self.image.stride(), self.image.degree());
        Choice { k, ef, count, row_bytes, degree }
    }

    /// Room of a walk's beam. With blocks a slot stands in it by several estimates, about two: with twice the room as many slots
    /// are visited as a walk on codes visits, and ef means the same.
    pub(crate) fn breadth(&self, ef: usize, k: usize) -> usize {
        if self.blocks.is_some() { (BREADTH_PER_EF * ef).max(BREADTH_PER_K * k) } else { ef.max(k) }
    }

    /// What a walk does for a question, without an answer.
    pub fn walk_counts(
        &self,
        kernels: &Kernels,
        query: &[f32],
        ef: usize,
        memory: &mut SearchMemory,
    ) -> Result<WalkCounts> {
        memory.scratch.factors.clear();
        self.code_query(query, &mut memory.scratch);
        walk(&self.graph(), kernels, self.breadth(ef, 1), None, &mut memory.scratch)?;
        Ok(memory.scratch.counts)
    }

    /// The k nearest of all, exactly.
    pub fn scan(&self, kernels: &Kernels, question: Question<'_>, memory: &mut SearchMemory) -> Result<()> {
        memory.ranking.restart(question.k);
        let scan = self.flat_scan(kernels, question.query, question.deadline);
        scan.run(Over::All, &mut memory.flat, &mut memory.ranking)
    }

    pub(crate) fn flat_scan<'a>(
        &'a self,
        kernels: &'a Kernels,
        query: &'a [f32],
        deadline: Option<Instant>,
    ) -> FlatScan<'a> {
        FlatScan { rows: coded_rows(&self.image, &self.vectors), bounds: &self.bounds, kernels, query, deadline }
    }

    /// Key → slot.
    pub(crate) fn slots(&self) -> &[u32] {
        self.slots.get_or_init(|| {
            let mut slots = vec![0; self.image.count()];
            self.image.keys().iter().zip(0..).for_each(|(&key, slot)| slots[key as usize] = slot);
            slots
        })
    }

    /// Like `search` by the weighted cosine; out of all vectors without an ef.
    pub fn search_weighed(
        &self,
        kernels: &Kernels,
        weighing: &Weighing,
        ef: Option<usize>,
        k: usize,
        deadline: Option<Instant>,
        memory: &mut SearchMemory,
    ) -> Result<()> {
        memory.ranking.restart(k);
        let Some(ef) = ef.filter(|&ef| ef < self.vectors.count()) else {
            return weighing.scan(&self.vectors, deadline, &mut memory.ranking);
        };
        self.code_weighed(weighing, &mut memory.scratch);
        walk(&self.graph(), kernels, ef.max(k), deadline, &mut memory.scratch)?;
        self.rank_weighed(weighing, memory);
        Ok(())
    }

    /// Codes and whole factors of a weighted question.
    pub(crate) fn code_weighed(&self, weighing: &Weighing, scratch: &mut Scratch) {
        weighing.code_factors(&mut scratch.factors);
        scratch.factors.resize(self.image.stride(), 0);
        self.code_query(&weighing.query, scratch);
    }

    /// Ranks all that a walk found by the exact weighted cosine.
    pub(crate) fn rank_weighed(&self, weighing: &Weighing, memory: &mut SearchMemory) {
        for candidate in &memory.scratch.found {
            let key = self.image.keys()[candidate.slot() as usize];
            memory.ranking.offer(key, weighing.score(self.vectors.row(key)));
        }
    }

    pub(crate) fn code_query(&self, query: &[f32], scratch: &mut Scratch) {
        scratch.codes.clear();
        scratch.codes.resize(self.image.stride(), 0);
        scratch.inverse_norm = quantize_row(query, &mut scratch.codes);
    }

    /// Ranks what was found, best first by the codes, by the exact vectors, until no other can be among the k best.
    fn rerank(&self, kernels: &Kernels, query: &[f32], reach: Reach, memory: &mut SearchMemory) {
        let SearchMemory { scratch, ranking, .. } = memory;
        let keys = self.image.keys();
        let row = |candidate: &Candidate| self.vectors.row(keys[candidate.slot() as usize]);
        let ask = |candidate: &Candidate| {
            let row = row(candidate);
            prefetch(row.as_ptr().cast(), size_of_val(row));
        };
        scratch.found.iter().take(AHEAD).for_each(ask);
        for (four, candidates) in scratch.found.chunks(SIDE_BY_SIDE).enumerate() {
            if candidates[0].score < reach.raw_for(ranking.threshold().into()) {
                return;
            }
            scratch.counts.exact += candidates.len();
            let ahead = (four * SIDE_BY_SIDE + AHEAD).min(scratch.found.len());
            scratch.found[ahead..].iter().take(SIDE_BY_SIDE).for_each(ask);
            if let [a, b, c, d] = candidates {
                let scores = kernels.dots(query, [a, b, c, d].map(row));
                for (candidate, score) in candidates.iter().zip(scores) {
                    ranking.offer(keys[candidate.slot() as usize], score);
                }
            } else {
                for candidate in candidates {
                    ranking.offer(keys[candidate.slot() as usize], kernels.dot(query, row(candidate)));
                }
            }
        }
    }
}

fn coded_rows<'a>(image: &'a ServingImage, vectors: &'a VectorsFile) -> CodedRows<'a> {
    CodedRows {
        dimensions: image.dimensions(),
        stride: image.stride(),
        codes: image.codes(),
        inverse_norms: image.inverse_norms(),
        keys: image.keys(),
        vectors: vectors.values(),
    }
}

/// Leaves the best by score, best first, ties by key: the same whatever the order they were found in.
fn keep_best(found: &mut Vec<Candidate>, wanted: usize, keys: &[u32]) {
    let key = |candidate: &Candidate| keys[candidate.slot() as usize];
    let order = |a: &Candidate, b: &Candidate| b.score.total_cmp(&a.score).then_with(|| key(a).cmp(&key(b)));
    if found.len() > wanted {
        found.select_nth_unstable_by(wanted - 1, order);
        found.truncate(wanted);
    }
    found.sort_unstable_by(order);
}
