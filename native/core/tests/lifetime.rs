//! Many threads, retirement and health.

mod common;
use common::*;
use routewright_core::error::Code;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

#[test]
fn many_threads_get_the_same_answer() {
    let (_folder, index, _) = built();
    let query = clustered(3, 1);
    let expected = search(&index, &query, 5, 32).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| (0..50).for_each(|_| assert_eq!(search(&index, &query, 5, 32).unwrap(), expected)));
        }
    });
}

#[test]
fn threads_with_different_ef_do_not_disturb_each_other() {
    let (_folder, index, _) = built();
    let queries = clustered(3, 30);
    let all = |ef| queries.chunks(DIMENSIONS).map(|query| search(&index, query, 10, ef).unwrap()).collect::<Vec<_>>();
    let expected = [10, 40, 200].map(all);
    std::thread::scope(|scope| {
        for (ef, expected) in [10, 40, 200].into_iter().zip(&expected) {
            scope.spawn(move || (0..10).for_each(|_| assert_eq!(&all(ef), expected)));
        }
    });
}

#[test]
fn a_retired_index_refuses_and_its_files_are_unmapped() {
    let (folder, index, _) = built();
    let query = clustered(3, 1);
    assert!(index.health().is_ok());
    index.retire();
    index.retire();
    assert_eq!(code(search(&index, &query, 5, 32)), Code::ModelNotLoaded);
    assert_eq!(code(exact(&index, &query, 5)), Code::ModelNotLoaded);
    assert_eq!(code(index.search_batch(&query, 5, 32, 1)), Code::ModelNotLoaded);
    assert_eq!(code(index.exact_batch(&query, 5, 1)), Code::ModelNotLoaded);
    assert_eq!(code(index.health()), Code::ModelNotLoaded);
    assert_eq!(code(index.vector(0, &mut [0.0; DIMENSIONS])), Code::ModelNotLoaded);
    #[cfg(target_os = "linux")]
    assert!(unmapped(&folder), "the files are still mapped");
    drop(folder);
}

#[test]
fn an_index_retired_under_load_answers_or_refuses_and_never_crashes() {
    let (folder, index, _) = built();
    let queries = clustered(3, 64);
    let expected = index.search_batch(&queries, 10, 64, 1).unwrap().keys;
    let (answered, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    match index.search_batch(&queries, 10, 64, 2) {
                        Ok(hits) => assert_eq!(hits.keys, expected),
                        Err(error) => {
                            assert_eq!(error.code, Code::ModelNotLoaded);
                            refused.fetch_add(1, Ordering::Relaxed);
                            return;
                        }
                    }
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        while answered.load(Ordering::Relaxed) < 20 {
            std::thread::yield_now();
        }
        index.retire();
    });
    assert_eq!(refused.into_inner(), 4);
    #[cfg(target_os = "linux")]
    assert!(unmapped(&folder), "the files are still mapped");
    drop(folder);
}

#[test]
fn a_dropped_index_is_unmapped_too() {
    let (folder, index, _) = built();
    #[cfg(target_os = "linux")]
    assert!(mapped(&folder));
    drop(index);
    #[cfg(target_os = "linux")]
    assert!(unmapped(&folder));
    drop(folder);
}

#[cfg(target_os = "linux")]
fn mapped(folder: &Folder) -> bool {
    std::fs::read_to_string("/proc/self/maps").unwrap().contains(folder.0.to_str().unwrap())
}

/// Within two seconds: the reaper has a thread of its own.
#[cfg(target_os = "linux")]
fn unmapped(folder: &Folder) -> bool {
    (0..200).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        !mapped(folder)
    })
}
