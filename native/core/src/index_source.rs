//! Where the image of an index comes from.

use crate::error::Result;
use crate::image::{self, ServingImage};
use crate::image_compiler::{CompiledImage, Layout};
use crate::kernels;
use crate::refined_links::Watch;
use crate::usearch_file::UsearchFile;
use crate::vectors_file::{VectorsFile, map_file};
use std::path::{Path, PathBuf};

/// An index file does not say how wide the searches of its insertions were.
const EXPANSION_UNKNOWN: usize = 1;

/// What is searched.
pub enum Source {
    /// A serving image.
    Image(PathBuf),
    /// An index file of usearch: an image of its graph is made in memory, without blocks.
    Graph(PathBuf),
}

impl Source {
    /// Errors: `artifact_missing`, `artifact_corrupt`, `artifact_mismatch`.
    pub(crate) fn open(&self, vectors: &VectorsFile) -> Result<ServingImage> {
        match self {
            Self::Image(path) => ServingImage::open(path),
            Self::Graph(path) => image_of_graph(path, vectors),
        }
    }
}

fn image_of_graph(path: &Path, vectors: &VectorsFile) -> Result<ServingImage> {
    let file = map_file(path)?;
    let graph = UsearchFile::parse(&file)?;
    let layout = Layout { breadth: 0, blocks: false, threads: 1 };
    let compiled =
        CompiledImage::compile(&graph, EXPANSION_UNKNOWN, vectors, kernels::active(), layout, &Watch::default())?;
    ServingImage::from_bytes(image::to_bytes(&compiled.parts())?)
}
