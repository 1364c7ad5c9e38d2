//! What is written, and which files are refused: other ones, cut ones, altered ones. No file ends the process.

mod common;
use common::*;
use routewright_core::ann_index::OpenOptions;
use routewright_core::error::Code;
use routewright_core::index_builder::{BuildOptions, Progress, Rows, build};
use routewright_core::index_source::Source;
use routewright_core::quantizer::{NORM_BYTES, inverse_norm, quantize};
use routewright_core::usearch_file::UsearchFile;
use usearch::{Index, IndexOptions, MetricKind, ScalarKind};

#[test]
fn the_codes_in_the_file_are_ours_and_not_the_librarys_cast() {
    let (folder, _, vectors) = built();
    let bytes = std::fs::read(folder.index_path()).unwrap();
    let graph = UsearchFile::parse(&bytes).unwrap();
    let mut seen = vec![false; COUNT];
    for slot in 0..COUNT {
        let key = graph.key(slot as u32) as usize;
        assert!(!std::mem::replace(&mut seen[key], true), "key {key} twice");
        let mut codes = [0i8; DIMENSIONS + NORM_BYTES];
        quantize(&vectors[key * DIMENSIONS..][..DIMENSIONS], &mut codes);
        let stored = &bytes[8 + slot * codes.len()..][..codes.len()];
        assert_eq!(stored, codes.map(|code| code as u8));
    }
}

/// The library's own reading of our file, with our metric: `view` forgets it, so it is set after.
fn library_view(folder: &Folder, expansion: usize) -> Index {
    let row = DIMENSIONS + NORM_BYTES;
    let mut index = Index::new(&IndexOptions {
        dimensions: row,
        metric: MetricKind::IP,
        quantization: ScalarKind::I8,
        ..IndexOptions::default()
    })
    .unwrap();
    index.view(folder.index_path().to_str().unwrap()).unwrap();
    index.change_metric::<i8>(Box::new(move |a, b| {
        // SAFETY: rows of the library's matrix and the query, all of `row` codes.
        let (a, b) = unsafe { (std::slice::from_raw_parts(a, row), std::slice::from_raw_parts(b, row)) };
        let product: i32 = a[..DIMENSIONS].iter().zip(b).map(|(&x, &y)| i32::from(x) * i32::from(y)).sum();
        1.0 - product as f32 * inverse_norm(a, DIMENSIONS) * inverse_norm(b, DIMENSIONS)
    }));
    index.change_expansion_search(expansion);
    index
}

#[test]
fn our_reading_of_the_graph_is_the_librarys() {
    let (folder, _, _) = built();
    let bytes = std::fs::read(folder.index_path()).unwrap();
    let graph = UsearchFile::parse(&bytes).unwrap();
    let library = library_view(&folder, 1);
    assert!(graph.top_level() > 0, "the test needs upper levels");
    for slot in 0..COUNT as u32 {
        let key = graph.key(slot);
        assert_eq!(graph.level(slot), library.level_of_key(key));
        for level in 0..=graph.level(slot) {
            let ours: Vec<u64> = graph.links(slot, level).map(|link| graph.key(link)).collect();
            let theirs: Vec<u64> = library.neighbors(key, level).collect();
            assert_eq!(ours, theirs, "slot {slot} level {level}");
        }
        assert_eq!(graph.links(slot, graph.level(slot) + 1).count(), 0);
    }
}

#[test]
fn ef_as_a_parameter_finds_what_the_librarys_expansion_finds() {
    let (folder, _, _) = built();
    let index = folder.open_graph(COUNT).unwrap();
    let (mut same, mut all) = (0, 0);
    for ef in [16, 32, 48] {
        let library = library_view(&folder, ef);
        let one = library_view(&folder, 1);
        for query in clustered(31, 50).chunks(DIMENSIONS) {
            let mut codes = [0i8; DIMENSIONS + NORM_BYTES];
            quantize(query, &mut codes);
            let theirs = library.search(&codes, ef).unwrap().keys;
            assert_eq!(theirs, one.search(&codes, ef).unwrap().keys, "count = ef at expansion 1 is expansion = ef");
            let (ours, _) = search(&index, query, ef, ef).unwrap();
            same += ours.iter().filter(|key| theirs.contains(&u64::from(**key))).count();
            all += ef;
        }
    }
    // Candidates of equal score at the edge of the beam may differ.
    assert!(same as f64 > 0.995 * f64::from(all as u32), "{same} of {all}");
}

#[test]
fn one_thread_writes_the_same_file_each_time_and_several_a_good_one() {
    let (folder, index, vectors) = built();
    let again = Folder::new();
    again.build(&vectors);
    let image = |folder: &Folder| std::fs::read(folder.0.join("serving.image")).unwrap();
    assert!(std::fs::read(folder.index_path()).unwrap() == std::fs::read(again.index_path()).unwrap());
    assert!(image(&folder) == image(&again));
    let built = build(Rows::Memory(&vectors), &again.options(4), &Progress::default()).unwrap();
    assert_eq!(built.threads, 4);
    let files = [again.index_path(), again.0.join("vectors.f32"), again.0.join("serving.image")];
    assert!(built.memory_bytes > 0);
    assert_eq!(built.bytes, files.iter().map(|file| std::fs::metadata(file).unwrap().len()).sum::<u64>());
    let parallel = again.open(COUNT).unwrap();
    let queries = clustered(6, 100);
    let truth = index.exact_batch(&queries, 10, 1).unwrap().keys;
    let found = parallel.search_batch(&queries, 10, 128, 1).unwrap().keys;
    let hits: usize =
        truth.chunks(10).zip(found.chunks(10)).map(|(a, b)| a.iter().filter(|key| b.contains(key)).count()).sum();
    assert!(hits >= 985, "recall {hits} of 1000");
}

#[test]
fn rows_from_a_file_are_used_where_they_lie() {
    let (folder, _, vectors) = built();
    let other = Folder::new();
    let rows = Rows::File(folder.0.join("vectors.f32"));
    build(rows, &other.options(1), &Progress::default()).unwrap();
    assert!(!other.0.join("vectors.f32").exists());
    assert!(std::fs::read(folder.index_path()).unwrap() == std::fs::read(other.index_path()).unwrap());
    let odd = other.0.join("odd.f32");
    std::fs::write(&odd, [0u8; DIMENSIONS * 4 + 4]).unwrap();
    assert_eq!(code(build(Rows::File(odd), &other.options(1), &Progress::default())), Code::VectorWrongLength);
    let none = Rows::File(other.0.join("none.f32"));
    assert_eq!(code(build(none, &other.options(1), &Progress::default())), Code::ArtifactMissing);
    drop(vectors);
}

#[test]
fn a_build_names_the_row_that_it_refuses() {
    let folder = Folder::new();
    let with = |row: usize, value: f32| {
        let mut vectors = clustered(2, 200);
        vectors[row * DIMENSIONS..][..DIMENSIONS].fill(value);
        build(Rows::Memory(&vectors), &folder.options(2), &Progress::default()).expect_err("an error")
    };
    for (value, expected) in [(f32::NAN, Code::VectorNotFinite), (0.0, Code::VectorZero), (0.5, Code::BadRequest)] {
        let error = with(117, value);
        assert!(error.code == expected && error.message.starts_with("row 117:"), "{error}");
        assert_eq!(with(0, value).code, expected);
    }
    let options = |change: fn(&mut BuildOptions)| {
        let mut options = folder.options(1);
        change(&mut options);
        code(build(Rows::Memory(&clustered(2, 10)), &options, &Progress::default()))
    };
    assert_eq!(options(|options| options.dimensions = 0), Code::BadRequest);
    assert_eq!(options(|options| options.dimensions = 7), Code::VectorWrongLength);
    assert_eq!(options(|options| options.connectivity = 1), Code::BadRequest);
    assert_eq!(options(|options| options.connectivity = 257), Code::BadRequest);
    assert_eq!(options(|options| options.expansion_add = 0), Code::BadRequest);
    assert_eq!(options(|options| options.threads = 257), Code::BadRequest);
    assert_eq!(options(|options| options.directory.push("none")), Code::ArtifactMissing);
    assert_eq!(code(build(Rows::Memory(&[]), &folder.options(1), &Progress::default())), Code::BadRequest);
}

#[test]
fn a_cancelled_build_ends_and_a_finished_one_has_done_all() {
    let (folder, vectors) = (Folder::new(), clustered(2, COUNT));
    let progress = Progress::default();
    progress.cancel();
    assert_eq!(code(build(Rows::Memory(&vectors), &folder.options(2), &progress)), Code::Cancelled);
    let progress = Progress::default();
    build(Rows::Memory(&vectors), &folder.options(2), &progress).unwrap();
    assert_eq!(progress.read(), (COUNT, COUNT));
}

#[test]
fn files_other_than_promised_are_refused() {
    let (folder, _, _) = built();
    let open = |change: &dyn Fn(&mut OpenOptions)| {
        let mut options = folder.open_options(COUNT);
        change(&mut options);
        code(routewright_core::ann_index::AnnIndex::open(&options))
    };
    assert_eq!(open(&|options| options.dimensions += 1), Code::ArtifactMismatch);
    assert_eq!(open(&|options| options.count -= 1), Code::ArtifactMismatch);
    assert_eq!(open(&|options| options.count = 0), Code::BadRequest);
    assert_eq!(open(&|options| options.source = Source::Image(folder.0.join("none"))), Code::ArtifactMissing);
    assert_eq!(open(&|options| options.vectors_path = folder.0.join("none")), Code::ArtifactMissing);
    assert_eq!(open(&|options| options.vectors_path = folder.index_path()), Code::ArtifactMismatch);
    let vectors = folder.0.join("vectors.f32");
    let bytes = std::fs::read(&vectors).unwrap();
    let short = folder.0.join("short.f32");
    for length in [0, 1, bytes.len() - 1, bytes.len() - 4 * DIMENSIONS] {
        std::fs::write(&short, &bytes[..length]).unwrap();
        assert_eq!(open(&|options| options.vectors_path.clone_from(&short)), Code::ArtifactMismatch);
    }
}

/// A copy of the index file after a change, and what opening it says.
fn altered(folder: &Folder, bytes: &[u8]) -> routewright_core::error::Result<routewright_core::ann_index::AnnIndex> {
    let path = folder.0.join("altered.usearch");
    let _ = std::fs::remove_file(&path); // a new file: an older one may still be mapped
    std::fs::write(&path, bytes).unwrap();
    let mut options = folder.open_options(COUNT);
    options.source = Source::Graph(path);
    routewright_core::ann_index::AnnIndex::open(&options)
}

#[test]
fn an_index_file_of_any_other_length_is_refused() {
    let (folder, _, _) = built();
    let bytes = std::fs::read(folder.index_path()).unwrap();
    let lengths = (0..64).chain((64..bytes.len()).step_by(bytes.len() / 200)).chain([bytes.len() - 1]);
    for length in lengths {
        let refused = code(altered(&folder, &bytes[..length]));
        assert!(matches!(refused, Code::ArtifactCorrupt | Code::ArtifactMismatch), "{length} bytes: {refused:?}");
    }
    assert_eq!(code(altered(&folder, &[&bytes[..], &[0]].concat())), Code::ArtifactCorrupt);
}

#[test]
fn a_flipped_bit_in_a_head_is_refused_and_elsewhere_never_ends_the_process() {
    let (folder, _, vectors) = built();
    let bytes = std::fs::read(folder.index_path()).unwrap();
    let dense = 8 + COUNT * (DIMENSIONS + NORM_BYTES);
    let graph = dense + 64;
    let flip = |at: usize, bit: u32| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1 << bit;
        altered(&folder, &bytes)
    };
    // Rows and row bytes, mark, major version, kinds, counts, dimensions (whether keys repeat does no harm); size, links, top level, entry slot.
    let heads = (0..8).chain(dense..dense + 9).chain(dense + 13..dense + 41).chain(graph..graph + 40);
    let mut entries = 0;
    for at in heads {
        for bit in 0..8 {
            let entry = (graph + 32..graph + 40).contains(&at);
            if let Err(error) = flip(at, bit) {
                assert!(matches!(error.code, Code::ArtifactCorrupt | Code::ArtifactMismatch));
            } else {
                assert!(entry, "byte {at} bit {bit} accepted"); // another node of the top level: harmless
                entries += 1;
            }
        }
    }
    assert!(entries < 12);
    let mut next = numbers(99);
    let (mut refused, mut served) = (0, 0);
    for _ in 0..400 {
        let at = graph + 40 + ((next() + 0.5) * (bytes.len() - graph - 41) as f32) as usize;
        match flip(at, ((next() + 0.5) * 8.0) as u32) {
            Err(_) => refused += 1,
            Ok(index) => {
                for query in vectors.chunks(DIMENSIONS).step_by(150) {
                    match search(&index, query, 10, 64) {
                        Ok((keys, _)) => assert!(keys.iter().all(|&key| (key as usize) < COUNT)),
                        Err(error) => assert_eq!(error.code, Code::ArtifactCorrupt),
                    }
                }
                served += 1;
            }
        }
    }
    assert!(refused > 0 && served > 0, "{refused} refused, {served} served");
}
