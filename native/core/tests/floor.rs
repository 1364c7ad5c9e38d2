//! What a search says that it reads, and what a bench may ask to be read.

mod common;
use common::*;
use routewright_core::error::Code;
use routewright_core::floor::{Reads, Record};

#[test]
fn counts_are_those_of_the_search() {
    let (folder, index, _) = built();
    let plain = folder.open_graph(COUNT).unwrap();
    for query in clustered(45, 20).chunks(DIMENSIONS) {
        let counts = index.search_counts(query, 10, 24).unwrap();
        assert!(counts.visits >= 12 && counts.scored > counts.visits, "{counts:?}");
        assert!((10..=30).contains(&counts.exact), "{counts:?}");
        // without blocks every neighbour is a row of its own
        assert!(plain.search_counts(query, 10, 24).unwrap().scored > 2 * counts.visits);
    }
}

#[test]
fn records_of_every_kind_are_read() {
    let (folder, index, _) = built();
    let plain = folder.open_graph(COUNT).unwrap();
    let query = clustered(46, 1);
    for index in [&index, &plain] {
        for record in [Record::Visit, Record::Row, Record::Exact] {
            for ahead in [0, 1, 4] {
                let time = index.random_reads(&query, Reads { record, records: 1_001, ahead, seed: 1 }).unwrap();
                assert!(time.bytes >= DIMENSIONS && !time.elapsed.is_zero(), "{record:?}: {time:?}");
            }
        }
    }
    for (records, ahead) in [(0, 1), (1 << 21, 1), (1, 65)] {
        let reads = Reads { record: Record::Visit, records, ahead, seed: 1 };
        assert_eq!(code(index.random_reads(&query, reads)), Code::BadRequest);
    }
    index.retire();
    let reads = Reads { record: Record::Row, records: 1, ahead: 1, seed: 1 };
    assert_eq!(code(index.random_reads(&query, reads)), Code::ModelNotLoaded);
}
