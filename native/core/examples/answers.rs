//! What this processor answers, to hold it against another's: `answers build FOLDER` writes a small image and its vectors,
//! `answers print FOLDER` searches it with the arithmetic in use (`ROUTEWRIGHT_KERNELS`) and prints every walk, with the bits of
//! its scores, the keys that searches and exact searches give, and the bits of sums. The same folder gives the same lines everywhere.

#[path = "../tests/common/mod.rs"]
mod common;

use common::{COUNT, DIMENSIONS, clustered};
use routewright_core::ann_index::{AnnIndex, OpenOptions};
use routewright_core::error::Result;
use routewright_core::image::ServingImage;
use routewright_core::index_builder::{BuildOptions, Progress, Rows, build};
use routewright_core::index_source::Source;
use routewright_core::opened_index::{Opened, SearchMemory};
use routewright_core::vectors_file::VectorsFile;
use routewright_core::{kernels, sample_kernels};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const QUERIES: usize = 60;
const EF: usize = 64;
const K: usize = 10;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let done = match &arguments[..] {
        [_, what, folder] if what == "build" => write(folder.into()),
        [_, what, folder] if what == "print" => print(Path::new(folder)),
        _ => {
            eprintln!("usage: answers build|print FOLDER");
            return ExitCode::FAILURE;
        }
    };
    done.map_or_else(
        |error| {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

fn write(directory: PathBuf) -> Result<()> {
    let options = BuildOptions {
        dimensions: DIMENSIONS,
        directory,
        connectivity: 8,
        expansion_add: 64,
        blocks: true,
        threads: 1,
    };
    build(Rows::Memory(&clustered(2, COUNT)), &options, &Progress::default())?;
    Ok(())
}

fn print(folder: &Path) -> Result<()> {
    let (image_path, vectors_path) = (folder.join("serving.image"), folder.join("vectors.f32"));
    let opened = Opened::new(ServingImage::open(&image_path)?, VectorsFile::open(&vectors_path, DIMENSIONS, COUNT)?)?;
    let source = Source::Image(image_path);
    let index = AnnIndex::open(&OpenOptions { source, vectors_path, dimensions: DIMENSIONS, count: COUNT })?;
    eprintln!("kernels: {}", kernels::active().name);
    let queries = clustered(43, QUERIES);
    let mut memory = SearchMemory::default();
    for query in queries.chunks(DIMENSIONS) {
        let counts = opened.walk_counts(kernels::active(), query, EF, &mut memory)?;
        let found: Vec<_> = memory.scratch.found.iter().map(|found| (found.slot(), found.score.to_bits())).collect();
        println!("walk {counts:?} {found:?}");
    }
    println!("searches {:?}", index.search_batch(&queries, K, EF, 1)?.keys);
    println!("exact {:?}", index.exact_batch(&queries, K, 1)?.keys);
    let samples: Vec<f64> = queries.iter().map(|&value| f64::from(value) * 100.0).collect();
    let sums = sample_kernels::active().shifted_sums(&samples, samples[0]);
    println!("sums {:016x} {:016x}", sums.0.to_bits(), sums.1.to_bits());
    Ok(())
}
