//! A small set of clustered unit vectors and an index over it, in a folder that goes away with it.
#![allow(dead_code, reason = "each test file uses a part of it")]

use routewright_core::ann_index::{AnnIndex, OpenOptions};
use routewright_core::error::{Code, Result};
use routewright_core::index_builder::{BuildOptions, Progress, Rows, build};
use routewright_core::index_source::Source;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

pub const DIMENSIONS: usize = 24;
pub const COUNT: usize = 3_000;

/// The same numbers on every machine, in −0.5 … 0.5.
pub fn numbers(seed: u64) -> impl FnMut() -> f32 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u32 << 24) as f32 - 0.5
    }
}

pub fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let norm = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    for value in &mut vector {
        *value /= norm;
    }
    vector
}

/// Vectors around 40 centres.
pub fn clustered(seed: u64, count: usize) -> Vec<f32> {
    let mut centre = numbers(1);
    let centres: Vec<f32> = (0..40 * DIMENSIONS).map(|_| centre()).collect();
    let mut next = numbers(seed);
    (0..count)
        .flat_map(|at| {
            let centre = &centres[at % 40 * DIMENSIONS..][..DIMENSIONS];
            unit(centre.iter().map(|value| value + next() * 0.6).collect())
        })
        .collect()
}

pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("routewright-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn options(&self, threads: usize) -> BuildOptions {
        let directory = self.0.clone();
        BuildOptions { dimensions: DIMENSIONS, directory, connectivity: 8, expansion_add: 64, blocks: true, threads }
    }

    pub fn index_path(&self) -> PathBuf {
        self.0.join("index.usearch")
    }

    pub fn build(&self, vectors: &[f32]) {
        build(Rows::Memory(vectors), &self.options(1), &Progress::default()).unwrap();
    }

    pub fn open_options(&self, count: usize) -> OpenOptions {
        let source = Source::Image(self.0.join("serving.image"));
        OpenOptions { source, vectors_path: self.0.join("vectors.f32"), dimensions: DIMENSIONS, count }
    }

    /// The image of the graph as usearch built it, made in memory.
    pub fn open_graph(&self, count: usize) -> Result<AnnIndex> {
        AnnIndex::open(&OpenOptions { source: Source::Graph(self.index_path()), ..self.open_options(count) })
    }

    pub fn open(&self, count: usize) -> Result<AnnIndex> {
        AnnIndex::open(&self.open_options(count))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn built() -> (Folder, AnnIndex, Vec<f32>) {
    let (folder, vectors) = (Folder::new(), clustered(2, COUNT));
    folder.build(&vectors);
    let index = folder.open(COUNT).unwrap();
    (folder, index, vectors)
}

pub fn search(index: &AnnIndex, query: &[f32], k: usize, ef: usize) -> Result<(Vec<u32>, Vec<f32>)> {
    let (mut keys, mut scores) = (vec![0; k], vec![0.0; k]);
    let found = index.search(query, ef, None, &mut keys, &mut scores)?;
    keys.truncate(found);
    scores.truncate(found);
    Ok((keys, scores))
}

pub fn exact(index: &AnnIndex, query: &[f32], k: usize) -> Result<(Vec<u32>, Vec<f32>)> {
    let (mut keys, mut scores) = (vec![0; k], vec![0.0; k]);
    let found = index.exact(query, None, &mut keys, &mut scores)?;
    keys.truncate(found);
    scores.truncate(found);
    Ok((keys, scores))
}

pub fn code<T>(result: Result<T>) -> Code {
    result.err().expect("an error").code
}
