//! Whole files to be damaged: images and index files of several sizes, as small as a node and as large as some pages.

use crate::common::{Folder, clustered};
use crate::tables::Tables;
use routewright_core::image::to_bytes;
use std::path::PathBuf;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Image,
    /// An image that gets right checksums after the damage.
    Resealed,
    File,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Image, Self::Resealed, Self::File];

    pub fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Resealed => "image, sums made right",
            Self::File => ".usearch",
        }
    }
}

pub struct Subject {
    pub kind: Kind,
    /// Made here, not by another tool.
    #[allow(dead_code, reason = "asked for where the corpus is written")]
    pub own: bool,
    pub bytes: Vec<u8>,
    /// The exact vectors, where it is a file of a real index.
    #[allow(dead_code, reason = "asked for where files are damaged")]
    pub vectors: Option<PathBuf>,
}

/// The files, and the folders that their vectors lie in.
pub fn subjects() -> (Vec<Subject>, Vec<Folder>) {
    let shapes = [(1, 1, 1), (7, 3, 2), (60, 24, 6), (300, 100, 16), (1_500, 64, 8)];
    let image = |(count, dimensions, degree)| to_bytes(&Tables::new(count, dimensions, degree).parts()).unwrap();
    let made = |kind, own, bytes| Subject { kind, own, bytes, vectors: None };
    let mut subjects: Vec<Subject> = shapes.into_iter().map(|shape| made(Kind::Image, true, image(shape))).collect();
    let mut folders = Vec::new();
    for count in [1, 40, 200, 900] {
        let folder = Folder::new();
        folder.build(&clustered(9, count));
        for (kind, file) in [(Kind::Image, "serving.image"), (Kind::File, "index.usearch")] {
            let bytes = std::fs::read(folder.0.join(file)).unwrap();
            subjects.push(Subject { kind, own: true, bytes, vectors: Some(folder.0.join("vectors.f32")) });
        }
        folders.push(folder);
    }
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/usearch_file");
    let peer = |name| std::fs::read(corpus.join(format!("{name}.usearch"))).unwrap();
    subjects.extend(["f32-cos", "i8-ip"].map(|name| made(Kind::File, false, peer(name))));
    (subjects, folders)
}
