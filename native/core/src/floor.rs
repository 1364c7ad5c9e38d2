//! What a search reads, and how long as much reading takes at least: the floor that benches hold a search's time against.
//! Nothing of the product calls this.
//!
//! The records are those of the index that is searched, read by the same arithmetic, at places drawn at random. Known
//! beforehand they are asked for ahead, as many as the caller says, so that reading one hides the way to the next; a walk cannot
//! do better, since it learns from a record which one comes next. The other end is the chain: each place is known only when the
//! record before it has been read.

use crate::ann_index::{AnnIndex, remember};
use crate::error::Result;
use crate::kernels::{self, Kernels, prefetch};
use crate::limits::{self, within};
use crate::opened_index::{Opened, Question, SearchMemory};
use crate::quantizer::check_query;
use crate::sequence_random::Random;
use crate::walk_scratch::WalkCounts;
use std::hint::black_box;
use std::time::{Duration, Instant};

const RECORDS_MAX: usize = 1 << 20;
const AHEAD_MAX: usize = 64;
/// Rows that a search scores side by side: of codes, and of exact vectors.
const ROWS: usize = 8;
const EXACT: usize = 4;

/// The kinds of record that a search reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    /// The links of a slot; with blocks its codes and its block, too.
    Visit,
    /// With blocks the codes of an entry point, which lie together; without, those of any slot.
    Row,
    /// An exact vector.
    Exact,
}

/// Records to be read at random places.
#[derive(Clone, Copy, Debug)]
pub struct Reads {
    pub record: Record,
    pub records: usize,
    /// Groups of records that are asked for before their turn (of one visit, eight rows or four vectors); 0: a chain.
    pub ahead: usize,
    /// The same seed draws the same places.
    pub seed: u64,
}

/// What reading took.
#[derive(Clone, Copy, Debug)]
pub struct ReadTime {
    pub elapsed: Duration,
    /// Of one record.
    pub bytes: usize,
}

impl AnnIndex {
    /// What a search does; all zero when it reads every vector instead of walking. Errors: as `search`.
    pub fn search_counts(&self, query: &[f32], k: usize, ef: usize) -> Result<WalkCounts> {
        within("k", k, 1, limits::K_MAX)?;
        within("ef", ef, 1, limits::EF_MAX)?;
        check_query(kernels::active(), query, self.dimensions)?;
        let opened = self.opened()?;
        remember(|memory| {
            memory.scratch.counts = WalkCounts::default();
            opened.search(kernels::active(), Question { query, k, ef, deadline: None }, memory)?;
            Ok(memory.scratch.counts)
        })
    }

    /// Time to read and score records at random places for the query, coding it left out.
    ///
    /// Errors: `bad_request` (records 1 to 2^20, ahead 0 to 64), `vector_*`, `model_not_loaded`.
    pub fn random_reads(&self, query: &[f32], reads: Reads) -> Result<ReadTime> {
        within("records", reads.records, 1, RECORDS_MAX)?;
        within("ahead", reads.ahead, 0, AHEAD_MAX)?;
        check_query(kernels::active(), query, self.dimensions)?;
        let opened = self.opened()?;
        remember(|memory| {
            memory.scratch.factors.clear();
            opened.code_query(query, &mut memory.scratch);
            let elapsed = time(&opened, kernels::active(), query, reads, memory);
            Ok(ReadTime { elapsed, bytes: bytes(&opened, reads.record) })
        })
    }
}

/// Of a record; the four bytes of an inverse norm or a key beside it are left out.
fn bytes(opened: &Opened, record: Record) -> usize {
    let graph = opened.graph();
    let coded = opened.blocks.as_ref().map_or(0, |blocks| blocks.shape.bytes() + graph.stride);
    match record {
        Record::Visit => size_of::<u32>() * graph.degree + coded,
        Record::Row => graph.stride,
        Record::Exact => size_of::<f32>() * opened.image.dimensions(),
    }
}

fn time(opened: &Opened, kernels: &Kernels, query: &[f32], reads: Reads, memory: &mut SearchMemory) -> Duration {
    let (graph, scratch) = (opened.graph(), &mut memory.scratch);
    let count = graph.count();
    let mut random = Random::new(reads.seed);
    let slots: Vec<u32> = (0..reads.records).map(|_| random.below(count) as u32).collect();
    match (reads.record, graph.blocks) {
        (Record::Visit, Some(blocks)) => {
            let mut projected = std::mem::take(&mut scratch.projected);
            graph.project(blocks, kernels, &scratch.codes, scratch.inverse_norm, &mut projected);
            let (shape, bytes) = (blocks.shape, blocks.shape.bytes());
            let mut scores = vec![0.0; shape.degree()];
            let elapsed = timed::<1>(
                &slots,
                reads.ahead,
                |slot| graph.prefetch(slot, bytes),
                |[slot]| {
                    let links = graph.links_of(slot).iter().fold(0, |all, link| all ^ link);
                    let product = kernels.dot_codes(graph.row(slot), &scratch.codes) as f32;
                    let exact = product * graph.inverse_norms[slot as usize] * scratch.inverse_norm;
                    kernels.estimate_block(shape, graph.block(slot, bytes), &projected.query, exact, &mut scores);
                    scores.iter().fold(links, |all, score| all ^ score.to_bits())
                },
            );
            scratch.projected = projected;
            elapsed
        }
        (Record::Visit, None) => {
            let ask = |slot| prefetch(graph.links_of(slot).as_ptr().cast(), size_of_val(graph.links_of(slot)));
            timed::<1>(&slots, reads.ahead, ask, |[slot]| graph.links_of(slot).iter().fold(0, |all, link| all ^ link))
        }
        (Record::Row, Some(_)) => {
            let entries = graph.entries;
            let together = ROWS.min(entries.count());
            timed::<ROWS>(
                &slots,
                reads.ahead,
                |_| (),
                |rows| {
                    let mut scores = [0.0; ROWS];
                    let first = rows[0] as usize % (entries.count() - together + 1);
                    entries.score_from(first, kernels, &scratch.codes, &mut scores[..together]);
                    scores.iter().fold(0, |all, score| all ^ score.to_bits())
                },
            )
        }
        (Record::Row, None) => {
            let ask = |slot| prefetch(graph.row(slot).as_ptr().cast(), graph.stride);
            timed::<ROWS>(&slots, reads.ahead, ask, |rows| {
                let mut scores = [0.0; ROWS];
                kernels.score_slots(&scratch.codes, graph.codes, graph.inverse_norms, &rows, &mut scores);
                scores.iter().fold(0, |all, score| all ^ score.to_bits())
            })
        }
        (Record::Exact, _) => {
            let row = |slot: u32| opened.vectors.row(graph.keys[slot as usize]);
            let ask = |slot| prefetch(row(slot).as_ptr().cast(), size_of_val(row(slot)));
            timed::<EXACT>(&slots, reads.ahead, ask, |rows| {
                kernels.dots(query, rows.map(row)).iter().fold(0, |all, score| all ^ score.to_bits())
            })
        }
    }
}

/// Reads the slots group by group, a group's rest filled with its first one. In a chain the next group's place is made from what
/// was read, which the compiler cannot know to be the same place.
fn timed<const GROUP: usize>(
    slots: &[u32],
    ahead: usize,
    ask: impl Fn(u32),
    mut read: impl FnMut([u32; GROUP]) -> u32,
) -> Duration {
    let groups: Vec<[u32; GROUP]> =
        slots.chunks(GROUP).map(|group| std::array::from_fn(|at| *group.get(at).unwrap_or(&group[0]))).collect();
    let nothing = black_box(0);
    let mut last = 0;
    let start = Instant::now();
    if ahead == 0 {
        for group in &groups {
            last = read(group.map(|slot| slot + (last & nothing)));
        }
    } else {
        for (at, group) in groups.iter().enumerate() {
            if let Some(next) = groups.get(at + ahead) {
                for &slot in next {
                    ask(slot);
                }
            }
            last ^= read(*group);
        }
    }
    black_box(last);
    start.elapsed()
}
