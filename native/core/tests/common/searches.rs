//! Searches over whatever a reader accepted: by the walk, by moved weights, by the scan. What is answered must be a ranking.

use crate::touch::promise;
use routewright_core::entry_points::EntryPoints;
use routewright_core::error::Result;
use routewright_core::graph_view::GraphView;
use routewright_core::image::{ServingImage, to_bytes};
use routewright_core::image_compiler::{CompiledImage, Layout};
use routewright_core::kernels;
use routewright_core::neighbour_blocks::NeighbourBlocks;
use routewright_core::opened_index::{Opened, Question, SearchMemory};
use routewright_core::refined_links::Watch;
use routewright_core::usearch_file::UsearchFile;
use routewright_core::vectors_file::VectorsFile;
use routewright_core::walk::walk;
use routewright_core::walk_scratch::Scratch;
use routewright_core::weighing::Weighing;
use std::collections::HashSet;
use std::path::Path;

const K: usize = 5;

/// The image of an accepted index file and the vectors that it was built from.
pub fn compiled(file: &UsearchFile<'_>, vectors: &Path, dimensions: usize) -> Result<ServingImage> {
    let vectors = VectorsFile::open(vectors, dimensions, file.count())?;
    let layout = Layout { breadth: 0, blocks: false, threads: 1 };
    let image = CompiledImage::compile(file, 0, &vectors, kernels::active(), layout, &Watch::default())?;
    ServingImage::from_bytes(to_bytes(&image.parts())?)
}

/// Asks an accepted image some questions. The error of a reader is passed on; a broken promise is in the inner result.
pub fn search_image(image: ServingImage, vectors: &Path) -> Result<std::result::Result<(), &'static str>> {
    let vectors = VectorsFile::open(vectors, image.dimensions(), image.count())?;
    let opened = Opened::new(image, vectors)?;
    let (count, kernels) = (opened.vectors.count(), kernels::active());
    let mut memory = SearchMemory::default();
    for key in [0, count / 2, count - 1] {
        let query = opened.vectors.row(key as u32).to_vec();
        let factors: Vec<f32> = (0..query.len()).map(|at| [1.0, 4.0, 0.25][at % 3]).collect();
        let weighing = Weighing::new(&query, &factors, query.len())?;
        for ef in [1, 12, 60] {
            let question = Question { query: &query, k: K, ef, deadline: None };
            opened.search(kernels, question, &mut memory)?;
            let walked = check(&memory, count);
            opened.search_weighed(kernels, &weighing, Some(ef), K, None, &mut memory)?;
            if let Err(broken) = walked.and(check(&memory, count)) {
                return Ok(Err(broken));
            }
        }
        opened.scan(kernels, Question { query: &query, k: K, ef: 1, deadline: None }, &mut memory)?;
        if let Err(broken) = check(&memory, count) {
            return Ok(Err(broken));
        }
    }
    Ok(Ok(()))
}

fn check(memory: &SearchMemory, count: usize) -> std::result::Result<(), &'static str> {
    let hits = memory.ranking.hits();
    promise(hits.len() <= K && hits.iter().all(|hit| (hit.key as usize) < count), "answers are keys")?;
    promise(hits.windows(2).all(|pair| pair[0].rank(&pair[1]).is_lt()), "answers are ranked, each once")
}

/// Walks an accepted image without the vectors behind it, with any query: what reads unchecked memory if anything does.
pub fn walk_image(image: &ServingImage) -> Result<std::result::Result<(), &'static str>> {
    let blocks = NeighbourBlocks::open(image)?;
    let entries = EntryPoints::of(image);
    let graph = GraphView::new(image, blocks.as_ref(), &entries);
    let mut scratch = Scratch::default();
    for (at, ef) in [(3, 1), (5, 12), (7, 200)] {
        scratch.codes.clear();
        scratch.codes.extend((0..image.dimensions()).map(|dimension| ((dimension * at) % 255) as u8 as i8 / 2));
        scratch.codes.resize(image.stride(), 0);
        scratch.inverse_norm = 0.01;
        for factors in [0, image.stride()] {
            scratch.factors.clear();
            scratch.factors.resize(factors, 3);
            walk(&graph, kernels::active(), ef, None, &mut scratch)?;
            let found: HashSet<u32> = scratch.found.iter().map(|candidate| candidate.slot()).collect();
            let holds = !found.is_empty() && found.len() == scratch.found.len();
            if let Err(broken) =
                promise(holds && found.iter().all(|&slot| (slot as usize) < image.count()), "a walk finds slots")
            {
                return Ok(Err(broken));
            }
        }
    }
    Ok(Ok(()))
}
