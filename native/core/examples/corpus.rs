//! Writes the small images and index files that fuzzing starts from: `cargo run --release --example corpus` (files of the
//! library's published package come from `bun native/fuzz/peer-files.ts`).

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "../tests/common/subjects.rs"]
#[allow(dead_code, reason = "the mutation test uses the rest")]
mod subjects;
#[path = "../tests/common/tables.rs"]
mod tables;

use std::path::Path;
use subjects::{Kind, subjects};

/// Longer files make fuzzing slow.
const BYTES_MAX: usize = 20_000;

fn main() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    let small = |subject: &&subjects::Subject| subject.own && subject.bytes.len() < BYTES_MAX;
    for (at, subject) in subjects().0.iter().filter(small).enumerate() {
        let (folder, ending) =
            if subject.kind == Kind::File { ("usearch_file", "usearch") } else { ("image", "image") };
        let file = corpus.join(folder).join(format!("own-{at}.{ending}"));
        std::fs::write(&file, &subject.bytes).expect("written");
        std::fs::write(file.with_extension("cut"), &subject.bytes[..subject.bytes.len() * 2 / 3]).expect("written");
    }
}
