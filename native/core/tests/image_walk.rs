//! The walk on a serving image with blocks: right, the same on every path and thread, and bounded in time.

mod common;
use common::*;
use routewright_core::error::Code;
use routewright_core::image::ServingImage;
use routewright_core::kernels;
use routewright_core::opened_index::{Opened, Question, SearchMemory};
use routewright_core::vectors_file::VectorsFile;
use std::time::Instant;

fn opened(folder: &Folder) -> Opened {
    let image = ServingImage::open(&folder.0.join("serving.image")).unwrap();
    Opened::new(image, VectorsFile::open(&folder.0.join("vectors.f32"), DIMENSIONS, COUNT).unwrap()).unwrap()
}

fn recall(found: &[u32], truth: &[u32], k: usize) -> f64 {
    let hits: usize =
        truth.chunks(k).zip(found.chunks(k)).map(|(a, b)| a.iter().filter(|key| b.contains(key)).count()).sum();
    hits as f64 / truth.len() as f64
}

#[test]
fn blocks_lead_to_the_nearest_with_fewer_codes_read() {
    let (folder, index, _) = built();
    let plain = folder.open_graph(COUNT).unwrap();
    let queries = clustered(41, 200);
    let truth = index.exact_batch(&queries, 10, 1).unwrap().keys;
    assert_eq!(truth, plain.exact_batch(&queries, 10, 1).unwrap().keys);
    let found = index.search_batch(&queries, 10, 96, 1).unwrap().keys;
    assert!(recall(&found, &truth, 10) > 0.985, "{}", recall(&found, &truth, 10));
    let counts = |index: &routewright_core::ann_index::AnnIndex| {
        let each = queries.chunks(DIMENSIONS).map(|query| index.search_counts(query, 10, 24).unwrap());
        each.fold((0, 0), |(visits, scored), counts| (visits + counts.visits, scored + counts.scored))
    };
    // with blocks the codes of the visited are read, and those of the entry points, which lie together
    let (read, (_, scored)) = (counts(&index).0, counts(&plain));
    assert!(read * 3 < scored, "{read} of {scored}");
}

#[test]
fn every_path_of_this_cpu_walks_the_same_way() {
    let (folder, _, _) = built();
    let opened = opened(&folder);
    let walks = |kernels: &kernels::Kernels| {
        let mut memory = SearchMemory::default();
        let mut keys = Vec::new();
        for query in clustered(43, 60).chunks(DIMENSIONS) {
            let counts = opened.walk_counts(kernels, query, 64, &mut memory).unwrap();
            keys.push((
                counts,
                memory.scratch.found.iter().map(|found| (found.slot(), found.score.to_bits())).collect::<Vec<_>>(),
            ));
        }
        keys
    };
    let paths = kernels::available();
    let expected = walks(&paths[paths.len() - 1]);
    for path in &paths {
        assert!(walks(path) == expected, "{}", path.name);
    }
}

#[test]
fn a_search_whose_time_is_over_says_so() {
    let (folder, index, _) = built();
    let query = clustered(44, 1);
    let (mut keys, mut scores) = ([0; 5], [0.0; 5]);
    let over = Some(Instant::now());
    assert_eq!(code(index.search(&query, 64, over, &mut keys, &mut scores)), Code::DeadlineExceeded);
    assert_eq!(code(index.exact(&query, over, &mut keys, &mut scores)), Code::DeadlineExceeded);
    let opened = opened(&folder);
    let question = Question { query: &query, k: 5, ef: 64, deadline: over };
    assert_eq!(code(opened.search(kernels::active(), question, &mut SearchMemory::default())), Code::DeadlineExceeded);
}
