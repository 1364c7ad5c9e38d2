//! Whole files to be damaged: images and index files of several sizes, as small as a node and as large as some pages.

use crate::common::{Folder, clustered};
use crate::tables::Tables;
use routewright_core::image::to_bytes;

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
}

pub fn subjects() -> Vec<Subject> {
    let shapes = [(1, 1, 1), (7, 3, 2), (60, 24, 6), (300, 100, 16), (1_500, 64, 8)];
    let image = |(count, dimensions, degree)| to_bytes(&Tables::new(count, dimensions, degree).parts()).unwrap();
    let images = shapes.into_iter().map(|shape| Subject { kind: Kind::Image, own: true, bytes: image(shape) });
    let own = [1, 40, 900].map(|count| {
        let folder = Folder::new();
        folder.build(&clustered(9, count));
        std::fs::read(folder.index_path()).unwrap()
    });
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/usearch_file");
    let peers = ["f32-cos", "i8-ip"].map(|name| std::fs::read(corpus.join(format!("{name}.usearch"))).unwrap());
    let file = |own: bool| move |bytes| Subject { kind: Kind::File, own, bytes };
    images.chain(own.into_iter().map(file(true))).chain(peers.into_iter().map(file(false))).collect()
}
