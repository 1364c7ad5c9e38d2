//! The mapped files of an opened index, and how they are searched: walk and exact ranking, by inner product or by weighted cosine.

use crate::error::{Code, Error, Result};
use crate::exact;
use crate::graph_file::GraphFile;
use crate::kernels::Kernels;
use crate::permits::Permits;
use crate::quantizer::quantize;
use crate::ranking::Ranking;
use crate::vectors_file::VectorsFile;
use crate::walk::{Scratch, walk};
use crate::weighing::Weighing;

pub struct Opened {
    pub graph: GraphFile,
    pub vectors: VectorsFile,
    pub permits: Permits<SearchSlot>,
}

/// What one search needs for itself.
pub struct SearchSlot {
    pub scratch: Scratch,
    pub ranking: Ranking,
}

impl Opened {
    /// The k nearest by inner product, out of the ef nearest that the graph gives, into the slot's ranking.
    pub fn search(&self, kernels: &Kernels, query: &[f32], ef: usize, k: usize, slot: &mut SearchSlot) -> Result<()> {
        slot.ranking.restart(k);
        if self.vectors.count() <= ef {
            exact::scan(&self.vectors, kernels, query, &mut slot.ranking); // an ef that covers all: no need of a graph
            return Ok(());
        }
        slot.scratch.factors.clear();
        self.walk(kernels, query, ef.max(k), slot);
        self.rerank(kernels, query, slot)
    }

    /// The same by the weighted cosine; out of all vectors without an ef.
    pub fn search_weighed(
        &self,
        kernels: &Kernels,
        weighing: &Weighing,
        ef: Option<usize>,
        k: usize,
        slot: &mut SearchSlot,
    ) -> Result<()> {
        slot.ranking.restart(k);
        let Some(ef) = ef.filter(|&ef| ef < self.vectors.count()) else {
            weighing.scan(&self.vectors, &mut slot.ranking);
            return Ok(());
        };
        weighing.code_factors(&mut slot.scratch.factors);
        self.walk(kernels, &weighing.query, ef.max(k), slot);
        for at in 0..slot.scratch.beam.len() {
            let key = self.key_at(&slot.scratch, at)?;
            slot.ranking.offer(key, weighing.score(self.vectors.row(key)));
        }
        Ok(())
    }

    fn walk(&self, kernels: &Kernels, query: &[f32], ef: usize, slot: &mut SearchSlot) {
        slot.scratch.codes.resize(query.len(), 0);
        quantize(query, &mut slot.scratch.codes);
        walk(&self.graph, kernels, ef, &mut slot.scratch);
    }

    /// The key of a place of the beam.
    fn key_at(&self, scratch: &Scratch, at: usize) -> Result<u32> {
        let key = self.graph.key(scratch.beam[at].slot());
        let damaged = || Error::new(Code::ArtifactCorrupt, "the index file names a vector that does not exist");
        if key < self.vectors.count() as u64 { Ok(key as u32) } else { Err(damaged()) }
    }

    /// Ranks the beam by the exact vectors.
    fn rerank(&self, kernels: &Kernels, query: &[f32], slot: &mut SearchSlot) -> Result<()> {
        let SearchSlot { scratch, ranking } = slot;
        let key = |at: usize| self.key_at(scratch, at);
        let mut at = 0;
        while at + 4 <= scratch.beam.len() {
            let keys = [key(at)?, key(at + 1)?, key(at + 2)?, key(at + 3)?];
            let scores = kernels.dots(query, keys.map(|key| self.vectors.row(key)));
            keys.into_iter().zip(scores).for_each(|(key, score)| ranking.offer(key, score));
            at += 4;
        }
        for at in at..scratch.beam.len() {
            let key = key(at)?;
            ranking.offer(key, kernels.dot(query, self.vectors.row(key)));
        }
        Ok(())
    }
}
