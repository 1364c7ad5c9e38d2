//! Our reading of index files is the library's own, for files of its crate and of its published package; damaged ones are refused.

mod common;
use common::{code, numbers, unit};
use routewright_core::error::Code;
use routewright_core::usearch_file::{Metric, Scalar, UsearchFile};
use usearch::{Index, IndexOptions, MetricKind, ScalarKind};

/// An index of the library over our clustered vectors, and the bytes that it saves.
fn library(options: &IndexOptions, fill: impl FnOnce(&Index)) -> (Index, Vec<u8>) {
    let index = Index::new(options).unwrap();
    index.reserve_capacity_and_threads(2_000, 1).unwrap();
    fill(&index);
    let mut bytes = vec![0; index.serialized_length()];
    index.save_to_buffer(&mut bytes).unwrap();
    (index, bytes)
}

fn options(quantization: ScalarKind, multi: bool) -> IndexOptions {
    let metric = if multi { MetricKind::L2sq } else { MetricKind::Cos };
    IndexOptions {
        dimensions: 10,
        metric,
        quantization,
        connectivity: 6,
        expansion_add: 40,
        expansion_search: 40,
        multi,
    }
}

fn vectors(count: usize) -> Vec<Vec<f32>> {
    let mut next = numbers(4);
    (0..count).map(|_| unit((0..10).map(|_| next()).collect())).collect()
}

/// Levels and links of each node are what the library says of its key.
fn assert_same_graph(file: &UsearchFile<'_>, library: &Index) {
    assert_eq!(file.count(), library.size());
    assert!(file.top_level() > 0, "the test needs upper levels");
    for slot in 0..file.count() as u32 {
        let key = file.key(slot);
        assert_eq!(file.level(slot), library.level_of_key(key));
        for level in 0..=file.level(slot) + 1 {
            let ours: Vec<u64> = file.links(slot, level).map(|link| file.key(link)).collect();
            assert_eq!(ours, library.neighbors(key, level).collect::<Vec<u64>>(), "slot {slot} level {level}");
        }
    }
}

#[test]
fn files_of_every_element_type_are_read_as_the_library_reads_them() {
    let rows = vectors(700);
    let types = [
        (ScalarKind::F32, Scalar::F32, 1e-6),
        (ScalarKind::BF16, Scalar::Bf16, 0.005),
        (ScalarKind::F16, Scalar::F16, 0.001),
        (ScalarKind::I8, Scalar::I8, 0.02),
    ];
    for (kind, scalar, tolerance) in types {
        let add = |index: &Index| {
            rows.iter().enumerate().for_each(|(at, row)| index.add(at as u64 * 977, row).unwrap());
        };
        let (index, bytes) = library(&options(kind, false), add);
        let file = UsearchFile::parse(&bytes).unwrap();
        assert_eq!(
            (file.dimensions(), file.scalar(), file.metric(), file.multi()),
            (10, scalar, Metric::Cosine, false)
        );
        assert_eq!((file.connectivity(), file.base_links()), (6, 12));
        assert_same_graph(&file, &index);
        let mut vector = [0.0; 10];
        for slot in 0..file.count() as u32 {
            file.unit_vector(slot, &mut vector).unwrap();
            let given = &rows[file.key(slot) as usize / 977];
            assert!(vector.iter().zip(given).all(|(ours, given)| (ours - given).abs() < tolerance), "{kind:?} {slot}");
        }
        assert_eq!(code(file.unit_vector(0, &mut [0.0; 9])), Code::BadRequest);
    }
}

#[test]
fn keys_may_repeat_where_the_file_says_so_and_nowhere_else() {
    let rows = vectors(300);
    let add = |index: &Index| {
        rows.iter().enumerate().for_each(|(at, row)| index.add(at as u64 % 100, row).unwrap());
    };
    let (_, mut bytes) = library(&options(ScalarKind::F32, true), add);
    let file = UsearchFile::parse(&bytes).unwrap();
    assert_eq!((file.count(), file.multi(), file.metric()), (300, true, Metric::SquaredL2));
    assert_eq!((0..300).filter(|&slot| file.key(slot) == 7).count(), 3);
    let flag = 8 + 300 * 40 + 41;
    bytes[flag] = 0;
    assert_eq!(code(UsearchFile::parse(&bytes)), Code::ArtifactCorrupt);
    bytes[flag] = 2;
    assert_eq!(code(UsearchFile::parse(&bytes)), Code::ArtifactCorrupt);
}

#[test]
fn places_that_were_freed_and_taken_again_are_no_damage_but_free_ones_are_another_kind_of_file() {
    let rows = vectors(900);
    let (index, bytes) = library(&options(ScalarKind::F32, false), |index| {
        rows[..800].iter().enumerate().for_each(|(at, row)| index.add(at as u64, row).unwrap());
        (0..100).for_each(|key| assert_eq!(index.remove(key * 3).unwrap(), 1));
        rows[800..].iter().enumerate().for_each(|(at, row)| index.add(5_000 + at as u64, row).unwrap());
    });
    let file = UsearchFile::parse(&bytes).unwrap();
    assert_eq!(file.count(), 800);
    assert_same_graph(&file, &index);
    index.remove(5_001).unwrap();
    let mut bytes = vec![0; index.serialized_length()];
    index.save_to_buffer(&mut bytes).unwrap();
    assert_eq!(code(UsearchFile::parse(&bytes)), Code::ArtifactMismatch);
}

#[test]
fn files_built_by_several_threads_hold_what_is_checked() {
    let rows = vectors(2_000);
    let index = Index::new(&options(ScalarKind::F32, false)).unwrap();
    index.reserve_capacity_and_threads(2_000, 4).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (index, rows) = (&index, &rows);
            scope.spawn(move || {
                (thread..2_000).step_by(4).for_each(|at| index.add(at as u64, &rows[at]).unwrap());
            });
        }
    });
    let mut bytes = vec![0; index.serialized_length()];
    index.save_to_buffer(&mut bytes).unwrap();
    assert_same_graph(&UsearchFile::parse(&bytes).unwrap(), &index);
}

#[test]
fn files_of_the_published_package_are_read() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/usearch_file");
    for (scalar, name) in [(Scalar::F32, "f32"), (Scalar::Bf16, "bf16"), (Scalar::F16, "f16"), (Scalar::I8, "i8")] {
        let metrics = [(Metric::Cosine, "cos", 60), (Metric::SquaredL2, "l2sq", 60), (Metric::InnerProduct, "ip", 70)];
        for (metric, suffix, count) in metrics {
            let bytes = std::fs::read(folder.join(format!("{name}-{suffix}.usearch"))).unwrap();
            let file = UsearchFile::parse(&bytes).unwrap();
            let kind = (file.count(), file.dimensions(), file.scalar(), file.metric(), file.multi());
            assert_eq!(kind, (count, 6, scalar, metric, count == 70));
            assert_eq!((file.connectivity(), file.base_links()), (4, 8));
            for slot in 0..count as u32 {
                let row = (file.key(slot) / 1_000_003) as usize;
                let value = |at: usize| (1.0 + (at * at) as f64 * 0.37).sin() as f32;
                let expected = unit((row * 6..row * 6 + 6).map(value).collect());
                let mut vector = [0.0; 6];
                file.unit_vector(slot, &mut vector).unwrap();
                let near = vector.iter().zip(&expected).all(|(ours, theirs)| (ours - theirs).abs() < 0.02);
                assert!(near, "{name} {suffix} slot {slot}: {vector:?} {expected:?}");
                assert!(file.links(slot, 0).count() > 0);
            }
        }
    }
}

#[test]
fn what_the_head_or_the_graph_cannot_mean_is_refused() {
    let rows = vectors(200);
    let add = |index: &Index| {
        rows.iter().enumerate().for_each(|(at, row)| index.add(at as u64, row).unwrap());
    };
    let (_, whole) = library(&options(ScalarKind::F32, false), add);
    let file = UsearchFile::parse(&whole).unwrap();
    let (head, graph) = (8 + 200 * 40, 8 + 200 * 40 + 64);
    let levels = graph + 40;
    let node = |slot: usize| {
        let bytes = |slot: u32| 10 + 4 * 13 + file.level(slot) * 4 * 7;
        levels + 400 + (0..slot as u32).map(bytes).sum::<usize>()
    };
    let with = |at: usize, value: &[u8]| {
        let mut bytes = whole.clone();
        bytes[at..at + value.len()].copy_from_slice(value);
        UsearchFile::parse(&bytes).err().unwrap_or_else(|| panic!("byte {at} accepted")).code
    };
    for at in [head + 7, head + 13, head + 14, head + 15, head + 16, head + 25] {
        assert_eq!(with(at, &[98]), Code::ArtifactMismatch, "head byte {}", at - head);
    }
    for at in (0..8).chain(head..head + 7).chain([head + 17, head + 33, head + 41, head + 63]).chain(graph..graph + 40)
    {
        assert_eq!(with(at, &[whole[at] ^ 0x81]), Code::ArtifactCorrupt, "byte {at}");
    }
    let base = (0..200).find(|&slot| file.level(slot) == 0).unwrap() as usize;
    let high = (0..200).find(|&slot| file.level(slot) > 0).unwrap() as usize;
    let upper = node(high) + 10 + 4 * 13;
    let wrong: [(usize, &[u8]); 8] = [
        (levels + 2 * base, &[255, 255]),
        (levels + 2 * base, &[1, 0]),
        (levels + 2 * high, &[99, 0]),
        (node(base) + 8, &[1, 0]),
        (node(base), &file.key(high as u32).to_le_bytes()),
        (node(base) + 10, &[13]),
        (node(base) + 14, &[200]),
        (upper, &[1, 0, 0, 0, base as u8]),
    ];
    for (at, value) in wrong {
        assert_eq!(with(at, value), Code::ArtifactCorrupt, "byte {at}");
    }
    for length in 0..whole.len() {
        assert_eq!(code(UsearchFile::parse(&whole[..length])), Code::ArtifactCorrupt, "{length} bytes");
    }
    assert_eq!(code(UsearchFile::parse(&[&whole[..], &[0]].concat())), Code::ArtifactCorrupt);
    assert_eq!(code(UsearchFile::parse(&whole[head..])), Code::ArtifactMismatch, "without vectors");
    let wide = [&200u64.to_le_bytes()[..], &40u64.to_le_bytes(), &whole[8..]].concat();
    assert_eq!(UsearchFile::parse(&wide).unwrap().row(7), file.row(7), "rows counted in 64 bits");
    let (_, empty) = library(&options(ScalarKind::F32, false), |_| ());
    assert!(matches!(code(UsearchFile::parse(&empty)), Code::ArtifactMismatch | Code::ArtifactCorrupt));
    let zeroed = [&whole[..8], &[0; 40], &whole[48..]].concat();
    assert_eq!(code(UsearchFile::parse(&zeroed).unwrap().unit_vector(0, &mut [0.0; 10])), Code::VectorZero);
    let infinite = [&whole[..8], &f32::INFINITY.to_le_bytes(), &whole[12..]].concat();
    assert_eq!(code(UsearchFile::parse(&infinite).unwrap().unit_vector(0, &mut [0.0; 10])), Code::VectorNotFinite);
}
